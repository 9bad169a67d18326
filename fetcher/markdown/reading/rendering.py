"""Renders Markdown with cmark, with source positions, after changing what cmark would misread."""

import re

from lxml import html

from fetcher.markdown.reading.commonmark import (
    FOOTNOTES,
    SOURCE_POSITIONS,
    to_html,
    with_definitions,
    with_whole_addresses,
    without_false_tags,
)
from fetcher.page.page import document

_LINE = re.compile(r"<(p|h[1-6]) data-sourcepos=.*?</\1>", re.DOTALL)
# Tags of block elements within a line, at which an HTML parser would end the paragraph.
_BOX_TAG = re.compile(
    r"(?<!^)<(/?)(?:address|article|aside|blockquote|center|details|dialog|div|dl|dd|dt|fieldset|figcaption|figure|footer|form|header|hr|li|main|nav|ol|pre|section|summary|table|ul)\b",
    re.IGNORECASE,
)
# Pandoc's attributes on the line below a reference definition; CommonMark takes them, and all below, for text.
_ATTRIBUTES = re.compile(r"^( {0,3}\[[^\]\n]+\]:[ \t]*\S+[ \t]*\n)([ \t]+\{[^{}\n]*\})(?=[ \t]*$)", re.MULTILINE)
# The arrow that leads from a footnote back to the text, which the renderer adds.
_BACK_TO_TEXT = re.compile(r'<a [^>]*class="footnote-backref"[^>]*>.*?</a>')


def render(markdown: str) -> html.HtmlElement:
    """Markdown rendered as GFM to a tree; `data-sourcepos` has the source positions."""
    return tree(shown_by(as_read(markdown)))


def as_read(markdown: str) -> str:
    """Markdown as it is passed to cmark, with what cmark would misread changed; lines stay lines."""
    # For CommonMark a lone carriage return ends a line; here only a line feed does.
    lines = re.sub(r"\r(?!\n)", " ", markdown) if "\r" in markdown else markdown
    if "]:" in lines and "{" in lines:
        lines = _ATTRIBUTES.sub(lambda found: found[1] + " " * len(found[2]), lines)
    return without_false_tags(with_definitions(with_whole_addresses(lines)))


def shown_by(text: str) -> str:
    """The HTML that cmark makes of a text `as_read`; `data-sourcepos` has the source positions."""
    shown = to_html(text, SOURCE_POSITIONS | FOOTNOTES)
    return _BACK_TO_TEXT.sub("", shown) if "footnote-backref" in shown else shown


def tree(shown: str) -> html.HtmlElement:
    """The tree of HTML by cmark, with each line as the one block that it is in Markdown."""
    return document(_LINE.sub(lambda line: _BOX_TAG.sub(r"<\1span", line[0]), shown))
