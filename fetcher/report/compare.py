"""Compares a seed's text before and after: finds the edits, and describes them for the report."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from fetcher.report import classes, outline, patch, wording
from fetcher.report.changes import (
    ADDED,
    CHANGED,
    LINKED,
    MARKUP,
    MOVED,
    NOWHERE,
    REMOVED,
    REPLACED,
    BlockChange,
    Change,
    Edit,
    Hunk,
    Line,
    ReportEntry,
    bounded,
    ordered,
)
from fetcher.report.pairing import BlockPart, Side, is_renamed, moved, pair, similar_pairs, whole_gap
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.report.outline import Token
    from fetcher.report.pairing import Gap
    from fetcher.report.patch import Change as Range
    from fetcher.terms.outcomes import Record

MOST_EDITS = 300
"""Edits of one change that are listed; more are summed up."""
LONGEST_SAMPLE = 200
"""Characters of a block that are kept."""
_WORD = re.compile(r"\w+")
_MOST_LINKS = 20  # that are listed for an edit
_MOST_GAPS = 6
"""Phrases of one block that are listed one by one."""


def compare(path: str, old: str, new: str) -> Change:
    """What changed between two texts of a seed; line ends do not count."""
    (front, before), (new_front, after) = outline.split_front_matter(old), outline.split_front_matter(new)
    stamps = tuple(_front(front, new_front))
    ranges = patch.changes(before, after)
    units = outline.outline(before, ((at.start, at.end) for at in ranges))
    new_units = outline.outline(after, ((at.new_start, at.new_end) for at in ranges))
    body = _Body(Side(before, units), Side(after, new_units))
    body.read(ranges)
    hunks, left_out = bounded(body.hunk(group, len(front), len(new_front)) for group in patch.grouped(ranges))
    about = ordered(body.classes | {name for edit in body.edits if not edit.key for name in classes.classes_of(edit)})
    return Change(path, stamps, tuple(hunks), tuple(body.edits), left_out, tuple(body.swaps), tuple(about))


def _front(old: list[str], new: list[str]) -> Iterator[Line]:
    for change in patch.changes(old, new):
        yield from (Line("-", line) for line in old[change.start : change.end])
        yield from (Line("+", line) for line in new[change.new_start : change.new_end])


def describe(record: Record, old: str, new: str) -> ReportEntry:
    """Describes the change between two texts of a seed that ended as recorded."""
    return describe_change(compare(record.path, old, new), record, old, new)


def describe_change(change: Change, record: Record, old: str, new: str) -> ReportEntry:
    """The same for texts that have been compared."""
    from fetcher.report.html.view import view  # noqa: PLC0415  # most pages have not changed

    return ReportEntry(
        wording.summary(change, filled=record.outcome is Outcome.FILLED),
        patch.patch(record.path, old, new),
        change.edits if change.hunks else None,
        *view(change, old, new, record.url),
        change.classes if change.hunks else (),
    )


class _Placed(NamedTuple):
    """A part of a block, and the new line at which its range of changed lines starts."""

    start: int
    part: BlockPart


class _Body:
    """The comparison of two bodies: `read` finds the edits, then `hunk` gives lines with the changed words marked."""

    def __init__(self, old: Side, new: Side) -> None:
        self.edits: list[Edit] = []
        self.swaps: list[BlockChange] = []
        self.classes: set[str] = set()
        self._old, self._new = old, new
        self._order: list[int] = []  # for each block with edits, its line
        self._marks: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        self._keys: defaultdict[int, dict[str, None]] = defaultdict(dict)  # by the line at which a range starts
        self._sums: Counter[tuple[str, str]] = Counter()

    def read(self, ranges: Sequence[Range]) -> None:
        """Finds the edits: in each range of changed lines by itself, then blocks that moved from one to another."""
        gone: list[_Placed] = []
        come: list[_Placed] = []
        for at in ranges:
            old = [_Placed(at.new_start, part) for part in self._old.parts(at.start, at.end)]
            new = [_Placed(at.new_start, part) for part in self._new.parts(at.new_start, at.new_end)]
            left, right = self._paired(old, new)
            if len(left) == len(right) == 1 and is_renamed(left[0].part, right[0].part):
                self._changed(left[0], right[0], [whole_gap(left[0].part, right[0].part)])
                continue
            gone += left
            come += right
        gone, come = self._kin(*self._paired(*self._moved(gone, come)))
        for one in gone:
            self._lone(one, REMOVED)
        for one in come:
            self._lone(one, ADDED)
        self.edits.sort(key=lambda edit: self._order[edit.block])
        self.edits += (Edit(what, kind, "", "", "", "", -1, times) for (what, kind), times in self._sums.items())

    def hunk(self, group: Sequence[Range], front: int, new_front: int) -> Hunk:
        """The hunk of neighbouring ranges; `front` and `new_front` are the numbers of lines above the bodies."""
        first, last = group[0], group[-1]
        start, end = max(0, first.start - patch.CONTEXT), min(len(self._old.lines), last.end + patch.CONTEXT)
        new_start = first.new_start - (first.start - start)
        lines: list[Line] = []
        at = start
        for change in group:
            lines += (Line(" ", text) for text in self._old.lines[at : change.start])
            lines += (self._line("-", k) for k in range(change.start, change.end))
            lines += (self._line("+", k) for k in range(change.new_start, change.new_end))
            at = change.end
        lines += (Line(" ", text) for text in self._old.lines[at:end])
        keys = {key: None for change in group for key in self._keys[change.new_start]}
        heading = self._new.under(first.new_start) or self._old.under(first.start)
        return Hunk(heading, front + start + 1, new_front + new_start + 1, tuple(lines), tuple(keys))

    def _line(self, sign: str, at: int) -> Line:
        text = (self._old if sign == "-" else self._new).lines[at]
        return Line(sign, text, tuple(sorted(self._marks[sign, at])))

    def _paired(self, old: list[_Placed], new: list[_Placed]) -> tuple[list[_Placed], list[_Placed]]:
        """Adds the edits within blocks that are on both sides; returns the other blocks of each side."""
        pairing = pair([one.part for one in old], [one.part for one in new])
        for one, other, gaps in pairing.pairs:
            self._changed(old[one], new[other], gaps)
        return [old[k] for k in pairing.removed], [new[k] for k in pairing.added]

    def _kin(self, gone: list[_Placed], come: list[_Placed]) -> tuple[list[_Placed], list[_Placed]]:
        """Adds the edits of blocks that were moved and changed; returns the other blocks of each side."""
        places = list(similar_pairs([one.part for one in gone], [one.part for one in come]))
        for one, other in places:
            self._paired([gone[one]], [come[other]])
        return _without(gone, (one for one, _ in places)), _without(come, (other for _, other in places))

    def _moved(self, gone: list[_Placed], come: list[_Placed]) -> tuple[list[_Placed], list[_Placed]]:
        """Adds the blocks that were moved; returns the other blocks of each side."""
        places = moved([one.part for one in gone], [one.part for one in come])
        for one, other in places:
            text = self._new.text(come[other].part)
            self._add((come[other], gone[one]), MOVED, text, text)
        return _without(gone, (one for one, _ in places)), _without(come, (other for _, other in places))

    def _changed(self, old: _Placed, new: _Placed, gaps: Sequence[Gap]) -> None:
        """Adds the edits within one block, and marks the words."""
        one, other = old.part, new.part
        self._swap(one, other, gaps)
        for gap in gaps:
            self._mark("-", one, gap.start, gap.end)
            self._mark("+", other, gap.new_start, gap.new_end)
        texts = self._old.text(one), self._new.text(other)
        come_with = _links(token for gap in gaps for token in other.tokens[gap.new_start : gap.new_end])
        said = [wording.phrase_of(self._old, one, self._new, other, gap) for gap in gaps]
        if all(phrase and phrase.old == phrase.new for phrase in said):  # also if there is none
            self._add((new, old), MARKUP, one.kind, other.kind)
        elif len(gaps) > _MOST_GAPS or None in said:
            gone = _listed(self._old.text(one, gap.start, gap.end) for gap in gaps)
            come = _listed(self._new.text(other, gap.new_start, gap.new_end) for gap in gaps)
            self._add_edits((new, old), [(CHANGED, gone, come)], texts, come_with)
        else:
            told = [(LINKED if phrase.link else REPLACED, phrase.old, phrase.new) for phrase in said if phrase]
            self._add_edits((new, old), told, texts, come_with)

    def _lone(self, placed: _Placed, what: str) -> None:
        """Adds a block that is on one side only."""
        part = placed.part
        if part.unread:
            self._sums[what, part.kind] += 1
        elif part.tokens:
            text = (self._old if what == REMOVED else self._new).text(part)
            texts = (text, "") if what == REMOVED else ("", text)
            come_with = _links(part.tokens) if what == ADDED else ()
            self._add_edits((placed,), [(what if part.is_whole else CHANGED, *texts)], links=come_with)
            if part.is_whole:
                at, words, key = (part.start, part.end), _words(text), _digest(what, *texts)
                gone = what == REMOVED
                self._take(
                    BlockChange(
                        key, *((at, NOWHERE) if gone else (NOWHERE, at)), *texts, (words * gone, words * (not gone))
                    )
                )

    def _swap(self, one: BlockPart, other: BlockPart, gaps: Sequence[Gap]) -> None:
        """Adds the replacement of a block by another."""
        texts = self._old.source(one), self._new.source(other)
        gone = sum(_words(self._old.text(one, gap.start, gap.end)) for gap in gaps)
        come = sum(_words(self._new.text(other, gap.new_start, gap.new_end)) for gap in gaps)
        spans = (one.start, one.end), (other.start, other.end)
        self._take(BlockChange(_digest(REPLACED, *texts), *spans, *texts, (gone, come)))

    def _take(self, swap: BlockChange) -> None:
        if len(self.swaps) < MOST_EDITS:
            cut = swap.removed[:LONGEST_SAMPLE], swap.added[:LONGEST_SAMPLE]
            self.swaps.append(swap._replace(removed=cut[0], added=cut[1]))

    def _add(self, places: Sequence[_Placed], what: str, old: str, new: str) -> None:
        self._add_edits(places, [(what, old, new)])

    def _add_edits(
        self,
        places: Sequence[_Placed],
        found: Sequence[tuple[str, str, str]],
        texts: tuple[str, str] | None = None,
        links: tuple[str, ...] = (),
    ) -> None:
        """Adds the edits of one block, whose places are given, the new one before the old one.

        `texts` are the block's texts before and after, `links` the added ones.
        """
        part = places[0].part
        # Classified by the whole texts: an edit has only the changed phrase, "5" of "no more than 5", or the beginning.
        said = {(what, *(texts if texts and what in (REPLACED, CHANGED) else (old, new))) for what, old, new in found}
        for what, old, new in said:
            self.classes |= classes.classes_of(Edit(what, part.kind, part.under, old, new, "", 0))
        if len(self.edits) >= MOST_EDITS:
            self._sums[found[0][0], part.kind] += 1
            return
        for what, old, new in found:
            key = _digest(what, old, new)
            for place in places:
                self._keys[place.start][key] = None
            sample = old[:LONGEST_SAMPLE], new[:LONGEST_SAMPLE]
            self.edits.append(Edit(what, part.kind, part.under, *sample, key, len(self._order), links=links))
        self._order.append(places[0].start)

    def _mark(self, sign: str, part: BlockPart, start: int, end: int) -> None:
        rows: dict[int, tuple[int, int]] = {}
        for token, at in zip(part.tokens[start:end], part.places[start:end], strict=True):
            rows[at] = (rows.get(at, (token.start, 0))[0], token.end)
        for at, span in rows.items():
            self._marks[sign, at].append(span)


def _without(placed: list[_Placed], numbers: Iterable[int]) -> list[_Placed]:
    away = set(numbers)
    return [one for k, one in enumerate(placed) if k not in away]


def _links(tokens: Iterable[Token]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(token.text for token in tokens if token.link), _MOST_LINKS))


def _words(text: str) -> int:
    return len(_WORD.findall(text))


def _listed(texts: Iterable[str]) -> str:
    return " … ".join(filter(None, texts))


def _digest(*parts: str) -> str:
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
