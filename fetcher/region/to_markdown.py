"""Writes the wanted part of a page as Markdown in the dialect of the stored body."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree, html

from fetcher.markdown.blocks import first_class
from fetcher.markdown.convert import to_markdown
from fetcher.markdown.detection import detect
from fetcher.markdown.dialect import DEFAULT, Dialect
from fetcher.markdown.hooks import EMBEDS
from fetcher.markdown.links import ROOTED
from fetcher.markdown.page_habits import ANY_LINK, NO_BREAK, PageTraits, adapt_to_page, repeated, without_breaks
from fetcher.markdown.reading import blocks
from fetcher.page.code import language
from fetcher.page.links import is_local, target
from fetcher.page.words import letters_of
from fetcher.region.cut import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.page.page import Page
    from fetcher.page.word_spans import WordSpans


def as_markdown(page: Page, spans: WordSpans, keep: Sequence[bool], stored: str = "") -> str:
    """The text runs that `keep` names, as Markdown in the dialect of the stored body.

    Embedded media are kept if the body has them, and all of them if it is empty.
    """
    known = targets(blocks.parse(stored), page.base)
    tree = cut(page.root, spans, keep, frozenset(_embedded(page, known, everything=not stored)))
    if not stored:
        return to_markdown(tree, base=page.base, dialect=DEFAULT)
    for link, address in _joined_otherwise(page, tree, known):
        link.set("href", address)
    return to_markdown(tree, base=page.base, dialect=_dialect(page, tree, stored))


def targets(text: blocks.Text, base: str) -> set[str]:
    """The canonical link targets of a text, without links to local files."""
    return {target(link, base) for block in text.blocks for link in block.links if not is_local(link)}


_MEDIA = (*EMBEDS, "object", "embed")


def _embedded(page: Page, known: set[str], *, everything: bool) -> Iterator[html.HtmlElement]:
    """The embedded media that one of the known targets leads to, or everything that is embedded."""
    for element in page.root.iter(*_MEDIA) if known or everything else ():
        sources = (each.get("src") or each.get("data") for each in element.iter(element.tag, "source"))
        if everything or any(target(source, page.base) in known for source in sources if source):
            yield element


def _joined_otherwise(page: Page, tree: html.HtmlElement, stored: set[str]) -> Iterator[tuple[html.HtmlElement, str]]:
    """The links that the body stores joined to the site's root, or without `base`, each with the URL stored.

    `stored` are the targets of the body's links. Some importers do not know the page's URL, others ignore its `base`.
    """
    links = [(link, href) for link in tree.iter("a") if (href := link.get("href"))]
    shown = {target(href, page.base) for _, href in links}
    if not (known := stored - shown):
        return
    root = urljoin(page.base, "/")
    # Importers agree on where such a link leads, but for those that put it between angle brackets.
    is_agreed = urljoin(page.url, "/") == root and not any("<" in address for address in known)
    for link, href in links:
        if _SCHEME.match(href) or (is_agreed and ROOTED.fullmatch(href)):
            continue
        ways = (
            urljoin(root, href),
            root.rstrip("/") + href,
            urljoin(page.base, f"<{href}>"),
            urljoin(page.url, href),
        )
        yield from ((link, way) for way in ways if target(way, page.base) in known)


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def _raised(page: Page) -> Iterator[tuple[str, str, str]]:
    """The superscripts and subscripts: the word before, the tag, and the text."""
    for element in page.root.iter("sup", "sub"):
        before = element.getprevious()
        above = (element.getparent().text if before is None else before.tail) or ""
        word = re.search(r"\w+$", above)
        if word and (text := (element.text or "").strip()) and not len(element):
            yield word[0], element.tag, text


_SEEN_BESIDE = 24  # characters that identify a place
_TELLING = 50  # places that are enough to detect a habit


_HAS_NO_BREAK = etree.XPath(f"contains(string(.), '{NO_BREAK}')")


def _spaced(tree: html.HtmlElement) -> Iterator[str]:
    """The text around no-break spaces, with plain spaces in their place, or a line feed at the end of a text."""
    for element in tree.iter(etree.Element) if _HAS_NO_BREAK(tree) else ():
        for text in (element.text, element.tail):
            if text and NO_BREAK in text:
                spaces = _NO_BREAKS.sub(NO_BREAK, text)
                for at in (match.start() for match in re.finditer(NO_BREAK, spaces)):
                    around = spaces[max(0, at - _SEEN_BESIDE) : at + 1 + _SEEN_BESIDE].replace(NO_BREAK, " ")
                    yield f"{around.rstrip()}\n" if at + 1 == len(spaces) else around.lstrip()


def _rows(tree: html.HtmlElement) -> Iterator[tuple[str, ...]]:
    """The cell texts of each row that has several."""
    for row in tree.iter("tr"):
        cells = tuple(text for cell in row.iterchildren("td", "th") if (text := "".join(cell.itertext()).strip()))
        if len(cells) > 1:
            yield cells


_NO_BREAKS = re.compile(rf"[ \t\r\n]*{NO_BREAK}[{NO_BREAK} \t\r\n]*")


def _pictured(tree: html.HtmlElement) -> Iterator[str]:
    """The letters around each picture, which identify its place."""
    if next(tree.iter("img"), None) is None:
        return
    letters, places = list[str](), list[int]()
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment")):
        if event == "start" and element.tag == "img":
            places.append(len(letters))
        letters += letters_of((element.text if event == "start" else element.tail) or "")
    for at in islice(places, _TELLING):
        yield "".join(letters[max(0, at - _SEEN_BESIDE) : at + _SEEN_BESIDE])


def _spans(tree: html.HtmlElement) -> tuple[int, int] | None:
    """How many cells repeat a neighbour, and how many are empty; None if no cell spans several rows or columns."""
    if not any(_is_wide(cell) for cell in tree.iter("td", "th")):
        return None
    tables = ([list(map(_text, row.iter("td", "th"))) for row in table.iter("tr")] for table in tree.iter("table"))
    counts = list(map(repeated, tables))
    return sum(alike for alike, _ in counts), sum(empty for _, empty in counts)


def _text(cell: html.HtmlElement) -> str:
    return " ".join("".join(cell.itertext()).split())


def _is_wide(cell: html.HtmlElement) -> bool:
    return any((cell.get(name) or "1").strip() not in ("", "0", "1") for name in ("colspan", "rowspan"))


def _first_line(code: html.HtmlElement) -> str:
    return "".join(code.itertext()).strip().partition("\n")[0].strip()


def _dialect(page: Page, tree: html.HtmlElement, stored: str) -> Dialect:
    """The dialect of the stored body of a page; `tree` is the part that is compared."""
    codes = [(code, language(code)) for code in page.root.iter("pre")]
    has_links = ANY_LINK.search(stored)
    terms = frozenset("".join(term.itertext()) for term in tree.iter("dt"))
    traits = PageTraits(
        frozenset(href for element in page.root.iter("a") if (href := element.get("href"))),
        frozenset(_text(link) for link in tree.iter("a") if link.get("href")) - {""} if not has_links else frozenset(),
        frozenset(first_class(code) for code, _ in codes) - {""},
        frozenset(told for _, told in codes) - {""},
        frozenset(text for element in page.root.iter("u") if (text := "".join(element.itertext()).strip())),
        tuple(_raised(page)),
        frozenset(_first_line(code) for code, told in codes if told) - {""},
        sum(not told for _, told in codes),
        tuple(islice(_spaced(tree), _TELLING)) if NO_BREAK not in stored else (),
        terms,
        tuple(_pictured(tree)) if "![" not in stored else (),
        tuple(islice(_rows(tree), _TELLING)),
        frozenset(text for key in tree.iter("kbd", "samp", "tt") if (text := "".join(key.itertext()).strip())),
        _spans(tree),
    )
    return adapt_to_page(detect(without_breaks(stored, terms)), stored, traits)
