"""The edges of a body: menus before the text, lists of other pages after it, as some importers keep them."""

from collections.abc import Sequence

from fetcher.markdown.reading.blocks import Block
from fetcher.page.links import followed

_LABEL = 8  # words of a label, a button, a language
_TITLE = 15  # words of another page's title
_TEASER = 60  # words that tell of another page, above a link to it
_ENDS = (".", "。", "．", "।", "۔")  # of sentences that tell something; titles ask and exclaim


def edges(blocks: Sequence[Block]) -> tuple[int, int]:
    """Where the text begins and where it ends: blocks before the first index and from the second on are furniture.

    A furnished edge is a row of labels, links and other pages' titles, with at least two links in it, and is
    never the greater part of a body.
    """
    start = 0
    while start < len(blocks) and blocks[start].kind != "h1" and is_furniture(blocks, start, teasers=False):
        start += 1
    end = len(blocks)
    while end > start and blocks[end - 1].kind != "h1" and is_furniture(blocks, end - 1, teasers=True):
        end -= 1
    total = sum(len(block.words) for block in blocks)
    if not _furnished(blocks[:start], total):
        start = 0
    if not _furnished(blocks[end:], total):
        end = len(blocks)
    return start, end


def renames(old: Sequence[Block], new: Sequence[Block], base: str) -> bool:
    """Whether links lead where they led, and are called otherwise; in a list that rotates they lead elsewhere."""
    one, other = ([link for block in blocks for link in block.links] for blocks in (old, new))
    links = followed(one, other, base)
    return bool(links) and all(before == now for before, now in links)


def _furnished(edge: Sequence[Block], total: int) -> bool:
    links = sum(bool(block.links) for block in edge)
    return links >= 2 and sum(len(block.words) for block in edge) * 5 <= total * 2


def is_furniture(blocks: Sequence[Block], at: int, *, teasers: bool) -> bool:
    """Whether a block is a label, a link, a title or, with `teasers`, what tells of the page that is linked next."""
    block = blocks[at]
    if block.kind in ("pre", "tr"):
        return False
    size = len(block.words)
    tells = block.words[-1:] and block.words[-1].endswith(_ENDS)
    if block.linked >= size or (size <= _LABEL and not tells):
        return True
    if size <= _TITLE and not block.words[-1].endswith(_ENDS):
        return True
    if size <= _TEASER and all(word.isalnum() for word in block.words):  # a row of labels, such as languages
        return True
    return (
        teasers and size <= _TEASER and at + 1 < len(blocks) and 0 < len(blocks[at + 1].words) <= blocks[at + 1].linked
    )
