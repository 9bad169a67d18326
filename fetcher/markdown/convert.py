"""Converts an lxml tree to Markdown that a person could have written and that renders like the page.

The converter is a subclass of markdownify's, with its hooks (`convert_<tag>`) and conventions, but walks the tree
itself. markdownify recurses through BeautifulSoup and looks at all earlier siblings of each list item and table row:
1,000 nested elements raise RecursionError, an `ol` of 8,000 items takes 8 s, and building the soup alone costs ten
times what lxml needs for the page. No hook can fix that. It also escapes a text before its neighbours are known, but
whether `*`, `]` or `1.` is markup depends on them. So the walk here is one pass over lxml's events, without recursion,
that collects the current line and the finished blocks.
"""

from collections.abc import Callable

from lxml import etree, html

from fetcher.markdown.blocks import Container, join
from fetcher.markdown.dialect import DEFAULT, Dialect
from fetcher.markdown.hooks import (
    BLOCKS,
    EMBEDS,
    HEADINGS,
    LISTS,
    SILENT,
)
from fetcher.markdown.walk import Converter

__all__ = ["to_markdown"]


def to_markdown(root: html.HtmlElement, *, base: str, dialect: Dialect = DEFAULT) -> str:
    """The Markdown of `root` and all its descendants, with links resolved against `base`.

    Empty if the tree shows nothing. The result never has raw HTML or scripts. Takes linear time.

    >>> to_markdown(html.fromstring("<p>See <a href='/x'>that</a>.</p>"), base="https://a.org/")
    'See [that](https://a.org/x).\\n'
    """
    return _Walk(base, dialect).convert_tree(root)


class _Walk(Converter):
    def convert_tree(self, root: html.HtmlElement) -> str:
        self.containers = [Container(root, "root")]
        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        skipped: html.HtmlElement | None = None
        add, plain = self.line.add, self.plain
        for event, element in walker:
            if event == "start":
                starter = _STARTS.get(element.tag, Converter._start_inline)
                if not starter(self, element):
                    skipped = element
                    walker.skip_subtree()
                elif text := element.text:
                    add(plain(text))
                continue
            if event == "end" and element is not skipped:
                _ENDS.get(element.tag, Converter._end_inline)(self, element)
            if (tail := element.tail) and element is not root:
                add(plain(tail))
        self._break()
        text = join(self.containers[0].blocks)
        return text and text + "\n"


# For each tag that is not inline, what begins an element (and tells whether to walk its content), and what ends it.
_STARTS: dict[str, Callable[[Converter, html.HtmlElement], bool]] = {
    **dict.fromkeys(SILENT, lambda *_: False),
    **dict.fromkeys(BLOCKS, Converter._start_block),
    **dict.fromkeys(HEADINGS, Converter._start_heading),
    **dict.fromkeys(LISTS, Converter._start_list),
    **dict.fromkeys(("td", "th"), Converter._start_cell),
    **dict.fromkeys(EMBEDS, Converter._embedded),
    "a": Converter._start_link,
    "blockquote": Converter._start_quote,
    "br": Converter._line_break,
    **dict.fromkeys(("button", "option"), Converter._apart),
    "dd": Converter._start_definition,
    "dt": Converter._start_term,
    "hr": Converter._rule,
    "img": Converter._picture,
    "input": Converter._input,
    "li": Converter._start_item,
    "pre": Converter._code_block,
    "table": Converter._start_table,
    "tr": Converter._start_row,
}
_ENDS: dict[str, Callable[[Converter, html.HtmlElement], object]] = {
    **dict.fromkeys(BLOCKS, Converter._end_block),
    **dict.fromkeys(HEADINGS, Converter._end_heading),
    **dict.fromkeys(LISTS, Converter._end_list),
    **dict.fromkeys(("td", "th"), Converter._end_cell),
    "blockquote": Converter._end_quote,
    "br": lambda *_: None,
    **dict.fromkeys(("button", "option"), Converter._apart),
    "dd": Converter._end_definition,
    "dt": Converter._end_term,
    "li": Converter._end_item,
    "p": Converter._end_paragraph,
    "table": Converter._end_table,
}
