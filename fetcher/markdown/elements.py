"""What kinds of elements there are."""

import re

from lxml import html

from fetcher.page import flow


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LISTS = ("ul", "ol", "menu", "dir")
EMBEDS = ("iframe", "video", "audio")

# They begin and end a line.
BLOCKS = _names("""
    address article aside body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form
    header hgroup html legend li main menu nav ol p search section select summary table tbody td tfoot th thead
    tr ul
""")
# Their content is no text of the page; the words of a page are read without them too.
SILENT = flow.SILENT.difference(EMBEDS) | {"title"}
# Blocks that a link can stand around.
BOXES = (*HEADINGS, *sorted(BLOCKS), "blockquote", "pre", "hr")
# Elements that mean the same: one inside the other adds nothing.
SAME = {"b": "strong", "i": "em", "u": "em", "kbd": "code", "samp": "code", "tt": "code", "s": "del", "strike": "del"}

_NO_SIZE = re.compile(r"\s*[01](?:px)?\s*")
_NO_DISPLAY = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def is_hidden(element: html.HtmlElement) -> bool:
    """Whether an embedded page is there to count visits, not to be seen."""
    sizes = (element.get("width") or "", element.get("height") or "")
    style = element.get("style") or ""
    return any(map(_NO_SIZE.fullmatch, sizes)) or element.get("hidden") is not None or bool(_NO_DISPLAY.search(style))


def leads_back(element: html.HtmlElement, heading: html.HtmlElement) -> bool:
    """Whether a link is all of a heading's text and leads to its own page, as from a section to the contents."""
    if not (element.get("href") or "").startswith("#"):
        return False
    rest = "".join(heading.itertext()).replace("".join(element.itertext()), "", 1)
    return not any(sign.isalnum() for sign in rest)
