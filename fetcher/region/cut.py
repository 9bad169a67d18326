"""Copies a tree with only the wanted text runs, and the elements without words between them."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree, html

from fetcher.page.semantics import BY_TAG, ElementKind, kind_of
from fetcher.page.word_spans import SILENT, WordSpans
from fetcher.page.xml_text import xml_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from fetcher.page.words import TextRun


def cut(
    root: html.HtmlElement, spans: WordSpans, keep: Sequence[bool], embeds: AbstractSet[html.HtmlElement]
) -> html.HtmlElement:
    """A tree like `root` with only the text runs that `keep` names; `root` is not modified.

    Elements without words, such as pictures, are kept between wanted words, and pictures also right after the last one;
    of the elements in `SILENT`, those in `embeds`.
    """
    return _Cut(spans, keep, embeds).of(root)


def wordless_elements(spans: WordSpans, keep: Sequence[bool]) -> Iterator[html.HtmlElement]:
    """The elements without words that `cut` keeps: between wanted text runs, and pictures right after them."""
    wanted = [run for run, kept in zip(spans.runs, keep, strict=True) if kept]
    if not wanted:
        return
    first, last, holds = wanted[0].start, wanted[-1].end, _holders(spans, wanted)
    ending = _ending(spans, holds, first, last)
    for k, (start, end) in enumerate(zip(spans.starts, spans.ends, strict=True)):
        holder = spans.parents[k]
        while holder >= 0 and spans.starts[holder] == spans.ends[holder]:
            holder = spans.parents[holder]
        if start == end and ((first < start < last and (holder < 0 or holds[holder])) or k in ending):
            yield spans.elements[k]


def _ending(spans: WordSpans, holds: Sequence[bool], first: int, last: int) -> set[int]:
    """The pictures right after the last wanted word in the box of the wanted text, with the wordless elements around.

    Pictures that are links, boilerplate, hidden or tracking pixels are not included.
    """
    ending: set[int] = set()
    for k in spans.tagged("img"):
        if spans.starts[k] != last or not _has_size(spans.attributes[k]):
            continue
        alone, up = [k], spans.parents[k]
        while up >= 0 and spans.starts[up] == spans.ends[up]:
            alone.append(up)
            up = spans.parents[up]
        box = up
        while box >= 0 and not (spans.starts[box] <= first and last <= spans.ends[box]):
            box = spans.parents[box]
        is_boxed = (
            spans.elements[box].tag not in ("html", "body")
            or BY_TAG.get(spans.elements[alone[-1]].tag) is ElementKind.CONTENT
        )
        if up >= 0 and holds[up] and is_boxed and not any(_is_no_text(spans, one) for one in alone):
            ending.update(alone)
    return ending


def _has_size(its: Mapping[str, str]) -> bool:
    return not {its.get("width"), its.get("height")} & {"0", "1"}


def _is_no_text(spans: WordSpans, k: int) -> bool:
    element = spans.elements[k]  # `spans.kinds` is not meaningful for elements without words
    return element.tag == "a" or kind_of(element, spans.attributes[k]) in (ElementKind.BOILERPLATE, ElementKind.HIDDEN)


_FORM = {"select": "div", "optgroup": "div", "option": "span"}  # the importer stored form fields as text


class _Cut:
    """Walks the tree and its spans in parallel; `at` is the next element of the spans, `run` the next text run."""

    def __init__(self, spans: WordSpans, keep: Sequence[bool], embeds: AbstractSet[html.HtmlElement]) -> None:
        self.found, self.runs, self.keep, self.embeds = spans, spans.runs, keep, embeds
        self.at = self.run = 0
        wanted = [run for run, kept in zip(spans.runs, keep, strict=True) if kept]
        self.first, self.last = (wanted[0].start, wanted[-1].end) if wanted else (0, 0)
        self.holds = _holders(spans, wanted)
        self.ending = _ending(spans, self.holds, self.first, self.last) if wanted else set()
        self.open: list[html.HtmlElement] = [etree.Element("div")]
        self.before: list[html.HtmlElement | None] = [None]  # the last child of each open element
        self.said: list[str] = []  # text after that; appending each piece to the tree would take quadratic time

    def of(self, root: html.HtmlElement) -> html.HtmlElement:
        walker = etree.iterwalk(root, events=("start", "end"))
        left_out: html.HtmlElement | None = None
        for event, element in walker:
            if event == "start":
                if not self._enter(element):
                    left_out = element
                    walker.skip_subtree()
                elif text := element.text:
                    self._text(element, text, is_tail=False)
                continue
            if element is left_out:
                left_out = None
            else:
                if self.said:
                    self._write()
                self.open.pop()
                self.before.pop()
            if (text := element.tail) and element is not root:
                self._text(element, text, is_tail=True)
        if self.said:
            self._write()
        return self.open[0]

    def _enter(self, element: html.HtmlElement) -> bool:
        if element.tag in SILENT:
            if self._stands_inside(self._place()) and element in self.embeds:
                twin = deepcopy(element)
                twin.tail = None
                if self.said:
                    self._write()
                self.open[-1].append(twin)
                self.before[-1] = twin
            return False
        k = self.at
        if not self.holds[k]:
            start, end = self.found.starts[k], self.found.ends[k]
            if end > start or not (self._stands_inside(start) or k in self.ending):
                self._pass(k, end)
                return False
        self.at += 1
        if self.said:
            self._write()
        self.before[-1] = twin = _twin(self.open[-1], element.tag, self.found.attributes[k])
        self.open.append(twin)
        self.before.append(None)
        return True

    def _pass(self, k: int, end: int) -> None:
        """Skip an element and its descendants."""
        self.at = self.found.after[k]
        while self.run < len(self.runs) and self.runs[self.run].end <= end:
            self.run += 1

    def _place(self) -> int:
        return self.runs[self.run].start if self.run < len(self.runs) else len(self.found.words)

    def _stands_inside(self, place: int) -> bool:
        return self.first < place < self.last

    def _text(self, element: html.HtmlElement, text: str, *, is_tail: bool) -> None:
        """Note the text of the node, or a space if it is not wanted."""
        run = self.run
        if run < len(self.runs) and self.runs[run].element is element and self.runs[run].is_tail == is_tail:
            text = text if self.keep[run] else " "
            self.run += 1
        self.said.append(text)

    def _write(self) -> None:
        """Write the noted text into the tree."""
        text = "".join(self.said)
        self.said.clear()
        try:
            self._add(text)
        except ValueError:
            self._add(xml_text(text))

    def _add(self, text: str) -> None:
        if (last := self.before[-1]) is not None:
            last.tail = text
        else:
            self.open[-1].text = text


def _twin(parent: html.HtmlElement, tag: str, attributes: dict[str, str]) -> html.HtmlElement:
    """A new child of `parent` with the element's name and attributes.

    Names from broken markup (`class<table`) and characters (`&#1;`) that lxml refuses to write are left out.
    """
    tag = _FORM.get(tag, tag)
    try:
        return etree.SubElement(parent, tag, attributes)
    except ValueError:
        legal = {name: xml_text(value) for name, value in attributes.items() if _NAME.fullmatch(name)}
        return etree.SubElement(parent, tag if _NAME.fullmatch(tag) else "span", legal)


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def _holders(spans: WordSpans, wanted: Sequence[TextRun]) -> list[bool]:
    """For each element whether it contains a wanted run."""
    holds = [False] * len(spans.elements)
    for run in wanted:
        k = run.holder
        while k >= 0 and not holds[k]:
            holds[k] = True
            k = spans.parents[k]
    return holds
