"""Cuts a stored and a fresh text into hunks, and tells which of them may have changed."""

from collections.abc import Sequence

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import is_same
from fetcher.merge.held_back import Past
from fetcher.merge.importer import Importer
from fetcher.merge.pairing import Hunk, pair
from fetcher.merge.picture_blocks import PictureBlocks
from fetcher.merge.pictures import Pictures
from fetcher.page.hidden_text import Unseen


class Compared:
    """A stored and a fresh text, cut into `hunks`; `changed` tells for each hunk whether it may have changed.

    `bare` are the stored blocks without an importer's attributes. `pictured` has the new sources of stored blocks whose
    pictures are others now; in `fresh` pictures are as they are to be stored.
    """

    def __init__(self, stored: Text, fresh: Text, base: str, past: Past, unseen: Unseen | None) -> None:
        self.stored = stored
        self.importer = Importer(stored, fresh, unseen) if unseen else None
        self.bare = self.importer.bare() if self.importer else stored.blocks
        pictures = Pictures(stored, fresh, base, unseen.pictures if unseen else (), past)
        self.picture_blocks = PictureBlocks((self.bare, fresh.blocks), pictures.own, base, unseen, past)
        hunks = self.picture_blocks.parted(pair(self.bare, fresh.blocks))
        self.hunks = self.importer.regroup(hunks) if self.importer else hunks
        self.fresh, self.pictured = pictures.settled(fresh, self.hunks)
        self.changed = [self._is_changed(hunk) for hunk in self.hunks]

    def blocks(self, hunk: Hunk) -> tuple[Sequence[Block], Sequence[Block]]:
        """The stored and the fresh blocks of a hunk."""
        return hunk.old(self.stored.blocks), hunk.new(self.fresh.blocks)

    def _is_changed(self, hunk: Hunk) -> bool:
        if hunk in self.pictured or not is_same(*self.blocks(hunk)):
            return True
        return self.picture_blocks.lone(hunk)
