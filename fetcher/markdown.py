"""An lxml tree as Markdown."""

from urllib.parse import urljoin

from lxml import html
from markdownify import markdownify

from fetcher.dialect import DEFAULT, Dialect


def to_markdown(root: html.HtmlElement, *, base: str, dialect: Dialect = DEFAULT) -> str:
    """The Markdown of `root`, whose every descendant is wanted, with links resolved against `base`."""
    source = html.tostring(root, encoding="unicode", with_tail=False)
    text = markdownify(source, heading_style="ATX", bullets=dialect.bullet, newline_style="backslash", escape_misc=False)
    return text.strip() + "\n" if urljoin(base, "") is not None and text.strip() else ""
