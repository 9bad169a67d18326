"""Recognises the titles of boxes, which a page shows as text and the lines that open the boxes say as markup."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from fetcher.markdown.reading.wording import wording
from fetcher.merge.box_arguments import exchanged, is_value
from fetcher.merge.default_titles import default_titles
from fetcher.page.words import letters_of, split_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fetcher.markdown.reading.blocks import Block, Text
    from fetcher.merge.boxes import Boxes, Line

_WORD = re.compile(r"[^\W_]+")
# Where the line that opens a box has a title, in any of the notations that boxes have.
_GIVEN = re.compile(
    r"""
      \b(?:title|label|header|heading|summary|caption|name)\s*=\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"'{}|][^"'{}|\n>%]*)(?=[}|]))
    | ^[ \t>]*(?:!!!|\?\?\?\+?|===[!+]?)[^"\n]*"([^"\n]+)"
    | ^[ \t>]*>[ \t]?\[![^\]\n]+\][+-]?[ \t]+(\S.*)
    | ^[ \t>]*:{3,}[ \t]*[\w-]+\[([^\]\n]+)\]
    | ^[ \t>]*(?::{3,}|`{3,}|~{3,})[ \t]*(?:\{[^}\n]*\}|(?<!`)(?<!~)[\w-]+)[ \t]+([^{\s].*)
    | ^[ \t>]*\.\.[ ][\w:-]+::[ \t]+(\S.*)
    | ^[ \t>]*/{3,}[ \t]*[\w-]+[ \t]*\|[ \t]*(\S.*)
    | ^[ \t>]*\[[\w-]+="([^"\n]+)"
    | <summary[^<>]*>(?:<[^<>]*>)*([^<>\n]+)
    """,
    re.VERBOSE | re.MULTILINE,
)
_ATTRIBUTES = 3  # the first groups: text in attributes, which a page need not show
_MOST = 8  # words before the text of a block that may be the title of its box
_ENDS = frozenset(".!?:;。…")  # of sentences; no title that is new has them
_UNSAFE = frozenset("\"'[]{}<>|\n")  # what may end a title in the line that has it


class Inline(NamedTuple):
    """What stands before the text in a fresh block, of the box that a marker opens: as it was, and as it is."""

    block: int
    place: int
    before: str
    now: str


class Titles:
    """The titles of boxes that a fresh text shows.

    `shown` are fresh blocks, by the marker that opens the box; `above_group` those that say the titles of several boxes
    beside each other, by the marker that opens the first. `renamed` are those that stand where the page showed
    another title before, with the span of that in the opening line. `inline` is what is before the text in the first
    line of a box, by the number of that line.
    """

    def __init__(self, found: Boxes, fresh: Text) -> None:
        self._found, self._fresh = found, fresh
        self.shown: dict[int, list[int]] = {}
        self.above_group: dict[int, list[int]] = {}
        self.renamed: dict[int, int] = {}
        self.inline: dict[int, Inline] = {}
        self._before: dict[int, str] = {}  # what a title was, where more is in it than in the line that opens the box
        self._last = 0  # the last place of a title that was found
        self._words: dict[int, frozenset[str]] = {}
        self._of_groups: dict[range, frozenset[str]] = {}

    def may_be(self, at: int, places: range) -> bool:
        """Whether a block has the words of a title of a box that opens at one of the places."""
        letters = self._fresh.blocks[at].content.letters
        markers = (self._found.markers[place] for place in places)
        return any(marker.opens and self._says(marker.box, letters) for marker in markers)

    def _says(self, box: int, letters: str) -> bool:
        """Whether words of the lines that open a box, or its name in another language, have these letters."""
        if box not in self._words:
            words, given = _said(self._found.opener(box)), self.given(box)
            self._words[box] = words.union([_letters(given[1])] if given else (), *map(default_titles, words))
        return letters in self._words[box]

    def find(
        self,
        at: int,
        places: range,
        is_in: Callable[[int, int], bool | None],
        is_in_group: Callable[[int, int], bool],
    ) -> bool:
        """Whether a new block is the title of a box that opens at one of the places, or of those beside it."""
        openers = [place for place in places if self._found.markers[place].opens]
        later = openers[bisect_left(openers, self._last) :]
        place = self._said_at(at, later, is_in)
        if place is not None:
            self.shown.setdefault(place, []).append(at)
            self._last = place
        elif self._find_argument(at, later, is_in, changed=False):
            return True
        elif openers and self._is_of_group(box := self._found.markers[openers[0]].box, at) and is_in_group(at, box):
            self.above_group.setdefault(openers[0], []).append(at)
            return True
        return place is not None

    def _said_at(self, at: int, openers: Sequence[int], is_in: Callable[[int, int], bool | None]) -> int | None:
        """The opener of the innermost box around a new block whose title it may be, or of the first that may be."""
        letters, found, maybe = self._fresh.blocks[at].content.letters, None, None
        for place in openers:
            box = self._found.markers[place].box
            if at - 1 not in self.shown.get(place, [at - 1]) or not self._says(box, letters):
                continue
            if found is not None and self._found.markers[found].box not in self._found.around[place]:
                break
            inside = is_in(at, box)
            if inside:
                found = place
            elif inside is None and maybe is None:
                maybe = place
        return maybe if found is None else found

    def _find_argument(
        self, at: int, places: Iterable[int], is_in: Callable[[int, int], bool | None], *, changed: bool
    ) -> bool:
        """Whether a new block is what the line that opens a box says, or has `changed` from it."""
        text, letters = wording([self._fresh.blocks[at]]).text(), self._fresh.blocks[at].content.letters
        tried = 0
        for place in places:
            box = self._found.markers[place].box
            if place in self.renamed or box not in self._arguments or (place in self.shown and box not in self._empty):
                continue
            argument = self._arguments[box]
            if not is_in(at, box) or (box not in self._empty if changed else _letters(argument) not in letters):
                continue
            said = exchanged(text, argument)
            if said is not None and (changed or said == text):
                self.renamed[place], self._before[place] = at, said
                self._last = max(self._last, place)
                return True
            tried += 1
            if tried == _MOST:
                break
        return False

    @cached_property
    def _arguments(self) -> dict[int, str]:
        """What the lines say that open boxes without content, and the values that others are opened with."""
        given = ((box, self.given(box)) for box in range(len(self._found.boxes)))
        return {box: each[1] for box, each in given if each and (box in self._empty or is_value(each[1]))}

    @cached_property
    def _empty(self) -> frozenset[int]:
        """The boxes without content."""
        filled = {box for line in self._found.content for box in self._found.around[line.place]}
        return frozenset(range(len(self._found.boxes))) - filled

    def _is_of_group(self, box: int, at: int) -> bool:
        """Whether a text is the title of one of the boxes beside each other, or all their titles in a row."""
        group = self._found.group(box)
        if group not in self._of_groups:
            given = [_letters(title[1]) for each in group if (title := self.given(each))] if len(group) > 1 else []
            self._of_groups[group] = frozenset([*given, "".join(given)] if given else ())
        return self._fresh.blocks[at].content.letters in self._of_groups[group]

    def given(self, box: int) -> tuple[tuple[int, int], str] | None:
        """The title in the lines that open a box, with its span; None if they have none."""
        found = self._given(box)
        return (found.span(found.lastindex), found[found.lastindex].strip()) if found and found.lastindex else None

    def _given(self, box: int) -> re.Match[str] | None:
        return _GIVEN.search(self._found.opener(box))

    def find_common(
        self, blocks: Sequence[tuple[int, range]], is_in: Callable[[int, int], bool | None]
    ) -> list[tuple[int, range]]:
        """The new blocks without those that are the title of several boxes which open alike, in whatever language."""
        found = defaultdict[tuple[str, str], dict[int, int]](dict)
        for at, places in blocks:
            block = self._fresh.blocks[at]
            if not 0 < len(block.words) < _MOST or block.words[-1] in _ENDS:
                continue
            for place in places:
                marker = self._found.markers[place]
                if (
                    marker.opens
                    and place not in self.shown
                    and self._is_plain(at, marker.box)
                    and is_in(at, marker.box)
                ):
                    found[self._found.opener(marker.box).strip(), block.content.key].setdefault(place, at)
        common = {at: place for each in found.values() if len(each) > 1 for place, at in each.items()}
        for at, place in common.items():
            self.shown.setdefault(place, []).append(at)
        return [each for each in blocks if each[0] not in common]

    def find_renamed(self, at: int, places: range, is_in: Callable[[int, int], bool | None]) -> None:
        """Note a new block if it stands where the title of a box was, which the page does not show any more."""
        block = self._fresh.blocks[at]
        openers = (place for place in places if self._found.markers[place].opens)
        if self._find_argument(at, openers, is_in, changed=True):
            return
        if block.kind in ("tr", "pre") or not block.words or block.words[-1] in _ENDS:
            return
        for place in places:
            marker = self._found.markers[place]
            if not marker.opens or place in self.shown or place in self.renamed or not is_in(at, marker.box):
                continue
            given = self.given(marker.box) if self._is_plain(at, marker.box) else None
            if given and _letters(given[1]) not in self._all:
                self.renamed[place] = at
                return

    def _is_plain(self, at: int, box: int) -> bool:
        """Whether a new block is in no quote or list of the page that a box is not in as well."""
        boxes, base = self._fresh.blocks[at].boxes, self._found.boxes[box].base
        quotes, signs = boxes.count("blockquote"), base.count(">")
        return quotes <= signs and (quotes == len(boxes) or len(base) > 2 * signs)

    @cached_property
    def lost(self) -> frozenset[int]:
        """The markers that open boxes whose title is text, and is not on the page any more."""
        text = "".join(block.content.letters for block in self._fresh.blocks)
        found = set[int]()
        for place, marker in enumerate(self._found.markers):
            known = place in self.shown or place in self.renamed or self._first.get(place, -1) in self.inline
            given = self._given(marker.box) if marker.opens and not known else None
            is_text = given is not None and given.lastindex is not None and given.lastindex > _ATTRIBUTES
            if given and is_text and _letters(given[given.lastindex or 0]) not in text:
                found.add(place)
        return frozenset(found)

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(block.content.letters for block in self._fresh.blocks)

    def find_inline(self, line: Line, old: Block, at: int) -> None:
        """Note what stands before the text of a stored block on the page, if that is the title of its box."""
        new, place = self._fresh.blocks[at], line.place - 1
        if place not in self._first or self._first[place] != line.at or old.words[:1] == new.words[:1]:
            return
        given = self.given(self._found.markers[place].box)
        for size in range(1, 3 * _MOST + len(split_words(given[1])) if given else _MOST):
            if new.words[size : size + 3] == old.words[:3]:
                text = wording([new]).text(0, size)
                said = text if self._says(self._found.markers[place].box, _letters(text)) else None
                if said is None and given:
                    said = exchanged(text, given[1])
                if said is not None:
                    self.inline[line.at] = Inline(at, place, said, text)
                    self._before[place] = said
                return

    @cached_property
    def _first(self) -> dict[int, int]:
        """The first line of content of each box that begins with text, by the marker that opens the box."""
        found = dict[int, int]()
        for line in self._found.content:
            if line.place and self._found.markers[line.place - 1].opens:
                found.setdefault(line.place - 1, line.at)
        return found

    def above(self, place: int) -> Iterator[str]:
        """What is to be merged with the titles that the page shows of the box that opens at a place."""
        for at in (*self.above_group.get(place, ()), *self.shown.get(place, ())):
            yield self._fresh.source(self._fresh.blocks[at])
        if (place in self.renamed or place in self.lost) and (given := self.given(self._found.markers[place].box)):
            base = self._found.boxes[self._found.markers[place].box].base
            yield base + self._before.get(place, given[1])

    def opener(self, place: int, title: str) -> str | None:
        """The lines that open a box with another title; None where they cannot have it."""
        box = self._found.markers[place].box
        given = self.given(box)
        if given and place in self._before:
            title = exchanged(given[1], title) or given[1]
        if given is None or _UNSAFE & ({*title} - {*given[1]}):
            return None
        (start, end), _ = given
        opener = self._found.opener(box)
        return opener[:start] + title + opener[end:]


def _letters(text: str) -> str:
    return letters_of(text).casefold()


def _said(opener: str) -> frozenset[str]:
    """The letters of all words of an opening line, and of several words in a row."""
    words = [word.casefold() for word in _WORD.findall(opener)]
    return frozenset(
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + _MOST, len(words)) + 1)
    )
