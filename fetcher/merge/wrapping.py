"""Paragraphs whose lines end where the next word had no room: where their text changes, they are filled again."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from fetcher.markdown.detection import detect
from fetcher.markdown.reading.blocks import HARD_BREAK, Block, Text

_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?")
_NEXT = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*")
# What no line ends inside of: code, addresses, tags; an escaped space is one, too.
_WORD = re.compile(r"(?:(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\]\([^()]*\)|<[^<>\n]*>|\\.|\S)+", re.DOTALL)
# What would begin a block at the start of a line.
_BEGINS = re.compile(r"(?:[-+*]|1[.)]|#{1,6}|>.*|=+|-{2,}|~{3,}.*|`{3,}.*|\|.*)\Z", re.DOTALL)


_FEW = 4  # words of a line that is too long as one of them is


class Wrapping:
    """Knows how the paragraphs of a stored text are wrapped."""

    def __init__(self, stored: Text) -> None:
        self._stored = stored

    def filled(self, text: str, block: Block) -> str:
        """The new source of a stored block, its lines filled again where those of blocks like it are filled."""
        if not self._column or block.kind not in ("p", "li") or not self._is_wrapped(block):
            return text
        return rewrapped(text, self._stored.source(block), self._column)

    @cached_property
    def _column(self) -> int:
        return detect("".join(self._stored.lines)).wrap

    def _is_wrapped(self, block: Block) -> bool:
        alike = (each for each in self._stored.blocks if each.kind in ("p", "li") and each.boxes == block.boxes)
        lines = (self._stored.lines[at].rstrip() for each in alike for at in range(each.start, each.end))
        return all(len(line) <= self._column or len(list(_WORD.finditer(line))) < _FEW for line in lines)


def rewrapped(new: str, old: str, column: int) -> str:
    """A changed paragraph with its lines filled again up to a column, from the first that changed on.

    Lines that would come out as they were are those that there were.

    >>> rewrapped("one two and three\\nfour five\\nsix\\n", "one two three\\nfour five\\nsix\\n", 13)
    'one two and\\nthree four\\nfive six\\n'
    """
    newline = "\r\n" if "\r\n" in old else "\n"
    lines, before = new.split("\n"), old.split("\n")
    ending = lines.pop() if new.endswith("\n") else None
    first = 0
    while first < min(len(lines), len(before)) and lines[first] == before[first]:
        first += 1
    if first == len(lines) or any(HARD_BREAK.search(f"{line}\n") for line in lines[max(0, first - 1) : -1]):
        return new
    first = max(0, first - 1)  # the first word that changed may have room in the line before
    filled = [line.rstrip("\r") for line in _filled(lines[first:], before, column, is_first=first == 0)]
    out = [*(line.rstrip("\r") for line in lines[:first]), *filled]
    tail = lines[-1].rstrip("\r")
    out[-1] += tail[len(tail.rstrip()) :]
    return newline.join(out) + ("" if ending is None else newline)


def _filled(lines: Sequence[str], before: Sequence[str], column: int, *, is_first: bool) -> Iterator[str]:
    prefix = _opening(lines[0], is_first=is_first)
    later = _later(lines, before, prefix, is_first=is_first)
    text = " ".join([lines[0][len(prefix) :], *(line[len(_opening(line, is_first=False)) :] for line in lines[1:])])
    rests = {_text(before[at:]): at for at in range(1, len(before))}
    words = list(_WORD.finditer(text))
    line, start = prefix, 0
    for number, word in enumerate(words):
        between = " " if number > start else ""
        has_room = len(line) + len(between) + len(word[0]) <= column
        if number == start or has_room or _BEGINS.match(word[0]):
            line += between + word[0]
            continue
        yield line
        if at := rests.get(_folded(text[word.start() :])):
            yield from _without_end(before[at:])
            return
        line, start = later + word[0], number
    yield line


def _without_end(lines: Sequence[str]) -> list[str]:
    kept = [line.rstrip() for line in lines]
    while len(kept) > 1 and not kept[-1]:
        kept.pop()
    return kept


def _opening(line: str, *, is_first: bool) -> str:
    found = (_PREFIX if is_first else _NEXT).match(line)
    return found[0] if found else ""


def _later(lines: Sequence[str], before: Sequence[str], prefix: str, *, is_first: bool) -> str:
    """What stands before the text of the lines that follow."""
    for each in (before[1:], lines[1:]):
        for line in each:
            if line.strip():
                return _opening(line, is_first=False)
    return re.sub(r"[^\s>]", " ", prefix) if is_first else prefix


def _text(lines: Sequence[str]) -> str:
    return _folded(" ".join(line[len(_opening(line, is_first=False)) :] for line in lines))


def _folded(text: str) -> str:
    return " ".join(text.split())
