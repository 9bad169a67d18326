"""Parts of a text that are set aside while the rest is merged, and put back where they stood."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from fetcher.align import hunks
from fetcher.seeds import frontmatter
from fetcher.source.notes import notes
from fetcher.terms.outcomes import Held
from fetcher.terms.reasons import Noise


class Part(NamedTuple):
    """Lines that stood before the line `at` of what is left."""

    at: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """What it says, without blank lines around it."""
        return "\n".join(self.lines).strip()


def apart(lines: Sequence[str]) -> tuple[list[str], list[Part]]:
    """The lines without notes for agents, and these, with the blank lines that part each from the rest."""
    return _without(lines, notes(lines))


def apart_from_front(lines: Sequence[str]) -> tuple[list[str], list[Part]]:
    """The lines without the front matter that they begin with, and that: an importer took it for text."""
    span = frontmatter.find("\n".join(lines)) if lines and lines[0].rstrip() == "---" else None
    size = "\n".join(lines)[: span.body].count("\n") if span else 0
    return _without(lines, [range(size)] if size else [])


def put_back(before: Sequence[str], after: Sequence[str], parts: Iterable[Part]) -> list[str]:
    """The lines that became of those `before`, with the parts where they stood between these."""
    lines = list(after)
    for part in reversed([*parts]):
        place = _place(before, after, part.at)
        lines[place:place] = part.lines
    return lines


def differing(stored: Sequence[Part], fresh: Sequence[Part]) -> list[Held]:
    """The notes that came and went, as differences that are held back."""
    old, new = [part.text for part in stored], [part.text for part in fresh]
    gone = [text for text in old if text not in new]
    come = [text for text in new if text not in old]
    return [Held(Noise.AGENT_NOTE, one, other) for one, other in zip_longest(gone, come, fillvalue="")]


def _without(lines: Sequence[str], places: Iterable[range]) -> tuple[list[str], list[Part]]:
    left: list[str] = []
    parts: list[Part] = []
    done = 0
    for place in places:
        start, end = place.start, place.stop
        while end < len(lines) and not lines[end].strip():
            end += 1
        if end == len(lines):
            while start > done and not lines[start - 1].strip():
                start -= 1
        left += lines[done:start]
        parts.append(Part(len(left), tuple(lines[start:end])))
        done = end
    return left + list(lines[done:]), parts


def _place(before: Sequence[str], after: Sequence[str], at: int) -> int:
    """Where a line is that stood at a place before; for one that is gone, where what came for it ends."""
    if at == len(before):
        return len(after)
    shift = 0
    for hunk in hunks(before, after):
        if hunk.start_a >= at:
            break
        if at < hunk.end_a:
            return hunk.end_b
        shift = hunk.end_b - hunk.end_a
    return at + shift
