"""What becomes of an element inside of a line: markdownify's hooks, `convert_<tag>(element, text, parent_tags)`.

The rule for what Markdown has no sign for: its text stays, without any. `mark`, `ins`, `u`, `small`, `abbr`, `cite`,
`dfn`, `var` and `time` are plain; `kbd` and `samp` are code; `sup` and `sub` use the small figures of Unicode where it
has them all, so that 10² does not become 102; `q` gets the quotation marks that browsers show, and `rt` parentheses.
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from lxml import html
from markdownify import MarkdownConverter

from fetcher.markdown import marks
from fetcher.markdown.dialect import Dialect, raised
from fetcher.markdown.elements import BOXES, HEADINGS
from fetcher.markdown.links import image, target, with_title
from fetcher.markdown.marks import Hook
from fetcher.markdown.tex import clean


class Hooks(MarkdownConverter):
    """markdownify's converter with hooks that write marks, to be turned into signs once the line is known."""

    # Inherited; its stubs do not name them.
    get_conv_fn_cached: Callable[[str], Hook | None]
    convert_hN: Callable[[int, html.HtmlElement, str, set[str]], str]  # noqa: N815
    convert_blockquote: Hook

    def __init__(self, base: str, dialect: Dialect) -> None:
        super().__init__(heading_style=dialect.heading)
        self.base = base
        self.dialect = dialect
        self.heading: html.HtmlElement | None = None  # that is open
        self.homes: dict[html.HtmlElement, html.HtmlElement | None] = {}  # of links around blocks

    def convert_strong(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Strong emphasis."""
        return marks.wrapped(text, marks.STRONG)

    def convert_em(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Emphasis."""
        return marks.wrapped(text, marks.EM)

    def convert_u(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Underlined text, which Markdown has no sign for."""
        return marks.wrapped(text, marks.EM) if self.dialect.underlined else text

    def convert_del(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Text that is struck out."""
        return marks.wrapped(text, marks.DEL)

    def convert_code(self, _: html.HtmlElement, text: str, __: set[str]) -> str:
        """Code."""
        return marks.code(text)

    convert_b = convert_strong
    convert_i = convert_em
    convert_s = convert_strike = convert_del
    convert_kbd = convert_samp = convert_tt = convert_code

    def convert_sup(self, element: html.HtmlElement, text: str, _: set[str]) -> str:
        """What stands above the line, or below it, in the notation of the body."""
        core = text.strip()
        if not core:
            return text
        opening, inner, closing = raised(core, element.tag, self.dialect.raised)
        return text.replace(core, f"{marks.raw(opening)}{inner}{marks.raw(closing)}" if opening else inner)

    convert_sub = convert_sup

    def convert_rt(self, element: html.HtmlElement, text: str, _: set[str]) -> str:
        """The reading of a sign, in parentheses if the page has none for those who cannot show it above."""
        ruby = element.getparent()
        return text if ruby is not None and ruby.find("rp") is not None else f"({text.strip()})"

    def convert_a(self, element: html.HtmlElement, text: str, _: set[str]) -> str:
        """A link. Around several blocks it goes to one of them: the first heading, else the first with text."""
        address = target(element.get("href"), self.base, self.dialect)
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

    # --- elements without text of their own ---

    def picture(self, element: html.HtmlElement, formula: str) -> str:
        """An `img`: the sign that it draws, or the image; nothing for the picture of a `formula` just written."""
        alt = marks.plain(element.get("alt") or "").strip()
        if is_sign(alt):
            return alt
        address = image(element, self.base, self.dialect) if self.dialect.images else None
        if address is None or (formula and clean(alt) == formula):
            return ""
        return marks.image(alt, with_title(address, element.get("title"), alt))

    def embedded(self, element: html.HtmlElement) -> str:
        """What another address shows in the page: a link to it, named as the page names it.

        A film or a recording without a name is named by its file; a frame without one is a widget, and left out.
        """
        sources = [element, *element.iter("source")]
        found = (target(source.get("src") or source.get("data-src"), self.base, self.dialect) for source in sources)
        address = next((one for one in found if one is not None), None)
        if address is None:
            return ""
        name = marks.plain(element.get("title") or element.get("aria-label") or "").strip()
        if not name and element.tag != "iframe":
            name = urlsplit(address).path.rpartition("/")[2]
        return marks.link(name, address) if name else ""


def _is_address(text: str) -> bool:
    """Whether the text can stand between `<` and `>` as it is."""
    return re.fullmatch(r"https?://[^\s<>\\&]+|https?://[^\s<>\\;]+|[\w.+-]+@[\w.-]+\w", text, re.ASCII) is not None


def is_sign(text: str) -> bool:
    """Whether the text is nothing but pictographs."""
    return bool(text) and all(unicodedata.category(sign) in ("So", "Sk", "Mn", "Cf", "Cn") for sign in text)
