"""Converts inline elements: markdownify's hooks (`convert_<tag>`), pictures, embedded media and formulas.

Where Markdown has no markup for an element, its text stays. `mark`, `ins`, `u`, `small`, `abbr`, `cite`, `dfn`, `var`
and `time` are plain; `kbd` and `samp` are code; `sup` and `sub` use Unicode's raised and lowered figures where it has
all of them, so that 10² does not become 102; `q` gets the quotation marks that browsers show, and `rt` parentheses.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from markdownify import MarkdownConverter

from fetcher.markdown import marks
from fetcher.markdown.dialect import Dialect, raised
from fetcher.markdown.links import image_target, link_target, with_title
from fetcher.page import word_spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import html

    from fetcher.markdown.marks import Hook


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LISTS = ("ul", "ol", "menu", "dir")
EMBEDS = ("iframe", "video", "audio")

# Elements that begin and end a line.
BLOCKS = _names("""
    address article aside body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form
    header hgroup html legend li main menu nav ol p search section select summary table tbody td tfoot th thead
    tr ul
""")
# Elements whose content is not text of the page; the words of a page are read without them too.
SILENT = word_spans.SILENT.difference(EMBEDS) | {"title"}
# Blocks that a link can surround.
BOXES = (*HEADINGS, *sorted(BLOCKS), "blockquote", "pre", "hr")
# Elements that mean the same: one inside the other changes nothing.
SYNONYMS = {
    "b": "strong",
    "i": "em",
    "u": "em",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
    "s": "del",
    "strike": "del",
}

_NO_SIZE = re.compile(r"\s*[01](?:px)?\s*")
_NO_DISPLAY = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class Hooks(MarkdownConverter):
    """markdownify's converter with hooks that write marks (see `marks`), which become delimiters when the line ends."""

    # Inherited, but missing from the stubs.
    get_conv_fn_cached: Callable[[str], Hook | None]
    convert_hN: Callable[[int, html.HtmlElement, str, set[str]], str]  # noqa: N815

    def __init__(self, base: str, dialect: Dialect) -> None:
        super().__init__(heading_style=dialect.heading)
        self.base = base
        self.dialect = dialect
        self.heading: html.HtmlElement | None = None  # the open one
        self.homes: dict[html.HtmlElement, html.HtmlElement | None] = {}  # for links around blocks, the one to link

    def convert_strong(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Strong emphasis."""
        return marks.wrapped(text, marks.STRONG)

    def convert_em(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Emphasis."""
        return marks.wrapped(text, marks.EM)

    def convert_u(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Underlined text, for which Markdown has no markup: emphasis, or plain text."""
        return marks.wrapped(text, marks.EM) if self.dialect.underlined else text

    def convert_del(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Struck text."""
        return marks.wrapped(text, marks.DEL)

    def convert_code(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """A code span."""
        return marks.code(text)

    convert_b = convert_strong
    convert_i = convert_em
    convert_s = convert_strike = convert_del

    def convert_kbd(self, element: html.HtmlElement, text: str, _: set[str]) -> str:
        """Keyboard input or sample output: a code span, plain text, or HTML as the page has it."""
        if self.dialect.keys == "tags":
            return f"{marks.raw(f'<{element.tag}>')}{text}{marks.raw(f'</{element.tag}>')}"
        return marks.code(text) if self.dialect.keys == "code" else text

    convert_samp = convert_tt = convert_kbd

    def convert_sup(self, element: html.HtmlElement, text: str, _: set[str]) -> str:
        """Superscript or subscript, in the notation of the body."""
        core = text.strip()
        if not core:
            return text
        opening, inner, closing = raised(core, element.tag, self.dialect.raised)
        return text.replace(core, f"{marks.raw(opening)}{inner}{marks.raw(closing)}" if opening else inner)

    convert_sub = convert_sup

    def convert_rt(self, element: html.HtmlElement, text: str, _: set[str]) -> str:
        """The reading of a ruby character, in parentheses unless the page has its own (`rp`)."""
        ruby = element.getparent()
        return text if ruby is not None and ruby.find("rp") is not None else f"({text.strip()})"

    def convert_a(self, element: html.HtmlElement, text: str, _: set[str]) -> str:
        """A link. Around several blocks, only one of them is linked: the first heading, else the first with text."""
        address = link_target(element.get("href"), self.base, self.dialect)
        if address is None or not self.dialect.linked or not self._is_home(element, text):
            return text
        shown = text.strip()
        is_short = self.dialect.autolinks != "link"
        if is_short and _is_address(shown) and unquote(address.removeprefix("mailto:")) == unquote(shown):
            return marks.raw(shown if self.dialect.autolinks == "bare" else f"<{shown}>")
        return marks.link(text, with_title(address, element.get("title"), text))

    def _is_home(self, link: html.HtmlElement, text: str) -> bool:
        if not len(link) or next(link.iterdescendants(*BOXES), None) is None:
            return True
        if link not in self.homes:
            self.homes[link] = next(
                (heading for heading in link.iter(*HEADINGS) if "".join(heading.itertext()).strip()), link
            )
        home = self.homes[link]
        only_pictures = not marks.has_text(text) and bool("".join(link.itertext()).strip())
        if home is None or home not in (link, self.heading) or only_pictures:
            return False
        self.homes[link] = None
        return True

    # --- elements without text ---

    def picture(self, element: html.HtmlElement, formula: str) -> str:
        """An `img` as an image, or as the emoji it shows; empty for the picture of the `formula` just written."""
        alt = marks.plain(element.get("alt") or "").strip()
        if is_pictograph(alt):
            return alt
        address = image_target(element, self.base, self.dialect) if self.dialect.images else None
        if address is None or (formula and clean(alt) == formula):
            return ""
        return marks.image(alt, with_title(address, element.get("title"), alt))

    def embedded(self, element: html.HtmlElement) -> str:
        """An embedded frame, video or audio as a link, with the title that the page gives it.

        A video or audio without a title gets its file's name; a frame without one is a widget and left out.
        """
        sources = [element, *element.iter("source")]
        found = (
            link_target(source.get("src") or source.get("data-src"), self.base, self.dialect) for source in sources
        )
        address = next((one for one in found if one is not None), None)
        if address is None:
            return ""
        name = marks.plain(element.get("title") or element.get("aria-label") or "").strip()
        if not name and element.tag != "iframe":
            name = urlsplit(address).path.rpartition("/")[2]
        return marks.link(name, address) if name else ""


def _is_address(text: str) -> bool:
    """Whether the text can stand in an autolink (`<…>`) unchanged."""
    return _ADDRESS.fullmatch(text) is not None


_ADDRESS = re.compile(r"https?://[^\s<>\\&]+|https?://[^\s<>\\;]+|[\w.+-]+@[\w.-]+\w", re.ASCII)


def is_pictograph(text: str) -> bool:
    """Whether the text is only emoji and other pictographs."""
    return bool(text) and all(unicodedata.category(sign) in ("So", "Sk", "Mn", "Cf", "Cn") for sign in text)


def is_hidden(element: html.HtmlElement) -> bool:
    """Whether an embedded element is invisible, as those that count visits are."""
    sizes = (element.get("width") or "", element.get("height") or "")
    style = element.get("style") or ""
    return any(map(_NO_SIZE.fullmatch, sizes)) or element.get("hidden") is not None or bool(_NO_DISPLAY.search(style))


def is_backlink(element: html.HtmlElement, heading: html.HtmlElement) -> bool:
    """Whether a link is the whole text of a heading and leads within the page, as one back to the contents does."""
    if not (element.get("href") or "").startswith("#"):
        return False
    rest = "".join(heading.itertext()).replace("".join(element.itertext()), "", 1)
    return not any(sign.isalnum() for sign in rest)


# KaTeX shows a formula twice: as MathML for screen readers, which holds the source, and as boxes.
_KATEX = re.compile(r"(?:^|\s)katex(?:$|\s)")
_SCALE = re.compile(r"^\{\\(?:displaystyle|textstyle) ?(.*)\}$", re.DOTALL)


def holds_formula(element: html.HtmlElement) -> bool:
    """Whether the element is a formula."""
    return element.tag == "math" or (element.tag == "span" and _KATEX.search(element.get("class") or "") is not None)


def tex_source(element: html.HtmlElement) -> str | None:
    """The TeX source of a formula; None if the page does not have it."""
    for annotation in element.iter("annotation"):
        if "tex" in (annotation.get("encoding") or "").lower() and (source := (annotation.text or "").strip()):
            return clean(source)
    for math in element.iter("math"):
        if source := (math.get("alttext") or "").strip():
            return clean(source)
    return None


def clean(source: str) -> str:
    """TeX source without the `\\displaystyle` or `\\textstyle` that MediaWiki puts around it.

    >>> clean("{\\\\displaystyle x^2}")
    'x^2'
    """
    found = _SCALE.match(source)
    return (found[1] if found else source).strip()


def is_display(element: html.HtmlElement) -> bool:
    """Whether the formula is a block of its own (display style)."""
    maths = list(element.iter("math"))[:1]
    parent = element.getparent()
    return any(math.get("display") == "block" for math in maths) or (
        parent is not None and "katex-display" in (parent.get("class") or "")
    )
