"""Wraps changed paragraphs again, in texts whose paragraphs are wrapped at a column."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from fetcher.markdown.detection import detect
from fetcher.markdown.reading.blocks import HARD_BREAK, Block, Text
from fetcher.markdown.reading.commonmark import BROKEN_ADDRESS, HYPHEN, whole_address
from fetcher.merge.tokens import DEFINITION

_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:(?:[-+*:]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?")
_NEXT = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*")
# What is never broken: words, code, addresses, tags, escaped spaces.
_WORD = re.compile(r"(?:(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\]\([^()]*\)|<[^<>\n]*>|\\.|[^ \t\r\n])+", re.DOTALL)
# A table that is drawn with spaces.
_COLUMNS = re.compile(r"\S {3,}\S|^(?:.*[^\s.?!:] {2,}\S.*(?:\n|\Z)){2}", re.MULTILINE)
_ADDRESS = re.compile(r"\]\([^()]*\)")
# What would begin a block at the start of a line.
_BEGINS = re.compile(r"(?:[-+*:]|1[.)]|#{1,6}|>.*|=+|-{2,}|~{3,}.*|`{3,}.*|\|.*)\Z", re.DOTALL)


_FEW = 4  # words below which a line may be too long because one of them is


class Wrapping:
    """Wraps changed paragraphs as the paragraphs of a stored text are wrapped."""

    def __init__(self, stored: Text) -> None:
        self._stored = stored

    def filled(self, text: str, block: Block) -> str:
        """The new source of a stored block, wrapped again if blocks like it are wrapped."""
        if not self._column or block.kind not in ("p", "li") or not self._is_wrapped(block):
            return text
        return rewrapped(text, self._stored.source(block), self._column, hyphens=self._breaks_words, lead=self._lead)

    @cached_property
    def _breaks_words(self) -> bool:
        return bool(BROKEN_ADDRESS.search("".join(self._stored.lines)))

    @cached_property
    def _lead(self) -> str | None:
        """What will be in the place of a new link's address: the label of a reference; None if links are inline."""
        text = "".join(self._stored.lines)
        labels = [definition["label"] for definition in DEFINITION.finditer(text)]
        if not labels or text.count("](") > len(labels):
            return None
        is_full = any(f"][{label}]" in text for label in labels)
        return f"[{labels[-1]}]" if is_full else "[]" if "][]" in text else ""

    @cached_property
    def _are_items_wrapped(self) -> bool:
        return detect("".join(self._stored.lines)).items_wrapped

    @cached_property
    def _column(self) -> int:
        return detect("".join(self._stored.lines)).wrap

    def _is_wrapped(self, block: Block) -> bool:
        if _COLUMNS.search(self._stored.source(block)):
            return False
        if not self._are_items_wrapped and not {"ul", "ol"}.isdisjoint(block.boxes):
            return False
        alike = (each for each in self._stored.blocks if each.kind in ("p", "li") and each.boxes == block.boxes)
        lines = (self._stored.lines[at].rstrip() for each in alike for at in range(each.start, each.end))
        return all(len(line) <= self._column or len(list(_WORD.finditer(line))) < _FEW for line in lines)


def rewrapped(new: str, old: str, column: int, *, hyphens: bool = False, lead: str | None = None) -> str:
    """A changed paragraph, wrapped again at a column from the first changed line on.

    Where the rest of the text is the same, the old lines stay. `hyphens`: lines may end behind hyphens. `lead` is what
    will be written in the place of a link's address, if the link will be a reference.

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
    words = _Words(hyphens, lead)
    filled = _filled(lines[first:], before, column, words, is_first=first == 0)
    out = [line.rstrip("\r") for line in (*lines[:first], *filled)]
    tail = lines[-1].rstrip("\r")
    out[-1] += tail[len(tail.rstrip()) :]
    return newline.join(out) + ("" if ending is None else newline)


class _Words(NamedTuple):
    """Cuts text where lines may end; `hyphens` and `lead` are as in `rewrapped`."""

    hyphens: bool
    lead: str | None

    def of(self, text: str) -> Iterator[tuple[int, str, str]]:
        """The words of a text: the start, the word, and what separates it from the one before in a line."""
        for word in _WORD.finditer(text):
            start, between = word.start(), " "
            breaks = self.hyphens and not re.search("[`<]", word[0])
            for part in HYPHEN.split(word[0]) if breaks else [word[0]]:
                yield start, part, between
                start, between = start + len(part), ""

    def room(self, word: str) -> int:
        """The columns that a word will need."""
        if self.lead is None or "](" not in word:
            return len(word)
        return len(_ADDRESS.sub(lambda _: f"]{self.lead}", word))


def _filled(
    lines: Sequence[str], before: Sequence[str], column: int, words: _Words, *, is_first: bool
) -> Iterator[str]:
    prefix = _opening(lines[0], is_first=is_first)
    later = _later(lines, before, prefix, is_first=is_first)
    text = _text([lines[0][len(prefix) :], *lines[1:]])
    rests = {_folded(_text(["", *before[at:]])): at for at in range(1, len(before))}
    line, room, is_empty = prefix, column - len(prefix), True
    for start, word, between in words.of(text):
        needed = words.room(word)
        if is_empty or needed + len(between) <= room or _BEGINS.match(word):
            line += ("" if is_empty else between) + word
            room -= needed + (0 if is_empty else len(between))
            is_empty = False
            continue
        yield line
        if at := rests.get(_folded(text[start:])):
            yield from _without_end(before[at:])
            return
        line, room = later + word, column - len(later) - needed
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
    """The prefix of the lines below the first."""
    for each in (before[1:], lines[1:]):
        for line in each:
            if line.strip():
                return _opening(line, is_first=False)
    return re.sub(r"[^\s>]", " ", prefix) if is_first else prefix


def _text(lines: Sequence[str]) -> str:
    """The text of lines without their prefixes, in one line; the first line has none."""
    text = "\n".join([*lines[:1], *(line[len(_opening(line, is_first=False)) :] for line in lines[1:])])
    return BROKEN_ADDRESS.sub(lambda link: link[0].replace(link["address"], whole_address(link)), text).replace(
        "\n", " "
    )


def _folded(text: str) -> str:
    return " ".join(text.split())
