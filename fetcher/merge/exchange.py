"""Words exchanged inside of consecutive blocks: their stored source with the fresh words where they belong."""

from collections.abc import Sequence

from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.markdown.reading.wording import Edit, Wording, wording
from fetcher.merge.splice import Source, locate, splice

_WHOLE = 0.7  # share of a block's words that change, above which the block is exchanged as a whole


def exchanged(
    stored: Text, old: Sequence[Block], fresh: Text, new: Sequence[Block], found: Sequence[Edit]
) -> str | None:
    """The source of the old blocks with edits that lead to the new ones; None where that would do harm.

    `found` are edits from the wording of `old` to that of `new`.
    """
    one, other = wording(old), wording(new)
    changed = sum(edit.end_a - edit.start_a for edit in found)
    if changed > len(one.words) * _WHOLE or _boxes(old) != _boxes(new):
        return None
    source, target = _source(stored, old, one.words), _source(fresh, new, other.words)
    if not source or not target:
        return None
    known = one.neighbours | other.neighbours

    def holds(text: str, k: int) -> bool:
        result = wording(parse(_headed(text, old[0])).blocks)
        return result.words == _after(one, other, found[k:]) and result.neighbours <= known

    return splice(source, target, found, holds)


def _headed(text: str, block: Block) -> str:
    """The source of a block, with an empty head above it where it is a row that reads as one only under a head."""
    if block.kind != "tr" or block.end - block.start > 1:
        return text
    prefix, cells = text[: block.column], text.count("|") + 1
    return f"{prefix}{'| ' * cells}|\n{prefix}{'|-' * cells}|\n{text}"


def _after(one: Wording, other: Wording, found: Sequence[Edit]) -> list[str]:
    """The words of one wording after edits that take words of the other."""
    words, at = [], 0
    for edit in found:
        words += one.words[at : edit.start_a] + other.words[edit.start_b : edit.end_b]
        at = edit.end_a
    return words + one.words[at:]


def _source(text: Text, blocks: Sequence[Block], words: Sequence[str]) -> Source | None:
    """The source of consecutive blocks with its words located."""
    start = blocks[0].start
    lines = text.lines[start : blocks[-1].end]
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    skip = []
    for block in blocks:
        at = offsets[block.start - start]
        skip.append((at, at + block.column))
        if block.kind == "tr" and block.end - block.start == 2:  # the rule under a table's head
            skip.append((offsets[block.start - start + 1], offsets[block.end - start]))
    return locate("".join(lines), words, skip)


def _boxes(blocks: Sequence[Block]) -> set[str]:
    return {box for block in blocks for box in block.boxes}
