"""Reads the lines that blocks of code show, and writes a stored block with other lines."""

import re
from collections.abc import Iterator, Sequence
from itertools import count, pairwise, takewhile

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.merge.prefixes import MARK, dedented

FENCES = ("```", "~~~")
INDENT = 4  # columns by which indented code is indented


def is_indented(block: Block, text: Text) -> bool:
    """Whether a block is indented code."""
    if block.kind != "pre":
        return False
    line = text.lines[block.start]
    return line[: block.column].endswith(" " * INDENT) and line[block.column :][:3] not in FENCES


_BLANK = re.compile(r"[ \t]+\r?\n")


def margins(text: Text, block: Block) -> tuple[str, str]:
    """The lines of nothing but white space right before and right behind a block of indented code, or a table's row."""
    if block.kind != "tr" and not is_indented(block, text):
        return "", ""
    lines = text.lines
    before, behind = range(block.start - 1, -1, -1), range(block.end, len(lines))
    above, below = ([*takewhile(_BLANK.fullmatch, map(lines.__getitem__, each))] for each in (before, behind))
    return "".join(reversed(above)), "".join(below)


def code_lines(text: Text, block: Block) -> list[str]:
    """The lines of a block of code, as they are shown."""
    lines = standing(text.source(block).rstrip("\r\n").replace("\r\n", "\n"), block.column).split("\n")
    if not (fence := _FENCE.match(lines[0])):
        return lines
    lines = [line[min(len(fence[1]), len(line) - len(line.lstrip(" "))) :] for line in lines[1:]]
    return lines[:-1] if lines and _is_end(lines[-1], fence[2]) else lines


_FENCE = re.compile(r"( {0,3})(```+|~~~+)")


def _is_end(line: str, fence: str) -> bool:
    return line.strip().startswith(fence) and not line.strip().strip(fence[0])


def standing(source: str, column: int) -> str:
    """The source of a block without the `column` characters of its boxes that each line begins with."""
    first, *others = source.split("\n")
    return "\n".join([first[column:], *(dedented(line, column) for line in others)])


def shown_by(source: str, column: int) -> str:
    """The source of a block of code outside of all boxes; `column` includes the indent of indented code."""
    text = standing(source, column)
    return text if _FENCE.match(text) else re.sub(r"^", "    ", text, flags=re.MULTILINE)


def as_stored(stored: Sequence[str], code: Sequence[str]) -> list[str]:
    """Code with what the importer adds to the stored one: empty lines around it, line numbers, another indent."""
    before, after = (_empty(stored[::way]) - _empty(code[::way]) for way in (1, -1))
    return [""] * before + _lines_as_stored(stored, code) + [""] * after


def _empty(lines: Sequence[str]) -> int:
    """The number of empty lines at the start."""
    return next((at for at, line in enumerate(lines) if line.strip()), len(lines))


def ended(code: Sequence[str]) -> Sequence[str]:
    """The code without the empty lines at its end."""
    return code[: max((at for at, line in enumerate(code, 1) if line.strip()), default=0)]


def _lines_as_stored(stored: Sequence[str], code: Sequence[str]) -> list[str]:
    """Code with the line numbers, or the shift, that the stored lines show in lines that both have."""
    known = {line.strip(): line for line in stored if line.strip()}
    shifts = {len(_indent(known[line.strip()])) - len(_indent(line)) for line in code if line.strip() in known}
    shift = -shifts.pop() if len(shifts) == 1 else 0
    if shift > 0 and all(line[:shift].isspace() or not line.strip() for line in code):
        return [line[shift:] for line in code]
    numbers = [_NUMBERED.fullmatch(line) for line in stored]
    if not all(numbers):
        return list(code)
    after = {match[2][: -len(line)] for match in numbers if match for line in code if line and match[2].endswith(line)}
    shortest = min(after, key=len, default=None)
    if shortest is None:
        return list(code)
    return [f"{number}{shortest}{line}" for number, line in zip(_numbers(stored), code, strict=False)]


def _numbers(stored: Sequence[str]) -> Iterator[str]:
    """Line numbers from the first stored one on, padded as they are stored."""
    found = [match for line in stored if (match := _NUMBERED.fullmatch(line))]
    widths = {match.start(2) for match in found}
    width = widths.pop() if len(widths) == 1 else 0
    sign = "0" if any(match[1][0] == "0" for match in found) else " "
    return (str(number).rjust(width, sign) for number in count(int(found[0][1])))


_NUMBERED = re.compile(r" *(\d+)(.*)")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]


def recoded(stored: Text, block: Block, code: Sequence[str]) -> str:
    """The source of a stored block of code with other lines; fences and what precedes each line stay."""
    lines = [line.rstrip("\r\n") for line in stored.lines[block.start : block.end]]
    ends = "\r\n" if stored.lines[block.start].endswith("\r\n") else "\n"
    first = lines[0][: block.column]
    rest = MARK.sub(lambda mark: " " * len(mark[0]), first)
    fence = _FENCE.match(lines[0][block.column :])
    if fence is None:
        empty = next((line for line in lines if not line.strip()), rest.strip())
        return ends.join([first + code[0], *(rest + line if line.strip() else empty for line in code[1:])]) + ends
    longest = max(
        (len(run) for run in re.findall(rf"^ *({fence[2][0]}{{3,}})", "\n".join(code), re.MULTILINE)), default=0
    )
    more = fence[2][0] * max(0, longest + 1 - len(fence[2]))
    opening = lines[0][: block.column + fence.end()] + more + lines[0][block.column + fence.end() :]
    inner = [(rest + fence[1] + line) if line.strip() else rest.rstrip() for line in code]
    closing = (
        lines[-1] + more if len(lines) > 1 and _is_end(dedented(lines[-1], block.column), fence[2]) else rest + fence[2]
    )
    return ends.join([opening, *inner, closing]) + ends


_LINE_NUMBER = re.compile(r"[ \t>]*(\d{1,5})(?:([|:.])|[ \t]|$)")
_AROUND_CODE = re.compile(r"[ \t>]*(?:```|~~~|:::|\[/?code\])")


def line_numbers(source: str) -> list[str]:
    """The line numbers that a source has as text, of each run of code of which all lines are numbered."""
    boxes: list[list[str]] = [[]]
    for line in source.splitlines():
        if _AROUND_CODE.match(line) or not line.strip(" \t>"):  # code that is indented runs on into the next
            boxes.append([])
        else:
            boxes[-1].append(line)
    return [number for lines in boxes for number in _counted(lines)]


def _counted(lines: Sequence[str]) -> list[str]:
    """The numbers that the lines begin with, and the signs behind them; nothing unless they count all lines."""
    found = [match for line in lines if (match := _LINE_NUMBER.match(line))]
    follow = all(int(other[1]) == int(one[1]) + 1 for one, other in pairwise(found))
    return [word for match in found for word in match.groups() if word] if follow and len(found) == len(lines) else []
