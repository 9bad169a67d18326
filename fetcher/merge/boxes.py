"""Divides a Markdown text with boxes into the lines of content and the lines that open and close the boxes."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from fetcher.markdown.reading.blocks import split_lines
from fetcher.markdown.reading.boxes import Scan
from fetcher.page.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetcher.markdown.reading.blocks import Text
    from fetcher.markdown.reading.boxes import Box

_BLANK = " \t\r\n"  # what blank lines of Markdown consist of
_SIGNS = re.compile(r"(?:[ \t]*>)*")
# A box within a line: `<Note>Text</Note>`, `{{< note >}}Text{{< /note >}}`, `{% note %}Text{% endnote %}`.
_IN_LINE = re.compile(
    r"""
    [ \t]*(?:
      <([A-Z][\w.]*)(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?(?<!/)>(?P<tagged>[^\s<].*)</\1>
    | \{\{[<%][ \t]*([\w.-]+)[^<>{}%]*[>%]\}\}(?P<coded>[^\s{].*)\{\{[<%][ \t]*/\3[ \t]*[>%]\}\}
    | \{%-?[ \t]*([\w.-]+)[^{}%]*%\}(?P<named>[^\s{].*)\{%-?[ \t]*end\5[ \t]*-?%\}
    )[ \t]*\r?\n?
    """,
    re.VERBOSE,
)
_RUN = 4  # words in a row that are recognised on the page


class Marker(NamedTuple):
    """The lines `start:end` that open or close a box; none where only the indent closes it."""

    box: int
    opens: bool
    start: int
    end: int


class Line(NamedTuple):
    """A line of content: its text, the stored line that it is (-1 for others), and how many markers stand before it."""

    text: str
    at: int
    place: int


class Boxes:
    """The boxes of a text, and the markers that open and close them, in their order.

    `source` are all lines, `lines` the same without the indent of boxes, `content` those that are neither blank nor
    markers.
    """

    newline: str
    boxes: list[Box]
    source: list[str]
    lines: list[str]
    markers: list[Marker]
    content: list[Line]

    def __init__(self, text: str, fresh: Text) -> None:
        prose, lines = _Prose(fresh), split_lines(text)
        self.newline = "\r\n" if "\r\n" in text else "\n"
        parts = [part for line in lines for part in _parts(line)]
        self._scan(parts, prose)
        starts = {marker.start for marker in self.markers}
        cut = (at for at, part in enumerate(parts[:-1], 1) if not part.endswith("\n"))
        if not starts.issuperset(at - (at not in starts) for at in cut):
            self._scan(lines, prose)
        if self.boxes and prose.shows([*self._begun()], [line.text for line in self.content]):
            self._scan([], prose)
            self.source = self.lines = lines

    def _scan(self, source: list[str], prose: _Prose) -> None:
        scan = Scan(source, prose.is_prose, prose.is_code)
        self.source, self.lines, self.boxes = source, scan.lines, scan.boxes
        self._quotes = scan.quotes
        found = [Marker(at, True, *box.opener) for at, box in enumerate(self.boxes)]
        found += [Marker(at, False, *box.closer) for at, box in enumerate(self.boxes)]
        self.markers = sorted(found, key=lambda each: (each.start, each.end > each.start, -each.box))
        self.content = list(self._content())

    def opener(self, box: int) -> str:
        """The lines that open a box."""
        return "".join(self.source[slice(*self.boxes[box].opener)])

    def _begun(self) -> Iterator[tuple[str, str]]:
        """The lines that open each box, and the first line of its content, which is empty where another box follows."""
        first = {line.place: line.text for line in reversed(self.content)}
        yield from (
            (self.opener(marker.box).lstrip(" \t>"), first.get(place, ""))
            for place, marker in enumerate(self.markers, 1)
            if marker.opens
        )

    def _content(self) -> Iterator[Line]:
        at = 0
        for place, marker in enumerate([*self.markers, Marker(-1, False, len(self.lines), len(self.lines))]):
            for line in range(at, marker.start):
                if not is_blank(self.lines[line], self._quotes[line]):
                    yield Line(self.lines[line], line, place)
            at = max(at, marker.end)

    @cached_property
    def around(self) -> list[list[int]]:
        """For each number of markers the boxes around what stands behind them, the outermost first."""
        found, opened = [list[int]()], list[int]()
        for marker in self.markers:
            opened = [*opened, marker.box] if marker.opens else [box for box in opened if box != marker.box]
            found.append(opened)
        return found

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """For each box the numbers of markers before the first and the last of its content."""
        starts = {marker.box: at + 1 for at, marker in enumerate(self.markers) if marker.opens}
        ends = {marker.box: at for at, marker in enumerate(self.markers) if not marker.opens}
        return [(starts[box], ends[box]) for box in range(len(self.boxes))]

    def group(self, box: int) -> range:
        """The boxes that stand right beside each other, as tabs do, of which this is one."""
        return self._groups[box]

    @cached_property
    def _groups(self) -> list[range]:
        filled = {line.place for line in self.content}
        first, found = 0, list[range]()
        for box in range(1, len(self.boxes) + 1):
            if box == len(self.boxes) or self.spans[box][0] - 1 in filled:
                found += [range(first, box)] * (box - first)
                first = box
        return found


class _Prose:
    """What a page shows as text, and not as code."""

    def __init__(self, fresh: Text) -> None:
        self._fresh = fresh

    @cached_property
    def _runs(self) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
        """All runs of several words in text, and in code."""
        blocks = self._fresh.blocks
        text = (_runs_of(block.words) for block in blocks if block.kind != "pre")
        code = (_runs_of(block.words) for block in blocks if block.kind == "pre")
        return {*chain(*text)}, {*chain(*code)}

    @cached_property
    def _code(self) -> list[str]:
        return ["".join(block.words) for block in self._fresh.blocks if block.kind == "pre"]

    def is_code(self, line: str) -> bool:
        """Whether a line is shown within a block of code."""
        key = "".join(split_words(line))
        return any(key in code for code in self._code)

    def is_prose(self, lines: Sequence[str]) -> bool:
        """Whether several words in a row are shown as text, and none of them as code."""
        runs = {*chain(*(_runs_of(split_words(line)) for line in lines))}
        text, code = self._runs
        return runs.isdisjoint(code) and not runs.isdisjoint(text)

    def shows(self, begun: Sequence[tuple[str, str]], content: Sequence[str]) -> bool:
        """Whether the page shows what opens boxes before their content, or at the beginning of more blocks than stored.

        The page is about this markup, then. It may also just name it in its text.
        """
        there = _begun_lines(block.words for block in self._fresh.blocks if block.kind != "pre")
        here = _begun_lines(map(split_words, content))
        opened = {("".join(split_words(opener)), "".join(split_words(line)[:_RUN])) for opener, line in begun}
        # What underlines a heading is not shown: `[Menu]` above `----`.
        heads = {"".join(split_words(first)) for first, *rest in (each.splitlines() for each, _ in begun) if rest}
        if any(line and key + line in there and key + line not in here for key, line in opened):
            return True
        keys = {f"\n{key}" for key in heads.union(key for key, _ in opened)}
        return any(there.count(key) > here.count(key) for key in keys)


def is_blank(line: str, quotes: int) -> bool:
    """Whether a line has no text but the signs of the quotes that it stands in."""
    return not line.replace(">", "", quotes).strip(_BLANK)


def _signs(line: str) -> str:
    """The signs of quotes that a line begins with."""
    return found[0] if (found := _SIGNS.match(line)) else ""


def common_signs(lines: Iterable[str]) -> str:
    """The signs of the quotes that all lines stand in."""
    return min(map(_signs, lines), key=len, default="")


def _parts(line: str) -> list[str]:
    """A line, cut around the content of a box that stands in it as a whole."""
    found = _IN_LINE.fullmatch(line) if line.rstrip()[-1:] in (">", "}") else None
    if found is None:
        return [line]
    start, end = next(found.span(name) for name in ("tagged", "coded", "named") if found[name])
    return [line[:start], line[start:end], line[end:]]


def _begun_lines(lines: Iterable[Iterable[str]]) -> str:
    """The words of lines without spaces, with a line break before each line."""
    return "".join(f"\n{''.join(words)}" for words in lines)


def _runs_of(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
