"""Compares the words of blocks: where they differ, and whether only white space or an importer's slip differs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import filterfalse, groupby
from typing import NamedTuple

from fetcher.align import Match, align, hunks_between
from fetcher.markdown.reading.blocks import Block, Text
from fetcher.page.word_spans import APART, TOUCHING
from fetcher.page.words import split_words

# Markup characters that an importer may leave in a text by mistake (a slip) where another does not. They are no change
# by themselves, except in code (where a slip may escape them) and next to what they belong to: `C#`, `#5`, `~5`, `a_b`.
_SLIPS = frozenset("*\\_^~`|#[]")
_AFTER_WORDS, _BEFORE_NUMBERS, _WITHIN_NAMES = "#", "#~", "_"
_NUMBER = re.compile(r"(?<!\d)\d++[.)](?=\s*$)")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of consecutive blocks; whether each touches the one before (see `Spans`) and whether it is code."""

    words: list[str]
    touch: bytearray
    code: bytearray

    def text(self, start: int = 0, end: int | None = None) -> str:
        """The words as a text, where unsure ones touch; with a space before the first if it has one, unless at 0."""
        pairs = zip(self.words[start:end], self.touch[start:end], strict=True)
        text = "".join(word if touch else f" {word}" for word, touch in pairs)
        return text if start else text.removeprefix(" ")

    @property
    def plain(self) -> str:
        """All words without white space and without slips of importers."""
        return self.plain_of(0, len(self.words))

    def plain_of(self, start: int, end: int) -> str:
        """Some words without white space and without slips of importers."""
        words = self.words[start:end]
        if _SLIPS.isdisjoint(words):
            return "".join(words)
        return "".join(word for k, word in enumerate(words, start) if word not in _SLIPS or self._tells(k))

    def _tells(self, k: int) -> bool:
        """Whether a character that may be an importer's slip belongs to the text."""
        sign = self.words[k]
        if self.code[k]:
            return sign != "\\"
        before = self.words[k - 1] if k and self.touch[k] else ""
        after = self.words[k + 1] if k + 1 < len(self.words) and self.touch[k + 1] else ""
        if sign in _AFTER_WORDS and before.isalnum():
            return True
        if sign in _BEFORE_NUMBERS and after.isdigit() and not before.isalnum():
            return sign not in self.words[k + 2 : k + 3]  # `~5~` is strikethrough
        return sign in _WITHIN_NAMES and before.isalnum() and after.isalnum()

    @property
    def neighbours(self) -> set[tuple[str, str, int]]:
        """The pairs of consecutive words, each with whether they touch."""
        return {
            (one, other, touch & TOUCHING)
            for one, other, touch in zip(self.words, self.words[1:], self.touch[1:], strict=False)
            if one[-1].isalnum() and other[0].isalnum()
        }


class Edit(NamedTuple):
    """Replaces the stored words `start_a:end_a` by the fresh words `start_b:end_b`."""

    start_a: int
    end_a: int
    start_b: int
    end_b: int

    def removed(self, one: Wording) -> str:
        """The stored words that go, as they read."""
        return one.text(self.start_a, self.end_a)

    def added(self, other: Wording) -> str:
        """The fresh words that come, as they read."""
        return other.text(self.start_b, self.end_b)

    @property
    def only_adds(self) -> bool:
        """Whether no stored word goes."""
        return self.start_a == self.end_a

    @property
    def only_removes(self) -> bool:
        """Whether no fresh word comes."""
        return self.start_b == self.end_b

    def overlaps(self, other: "Edit") -> bool:
        """Whether both replace some of the same stored words."""
        return self.start_a < other.end_a and other.start_a < self.end_a

    def stands_in(self, span: "Edit") -> bool:
        """Whether the edit, on at least one side, is not empty and within those words of `span`."""
        on_the_left = span.start_a <= self.start_a < self.end_a <= span.end_a
        on_the_right = span.start_b <= self.start_b < self.end_b <= span.end_b
        return on_the_left or on_the_right


def wording(blocks: Sequence[Block]) -> Wording:
    """The wording of consecutive blocks."""
    return Wording(
        [word for block in blocks for word in block.words],
        bytearray().join(block.touch for block in blocks),
        bytearray().join(block.code for block in blocks),
    )


def plain(words: Sequence[str]) -> str:
    """The words as one string, without markup characters that may be an importer's slip."""
    return "".join(filterfalse(_SLIPS.__contains__, words))


def readings(blocks: Sequence[Block], text: Text) -> set[str]:
    """The `plain` text of blocks, with and without the numbers of ordered lists, which a page may have as text."""
    numbered = ""
    for block in blocks:
        number = _NUMBER.search(text.lines[block.start][: block.column]) if "ol" in block.boxes else None
        numbered += plain(split_words(number[0])) if number else ""
        numbered += wording([block]).plain
    return {wording(blocks).plain, numbered}


def edits(one: Wording, other: Wording) -> list[Edit]:
    """The differences between two wordings, in order."""
    found, at_a, at_b = [], 0, 0
    for match in [*common_runs(one.words, other.words), None]:
        end_a, end_b = (match.start_a, match.start_b) if match else (len(one.words), len(other.words))
        gap = Edit(at_a, end_a, at_b, end_b)
        if one.plain_of(at_a, end_a) != other.plain_of(at_b, end_b) or _recut(one, other, gap):
            found.append(gap)
        if match:
            found += _respaced(one, other, match)
            at_a, at_b = match.end_a, match.end_b
    return found


