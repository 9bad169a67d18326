"""Which elements of a page stand apart from its text: what tag, role and class say, as far as the page bears it out.

A name is a hint. What is code is code, whatever its lines are called; a part of a sentence or of a heading is that; and
a box that is called what comments or adverts are called belongs to the text where that goes on on both sides of it and
nothing in it is to be pressed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from fetcher.page.page import is_title
from fetcher.page.semantics import (
    BY_TAG,
    HEADINGS,
    INLINE,
    ElementKind,
    boilerplate_word,
    inherited,
    is_boilerplate_by_tag,
    kind_of,
    subtree_sums,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetcher.page.semantics import Counts
    from fetcher.page.words import Spans

_CODE = frozenset({"pre", "code"})
# What a text has in boxes beside its paragraphs; the same tag and roles are given to what stands beside the text.
_NOTES = frozenset({"alert", "status", "complementary", "note"})
_PANEL = re.compile(r"(?:^|[\s_-])tab(?:s|bed)?[_-]*(?:pane|panel|content|body)(?:$|[\s_-])", re.IGNORECASE)
_STOPS = frozenset(".!?。！？؟।")
# Never apart for what they are called: a theme writes the state of a whole site into their classes.
_PAGE = frozenset({"html", "body", "main", "article"}) | HEADINGS


def element_kinds(page: Spans, counts: Counts) -> list[ElementKind]:
    """How each element kinds, names believed as far as the page bears them out; one without words like a box."""
    every = zip(page.elements, page.attributes, page.starts, page.ends, strict=True)
    kinds = [kind_of(element, its) if end > start else ElementKind.CONTAINER for element, its, start, end in every]
    doubtful = [k for k, here in enumerate(kinds) if here in (ElementKind.BOILERPLATE, ElementKind.HIDDEN)]
    if doubtful:
        known = _Settling(page, counts, kinds)
        for k, here in [(k, known.settle(k)) for k in doubtful]:
            kinds[k] = here
    return kinds


class _Settling:
    """A page with the kinds of its elements as tag, role and class have them."""

    def __init__(self, page: Spans, counts: Counts, kinds: list[ElementKind]) -> None:
        self._page, self._counts, self._kinds = page, counts, kinds
        self._is_hidden = [here is ElementKind.HIDDEN for here in kinds]
        tags = [element.tag for element in page.elements]
        self._tags = tags
        self._in_code = inherited(page, map(_CODE.__contains__, tags))
        in_heading = inherited(page, map(HEADINGS.__contains__, tags))
        self._in_heading = [inside and tag not in HEADINGS for inside, tag in zip(in_heading, tags, strict=True)]
        self._texts = self._text_of_boxes()
        coded = (words if inside else 0 for words, inside in zip(counts.own, self._in_code, strict=True))
        self._coded = subtree_sums(page, coded)
        # Words of headings that are no links.
        heads = (words if inside else 0 for words, inside in zip(self._counts.own, in_heading, strict=True))
        self._headed = subtree_sums(page, heads)
        self._named: dict[str, list[int]] = defaultdict(list)  # elements by the word in their class that sounds apart
        for k, its in enumerate(page.attributes):
            for word in _words_apart(its.get("class", "")):
                self._named[word].append(k)

    def settle(self, k: int) -> ElementKind:
        """The look of an element that is said to be apart, or hidden."""
        its, tag = self._page.attributes[k], self._tags[k]
        if self._kinds[k] is ElementKind.HIDDEN:
            is_panel = its.get("role") == "tabpanel" or self._is_tab(k)
            return ElementKind.CONTAINER if is_panel or self._is_label_of_box(k) else ElementKind.HIDDEN
        if its.get("role") == "tablist":
            return ElementKind.CONTAINER if self._has_panels(k) else ElementKind.BOILERPLATE
        if is_boilerplate_by_tag(self._page.elements[k], its):
            return (
                ElementKind.CONTENT
                if self._is_note(k)
                else ElementKind.CONTAINER
                if self._is_head_of_text(k)
                else ElementKind.BOILERPLATE
            )
        return BY_TAG.get(tag, ElementKind.CONTAINER) if self._is_misnamed(k) else ElementKind.BOILERPLATE

    def _text_of_boxes(self) -> dict[int, tuple[int, int]]:
        """For each element that has texts among its children, where the first and the last of these begin."""
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
        """The element that an element stands in together with other words."""
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
        """Whether what a list of tabs opens stands beside it."""
        return self._holds_any(self._box(k), self._panels)

    def _is_tab(self, k: int) -> bool:
        """Whether an element is hidden until a tab opens it: it stands beside a list of them, or is called so."""
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
        """Whether an aside or an alert is a note of the text: it stands among its paragraphs and is made to be read."""
        its = self._page.attributes[k]
        if self._tags[k] != "aside" and its.get("role") not in _NOTES:
            return False
        speaks = (self._counts.plain[k] - self._headed[k]) * 2 > self._counts.words[k] - self._headed[k] > 0
        return (
            speaks
            and self._reads(k)
            and self._is_among_text(k)
            and (not self._is_called_apart(k) or self._is_misnamed(k) or self._tells(k))
        )

    def _is_label_of_box(self, k: int) -> bool:
        """Whether an element shows what screen readers are told of the box around it, and are not to read twice."""
        label = self._page.attributes[self._page.parents[k]].get("aria-label", "")
        return bool(label) and label.split() == self._page.words[self._page.starts[k] : self._page.ends[k]]

    def _is_head_of_text(self, k: int) -> bool:
        """Whether a head of the page is that of its text, or of one of several texts, such as those of a blog.

        The page's title begins with the heading in it; or heads like it have other headings.
        """
        if self._tags[k] != "header":
            return False
        return self._holds_any(k, self._titles) or self._heads[self._page.attributes[k].get("class", "")] > 1

    @cached_property
    def _heads(self) -> Counter[str]:
        """How many headings stand in heads of pages of the same class, equal ones counted once."""
        said: set[tuple[str, str]] = set()
        for k, tag in enumerate(self._tags):
            if tag == "header" and self._counts.headings[k] and not self._counts.controls[k]:
                said.add((self._page.attributes[k].get("class", ""), self._heading(k)))
        return Counter(kind for kind, _ in said)

    def _heading(self, k: int) -> str:
        """The words of the first heading in an element that has one."""
        one = self._headings[bisect_left(self._headings, k)]
        return " ".join(self._page.words[self._page.starts[one] : self._page.ends[one]])

    @cached_property
    def _headings(self) -> list[int]:
        return [k for k, tag in enumerate(self._tags) if tag in HEADINGS]

    @cached_property
    def _titles(self) -> list[int]:
        return [k for k, tag in enumerate(self._tags) if tag == "h1" and is_title(self._page, k)]

    def _is_called_apart(self, k: int) -> bool:
        its = self._page.attributes[k]
        return bool(boilerplate_word(its.get("class", "")) or boilerplate_word(its.get("id", "")))

    def _reads(self, k: int) -> bool:
        return not self._counts.controls[k] and self._counts.plain[k] * 2 > self._counts.words[k]

    def _tells(self, k: int) -> bool:
        """Whether an element between texts ends as a sentence does, and leads nowhere: a remark, however short."""
        counts = self._counts
        ends = self._page.words[self._page.ends[k] - 1] in _STOPS
        return ends and not (counts.links[k] or counts.headings[k]) and self._is_between_text(k)

    def _is_misnamed(self, k: int) -> bool:
        """Whether an element is no such thing as its class or id sounds like."""
        tag, counts = self._tags[k], self._counts
        if tag in _PAGE or self._in_code[k]:
            return True
        if tag in INLINE and (self._in_heading[k] or counts.lines[counts.block[k]]):
            return True
        if self._coded[k] * 2 > counts.words[k]:  # with a toolbar of its own, after which its box is called
            return not any(self._coded[one] for one in self._threads if k <= one < self._page.after[k])
        if not self._reads(k) or self._holds_any(k, self._threads) or self._page.parents[k] in self._threads:
            return False
        tells = counts.sentences[k] > 0 or self._holds_any(k, self._tables)
        return (tells and self._is_between_text(k)) or self._tells(k) or self._is_all_over(k)

    def _holds_any(self, k: int, among: Sequence[int]) -> bool:
        """Whether element `k` is, or holds, one of `among`, which are in order."""
        at = bisect_left(among, k)
        return at < len(among) and among[at] < self._page.after[k]

    @cached_property
    def _tables(self) -> list[int]:
        return [k for k, tag in enumerate(self._tags) if tag == "table"]

    @cached_property
    def _threads(self) -> list[int]:
        """The elements that hold several of one name that sounds apart, such as the comments of a thread."""
        found: set[int] = set()
        for named in self._named.values():
            parents = Counter(self._page.parents[k] for k in named if not self._in_code[k])
            found.update(parent for parent, times in parents.items() if times > 1)
        return sorted(found)

    def _is_all_over(self, k: int) -> bool:
        """Whether elements of the same name stand in many places, one with a text, as no thread of comments does."""
        for word in _words_apart(self._page.attributes[k].get("class", "")):
            outermost = [*self._outermost(self._named[word])]
            places = {self._page.parents[one] for one in outermost}
            tells = any(self._counts.sentences[one] for one in outermost)
            if tells and len(places) > 1 and len(places) == len(outermost) and all(map(self._reads, outermost)):
                return True
        return False

    def _outermost(self, named: list[int]) -> Iterator[int]:
        done = 0
        for k in named:
            if k >= done:
                done = self._page.after[k]
                yield k


def _words_apart(classes: str) -> list[str]:
    return [word for word in classes.split() if boilerplate_word(word)] if boilerplate_word(classes) else []
