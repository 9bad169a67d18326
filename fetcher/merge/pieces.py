"""Turns each hunk into pieces of Markdown: kept, edited in place, replaced or inserted."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from fetcher.markdown.reading.wording import Edit, is_same, wording
from fetcher.merge import plain_text, writer
from fetcher.merge.blank_lines import Piece
from fetcher.merge.block_kinds import BlockKinds
from fetcher.merge.grid_tables import is_drawn, refitted
from fetcher.merge.tokens import DEFINITION
from fetcher.merge.wrapping import Wrapping
from fetcher.page.semantics import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.markdown.reading.blocks import Block, Text
    from fetcher.merge.importer import Importer
    from fetcher.merge.layout import Layout
    from fetcher.merge.pairing import Hunk
    from fetcher.merge.writer import Pair


class Pieces:
    """Writes the pieces of a body, hunk by hunk; `linked` are the paired blocks of the body and the page.

    `last` is to be the piece before the hunk, if that is new: it tells how deep a list is. `unwritable` collects hunks
    that stay as they are because a write would lose words that the importer added.
    """

    def __init__(
        self, stored: Text, fresh: Text, layout: Layout, base: str, importer: Importer | None, linked: Sequence[Pair]
    ) -> None:
        self.last: Piece | None = None
        self.unwritable: set[Hunk] = set()
        self._stored, self._fresh, self._importer, self._linked = stored, fresh, importer, linked
        self._layout, self._wrapping = layout, Wrapping(stored)
        self._writer = writer.Writer(stored, fresh, layout, base, (pair for pair in linked if is_same(*pair)))

    @property
    def has_references(self) -> bool:
        """Whether the body has reference links."""
        return self._writer.has_references

    def kept(self, hunk: Hunk) -> list[Piece]:
        """The stored blocks of a hunk as they are."""
        return self._layout.kept(hunk.start_a, hunk.end_a)

    def inserted(self, hunk: Hunk, new: Sequence[Block]) -> list[Piece]:
        """New blocks of the page in the style of the body."""
        return list(self._layout.inserted(self._fresh, new, hunk.start_a))

    def exchanged(self, hunk: Hunk, new: Sequence[Block], *, gone: bool, come: bool) -> list[Piece]:
        """New blocks in the place of stored ones; `gone` and `come` tell whether the old and the new have words."""
        if gone and come and (text := self._in_its_place(hunk, new)):
            return [Piece(text, self._stored.blocks[hunk.start_a], hunk.start_a, hunk.start_a)]
        if gone:
            stay = come and not self._shows_empty  # around a text that is exchanged for another
            before, after = frame_around(self._stored, hunk.start_a, hunk.end_a, with_empty=stay)
        else:
            before = after = place_among_tags(self._stored, hunk.start_a, hunk.end_a, new)
        kept = self._layout.kept
        return kept(hunk.start_a, before) + self.inserted(hunk, new) + kept(after, hunk.end_a)

    def _in_its_place(self, hunk: Hunk, new: Sequence[Block]) -> str | None:
        """The line of a stored block with another text, where the importer stores blocks such as the new one so."""
        old = hunk.old(self._stored.blocks)
        if len(old) != 1 or len(new) != 1 or old[0].end - old[0].start > 1 or self._kinds.have_other_kinds(old, new):
            return None
        if old[0].kind != new[0].kind and not self._kinds.stand_for(old[0], new[0]):
            return None
        if max(self._layout.moves.origins(new)) >= 0:
            return None  # it keeps its bytes
        whole = [Edit(0, len(old[0].words), 0, len(new[0].words))]
        return plain_text.in_place(self._stored, old, self._fresh, new, whole)

    def written(self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block], wanted: list[Edit]) -> list[Piece]:
        """The stored blocks with the `wanted` edits made, in the least change that renders as the page does."""
        if {block.kind for block in new} == {"tr"} and any(is_drawn(self._stored.source(block)) for block in old):
            return self._fitted(hunk, old, new, wanted)
        if self._layout.is_plain and wanted:
            source = "".join(self._stored.lines[old[0].start : old[-1].end])
            text = plain_text.exchanged(source, wording(old), wording(new), new, wanted)
            if text is not None:
                text = self._wrapping.filled(text, old[0]) if len(old) == 1 else text
                return [Piece(text, old[0], hunk.start_a, hunk.end_a - 1)]
        is_shaped = self._importer is not None and self._importer.shapes(hunk)
        others = not is_shaped and self._kinds.have_other_kinds(old, new)
        recut = not is_shaped and bool(wanted) and self._kinds.are_recut(old, new)
        dropped_markup = self._kinds.dropped_markup(new)
        stretches = self._writer.written(writer.Rewrite(old, new, wanted, others, recut, dropped_markup))
        written = "" if is_shaped or stretches is None else "".join(text for text, _ in stretches)
        if wanted and (text := self._in_place(hunk, old, new, wanted, written)) is not None:
            text = self._wrapping.filled(text, old[0]) if len(old) == 1 else text
            return [Piece(text, old[0], hunk.start_a, hunk.end_a - 1)]
        if stretches is None and self._importer and any(map(str.isalnum, self._importer.kept_words(hunk))):
            self.unwritable.add(hunk)  # the page's block has not what the importer wrote
            return self.kept(hunk)
        if stretches is None:
            return self.inserted(hunk, new)
        found: list[Piece] = []
        for text, block in stretches:
            if block is not None:
                before = found[-1] if found else self.last
                above = before.block if before else None
                found.append(self._layout.fitted(self._fresh, block, above, hunk.start_a, text))
            elif text.strip():
                whole = self._wrapping.filled(text, old[0]) if len(old) == len(stretches) == 1 else text
                found.append(Piece(whole, old[0], hunk.start_a, hunk.end_a - 1))
        return found

    def _fitted(self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block], wanted: list[Edit]) -> list[Piece]:
        """A drawn table with its words exchanged, if they fit between its edges."""
        source = "".join(self._stored.lines[old[0].start : old[-1].end])
        text = plain_text.in_place(self._stored, old, self._fresh, new, wanted) if wanted else None
        if text is None or (text := refitted(source, text)) is None:
            self.unwritable.add(hunk)
            return self.kept(hunk)
        return [Piece(text, old[0], hunk.start_a, hunk.end_a - 1)]

    def _in_place(
        self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block], wanted: list[Edit], written: str
    ) -> str | None:
        """The stored source with no more than its words exchanged; None where what was `written` is as good.

        It is better where nothing could be written, or where that would lose what the importer has put around words:
        tags, characters, the lines of a drawn table.
        """
        if not self._importer or (written and all(block.kind == "pre" for block in (*old, *new))):
            return None
        keeps = plain_text.keeps("".join(map(self._stored.source, old)), written)
        kinds = [{block.kind for block in blocks} for blocks in (old, new)]
        is_other_kind = kinds[0] != kinds[1] in ({"tr"}, {"pre"})
        if written and not is_other_kind and keeps and not self._importer.marks(hunk):
            return None
        return plain_text.in_place(self._stored, old, self._fresh, new, wanted)

    @cached_property
    def _kinds(self) -> BlockKinds:
        return BlockKinds(self._stored, self._linked)

    @cached_property
    def _shows_empty(self) -> bool:
        """Whether the fresh text has empty paragraphs, too, so that stored ones are the page's."""
        return any(is_empty(self._fresh, block) for block in self._fresh.blocks)


