"""Turns each hunk into pieces of Markdown: kept, edited in place, replaced or inserted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from fetcher.markdown.reading.wording import is_same, wording
from fetcher.merge import plain_text, writer
from fetcher.merge.blank_lines import Piece
from fetcher.merge.block_kinds import BlockKinds, frame_around, is_empty, place_among_tags
from fetcher.merge.wrapping import Wrapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.markdown.reading.blocks import Block, Text
    from fetcher.markdown.reading.wording import Edit
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
        if gone:
            stay = come and not self._shows_empty  # around a text that is exchanged for another
            before, after = frame_around(self._stored, hunk.start_a, hunk.end_a, with_empty=stay)
        else:
            before = after = place_among_tags(self._stored, hunk.start_a, hunk.end_a, new)
        kept = self._layout.kept
        return kept(hunk.start_a, before) + self.inserted(hunk, new) + kept(after, hunk.end_a)

    def written(self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block], wanted: list[Edit]) -> list[Piece]:
        """The stored blocks with the `wanted` edits made, in the least change that renders as the page does."""
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
        is_drawn = kinds[0] != kinds[1] in ({"tr"}, {"pre"})
        if written and not is_drawn and keeps and not self._importer.marks(hunk):
            return None
        return plain_text.in_place(self._stored, old, self._fresh, new, wanted)

    @cached_property
    def _kinds(self) -> BlockKinds:
        return BlockKinds(self._stored, self._linked)

    @cached_property
    def _shows_empty(self) -> bool:
        """Whether the fresh text has empty paragraphs, too, so that stored ones are the page's."""
        return any(is_empty(self._fresh, block) for block in self._fresh.blocks)
