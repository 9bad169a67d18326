"""Tells which stored blocks only the importer has written, and which kinds of blocks of a page it leaves out."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate, dropwhile

from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import plain
from fetcher.merge.masks import Masks
from fetcher.merge.pairing import Hunk
from fetcher.page.hidden_text import Unseen
from fetcher.page.semantics import HEADINGS
from fetcher.page.words import split_words

LABEL = 4  # words at most of a label: "Source", "Clipped from", "Visible links"
# Reference definitions that importers write and CommonMark reads as text: a wrapped address, or words behind it.
_DEFINED = re.compile(r"[ \t>]*\[(?!\^)([^\n]+)\]:\s*(\S+(?:\n(?!\[)\S+(?=\n|\Z)){0,2})[^\n]*(?:\n\s*|\Z)")
_SILENT = re.compile(r"`?<(?:style|script)\b|\]\[[^\[\]]*\]\s*$", re.IGNORECASE)
_OPENS = re.compile(
    r"[ \t>]*(?:\[code\b|\{%-?[ \t]*+(?!end)|\{\{[<%][ \t]*+(?!/)|<a[ \t][^<>]*>[ \t]*</a>\s*$)",
    re.IGNORECASE,
)


class ImporterBlocks:
    """Recognises the importer's own blocks of a stored text, by what the page has `unseen`."""

    def __init__(self, stored: Text, fresh: Text, unseen: Unseen, masks: Masks) -> None:
        self.stored, self.fresh, self.unseen, self._masks = stored, fresh, unseen, masks
        self._new: frozenset[str] = frozenset()
        self._times = Counter[str]()

    def learn(self, hunks: Sequence[Hunk], stored: Sequence[Block]) -> None:
        """Learn what is new on the page, how often each block is stored, and which kinds are left out."""
        lone = [hunk for hunk in hunks if not hunk.linked]
        new = [block for hunk in lone for block in hunk.new(self.fresh.blocks) if block.words]
        self._new = frozenset(plain(block.words) for block in new)
        self._times = Counter(_bare(block.words) for block in stored)
        omitted = self._omits(hunks)
        # Beside other new blocks these may be new as well; once written, they would show that the kind is stored.
        self.unseen.has_news |= any(_kind(block) not in omitted for block in new)
        self.unseen.omitted = set() if self.unseen.has_news else self.unseen.omitted | omitted

    def explains(self, block: Block, *, at_edge: bool, known: bool = True) -> bool:
        """Whether a stored block that the page does not show is the importer's.

        `at_edge`: it stands before or after all paired blocks. `known`: what the page has unseen counts.
        """
        source = self.stored.source(block)
        if _is_gutter(block) or _shows_nothing(source) or (block.words and self._defines(source)):
            return True
        if not any(map(str.isalnum, block.content.key)):
            return _is_rule(block)
        mask, _ = self._masks.of([block], [], known=known)
        rest = [word for word, masked in zip(block.words, mask, strict=True) if not masked]
        if not plain(rest) or (known and not _unsaid(rest, self.unseen.controls)):
            return True
        return self._stands_elsewhere(rest, known=known) or (at_edge and self._is_about_page(block, rest))

    def _defines(self, source: str) -> bool:
        """Whether a source is reference definitions, all of them used in the body or leading where the page does."""
        found, end = list[re.Match[str]](), 0
        while match := _DEFINED.match(source, end):
            found.append(match)
            end = match.end()
        links = ((match[1], "".join(match[2].split()).strip("<>")) for match in found)
        return end == len(source) and all(
            self._source.count(f"[{label}]") > 1 or self.unseen.leads_to(link) for label, link in links
        )

    @cached_property
    def _source(self) -> str:
        return "".join(self.stored.lines)

    def _is_about_page(self, block: Block, words: Sequence[str]) -> bool:
        """Whether the words are metadata of the page, with no more than a label before them."""
        unsaid = _unsaid(words, self.unseen.metadata)
        is_known = len(block.words) - len(unsaid) > 1  # by metadata, or as an address
        return is_known and sum(map(str.isalpha, unsaid)) <= LABEL

    def leaves_out(self, block: Block) -> bool:
        """Whether the importer leaves a new block out, as it is of an omitted kind or the title of the page."""
        is_title = block.kind in HEADINGS and tuple(block.words) in self.unseen.titles
        return is_title or _kind(block) in self.unseen.omitted

    def opens(self, block: Block) -> bool:
        """Whether a block opens what follows it: a box, numbered code, a place that has a name."""
        return _is_gutter(block) or _OPENS.match(self.stored.source(block)) is not None

    def _stands_elsewhere(self, words: Sequence[str], *, known: bool) -> bool:
        """Whether the page has the words elsewhere, outside of the part that the body is compared with.

        Very few words may stand anywhere, so they count only if `known`.
        """
        said = plain(words)
        is_long = known or sum(map(str.isalpha, words)) >= LABEL
        return is_long and said not in self._new and self._places_of(said) >= max(1, self._times[_bare(words)])

    def _places_of(self, said: str) -> int:
        """How often the page has this as the whole text of elements, or as the alternative text of an image."""
        text, starts, ends = self._page
        found, at = self._pictured[said], text.find(said)
        while said and at >= 0:
            found += at in starts and at + len(said) in ends
            at = text.find(said, at + 1)
        return found

    @cached_property
    def _pictured(self) -> Counter[str]:
        """The alternative texts of images, and how often each occurs."""
        return Counter(plain(split_words(alternative)) for _, alternative in self.unseen.images)

    @cached_property
    def _page(self) -> tuple[str, frozenset[int], frozenset[int]]:
        """The `plain` text of the whole page, and where elements begin and end in it."""
        shown = self.unseen.text
        words = [plain([word]) for word in shown.words]
        places = [0, *accumulate(map(len, words))]
        starts, ends = (frozenset(places[at] for at in each) for each in (shown.starts, shown.ends))
        return "".join(words), starts, ends

    def _omits(self, hunks: Sequence[Hunk]) -> set[str]:
        """The kinds of blocks, such as tables, that the page has in several places and the stored text nowhere.

        An extractor leaves out such kinds. A page that changes does not gain a kind in several places at once.
        """
        places, known = Counter[str](), set[str]()
        for hunk in hunks:
            kinds = set(map(_kind, hunk.new(self.fresh.blocks)))
            if hunk.start_a < hunk.end_a:
                known |= kinds
            else:
                places.update(kinds)
        return {kind for kind, times in places.items() if kind and times > 1} - known