_BOX = r"(?:div|section|article|aside|main|header|footer|center|details|span)\b[^<>]*>"
_TAGS = re.compile(rf"\s*(?:</?{_BOX}\s*|<a\s[^<>]*>\s*</a>\s*)+")
_BEGINS = re.compile(rf"<(?:{_BOX}|a\s)")
_ENDS = re.compile(rf"</{_BOX}")


def place_among_tags(text: Text, start: int, end: int, new: Sequence[Block]) -> int:
    """The index at which new blocks go among the blocks `start:end`, which have no words.

    Opening tags of boxes belong to what follows them. New blocks go on as the text before them does: in boxes, or
    outside of them. A heading goes behind the boxes that end. Link reference definitions at the end of a text stay
    last.
    """
    sources = [text.source(block) for block in text.blocks[start:end] if block.kind == "raw" or not block.words]
    if sources and end == len(text.blocks) and _defines_all(text, start):
        return start
    if len(sources) < end - start or not all(map(_TAGS.fullmatch, sources)):
        return end
    begins = next((at for at, source in enumerate(sources, start) if _BEGINS.search(source)), end)
    if new and new[0].kind in HEADINGS:
        return begins
    goes_on_in_boxes = begins < end or (end == len(text.blocks) and not _has_text_outside(text))
    return start if goes_on_in_boxes else end


def _is_definitions(text: Text, block: Block) -> bool:
    """Whether a block is link reference definitions, and nothing else."""
    return block.kind == "raw" and not block.words and not DEFINITION.sub("", text.source(block))


def _defines_all(text: Text, start: int) -> bool:
    """Whether the blocks from `start` on are definitions, not all of which belong to the block before them."""
    if not all(_is_definitions(text, block) for block in text.blocks[start:]):
        return False
    before = text.source(text.blocks[start - 1]) if start else ""
    found = [definition for block in text.blocks[start:] for definition in DEFINITION.finditer(text.source(block))]
    return not all(f"[{definition['label']}]" in before for definition in found)


def _has_text_outside(text: Text) -> bool:
    """Whether some block other than a heading stands outside of all raw boxes."""
    depth = 0
    for block in text.blocks:
        if block.kind == "raw":
            source = text.source(block)
            depth += len(_BEGINS.findall(source)) - len(_ENDS.findall(source))
        elif depth <= 0 and block.words and block.kind not in HEADINGS:
            return True
    return False


def frame_around(text: Text, start: int, end: int, *, with_empty: bool) -> tuple[int, int]:
    """The range within `start:end` without the box tags, definitions and, `with_empty`, empty blocks at its ends."""
    is_frame = [
        (block.kind == "raw" and _TAGS.fullmatch(text.source(block)) is not None)
        or _is_definitions(text, block)
        or (with_empty and is_empty(text, block))
        for block in text.blocks[start:end]
    ]
    before = next((at for at, here in enumerate(is_frame) if not here), len(is_frame))
    if before == len(is_frame):
        return end, end
    after = next((at for at, here in enumerate(reversed(is_frame)) if not here), 0)
    return start + before, end - after


def is_empty(text: Text, block: Block) -> bool:
    """Whether a block is an empty paragraph as importers write one, such as `&nbsp;`."""
    return block.kind in ("p", "raw") and _EMPTY.fullmatch(text.source(block)) is not None


_EMPTY = re.compile(r"(?:[\s\\>]|&nbsp;|<br ?/?>)*")
