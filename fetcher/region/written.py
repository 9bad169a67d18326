"""The wanted part of a page: as a new tree with the wanted text and what stands between it, and as Markdown."""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree, html

from fetcher.markdown.code import first_class
from fetcher.markdown.convert import to_markdown
from fetcher.markdown.detection import detect
from fetcher.markdown.dialect import DEFAULT, Dialect
from fetcher.markdown.reading import blocks
from fetcher.markdown.traits import NO_BREAK, Traits, at_page, letters_of, repeated, without_breaks
from fetcher.page.code import language
from fetcher.page.flow import SILENT, Flow
from fetcher.page.links import is_local, target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from fetcher.page.page import Page
    from fetcher.page.words import Run


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

    So joins an importer that does not know the place of the page. One that does may not know what its `base` says.
    """
    links = [(link, href) for link in tree.iter("a") if (href := link.get("href"))]
    shown = {target(href, page.base) for _, href in links}
    root = urljoin(page.base, "/")
    known = targets(blocks.parse(stored), page.base) - shown
    for link, href in links if known else ():
        if _SCHEME.match(href) or target(href, page.base) in known:
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


def _rows(tree: html.HtmlElement) -> Iterator[tuple[str, ...]]:
    """The texts of the cells of each row that has several."""
    for row in tree.iter("tr"):
        cells = tuple(text for cell in row.iterchildren("td", "th") if (text := "".join(cell.itertext()).strip()))
        if len(cells) > 1:
            yield cells


_NO_BREAKS = re.compile(rf"[ \t\r\n]*{NO_BREAK}[{NO_BREAK} \t\r\n]*")


def _pictured(tree: html.HtmlElement) -> Iterator[str]:
    """The letters around each picture of a tree, as far as they tell its place."""
    letters, places = list[str](), list[int]()
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment")):
        if event == "start" and element.tag == "img":
            places.append(len(letters))
        letters += letters_of((element.text if event == "start" else element.tail) or "")
    for at in islice(places, _TELLING):
        yield "".join(letters[max(0, at - _SEEN_BESIDE) : at + _SEEN_BESIDE])


def _spans(tree: html.HtmlElement) -> tuple[int, int] | None:
    """How many cells say what the one before or above says, and how many nothing; None where no cell spans places."""
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
    """How the stored body of a page, of which `tree` is compared, writes Markdown."""
    codes = [(code, language(code)) for code in page.root.iter("pre")]
    terms = frozenset("".join(term.itertext()) for term in tree.iter("dt"))
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
        terms,
        tuple(_pictured(tree)) if "![" not in stored else (),
        tuple(islice(_rows(tree), _TELLING)),
        frozenset(text for key in tree.iter("kbd", "samp", "tt") if (text := "".join(key.itertext()).strip())),
        _spans(tree),
    )
    return at_page(detect(without_breaks(stored, terms)), stored, traits)


def cut(
    root: html.HtmlElement, found: Flow, keep: Sequence[bool], embeds: AbstractSet[html.HtmlElement]
) -> html.HtmlElement:
    """A tree like `root` with only the runs of text of `found` that `keep` names; `root` is left as it is.

    Elements without words are kept where they stand between wanted words, of silent ones those in `embeds`.
    """
    return _Cut(found, keep, embeds).of(root)


def standing(found: Flow, keep: Sequence[bool]) -> Iterator[html.HtmlElement]:
    """The elements without words that stand between the wanted runs of text."""
    wanted = [run for run, kept in zip(found.runs, keep, strict=True) if kept]
    if not wanted:
        return
    first, last, holds = wanted[0].start, wanted[-1].end, _holders(found, wanted)
    for k, (start, end) in enumerate(zip(found.starts, found.ends, strict=True)):
        holder = found.parents[k]
        while holder >= 0 and found.starts[holder] == found.ends[holder]:
            holder = found.parents[holder]
        if start == end and first < start < last and (holder < 0 or holds[holder]):
            yield found.elements[k]


_FORM = {"select": "div", "optgroup": "div", "option": "span"}  # kept because the importer kept them, as text


class _Cut:
    """Walks the tree and its flow side by side; `self.at` is the next element of the flow, `self.run` the next run."""

    def __init__(self, found: Flow, keep: Sequence[bool], embeds: AbstractSet[html.HtmlElement]) -> None:
        self.found, self.keep, self.embeds = found, keep, embeds
        self.at = self.run = 0
        wanted = [run for run, kept in zip(found.runs, keep, strict=True) if kept]
        self.first, self.last = (wanted[0].start, wanted[-1].end) if wanted else (0, 0)
        self.holds = _holders(found, wanted)
        self.open: list[html.HtmlElement] = [etree.Element("div")]
        self.before: list[html.HtmlElement | None] = [None]  # of each open element, its last child so far
        self.said: list[str] = []  # behind that, and not yet written: each piece alone would be read and written again

    def of(self, root: html.HtmlElement) -> html.HtmlElement:
        walker = etree.iterwalk(root, events=("start", "end"))
        left_out: html.HtmlElement | None = None
        for event, element in walker:
            if event == "start":
                if self._enter(element):
                    self._text(element, element.text, is_tail=False)
                else:
                    left_out = element
                    walker.skip_subtree()
                continue
            if element is left_out:
                left_out = None
            else:
                self._write()
                self.open.pop()
                self.before.pop()
            if element is not root:
                self._text(element, element.tail, is_tail=True)
        self._write()
        return self.open[0]

    def _enter(self, element: html.HtmlElement) -> bool:
        if element.tag in SILENT:
            if self._stands_inside(self._place()) and element in self.embeds:
                twin = deepcopy(element)
                twin.tail = None
                self._write()
                self.open[-1].append(twin)
                self.before[-1] = twin
            return False
        k = self.at
        start, end = self.found.starts[k], self.found.ends[k]
        if not self.holds[k] and (end > start or not self._stands_inside(start)):
            self._pass(k, end)
            return False
        self.at += 1
        self._write()
        self.before[-1] = twin = _twin(self.open[-1], element.tag, self.found.attributes[k])
        self.open.append(twin)
        self.before.append(None)
        return True

    def _pass(self, k: int, end: int) -> None:
        """Step over an element and all that is in it."""
        self.at = self.found.after[k]
        while self.run < len(self.found.runs) and self.found.runs[self.run].end <= end:
            self.run += 1

    def _place(self) -> int:
        return self.found.runs[self.run].start if self.run < len(self.found.runs) else len(self.found.words)

    def _stands_inside(self, place: int) -> bool:
        return self.first < place < self.last

    def _text(self, element: html.HtmlElement, text: str | None, *, is_tail: bool) -> None:
        """Note the text of the node, or a space for it where it is not wanted."""
        if not text:
            return
        if self.run < len(self.found.runs):
            run = self.found.runs[self.run]
            if run.element is element and run.is_tail == is_tail:
                text = text if self.keep[self.run] else " "
                self.run += 1
        self.said.append(text)

    def _write(self) -> None:
        """Write what was noted."""
        if self.said:
            text = "".join(self.said)
            self.said.clear()
            try:
                self._add(text)
            except ValueError:
                self._add(_ILLEGAL.sub("", text))

    def _add(self, text: str) -> None:
        if (last := self.before[-1]) is not None:
            last.tail = text
        else:
            self.open[-1].text = text


def _twin(parent: html.HtmlElement, tag: str, attributes: dict[str, str]) -> html.HtmlElement:
    """A new child of `parent` with the element's name and attributes.

    The parser takes names from broken markup that nobody may give (`class<table`): those are left out, and so are signs
    that no XML may hold, which a reference such as `&#1;` brings in.
    """
    tag = _FORM.get(tag, tag)
    try:
        return etree.SubElement(parent, tag, attributes)
    except ValueError:
        legal = {name: _ILLEGAL.sub("", value) for name, value in attributes.items() if _NAME.fullmatch(name)}
        return etree.SubElement(parent, tag if _NAME.fullmatch(tag) else "span", legal)


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _holders(found: Flow, wanted: Sequence[Run]) -> list[bool]:
    """For each element, whether a wanted run is in it."""
    holds = [False] * len(found.elements)
    for run in wanted:
        k = run.holder
        while k >= 0 and not holds[k]:
            holds[k] = True
            k = found.parents[k]
    return holds
