"""Writes a change: the least edit of the stored source that shows what the page shows.

Candidates are tried from the least edit on: with the stored markup, with some of the page's, with all of it. Each is
rendered, and the first one that shows what is expected (`equivalence.Expectation`) is taken.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property
from itertools import accumulate, groupby, product
from typing import NamedTuple

from fetcher.markdown.grid import cells, with_delimiters_for
from fetcher.markdown.page_habits import NO_BREAK
from fetcher.markdown.reading.blocks import Block, Text
from fetcher.markdown.reading.wording import Edit
from fetcher.merge.block_tokens import Source, aligned, noted, source, unmarked
from fetcher.merge.code_blocks import as_stored, code_lines, ended, recoded, shown_by
from fetcher.merge.equivalence import LOOKS, Expectation, Sign, shown
from fetcher.merge.layout import Layout
from fetcher.merge.prefixes import boxed, is_boxed, underlined
from fetcher.merge.references import notes_of, numbers_of_notes
from fetcher.merge.token_merge import (
    BORDER,
    Markup,
    TokenPair,
    is_border_of_blocks,
    merged_tokens,
    token_pairs,
    without_labels,
)
from fetcher.merge.tokens import NOTE, Token, lookup, with_pictures
from fetcher.page.semantics import HEADINGS
from fetcher.page.word_spans import UNSURE
from fetcher.page.words import fold

_INVISIBLE = "\u00ad\u200b\u2060"
_QUOTED = re.compile(r"\n[ \t]*(?:>[ \t]?)+")
_DEFINED = re.compile(r"[ \t>]*:[ \t]")


_LOOK = re.compile(rf"<({'|'.join(LOOKS)})>")
Pair = tuple[Sequence[Block], Sequence[Block]]


class Rewrite(NamedTuple):
    """What is to be written: stored and fresh blocks, and the edits between their words that are made.

    `reshaped`: the blocks have another kind or other boxes now. `recut`: they are split otherwise. `unkept` is markup
    of the fresh blocks that the body never keeps.
    """

    old: Sequence[Block]
    new: Sequence[Block]
    wanted: Sequence[Edit]
    reshaped: bool = False
    recut: bool = False
    unkept: frozenset[str] = frozenset()


class Writer:
    """Writes changes of a stored text; `alike` are pairs of its blocks and fresh ones with the same words."""

    def __init__(self, stored: Text, fresh: Text, layout: Layout, base: str, alike: Iterable[Pair] = ()) -> None:
        self._stored, self._fresh, self._layout, self._base = stored, fresh, layout, base
        self._alike = alike
        whole, other = "".join(stored.lines), "".join(fresh.lines)
        own = lookup(whole, base)
        self._lookups = own, with_pictures(lookup(other, base), own, other)
        self._definitions = tuple(known.as_definitions() for known in self._lookups)
        self._notes = numbers_of_notes(fresh.lines) | notes_of(whole) if self._lookups[0].notes else set()
        self.has_references = bool(self._lookups[0].definitions)
        seen = NO_BREAK + "".join(sign for sign in _INVISIBLE if sign in whole)
        self._kept = "".join(sign for sign in seen if any(sign in line for line in fresh.lines))

    def written(self, rewrite: Rewrite) -> list[tuple[str, Block | None]] | None:
        """The change as stretches of source, the first with what stands before the old blocks.

        A stretch with a block begins there, and is to be laid out as that. None where no way shows what the page shows.
        """
        old, new = rewrite.old, rewrite.new
        if any(block.kind == "pre" for block in old):
            if [block.kind for block in (*old, *new)] != ["pre", "pre"]:
                return None
            code = self._code(old[0], new[0])
            return None if code is None else [(code, None)]
        one, other = source(self._stored, old, self._lookups[0]), source(self._fresh, new, self._lookups[1])
        if one is None or other is None:
            return None
        shown = {token.key for token in one.tokens if token.text.startswith(NOTE)}
        other = unmarked(noted(other, self._notes | shown), rewrite.unkept)
        if {block.kind for block in new} == {"tr"} and {block.kind for block in old} <= {"p", "li"}:
            one, other = aligned(one, other)
        touch = [each for block in new for each in block.touch]
        sure = {at for at, each in enumerate(touch) if not each & UNSURE}
        found = token_pairs(one, other, rewrite.wanted, sure=sure, raw=old[0].kind == "raw")
        expectation = self._expectation(rewrite, found, one, other, touch)
        tokens = self._first(found, rewrite, expectation)
        return None if tokens is None else self._with_line(rewrite, list(self._stretches(tokens, one, other, rewrite)))

    def _first(self, found: Sequence[TokenPair], rewrite: Rewrite, expectation: Expectation) -> list[Token] | None:
        """The tokens of the least edit that shows what is expected; None if there is none.

        Where the importer has words of its own, its markup is not the page's either: there the right text is enough.
        """
        reading: list[Token] | None = None
        is_explained = any(entry.stays for entry in found)
        structures = (True,) if rewrite.reshaped else (rewrite.recut, not rewrite.recut)
        for each, structure, markup in product(without_labels(found), structures, Markup):
            tokens = merged_tokens(each, self._kept, markup=markup, structure=structure)
            signs = self._signs(tokens, rewrite)
            if expectation.accepts(signs):
                return tokens
            if reading is None and is_explained and expectation.reads(signs):
                reading = tokens
        return reading

    def _with_line(self, rewrite: Rewrite, stretches: list[tuple[str, Block | None]]) -> list[tuple[str, Block | None]]:
        """The stretches, with a line under them that fits: the rule under a table's head, the line under a heading."""
        head = rewrite.old[0]
        if head.kind in HEADINGS and len(stretches) == 1:
            before = self._stored.source(head).rstrip()
            return [(underlined(text, before), block) for text, block in stretches]
        if not head.is_head or len(stretches) != 1:
            return stretches
        return [(with_delimiters_for(text, head.column), block) for text, block in stretches]

    def _expectation(
        self, rewrite: Rewrite, found: Sequence[TokenPair], one: Source, other: Source, touch: Sequence[int]
    ) -> Expectation:
        """What has to be shown: what the page shows, except for edits that are not made."""
        is_text = any(block.kind == "pre" for block in rewrite.new)
        new = self._fresh_signs(rewrite, other)
        at_b = _word_places(new, [other.tokens[at].key for at in other.places])
        unsure = {at_b[k] for k, each in enumerate(touch) if each & UNSURE} | _unsure(found, at_b)
        unkept = {*rewrite.unkept, *(["code"] if is_text else [])}
        if any(_DEFINED.match(line) for block in rewrite.old for line in self._stored.lines[block.start : block.end]):
            unkept.add("strong")  # by which a fresh text tells the term of a definition
        if not any(entry.stays for entry in found):
            return Expectation(new, unsure, unkept, self._dropping(rewrite, found, one, at_b))
        return Expectation(*_mixed(found, self._old_signs(rewrite, one), (new, at_b), unsure), unkept)

    def _old_signs(self, rewrite: Rewrite, one: Source) -> tuple[list[Sign], list[int]]:
        """The signs of the stored blocks, and which of them the words begin with."""
        old = self._signs(one.tokens, Rewrite(rewrite.old, rewrite.old, ()))
        return old, _word_places(old, [one.tokens[at].key for at in one.places])

    def _dropping(
        self, rewrite: Rewrite, found: Sequence[TokenPair], one: Source, places: Sequence[int]
    ) -> Callable[[int], frozenset[str]]:
        """Tells which marks the signs of words that stay may lack: those that the stored words have not."""

        @cache
        def stored() -> dict[int, frozenset[str]]:
            return _stored_marks(found, self._old_signs(rewrite, one), places)

        return lambda at: self._dropped - stored()[at] if at in stored() else frozenset()

    @cached_property
    def _dropped(self) -> frozenset[str]:
        """The marks that the importer mostly drops; all of them where the stored text has none."""
        kept, there = Counter[str](), Counter[str]()
        for old, new in self._alike:
            if all(block.content.inside for block in (*old, *new)):
                kept.update(mark for block in old for mark in _LOOK.findall(block.content.inside))
                there.update(mark for block in new for mark in _LOOK.findall(block.content.inside))
        is_plain = not any(_LOOK.search(block.content.inside) for block in self._stored.blocks)
        return frozenset(mark for mark in LOOKS if is_plain or 2 * kept[mark] < there[mark])

    def _fresh_signs(self, rewrite: Rewrite, other: Source) -> list[Sign]:
        return self._signs(other.tokens, Rewrite(rewrite.new, rewrite.new, ()), fresh=True)

    def _signs(self, tokens: Sequence[Token], rewrite: Rewrite, *, fresh: bool = False) -> list[Sign]:
        """The signs that tokens show, block by block."""
        found: list[Sign] = []
        block = (rewrite.new if rewrite.reshaped else rewrite.old)[0]
        for is_border, group in groupby(tokens, is_border_of_blocks):
            run = list(group)
            if is_border:
                block = (rewrite.new if run[-1].text == BORDER else rewrite.old)[run[-1].pair]
                continue
            text = "".join(map(_with_number, run))
            if "blockquote" in block.boxes:
                text = _QUOTED.sub("\n", text)
            found += shown(_framed(text, block.kind), self._base, self._definitions[fresh])
        return found

    def _stretches(
        self, tokens: Sequence[Token], one: Source, other: Source, rewrite: Rewrite
    ) -> Iterator[tuple[str, Block | None]]:
        block = rewrite.new[0] if rewrite.reshaped else None
        opening, closing = other.frames[0] if rewrite.reshaped else (self._opening(one, other), one.after)
        text = ""
        for token in tokens:
            if token.text == BORDER:
                yield opening + text + closing, block
                block = rewrite.new[token.pair]
                opening, closing = other.frames[token.pair]
                text = ""
            else:
                text += token.text
        yield opening + text + closing, block

    @staticmethod
    def _opening(one: Source, other: Source) -> str:
        """The stored prefix, with its task box ticked as on the page if both have one."""
        opening, own = one.before, other.before
        return boxed(opening, own) if is_boxed(opening) and is_boxed(own) else opening

    def _code(self, old: Block, new: Block) -> str | None:
        """The stored block of code with the fresh code; None where it would show other code."""
        code = as_stored(code_lines(self._stored, old), code_lines(self._fresh, new))
        text = recoded(self._stored, old, code)
        shows = [sign.text for sign in shown(shown_by(text, old.column))]
        return text if shows == [line.rstrip() for line in ended(code)] else None


