"""The pieces that changed blocks are written as, and between which the body is put together."""

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
    """The pieces of a body, hunk by hunk; `linked` are its blocks and those of the page that share words.

    `last` is the piece right before, if it is new: importers put some of a list's text outside of it. The `unwritable`
    hunks would lose what the importer wrote.
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
        """Whether links of the body say by a label where they lead."""
        return self._writer.has_references

    def kept(self, hunk: Hunk) -> list[Piece]:
        """The stored blocks as they are."""
        return self._layout.kept(hunk.start_a, hunk.end_a)

    def inserted(self, hunk: Hunk, new: Sequence[Block]) -> list[Piece]:
        """Blocks that the page has now, as the body would have them."""
        return list(self._layout.inserted(self._fresh, new, hunk.start_a))

    def exchanged(self, hunk: Hunk, new: Sequence[Block], *, gone: bool, come: bool) -> list[Piece]:
        """Blocks in the place of stored ones that they share no words with; whether words go, and come."""
        if gone:
            stay = come and not self._shows_empty  # around a text that is exchanged for another
            before, after = frame_around(self._stored, hunk.start_a, hunk.end_a, with_empty=stay)
        else:
            before = after = place_among_tags(self._stored, hunk.start_a, hunk.end_a, new)
        kept = self._layout.kept
        return kept(hunk.start_a, before) + self.inserted(hunk, new) + kept(after, hunk.end_a)

    def written(self, hunk: Hunk, old: Sequence[Block], new: Sequence[Block], wanted: list[Edit]) -> list[Piece]:
        """The pieces that a change is written as."""
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
        """The source with no more than the edits made, where nothing else could be `written`, or something would go.

        What goes may be what the importer has put around words: tags, signs, the lines that a table is drawn with.
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
        """Which kinds of blocks are stored for which."""
        return BlockKinds(self._stored, self._linked)

    @cached_property
    def _shows_empty(self) -> bool:
        """Whether empty paragraphs of the page show, so that stored ones are no more than those."""
        return any(is_empty(self._fresh, block) for block in self._fresh.blocks)
