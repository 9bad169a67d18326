"""Holds back the blocks of a change that many pages of a site share (a wave), and keeps the rest of the change."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from fetcher.markdown.reading.blocks import split_lines
from fetcher.memory.memory import body_digest
from fetcher.report import patch
from fetcher.report.changes import NOWHERE
from fetcher.report.compare import compare, describe, describe_change
from fetcher.report.outline import split_front_matter
from fetcher.seeds import frontmatter
from fetcher.terms.outcomes import HeldBack, Noise, Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fetcher.memory.memory import Base
    from fetcher.report.changes import BlockChange
    from fetcher.visits.results import Result


def with_report_entry(result: Result, before: Base | None, still: str, *, waits: bool) -> Result:
    """A result that writes, with its report entry and the blocks that it changes.

    Blocks that a person has refused (`before.declined`) are held back. `waits` tells whether the others may be held
    back as part of a wave, and `still` is the file's text if nothing of the change is written.
    """
    change = compare(result.record.path, result.old, result.new)
    result = replace(result, told=describe_change(change, result.record, result.old, result.new))
    if result.record.outcome is not Outcome.CHANGED:
        return result
    result = replace(result, swaps=change.swaps, still=still)
    names = {held_back_block(swap).id for swap in change.swaps}
    if before and (refused := names & {*before.declined}):
        result = hold_back(result, refused, is_told=False)
    accepted = before.accepted if before else ()
    return replace(result, candidates=tuple(sorted(names - {*accepted}))) if waits and result.swaps else result


def held_back_block(swap: BlockChange) -> HeldBack:
    """A removed, added or replaced block as a held-back difference, with the same ID on all pages."""
    return HeldBack(Noise.WAVE, swap.removed, swap.added, swap.key)


def hold_back(result: Result, names: Collection[str], *, is_told: bool = True) -> Result:
    """The result without the blocks of these IDs, or without any change if the rest cannot be separated from them.

    `is_told`: the blocks are listed among the held-back differences.
    """
    swaps = [swap for swap in result.swaps if held_back_block(swap).id in names]
    held = dict.fromkeys(held_back_block(swap) for swap in swaps)
    record = replace(result.record, held=(*result.record.held, *(held if is_told else ())))
    waiting = (*result.waiting, *(one.id for one in held)) if is_told else result.waiting
    body = body_without(result.old, result.new, result.swaps, swaps)
    base = _base(result, body) if body is not None else None
    if body is None or base is None:
        outcome = Outcome.MOVED if record.redirected_to else Outcome.UNCHANGED
        record = replace(record, outcome=outcome, words_added=0, words_removed=0)
        new = result.still or result.old
        return replace(result, record=record, new=new, base=None, told=None, swaps=(), candidates=(), waiting=waiting)
    gone, come = (sum(swap.words[side] for swap in swaps) for side in (0, 1))
    less = max(0, record.words_added - come), max(0, record.words_removed - gone)
    record = replace(record, words_added=less[0], words_removed=less[1])
    new = result.new[: len(result.new) - len(_body(result.new))] + body
    rest = tuple(swap for swap in result.swaps if swap not in swaps)
    again = replace(result, record=record, new=new, base=base, swaps=rest, candidates=(), waiting=waiting)
    return replace(again, told=describe(record, result.old, new))


def _base(result: Result, body: str) -> Base | None:
    """The base to remember if only this body is written; None if it cannot be determined."""
    base, new = result.base, _body(result.new)
    if base is None or base.text != new.replace("\r\n", "\n") or body == _body(result.old):
        return None
    return replace(base, text=body.replace("\r\n", "\n"), bodies=(*base.bodies[:-1], body_digest(body)))


def body_without(old: str, new: str, swaps: Sequence[BlockChange], held: Sequence[BlockChange]) -> str | None:
    """The body of the new text with the held blocks as in the old one; None if they cannot be separated from the rest.

    `swaps` are all changed blocks, as `compare` finds them.
    """
    before, after = (split_lines(_body(text)) for text in (old, new))
    read = [split_front_matter(text)[1] for text in (old, new)]
    pieces: list[str] = []
    at = 0
    for change in patch.changes(*read):
        lines = _without(change, before, after, swaps, held)
        if lines is None:
            return None
        pieces += [*after[at : change.new_start], *lines]
        at = change.new_end
        if not lines and change.new_start < at < len(after) and not (pieces[-1:] + after[at:])[0].strip():
            at += not after[at].strip()  # leave one blank line between the blocks above and below, not two
    body = "".join([*pieces, *after[at:]])
    wanted = Counter(swap.key for swap in swaps) - Counter(swap.key for swap in held)
    head = new[: len(new) - len(_body(new))]
    return body if Counter(swap.key for swap in compare("", old, head + body).swaps) == wanted else None


def _without(
    change: patch.Change, before: list[str], after: list[str], swaps: Sequence[BlockChange], held: Sequence[BlockChange]
) -> list[str] | None:
    """The lines that replace a change without the held blocks; None if they cannot be determined."""
    old, new = range(change.start, change.end), range(change.new_start, change.new_end)
    inside = [swap for swap in held if {*range(*swap.old)} & {*old} or {*range(*swap.new)} & {*new}]
    if not inside:
        return after[new.start : new.stop]
    gone = {line for swap in inside for line in range(*swap.old)}
    come = {line for swap in inside for line in range(*swap.new)}
    rest = [before[line] for line in old if line not in gone], [after[line] for line in new if line not in come]
    if not any(map(_has_text, chain(*rest))):
        return before[old.start : old.stop]
    if any(line.strip() and not _has_text(line) for line in chain(*rest)):
        return None  # a thematic break or a table's delimiter row: it may belong to either block
    pairs = [swap for swap in inside if NOWHERE not in (swap.old, swap.new)]
    if any(swap.old[0] not in old or swap.new[0] not in new for swap in pairs):
        return None  # the block has moved, too
    places = [(swap.old[0], swap.new[0]) for swap in swaps if NOWHERE not in (swap.old, swap.new)]
    lines: dict[tuple[int, int], list[str | None]] = {(line, 1): [after[line]] for line in new}
    for swap in inside:
        if swap.new == NOWHERE:
            below = min((at for line, at in places if line >= swap.old[1] and at in new), default=new.stop)
            lines.setdefault((below, 0), []).extend(_parted(swap.old, before))
        else:
            start, end = _with_blanks(swap.new, new, after) if swap.old == NOWHERE else swap.new
            lines |= {(line, 1): [] for line in range(start, end)}
            lines[start, 1] = [*before[slice(*swap.old)]]
    flat = [text for _, texts in sorted(lines.items()) for text in texts]
    return _spaced(flat, *(after[at] if 0 <= at < len(after) else "\n" for at in (new.start - 1, new.stop)))


def _parted(span: tuple[int, int], lines: list[str]) -> list[str | None]:
    """The lines of a block; None marks where a blank line is needed unless there is one."""
    start, end = span
    above, below = (not lines[at].strip() if 0 <= at < len(lines) else True for at in (start - 1, end))
    return [*[None] * above, *lines[start:end], *[None] * below]


def _spaced(lines: Sequence[str | None], above: str, below: str) -> list[str]:
    """The lines to put between the lines `above` and `below`, with blank ones where they are needed."""
    found: list[str] = []
    for at, line in enumerate(lines):
        last = found[-1] if found else above
        following = next((other for other in lines[at + 1 :] if other is not None), below)
        if line is not None:
            found.append(line)
        elif last.strip() and following.strip():
            found.append("\r\n" if last.endswith("\r\n") else "\n")
    return found


def _with_blanks(span: tuple[int, int], within: range, lines: list[str]) -> tuple[int, int]:
    """The lines of a block with the blank lines after it, or before it if it is the last."""
    start, end = span
    while end < within.stop and not lines[end].strip():
        end += 1
    while end == span[1] == within.stop and start > within.start and not lines[start - 1].strip():
        start -= 1
    return start, end


def _has_text(line: str) -> bool:
    return any(map(str.isalnum, line))


def _body(text: str) -> str:
    span = frontmatter.find(text)
    return text[span.body :] if span else text
