"""Three-way merge of Markdown texts by lines and words, and the habits of an importer that it has to respect."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from fetcher.align import align, hunks
from fetcher.merge.threeway import conflict
from fetcher.terms.outcomes import HeldBack, Noise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


# A token is a word, a punctuation character, white space, or the target of a link with the delimiter before it.
_TOKEN = re.compile(
    r"""
    \]\( [^()\s]* (?:\( [^()\s]* \) [^()\s]*)*     # [text](target
    | \]: [ \t]* \S+                               # [label]: target
    | (?:href|src)=["'] [^"'\s]*                   # <a href="target"
    | \w+ | \s+ | [^\w\s]
    """,
    re.VERBOSE,
)


class Frame(NamedTuple):
    """A text in three parts: the blank lines before it, its lines, and the line ends after them."""

    head: str
    lines: list[str]
    tail: str

    def text(self) -> str:
        """The whole text."""
        return self.head + "\n".join(self.lines) + self.tail


class Chunk(NamedTuple):
    """A chunk of a three-way comparison, as in `diff3`; it is `stable` where all three sequences are equal."""

    base: range
    mine: range
    theirs: range
    stable: bool


def split_frame(text: str) -> Frame:
    """The text with the blank lines at its ends split off.

    >>> split_frame("\\n# Title\\n\\nText.\\n")
    Frame(head='\\n', lines=['# Title', '', 'Text.'], tail='\\n')
    """
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return Frame(text, [], "")
    last = next(at for at in range(len(lines) - 1, -1, -1) if lines[at].strip())
    head = "".join(f"{line}\n" for line in lines[:first])
    tail = "".join(f"\n{line}" for line in lines[last + 1 :])
    return Frame(head, lines[first : last + 1], tail)


def tokens(text: str) -> list[str]:
    """The text as words, punctuation, white space and link targets; joined, the tokens are the text again.

    >>> tokens("See [a b](../c.md).")
    ['See', ' ', '[', 'a', ' ', 'b', '](../c.md', ')', '.']
    """
    return _TOKEN.findall(text)


def diff3_chunks(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[Chunk]:
    """Three sequences in chunks, as `diff3` cuts them: alternately equal in all, and different in at least one."""
    at_base = at_mine = at_theirs = 0
    for start, start_mine, start_theirs, size in _shared(base, mine, theirs):
        if at_base < start or at_mine < start_mine or at_theirs < start_theirs:
            yield Chunk(range(at_base, start), range(at_mine, start_mine), range(at_theirs, start_theirs), stable=False)
        at_base, at_mine, at_theirs = start + size, start_mine + size, start_theirs + size
        if size:
            yield Chunk(range(start, at_base), range(start_mine, at_mine), range(start_theirs, at_theirs), stable=True)


def _shared(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """The runs that all three share, as their starts and size; last, an empty one at the end."""
    ours, others = align(base, mine), align(base, theirs)
    i = k = 0
    while i < len(ours) and k < len(others):
        one, other = ours[i], others[k]
        start, end = max(one.start_a, other.start_a), min(one.end_a, other.end_a)
        if start < end:
            yield start, one.start_b + start - one.start_a, other.start_b + start - other.start_a, end - start
        if one.end_a <= other.end_a:
            i += 1
        else:
            k += 1
    yield len(base), len(mine), len(theirs), 0


_MOST = 100_000  # characters of a chunk whose words are compared


@dataclass(frozen=True, slots=True)
class Sides:
    """The lines of the last answer, of the stored body, and of the answer now."""

    base: Sequence[str]
    stored: Sequence[str]
    fresh: Sequence[str]


def three_way_merge(
    sides: Sides, refused: Collection[str] = (), *, yields: bool = False
) -> tuple[list[str], list[HeldBack]]:
    """The stored lines with the changes between the two answers merged in, and the changes that are held back.

    Edits by hand stay. Where the answer changed the same words, that is a conflict, and the answer's change is held
    back. With `yields` it is taken instead, even if it was held back earlier (`refused`).
    """
    lines: list[str] = []
    held: list[HeldBack] = []
    for region in diff3_chunks(sides.base, sides.stored, sides.fresh):
        chosen, kept_back = _resolved(region, sides, refused, yields)
        lines += chosen
        held += kept_back
    return lines, held


def _resolved(region: Chunk, sides: Sides, refused: Collection[str], yields: bool) -> tuple[list[str], list[HeldBack]]:
    base = sides.base[region.base.start : region.base.stop]
    mine = sides.stored[region.mine.start : region.mine.stop]
    theirs = sides.fresh[region.theirs.start : region.theirs.stop]
    if region.stable or mine in (base, theirs):
        return list(theirs), []
    removed, added = _trimmed(mine, theirs)
    if theirs == base:
        return list(theirs if yields and conflict(removed, added) in refused else mine), []
    if (both := _by_word(base, mine, theirs)) is not None:
        return both, []
    if yields:
        return list(theirs), []
    return list(mine), [HeldBack(Noise.CONFLICT, removed, added)]


def _trimmed(mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, str]:
    """The two sides of a conflict without their common first and last lines."""
    one, other = list(mine), list(theirs)
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return "\n".join(one[start:]).strip(), "\n".join(other[start:]).strip()


def _by_word(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The lines with the changed words of both sides; None if the same words were changed."""
    texts = ["\n".join(side) for side in (base, mine, theirs)]
    if not all(texts) or sum(map(len, texts)) > _MOST:
        return None
    one, other, third = map(tokens, texts)
    words: list[str] = []
    for region in diff3_chunks(one, other, third):
        old, own, new = one[slice_of(region.base)], other[slice_of(region.mine)], third[slice_of(region.theirs)]
        if own != old and new not in (old, own):
            return None
        words += new if own == old else own
    return "".join(words).split("\n")


def slice_of(places: range) -> slice:
    """The range as a slice."""
    return slice(places.start, places.stop)


# Measured on 548 pairs of consecutive versions from four public mirrors of Markdown, and on 268 conversions of the
# older version's HTML by markdownify with two settings. Among the lines with equal words, less than a tenth are spelled
# differently in 99.5 % of the versions, and in a third of the conversions: those of texts without lists, tables and
# code, which all converters write alike. The number of equal lines tells less: a rewritten page has as few of them as
# the text of another converter.
_SHARE, _FEW = 0.1, 4
_WORD = re.compile(r"[^\W_]+")


def is_same_markdown(stored: Sequence[str], answer: Sequence[str], *, likely: bool) -> bool:
    """Whether two texts are versions of one Markdown source: hardly any lines with equal words are spelled differently.

    If the address or memory makes it `likely`, up to a tenth of the lines may be; otherwise none may.

    >>> is_same_markdown(["# Title", "", "- one", "- two"], ["# Title", "", "- one", "- 2"], likely=False)
    True
    >>> is_same_markdown(["# Title", "", "* one", "* two"], ["# Title", "", "- one", "- two"], likely=False)
    False
    """
    same, spelled, at = 0, 0, 0
    for hunk in hunks(stored, answer):
        same += _size(stored[at : hunk.start_a])
        at = hunk.end_a
        old, new = stored[hunk.start_a : hunk.end_a], answer[hunk.start_b : hunk.end_b]
        size = max(_size(old), _size(new))
        if size and _words(old) == _words(new):
            spelled += size
    same += _size(stored[at:])
    return spelled <= (max(_FEW, _SHARE * (same + spelled)) if likely else 0)


def _size(lines: Sequence[str]) -> int:
    return sum(bool(line.strip()) for line in lines)


def _words(lines: Sequence[str]) -> list[str]:
    return _WORD.findall("\n".join(lines))


Habit = Callable[[Sequence[str]], list[str]]
"""A change that an importer makes to all lines, such as removing white space at their ends."""

_ENOUGH = 2  # lines needed to prove a habit
_SIGNS = {"\u00a0": " ", "\t": "    ", "\u200b": "", "\u200c": "", "\u2060": "", "\ufeff": ""}


def habits_of(stored: Sequence[str], fresh: Sequence[str]) -> list[Habit]:
    """The habits of the importer that wrote the stored lines, by what it would have done to the fresh ones.

    Dropping or replacing some white space is a habit if no stored line has it, although some fresh ones do.

    >>> [habit(["Four "]) for habit in habits_of(["One", "Two", "Three"], ["One ", "Two  ", "Four "])]
    [['Four']]
    """
    text = "".join(fresh)
    changes: list[Callable[[str], str]] = [str.rstrip, *(partial(_exchanged, sign) for sign in _SIGNS if sign in text)]
    found = [_habit(change) for change in changes if _is_habit(change, stored, fresh)]
    return [*found, _single_blanks] if _doubles(stored) == 0 and _doubles(fresh) >= _ENOUGH else found


def in_line_ends_of(stored: Sequence[str], answer: str) -> str:
    """The answer with LF line ends, except for lines that are stored with CRLF.

    >>> in_line_ends_of(["One\\r", "Two"], "One\\nTwo\\nThree\\n")
    'One\\r\\nTwo\\nThree\\n'
    """
    returned = {line[:-1] for line in stored if line.endswith("\r")}
    if returned and "\r\n" in answer:
        return answer
    plain = answer.replace("\r\n", "\n")
    return "\n".join(f"{line}\r" if line in returned else line for line in plain.split("\n")) if returned else plain


def _exchanged(sign: str, line: str) -> str:
    return line.replace(sign, _SIGNS[sign])


def _is_habit(change: Callable[[str], str], stored: Sequence[str], fresh: Sequence[str]) -> bool:
    changed = {line: plain for line in fresh if (plain := change(line)) != line}
    if len(changed) < _ENOUGH:
        return False
    known = frozenset(stored)
    shown = sum(bool(plain) and plain in known and line not in known for line, plain in changed.items())
    return shown >= _ENOUGH and all(change(line) == line for line in known)


def _habit(change: Callable[[str], str]) -> Habit:
    return lambda lines: [*map(change, lines)]


def _doubles(lines: Sequence[str]) -> int:
    return sum(not one.strip() and not other.strip() for one, other in pairwise(lines))


def _single_blanks(lines: Sequence[str]) -> list[str]:
    return [line for last, line in pairwise(["-", *lines]) if line.strip() or last.strip()]
