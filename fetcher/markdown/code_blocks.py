"""Finds the blocks of code in Markdown: fenced ones, and indented ones below text."""

import re
from functools import lru_cache
from typing import NamedTuple

FENCE = re.compile(r" *(`{3,}+|~{3,}+)([^`]*)")
NO_ITEM = r"(?! *(?:[-*+]|\d+[.)]) )"
_INDENTED_AT_LEFT = re.compile(rf"\n\n{NO_ITEM}\S.*\n(?:[ \t]*\n)+ {{4}}{NO_ITEM}\S")


def may_be_fenced(text: str) -> bool:
    """Whether the text can have a fenced block: it is quick to see that it has none."""
    return "```" in text or "~~~" in text


class Fence(NamedTuple):
    """The fence of a block (three characters), its info string, and whether the block's last line is empty."""

    sign: str
    info: str
    is_ended: bool


@lru_cache(maxsize=1)  # one visit asks for the same body more than once
def without_fenced(text: str) -> tuple[str, list[Fence]]:
    """The text with an empty line in place of each fenced block, and their fences. Cached: do not change these."""
    lines, outside, fences, at = text.split("\n"), [], [], 0
    open_ended: dict[str, int] = {}  # by character, the length of the shortest fence that nothing below closes
    while at < len(lines):
        line = lines[at]
        found = FENCE.fullmatch(line) if may_be_fenced(line) else None
        sign, length = (found[1][0], len(found[1])) if found else ("", 0)
        end = None
        if found and length < open_ended.get(sign, length + 1):
            end = next((after for after in range(at + 1, len(lines)) if _closes(lines[after], found[1])), None)
            if end is None:
                open_ended[sign] = length
        if found and end is not None:
            fences.append(Fence(found[1][:3], found[2], at + 2 < end and not lines[end - 1].strip()))
        outside.append(line if end is None else "")
        at = at + 1 if end is None else end + 1
    return "\n".join(outside), fences


def _closes(line: str, fence: str) -> bool:
    signs = line.strip(" ")
    return signs.startswith(fence) and not signs.strip("`~")


def indented_at_left(text: str) -> int:
    """How many indented blocks of code stand below a line that is not indented."""
    below = text if text.startswith("\n") else f"\n\n{text}"
    return len(_INDENTED_AT_LEFT.findall(below)) if "\n    " in text else 0