def _bare(words: Sequence[str]) -> str:
    """The text without signs at its start, such as the bullets of importers."""
    return plain([*dropwhile(lambda word: not word[:1].isalnum(), words)])


def _is_gutter(block: Block) -> bool:
    """Whether a block is nothing but line numbers of the code beside it."""
    numbers = [int(word) for word in block.words if word.isascii() and word.isdigit()] if block.kind == "pre" else []
    return len(numbers) == len(block.words) > 1 and numbers == [*range(numbers[0], numbers[0] + len(numbers))]


def _kind(block: Block) -> str:
    """The kind of a block by which extractors select: `heading`, `pre`, `tr`, `list`; empty for others."""
    if block.kind in ("tr", "pre"):
        return block.kind
    return "heading" if block.kind in HEADINGS else "list" if {"ul", "ol"} & {*block.boxes} else ""


def _is_rule(block: Block) -> bool:
    """Whether a block is a drawn line, or the rule of a table right below another table."""
    signs = {*block.content.key}
    return len(block.content.key) > 2 and (len(signs) == 1 or (block.kind == "tr" and signs <= {*"-:"}))


def _shows_nothing(source: str) -> bool:
    """Whether all lines of a source are ends of boxes, styles, scripts or of a link around several blocks."""
    lines = [line.lstrip(" \t>") for line in source.splitlines()]
    return all(not line or _SILENT.match(line) for line in lines)


def _unsaid(words: Sequence[str], texts: Iterable[tuple[str, ...]]) -> list[str]:
    """The words without the runs that are one of the texts."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for text in sorted(texts, key=len, reverse=True):
        by_first.setdefault(text[0], []).append(text)
    rest, at = [], 0
    while at < len(words):
        fits = (text for text in by_first.get(words[at], ()) if tuple(words[at : at + len(text)]) == text)
        size = len(next(fits, ()))
        rest += [] if size else [words[at]]
        at += size or 1
    return rest
