"""The wanted part of a page as Markdown."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree

from fetcher.markdown.code import first_class
from fetcher.markdown.convert import to_markdown
from fetcher.markdown.detection import detect
from fetcher.markdown.dialect import DEFAULT, Dialect
from fetcher.markdown.reading import blocks
from fetcher.markdown.traits import NO_BREAK, Traits, at_page
from fetcher.page.code import language
from fetcher.page.flow import SILENT
from fetcher.page.links import is_local, target
from fetcher.region.cut import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml import html

    from fetcher.page.flow import Flow
    from fetcher.page.page import Page


def written(page: Page, found: Flow, keep: Sequence[bool], stored: str = "") -> str:
    """The runs of `found` that `keep` names, as Markdown in the dialect of the stored body.

    Embedded media stay where the stored body has them, and all of them where nothing is stored.
    """
    tree = cut(page.root, found, keep, frozenset(_embedded(page, stored)))
    if not stored:
        return to_markdown(tree, base=page.base, dialect=DEFAULT)
    for link, address in _joined_otherwise(page, tree, stored):
        link.set("href", address)
    return to_markdown(tree, base=page.base, dialect=_dialect(page, tree, stored))


def targets(text: blocks.Text, base: str) -> set[str]:
    """Where the links of a text lead, but those to files beside it."""
    return {target(link, base) for block in text.blocks for link in block.links if not is_local(link)}


def _embedded(page: Page, stored: str) -> Iterator[html.HtmlElement]:
    known = targets(blocks.parse(stored), page.base)
    for element in page.root.iter(*SILENT):
        sources = (each.get("src") or each.get("data") for each in element.iter(element.tag, "source"))
        if not stored or any(target(source, page.base) in known for source in sources if source):
            yield element


def _joined_otherwise(page: Page, tree: html.HtmlElement, stored: str) -> Iterator[tuple[html.HtmlElement, str]]:
    """The links of a tree that are stored as joined to the root of their site, or glued to it, with that address.

    So joins an importer that does not know the place of the page.
    """
    links = [(link, href) for link in tree.iter("a") if (href := link.get("href"))]
    shown = {target(href, page.base) for _, href in links}
    root = urljoin(page.base, "/")
    known = targets(blocks.parse(stored), page.base) - shown
    for link, href in links if known else ():
        if _SCHEME.match(href) or target(href, page.base) in known:
            continue
        ways = (urljoin(root, href), root.rstrip("/") + href, urljoin(page.base, f"<{href}>"))
        yield from ((link, way) for way in ways if target(way, page.base) in known)


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def _raised(page: Page) -> Iterator[tuple[str, str, str]]:
    """What stands above or below the line: the word that it follows, its tag and its text."""
    for element in page.root.iter("sup", "sub"):
        before = element.getprevious()
        above = (element.getparent().text if before is None else before.tail) or ""
        word = re.search(r"\w+$", above)
        if word and (text := (element.text or "").strip()) and not len(element):
            yield word[0], element.tag, text


_SEEN_BESIDE = 24  # signs that tell a place
_TELLING = 50  # places that tell a habit


def _spaced(tree: html.HtmlElement) -> Iterator[str]:
    """What stands around no-break spaces, with plain spaces in their place, or with none at the end of a text."""
    for element in tree.iter(etree.Element):
        for text in (element.text, element.tail):
            if text and NO_BREAK in text:
                spaces = _NO_BREAKS.sub(NO_BREAK, text)
                for at in (match.start() for match in re.finditer(NO_BREAK, spaces)):
                    around = spaces[max(0, at - _SEEN_BESIDE) : at + 1 + _SEEN_BESIDE].replace(NO_BREAK, " ")
                    yield f"{around.rstrip()}\n" if at + 1 == len(spaces) else around.lstrip()


_NO_BREAKS = re.compile(rf"[ \t\r\n]*{NO_BREAK}[{NO_BREAK} \t\r\n]*")


def _first_line(code: html.HtmlElement) -> str:
    return "".join(code.itertext()).strip().partition("\n")[0].strip()


def _dialect(page: Page, tree: html.HtmlElement, stored: str) -> Dialect:
    """How the stored body of a page, of which `tree` is compared, writes Markdown."""
    codes = [(code, language(code)) for code in page.root.iter("pre")]
    traits = Traits(
        frozenset(href for element in page.root.iter("a") if (href := element.get("href"))),
        frozenset(" ".join("".join(link.itertext()).split()) for link in tree.iter("a") if link.get("href")) - {""},
        frozenset(first_class(code) for code, _ in codes) - {""},
        frozenset(told for _, told in codes) - {""},
        frozenset(text for element in page.root.iter("u") if (text := "".join(element.itertext()).strip())),
        tuple(_raised(page)),
        frozenset(_first_line(code) for code, told in codes if told) - {""},
        sum(not told for _, told in codes),
        tuple(islice(_spaced(tree), _TELLING)),
    )
    return at_page(detect(stored), stored, traits)