def with_paired_signs(one: Wording, other: Wording, wanted: Sequence[Edit]) -> list[Edit]:
    """The edits, and those that remove the partner of a character that one of them removes.

    Partners are brackets, and delimiters of emphasis that is none: the one that stays would look like a slip.
    """
    gone = {at for edit in wanted for at in range(edit.start_a, edit.end_a)}
    signs = [one.words[at] for at in gone]
    alone = set[int]()
    if signs.count("[") != signs.count("]"):
        alone = {at for at, word in enumerate(one.words) if word in ("[", "]")}
    if "*" in signs or "_" in signs:
        alone |= {at for pair in _emphasised(one.words) if len(gone & {*pair}) == 1 for at in pair}
    if alone <= gone:
        return list(wanted)
    gaps = map(Edit._make, hunks_between(common_runs(one.words, other.words), len(one.words), len(other.words)))
    held = (gap for gap in gaps if not alone.isdisjoint(range(gap.start_a, gap.end_a)))
    return sorted([*wanted, *(gap for gap in held if not any(map(gap.overlaps, wanted)))])


def _emphasised(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The positions of emphasis delimiters in the text that would match each other."""
    groups = groupby(range(len(words)), lambda at: words[at] in ("*", "_"))
    signs = [list(run) for is_sign, run in groups if is_sign]
    for opening, closing in zip(signs[::2], signs[1::2], strict=False):
        if len(opening) == len(closing):
            yield from zip(opening, closing, strict=True)


_ENDS = frozenset(".!?:;…。！？")  # of sentences


def common_runs(one: Sequence[str], other: Sequence[str]) -> list[Match]:
    """The common runs of words; an insertion or deletion between two runs is shifted to whole sentences if possible.

    >>> common_runs("It copies. It checks.".split(), "It copies. It waits. It checks.".split())
    [Match(start_a=0, start_b=0, size=2), Match(start_a=2, start_b=4, size=2)]
    """
    found = align(one, other)
    for at in range(len(found) - 1):
        first, last = found[at : at + 2]
        if (first.end_a == last.start_a) != (first.end_b == last.start_b):
            words = (
                (other, first.end_b, last.start_b) if first.end_a == last.start_a else (one, first.end_a, last.start_a)
            )
            shift = _to_sentence(*words, most=first.size)
            found[at] = first._replace(size=first.size - shift)
            found[at + 1] = Match(last.start_a - shift, last.start_b - shift, last.size + shift)
    return [run for run in found if run.size]


def _to_sentence(words: Sequence[str], start: int, end: int, most: int) -> int:
    """How far to the left `words[start:end]` can be shifted to begin a sentence, leaving the same words around it."""
    for shift in range(most + 1):
        if start == shift or words[start - shift - 1][-1] in _ENDS:
            return shift
        if words[start - shift - 1] != words[end - shift - 1]:
            return 0
    return 0


def is_respaced(one: Wording, other: Wording) -> bool:
    """Whether the two have the same characters but differ in white space, and both are sure of it."""
    if one.words == other.words:
        return any(_respaced(one, other, Match(0, 0, len(one.words))))
    return one.plain == other.plain and bool(edits(one, other))


def is_same(one: Sequence[Block], other: Sequence[Block]) -> bool:
    """Whether blocks are the same one by one, links and other markup included: a quick test, true for most blocks."""
    return len(one) == len(other) and all(map(_is_same, one, other))


def _is_same(one: Block, other: Block) -> bool:
    if one.content is other.content:
        return True
    if one.words != other.words or one.links != other.links or _is_remarked(one, other):
        return False
    return one.touch == other.touch or not is_respaced(wording([one]), wording([other]))


def _is_remarked(one: Block, other: Block) -> bool:
    """Whether the blocks differ in what is struck, ticked, raised, or how code is laid out."""
    first, second = one.content, other.content
    if not first.inside or not second.inside or first.inside == second.inside:
        return False
    return first.markup != second.markup


def _respaced(one: Wording, other: Wording, match: Match) -> Iterator[Edit]:
    """Two words each that touch on one side and are separated on the other."""
    pairs = zip(one.touch[match.start_a : match.end_a], other.touch[match.start_b : match.end_b], strict=True)
    for k in [k for k, (left, right) in enumerate(pairs) if k and left != right]:
        a, b = match.start_a + k, match.start_b + k
        if {one.touch[a], other.touch[b]} == {APART, TOUCHING} and _is_spaced(one.words[a - 1][-1] + one.words[a][0]):
            yield Edit(a - 1, a + 1, b - 1, b + 1)


def _recut(one: Wording, other: Wording, gap: Edit) -> bool:
    """Whether the same letters are split into different words in a gap."""
    words = [*one.words[gap.start_a : gap.end_a], *other.words[gap.start_b : gap.end_b]]
    touch = {*one.touch[gap.start_a + 1 : gap.end_a], *other.touch[gap.start_b + 1 : gap.end_b]}
    if not words or touch - {APART, TOUCHING} or not _is_spaced("".join(words)):
        return False
    return one.text(gap.start_a, gap.end_a).split() != other.text(gap.start_b, gap.end_b).split()


def _is_spaced(signs: str) -> bool:
    """Whether these are letters of scripts that separate words by spaces."""
    return all(sign.isalnum() and sign < "\u0e00" for sign in signs)
