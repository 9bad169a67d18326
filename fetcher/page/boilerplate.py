"""Decides which elements are boilerplate: checks what tags, roles and classes claim against the rest of the page.

A name is only a hint. A class such as `comment` or `ad` is not believed for code, for part of a sentence or heading, or
for a box with text only, among paragraphs that continue on both sides of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import cached_property
from itertools import compress, repeat
from operator import eq, mul
from typing import TYPE_CHECKING

from fetcher.page.page import is_title
from fetcher.page.semantics import (
    BY_PLACE,
    BY_TAG,
    HEADINGS,
    INLINE,
    SUSPECT,
    TELLING,
    ElementKind,
    boilerplate_word,
    inside,
    is_boilerplate_by_tag,
    kind_of,
    subtree_sums,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.page.semantics import Counts
    from fetcher.page.words import Spans

_CODE = frozenset({"pre", "code"})
# Roles of notes within a text; boilerplate beside the text has the same roles.
_NOTES = frozenset({"alert", "status", "complementary", "note"})
_PANEL = re.compile(r"(?:^|[\s_-])tab(?:s|bed)?[_-]*(?:pane|panel|content|body)(?:$|[\s_-])", re.IGNORECASE)
_STOPS = frozenset(".!?。！？؟।")
# Never boilerplate by class: themes write the state of a whole site into the classes of these.
_PAGE = frozenset({"html", "body", "main", "article"}) | HEADINGS


def element_kinds(page: Spans, counts: Counts) -> list[ElementKind]:
    """The kind of each element, with misleading names corrected; elements without words are containers."""
    kinds = _claimed_kinds(page)
    doubtful = [k for k, here in enumerate(kinds) if here in SUSPECT]
    if doubtful:
        known = _KindCheck(page, counts, kinds)
        for k, here in [(k, known.corrected(k)) for k in doubtful]:
            kinds[k] = here
    return kinds


def _claimed_kinds(page: Spans) -> list[ElementKind]:
    """The kind of each element by tag and attributes, asked once for each tag with the same class and role."""
    kinds: list[ElementKind] = []
    known: dict[tuple[str, str | None, str | None] | str, ElementKind] = {}
    for k, (tag, its) in enumerate(zip(page.tags, page.attributes, strict=True)):
        if tag in BY_PLACE or not TELLING.isdisjoint(its):
            kinds.append(kind_of(page.elements[k], its))
        else:
            key = (tag, its.get("class"), its.get("role")) if its else tag
            if (here := known.get(key)) is None:
                here = known[key] = kind_of(page.elements[k], its)
            kinds.append(here)
    for k in compress(range(len(kinds)), map(eq, page.starts, page.ends)):
        kinds[k] = ElementKind.CONTAINER
    return kinds


class _KindCheck:
    """A page with the kinds of its elements by tag, role and class, which `corrected` amends."""

    def __init__(self, page: Spans, counts: Counts, kinds: list[ElementKind]) -> None:
        self._page, self._counts, self._kinds = page, counts, kinds
        self._is_hidden = [*map(eq, kinds, repeat(ElementKind.HIDDEN))]
        self._tags = page.tags
        self._in_code = inside(page, page.tagged(*_CODE))
        self._in_headings = inside(page, page.tagged(*HEADINGS))

    @cached_property
    def _code_words(self) -> list[int]:
        """For each element the words of code in it, without links."""
        return subtree_sums(self._page, map(mul, self._counts.own, self._in_code))

    @cached_property
    def _heading_words(self) -> list[int]:
        """For each element the words of headings in it, without links."""
        return subtree_sums(self._page, map(mul, self._counts.own, self._in_headings))

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        """The elements by each boilerplate word in their class."""
        named: dict[str, list[int]] = defaultdict(list)
        for k, its in enumerate(self._page.attributes):
            for word in _boilerplate_words(its["class"]) if "class" in its else ():
                named[word].append(k)
        return named

    def corrected(self, k: int) -> ElementKind:
        """The corrected kind of an element that claims to be boilerplate or hidden."""
        its, tag = self._page.attributes[k], self._tags[k]
        if self._kinds[k] is ElementKind.HIDDEN:
            is_panel = its.get("role") == "tabpanel" or self._is_tab(k)
            return ElementKind.CONTAINER if is_panel or self._repeats_label(k) else ElementKind.HIDDEN
        if its.get("role") == "tablist":
            return ElementKind.CONTAINER if self._has_panels(k) else ElementKind.BOILERPLATE
        if is_boilerplate_by_tag(self._page.elements[k], its):
            return (
                ElementKind.CONTENT
                if self._is_note(k)
                else ElementKind.CONTAINER
                if self._is_text_header(k)
                else ElementKind.BOILERPLATE
            )
        return BY_TAG.get(tag, ElementKind.CONTAINER) if self._is_misnamed(k) else ElementKind.BOILERPLATE

    @cached_property
    def _texts(self) -> dict[int, tuple[int, int]]:
        """For each element with text blocks among its children, where the first and the last of these begin."""
        found: dict[int, tuple[int, int]] = {}
        page, counts = self._page, self._counts
        for k, (parent, here) in enumerate(zip(page.parents, self._kinds, strict=True)):
            if (here is ElementKind.CONTENT or self._is_section(k)) and counts.plain[k] * 2 > counts.words[k]:
                first, _ = found.get(parent, (page.starts[k], 0))
                found[parent] = first, page.starts[k]
        return found

    def _is_section(self, k: int) -> bool:
        return self._tags[k] == "section" and self._kinds[k] is ElementKind.CONTAINER and self._counts.headings[k] > 0

    def _box(self, k: int) -> int:
        """The innermost ancestor that holds more words than the element."""
        parents, words = self._page.parents, self._counts.words
        up = parents[k]
        while up > 0 and words[up] == words[k]:
            up = parents[up]
        return up

    def _is_among_text(self, k: int) -> bool:
        return self._box(k) in self._texts

    def _is_between_text(self, k: int) -> bool:
        first, last = self._texts.get(self._box(k), (0, 0))
        return first < self._page.starts[k] < last

    def _has_panels(self, k: int) -> bool:
        """Whether the panels that a list of tabs opens are beside it."""
        return self._holds_any(self._box(k), self._panels)

    def _is_tab(self, k: int) -> bool:
        """Whether an element is a closed tab panel: hidden beside a list of tabs, or with such a class."""
        if not self._is_hidden[k] or self._tags[k] in INLINE or self._counts.controls[k]:
            return False
        return self._page.parents[k] in self._tabbed or bool(_PANEL.search(self._page.attributes[k].get("class", "")))

    @cached_property
    def _tabbed(self) -> set[int]:
        every = zip(self._page.parents, self._page.attributes, strict=True)
        return {parent for parent, its in every if its.get("role") == "tablist"}

    @cached_property
    def _panels(self) -> list[int]:
        every = enumerate(self._page.attributes)
        return [k for k, its in every if self._counts.words[k] and (its.get("role") == "tabpanel" or self._is_tab(k))]

    def _is_note(self, k: int) -> bool:
        """Whether an aside or an alert is a note within the text: among its paragraphs, and made to be read."""
        its = self._page.attributes[k]
        if self._tags[k] != "aside" and its.get("role") not in _NOTES:
            return False
        heads = self._heading_words[k]
        speaks = (self._counts.plain[k] - heads) * 2 > self._counts.words[k] - heads > 0
        return (
            speaks
            and self._is_text(k)
            and not self._holds_any(k, self._articles)
            and self._is_among_text(k)
            and (not self._has_boilerplate_name(k) or self._is_misnamed(k) or self._is_remark(k))
        )

    def _repeats_label(self, k: int) -> bool:
        """Whether an element only repeats the `aria-label` of its parent, and is hidden from screen readers so."""
        label = self._page.attributes[self._page.parents[k]].get("aria-label", "")
        return bool(label) and label.split() == self._page.words[self._page.starts[k] : self._page.ends[k]]

    def _is_text_header(self, k: int) -> bool:
        """Whether a `header` belongs to the text, or to one of several texts as on a blog.

        It does if it holds the page's title, or if headers of the same class have different headings.
        """
        if self._tags[k] != "header":
            return False
        return self._holds_any(k, self._titles) or self._heads[self._page.attributes[k].get("class", "")] > 1

    @cached_property
    def _heads(self) -> Counter[str]:
        """For each class of `header`, how many different headings its elements have."""
        said: set[tuple[str, str]] = set()
        for k in self._page.tagged("header"):
            if self._counts.headings[k] and not self._counts.controls[k]:
                said.add((self._page.attributes[k].get("class", ""), self._heading(k)))
        return Counter(kind for kind, _ in said)

    def _heading(self, k: int) -> str:
        """The words of the first heading in an element."""
        one = self._headings[bisect_left(self._headings, k)]
        return " ".join(self._page.words[self._page.starts[one] : self._page.ends[one]])

    @cached_property
    def _headings(self) -> list[int]:
        return self._page.tagged(*HEADINGS)

    @cached_property
    def _titles(self) -> list[int]:
        return [k for k in self._page.tagged("h1") if is_title(self._page, k)]

    def _has_boilerplate_name(self, k: int) -> bool:
        its = self._page.attributes[k]
        return bool(boilerplate_word(its.get("class", "")) or boilerplate_word(its.get("id", "")))

    def _is_text(self, k: int) -> bool:
        return not self._counts.controls[k] and self._counts.plain[k] * 2 > self._counts.words[k]

    def _is_remark(self, k: int) -> bool:
        """Whether an element between texts ends like a sentence, without links or headings: a remark, however short."""
        counts = self._counts
        ends = self._page.words[self._page.ends[k] - 1] in _STOPS
        return ends and not (counts.links[k] or counts.headings[k]) and self._is_between_text(k)

    def _is_misnamed(self, k: int) -> bool:
        """Whether an element is not the boilerplate that its class or id suggests."""
        tag, counts = self._tags[k], self._counts
        if tag in _PAGE or self._in_code[k]:
            return True
        if tag in INLINE and (self._in_headings[k] or counts.lines[counts.block[k]]):
            return True
        if self._code_words[k] * 2 > counts.words[k]:  # code, in a box named after its toolbar
            return not any(self._code_words[one] for one in self._threads if k <= one < self._page.after[k])
        if not self._is_text(k) or self._holds_any(k, self._threads) or self._page.parents[k] in self._threads:
            return False
        tells = counts.sentences[k] > 0 or self._holds_any(k, self._tables)
        return (tells and self._is_between_text(k)) or self._is_remark(k) or self._is_scattered(k)

    def _holds_any(self, k: int, among: Sequence[int]) -> bool:
        """Whether element `k` is or contains one of `among`, which is sorted."""
        at = bisect_left(among, k)
        return at < len(among) and among[at] < self._page.after[k]

    @cached_property
    def _articles(self) -> list[int]:
        return self._page.tagged("article")

    @cached_property
    def _tables(self) -> list[int]:
        return self._page.tagged("table")

    @cached_property
    def _threads(self) -> list[int]:
        """The elements with several children of one boilerplate name, such as the comments of a thread."""
        found: set[int] = set()
        for named in self._named.values():
            parents = Counter(self._page.parents[k] for k in named if not self._in_code[k])
            found.update(parent for parent, times in parents.items() if times > 1)
        return sorted(found)

    def _is_scattered(self, k: int) -> bool:
        """Whether elements of this name are in many places, one each, with text; a comment thread is in one place."""
        for word in _boilerplate_words(self._page.attributes[k].get("class", "")):
            outermost = [*self._outermost(self._named[word])]
            places = {self._page.parents[one] for one in outermost}
            tells = any(self._counts.sentences[one] for one in outermost)
            if tells and len(places) > 1 and len(places) == len(outermost) and all(map(self._is_text, outermost)):
                return True
        return False

    def _outermost(self, named: list[int]) -> Iterator[int]:
        done = 0
        for k in named:
            if k >= done:
                done = self._page.after[k]
                yield k


def _boilerplate_words(classes: str) -> list[str]:
    return [word for word in classes.split() if boilerplate_word(word)] if boilerplate_word(classes) else []
