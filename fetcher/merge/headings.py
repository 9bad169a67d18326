"""Headings in the notation of those that are stored."""

import re
from collections import Counter, defaultdict
from functools import cached_property

from fetcher.markdown.elements import HEADINGS
from fetcher.markdown.reading.blocks import Block, Text, parse


class Headings:
    """Knows how the headings of a stored text are written."""

    def __init__(self, stored: Text) -> None:
        self._stored = stored

    def written(self, source: str, block: Block) -> str:
        """The source of a heading in the notation that most stored headings of its level have, if it is one so."""
        notation = "" if block.boxes else self._notations.get(block.kind, "")
        found = _HEADING.fullmatch(source.rstrip())
        if not notation or found is None or "\n" in found[1]:
            return source
        written = _as_noted(found[1], int(block.kind[1]), notation)
        blocks = parse(written).blocks
        is_it = len(blocks) == 1 and (blocks[0].kind, blocks[0].words) == (block.kind, block.words)
        return written + source[len(source.rstrip()) :] if is_it else source

    @cached_property
    def _notations(self) -> dict[str, str]:
        """How most stored headings of each level are written."""
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        for block in self._stored.blocks:
            if block.kind in HEADINGS and not block.boxes:
                forms[block.kind][_notation(self._stored.source(block).rstrip().replace("\r\n", "\n"))] += 1
        return {level: counts.most_common(1)[0][0] for level, counts in forms.items()}


_HEADING = re.compile(r"(?:#{1,6}[ \t]+)?(.+?)(?:[ \t]+#+|\n(?:=+|-+))?", re.DOTALL)


def _notation(heading: str) -> str:
    """How a heading is written: `#` before it, `# #` around it, or the line under it, `_` where that is as long."""
    text, _, line = heading.partition("\n")
    if line:
        return "_" if len(line) == len(text) else line
    return "# #" if text.endswith(" #" + "#" * (len(text) - len(text.lstrip("#")) - 1)) else "#"


def _as_noted(text: str, level: int, notation: str) -> str:
    if notation[0] == "#":
        return f"{'#' * level} {text}" + f" {'#' * level}" * (notation == "# #")
    return f"{text}\n{'=-'[level - 1] * len(text) if notation == '_' else notation}"
