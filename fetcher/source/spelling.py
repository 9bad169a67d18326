"""How a stored text spells an answer: as the same Markdown or as another converter does; white space and line ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

from fetcher.align import hunks

# Measured on 548 pairs of consecutive versions from four public mirrors of Markdown, and on 268 texts that two
# settings of markdownify had made of the older version's HTML. Of lines that stand in both or differ in spelling
# alone, under a tenth are spelled otherwise in 99.5 % of the versions, and in a third of the conversions: those of
# texts without lists, tables and code, which all converters write alike. How many lines are the same tells less: a
# rewritten page has as few as another converter's.
_SHARE, _FEW = 0.1, 4
_WORD = re.compile(r"[^\W_]+")


def is_same_markdown(stored: Sequence[str], answer: Sequence[str], *, likely: bool) -> bool:
    """Whether two texts are versions of one Markdown source, by the lines that are spelled otherwise.

    `likely` tells that the address or memory speaks for it; otherwise a single such line speaks against it.

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
"""What an importer does to lines, whatever they say."""

_ENOUGH = 2  # places that show a habit
_SIGNS = {"\u00a0": " ", "\t": "    ", "\u200b": "", "\u200c": "", "\u2060": "", "\ufeff": ""}


def habits_of(stored: Sequence[str], fresh: Sequence[str]) -> list[Habit]:
    """What the importer of the stored lines made of lines such as the fresh ones.

    That white space is dropped or exchanged is a habit where no stored line has it, and some would have.

    >>> [habit(["Four "]) for habit in habits_of(["One", "Two", "Three"], ["One ", "Two  ", "Four "])]
    [['Four']]
    """
    text = "".join(fresh)
    changes: list[Callable[[str], str]] = [str.rstrip, *(partial(_exchanged, sign) for sign in _SIGNS if sign in text)]
    found = [_habit(change) for change in changes if _is_habit(change, stored, fresh)]
    return [*found, _single_blanks] if _doubles(stored) == 0 and _doubles(fresh) >= _ENOUGH else found


def in_line_ends_of(stored: Sequence[str], answer: str) -> str:
    """The answer with line feeds alone, or with carriage returns where the stored lines have some.

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
