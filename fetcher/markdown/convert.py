"""An lxml tree as Markdown that a person would have written and that every reader shows like the page.

markdownify is the base: the converter is a subclass of its own, with its hooks (`convert_<tag>`), its names and its
conventions. What is replaced is the walk. markdownify recurses through BeautifulSoup and looks at all earlier siblings
of each list item and table row: 1,000 nested elements raise RecursionError, an `ol` of 8,000 items takes 8 s, and
building the soup alone costs ten times what lxml needs for the page. No hook can mend that. It also escapes a text
before its neighbours are known, and whether `*`, `]` or `1.` means anything depends on them. So the walk here is one
pass over lxml's events, without recursion, that keeps the line that is being read and the blocks that are finished.
"""

from lxml import html

from fetcher.markdown.dialect import DEFAULT, Dialect
from fetcher.markdown.walk import Converter

__all__ = ["to_markdown"]


def to_markdown(root: html.HtmlElement, *, base: str, dialect: Dialect = DEFAULT) -> str:
    """The Markdown of `root`, whose every descendant is wanted; its links are resolved against `base`.

    Empty if the tree shows nothing. No raw HTML and no script comes out, whatever the tree holds. Takes linear time.

    >>> to_markdown(html.fromstring("<p>See <a href='/x'>that</a>.</p>"), base="https://a.org/")
    'See [that](https://a.org/x).\\n'
    """
    return Converter(base, dialect).convert_tree(root)