def _with_number(token: Token) -> str:
    """The source of a token; for a footnote reference its number in the whole text."""
    is_note = token.kind == "word" and token.text.startswith("[^") and token.text.endswith("]")
    return token.key if is_note else token.text


def _unsure(found: Sequence[TokenPair], places: Sequence[int]) -> set[int]:
    """The indexes of signs before which white space may stand or not."""
    words, unsure = 0, set()
    for entry in found:
        if entry.unsure and words < len(places):
            unsure.add(places[words])
        words += entry.has_fresh_word
    return unsure


def _framed(text: str, kind: str) -> str:
    """The text of a block as a block of Markdown that stands alone."""
    if kind == "tr" and "\n" not in text:
        row = f"| {text} |"
        return f"{row}\n|{'---|' * len(cells(row))}"
    return f"# {text}" if kind[0] == "h" and kind != "hr" else text


def _word_places(signs: Sequence[Sign], words: Sequence[str]) -> list[int]:
    """The index of the sign that each word begins with."""
    ends = list(accumulate(0 if len(sign.text) > 1 else len(fold(sign.text)) for sign in signs))
    starts = accumulate((len(word) for word in words), initial=0)
    return [bisect_left(ends, start + 1) for start in starts]


def _mixed(
    found: Sequence[TokenPair],
    old: tuple[Sequence[Sign], Sequence[int]],
    new: tuple[Sequence[Sign], Sequence[int]],
    unsure: Collection[int],
) -> tuple[list[Sign], set[int]]:
    """The signs of the fresh words, except where stored words stay; and the indexes of those that are unsure."""
    signs: list[Sign] = []
    doubtful: set[int] = set()
    a = b = 0  # words that were read
    done_a = done_b = 0  # signs

    def take(side: tuple[Sequence[Sign], Sequence[int]], done: int, words: int) -> int:
        end = side[1][words] if words < len(side[1]) - 1 else len(side[0])
        if side is new:
            doubtful.update(len(signs) + at - done for at in unsure if done <= at < end)
        signs.extend(side[0][done:end])
        return end

    for entry in found:
        stored, fresh = entry.has_stored_word, entry.has_fresh_word
        a, b = a + stored, b + fresh
        if entry.stays:
            done_a = take(old, done_a, a) if stored else done_a
            done_b = new[1][b] if fresh and b < len(new[1]) - 1 else done_b
        elif fresh:
            done_b = take(new, done_b, b)
        if stored and not entry.stays and a < len(old[1]) - 1:
            done_a = old[1][a]
    return signs, doubtful


def _stored_marks(
    found: Sequence[TokenPair], old: tuple[Sequence[Sign], Sequence[int]], places: Sequence[int]
) -> dict[int, frozenset[str]]:
    """The stored marks of the signs of words that stay, by the indexes of the signs on the page."""
    signs, places_a = old
    marks: dict[int, frozenset[str]] = {}
    a = b = 0
    for entry in found:
        stored, fresh = entry.has_stored_word, entry.has_fresh_word
        if entry.one and stored and fresh:
            for at in range(len(entry.one.key)):
                if places_a[a] + at < len(signs):
                    marks[places[b] + at] = signs[places_a[a] + at].marks
        a, b = a + stored, b + fresh
    return marks
