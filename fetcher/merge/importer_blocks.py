"""Which stored blocks are an importer's own, as no page shows them there, and which blocks of a page it leaves out."""

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

LABEL = 4  # words that say what follows: "Source", "Clipped from", "Visible links"
# Definitions as importers write them that are none to CommonMark: with the address wrapped, or words behind.
_DEFINED = re.compile(r"[ \t>]*\[(?!\^)([^\n]+)\]:\s*(\S+(?:\n(?!\[)\S+(?=\n|\Z)){0,2})[^\n]*(?:\n\s*|\Z)")
_SILENT = re.compile(r":::|`?<(?:style|script)\b|\]\[[^\[\]]*\]\s*$", re.IGNORECASE)
_OPENS = re.compile(
    r"[ \t>]*(?::{3,}[ \t]*[\w{]|\[code\b|\{%-?[ \t]*+(?!end)|\{\{[<%][ \t]*+(?!/)|<a[ \t][^<>]*>[ \t]*</a>\s*$)",
    re.IGNORECASE,
)


class ImporterBlocks:
    """Knows a stored text, a fresh one, what the page says unseen, and which words are an importer's."""

    def __init__(self, stored: Text, fresh: Text, unseen: Unseen, masks: Masks) -> None:
        self.stored, self.fresh, self.unseen, self._masks = stored, fresh, unseen, masks
        self._new: frozenset[str] = frozenset()
        self._times = Counter[str]()

    def learn(self, hunks: Sequence[Hunk], stored: Sequence[Block]) -> None:
        """Take notice of what is new on the page, how often each block is stored, and what kinds are left out."""
        lone = [hunk for hunk in hunks if not hunk.linked]
        new = [block for hunk in lone for block in hunk.new(self.fresh.blocks) if block.words]
        self._new = frozenset(plain(block.words) for block in new)
        self._times = Counter(_bare(block.words) for block in stored)
        omitted = self._omits(hunks)
        # Beside other news a kind may be new, too; and what is written with these would tell otherwise the next time.
        self.unseen.has_news |= any(_kind(block) not in omitted for block in new)
        self.unseen.omitted = set() if self.unseen.has_news else self.unseen.omitted | omitted

    def explains(self, block: Block, *, at_edge: bool, known: bool = True) -> bool:
        """Whether all of a stored block that the page does not have is the importer's.

        `at_edge` tells that it stands before or after all that the page has, `known` that the page may say it unseen.
        """
        source = self.stored.source(block)
        if _is_gutter(block) or _shows_nothing(source) or (block.words and self._defines(source)):
            return True
        if not any(map(str.isalnum, block.content.key)):
            return block.content.key.startswith(":::") or _is_rule(block)
        mask, _ = self._masks.of([block], [], known=known)
        rest = [word for word, masked in zip(block.words, mask, strict=True) if not masked]
        if not plain(rest) or (known and not _unsaid(rest, self.unseen.controls)):
            return True
        return self._stands_elsewhere(rest, known=known) or (at_edge and self._is_about_page(block, rest))

    def _defines(self, source: str) -> bool:
        """Whether it is reference definitions, wrapped or with words behind, of what the body uses or the page has."""
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
        """Whether what is not explained of a block is what the page says of itself, with a label before it."""
        unsaid = _unsaid(words, self.unseen.metadata)
        is_known = len(block.words) - len(unsaid) > 1  # by metadata, or as an address
        return is_known and sum(map(str.isalpha, unsaid)) <= LABEL

    def leaves_out(self, block: Block) -> bool:
        """Whether a new block is one that the importer leaves out: of an omitted kind, or the title of the page."""
        is_title = block.kind in HEADINGS and tuple(block.words) in self.unseen.titles
        return is_title or _kind(block) in self.unseen.omitted

    def opens(self, block: Block) -> bool:
        """Whether a block opens what follows it: a box, numbered code, a place that has a name."""
        return _is_gutter(block) or _OPENS.match(self.stored.source(block)) is not None

    def _stands_elsewhere(self, words: Sequence[str], *, known: bool) -> bool:
        """Whether the page still says what a block says, apart from the text that the body is compared with.

        A word or two may stand anywhere: they tell where all is `known` that stands with them.
        """
        said = plain(words)
        is_long = known or sum(map(str.isalpha, words)) >= LABEL
        return is_long and said not in self._new and self._places_of(said) >= max(1, self._times[_bare(words)])

    def _places_of(self, said: str) -> int:
        """In how many places the page says this, where it begins and ends with elements, or stands for an image."""
        text, starts, ends = self._page
        found, at = self._pictured[said], text.find(said)
        while said and at >= 0:
            found += at in starts and at + len(said) in ends
            at = text.find(said, at + 1)
        return found

    @cached_property
    def _pictured(self) -> Counter[str]:
        """The texts that stand for images, and how often."""
        return Counter(plain(split_words(alternative)) for _, alternative in self.unseen.images)

    @cached_property
    def _page(self) -> tuple[str, frozenset[int], frozenset[int]]:
        """All that the page shows as `plain` has it, and where elements begin and end in that."""
        shown = self.unseen.text
        words = [plain([word]) for word in shown.words]
        places = [0, *accumulate(map(len, words))]
        starts, ends = (frozenset(places[at] for at in each) for each in (shown.starts, shown.ends))
        return "".join(words), starts, ends

    def _omits(self, hunks: Sequence[Hunk]) -> set[str]:
        """The kinds of blocks of which the stored text has none, though the page has several in different places.

        So leaves out an extractor what it does not take for text. Of a page that changed, a kind would not come at once
        in several places.
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
    """What words say, without signs before them, as importers begin items with."""
    return plain([*dropwhile(lambda word: not word[:1].isalnum(), words)])


def _is_gutter(block: Block) -> bool:
    """Whether it is the numbers of the lines of code beside it."""
    numbers = [int(word) for word in block.words if word.isascii() and word.isdigit()] if block.kind == "pre" else []
    return len(numbers) == len(block.words) > 1 and numbers == [*range(numbers[0], numbers[0] + len(numbers))]


def _kind(block: Block) -> str:
    """What a block is or is a part of, as far as extractors tell: a heading, code, a table, a list; else nothing."""
    if block.kind in ("tr", "pre"):
        return block.kind
    return "heading" if block.kind in HEADINGS else "list" if {"ul", "ol"} & {*block.boxes} else ""


def _is_rule(block: Block) -> bool:
    """Whether it is a line that is drawn, or the rule of a table that follows another without a blank line."""
    signs = {*block.content.key}
    return len(block.content.key) > 2 and (len(signs) == 1 or (block.kind == "tr" and signs <= {*"-:"}))


def _shows_nothing(source: str) -> bool:
    """Whether all lines of a source begin or end boxes, or styles, or scripts; or end a link around several blocks."""
    lines = [line.lstrip(" \t>") for line in source.splitlines()]
    return all(not line or _SILENT.match(line) for line in lines)


def _unsaid(words: Sequence[str], texts: Iterable[tuple[str, ...]]) -> list[str]:
    """The words without those that make one of the texts."""
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
