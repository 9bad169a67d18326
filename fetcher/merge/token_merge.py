"""Merges the tokens of stored and fresh blocks: wanted edits are made, and all else keeps its stored spelling.

Both sources are aligned token by token. A token that means the same on both sides keeps its stored spelling, the rest
comes from the fresh source. The result has the order of the fresh tokens, so that it is well-formed.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from enum import Enum
from html import unescape
from itertools import takewhile
from typing import NamedTuple

from rapidfuzz.distance import Indel

from fetcher.markdown.reading.wording import Edit, common_runs
from fetcher.merge.block_tokens import Source
from fetcher.merge.tokens import Token

BORDER = "\0"  # marks where a fresh block begins that the stored source does not have
# Markup that only spells the same thing in another way: the stored spelling stays.
_SPELLING = frozenset(["<", ">"])


class TokenPair(NamedTuple):
    """A stored token and the fresh one that means the same; None for a token that only one side has.

    `quiet`: between two words that follow each other on both sides. `stays`: the stored source stays here, as the edit
    is not wanted. `unsure`: white space may stand here or not.
    """

    one: Token | None
    other: Token | None
    quiet: bool = False
    stays: bool = False
    unsure: bool = False

    @property
    def has_stored_word(self) -> bool:
        """Whether its stored token is a word."""
        return self.one is not None and self.one.kind == "word"

    @property
    def has_fresh_word(self) -> bool:
        """Whether its fresh token is a word."""
        return self.other is not None and self.other.kind == "word"


def token_pairs(
    stored: Source, fresh: Source, wanted: Collection[Edit], *, sure: Collection[int] = (), raw: bool
) -> list[TokenPair]:
    """The tokens of both sources, aligned; `wanted` are the edits that are made.

    `sure` are the fresh words of which it is known whether white space stands before them. In `raw` HTML the tags stay
    as they are stored.
    """
    one, other = ([source.tokens[at].key for at in source.places] for source in (stored, fresh))
    found: list[TokenPair] = []
    at_a = at_b = -1
    pairs = [(match.start_a + k, match.start_b + k) for match in common_runs(one, other) for k in range(match.size)]
    for a, b in [*pairs, (len(one), len(other))]:
        gap_a = stored.tokens[_place(stored, at_a) + 1 : _place(stored, a)]
        gap_b = fresh.tokens[_place(fresh, at_b) + 1 : _place(fresh, b)]
        quiet = a == at_a + 1 and b == at_b + 1
        if quiet and not raw:
            # White space alone changes where that is a wanted edit.
            is_sure = b in sure and not any(token.form == "block" for token in (*gap_a, *gap_b))
            unsure = not is_sure and not _is_wanted(Edit(at_a, a + 1, at_b, b + 1), wanted)
            found += _paired(gap_a, gap_b, quiet=True, unsure=unsure)
        else:
            gap = Edit(at_a + 1, a, at_b + 1, b)
            found += _changed(stored, fresh, gap, [edit for edit in wanted if _is_wanted(edit, [gap])], raw=raw)
        if a < len(one):
            found.append(TokenPair(stored.tokens[stored.places[a]], fresh.tokens[fresh.places[b]]))
        at_a, at_b = a, b
    return found


def _changed(stored: Source, fresh: Source, gap: Edit, wanted: Sequence[Edit], *, raw: bool) -> Iterator[TokenPair]:
    """The tokens between two words that both sides have: those of wanted edits exchanged, the others as stored."""
    at_a, at_b = _place(stored, gap.start_a - 1) + 1, _place(fresh, gap.start_b - 1) + 1
    last_a, last_b = _place(stored, gap.end_a), _place(fresh, gap.end_b)
    # Markup that closes right behind the word before belongs to that word.
    alike = takewhile(_is_one_mark, zip(stored.tokens[at_a:last_a], fresh.tokens[at_b:last_b], strict=False))
    for a, b in alike if wanted and not raw else ():
        yield TokenPair(a, b)
        at_a, at_b = at_a + 1, at_b + 1
    for edit in wanted:
        start_a = at_a if edit.start_a == gap.start_a else max(at_a, _place(stored, edit.start_a - 1) + 1)
        start_b = at_b if edit.start_b == gap.start_b else max(at_b, _place(fresh, edit.start_b - 1) + 1)
        whole = edit.end_a == gap.end_a and edit.end_b == gap.end_b
        end_a = last_a if whole else max(start_a, _place(stored, edit.end_a - 1) + 1)
        end_b = last_b if whole else max(start_b, _place(fresh, edit.end_b - 1) + 1)
        yield from _staying(stored.tokens[at_a:start_a], fresh.tokens[at_b:start_b])
        exchange = _in_html if raw else _paired
        yield from exchange(stored.tokens[start_a:end_a], fresh.tokens[start_b:end_b])
        at_a, at_b = end_a, end_b
    yield from _staying(stored.tokens[at_a:last_a], fresh.tokens[at_b:last_b])


def _is_one_mark(pair: tuple[Token, Token]) -> bool:
    return pair[0].kind == pair[1].kind == "mark" and pair[0].key == pair[1].key


def _staying(one: Sequence[Token], other: Sequence[Token]) -> Iterator[TokenPair]:
    yield from (TokenPair(token, None, stays=True) for token in one)
    yield from (TokenPair(None, token, stays=True) for token in other)


def _place(source: Source, word: int) -> int:
    if word < 0:
        return -1
    return source.places[word] if word < len(source.places) else len(source.tokens)


def _is_wanted(gap: Edit, wanted: Collection[Edit]) -> bool:
    return any(
        edit.start_a <= gap.start_a
        and gap.end_a <= edit.end_a
        and edit.start_b <= gap.start_b
        and gap.end_b <= edit.end_b
        for edit in wanted
    )


def _paired(
    one: Sequence[Token], other: Sequence[Token], *, quiet: bool = False, unsure: bool = False
) -> Iterator[TokenPair]:
    """The tokens between two words that both sides have, paired where they mean the same."""
    keys_a, keys_b = [token.key for token in one], [token.key for token in other]
    if keys_a == keys_b:  # like most, which are a single space
        yield from (TokenPair(a, b, quiet, unsure=unsure) for a, b in zip(one, other, strict=True))
        return
    for code in Indel.opcodes(keys_a, keys_b):
        gone, come = one[code.src_start : code.src_end], other[code.dest_start : code.dest_end]
        if code.tag == "equal":
            yield from (TokenPair(a, b, quiet, unsure=unsure) for a, b in zip(gone, come, strict=True))
        else:
            yield from (TokenPair(token, None, quiet, unsure=unsure) for token in gone)
            yield from (TokenPair(None, token, quiet, unsure=unsure) for token in come)


def _in_html(one: Sequence[Token], other: Sequence[Token]) -> Iterator[TokenPair]:
    """The stored tags, and between them the fresh words in the place of the stored ones."""
    first = next((at for at, token in enumerate(one) if token.kind == "word"), len(one))
    yield from (TokenPair(token, None, stays=True) for token in one[:first])
    places = [at for at, token in enumerate(other) if token.kind == "word"]
    if places:
        yield from (TokenPair(None, token) for token in other[places[0] : places[-1] + 1])
    yield from (TokenPair(token, None, stays=True) for token in one[first:] if token.kind != "word")


def without_labels(found: Sequence[TokenPair]) -> Iterator[Sequence[TokenPair]]:
    """The pairs; and again with the page's own links for stored ones whose text is their label, if there are any."""
    yield found
    if any(map(_is_led_by_text, found)):
        yield [TokenPair(entry.other, entry.other, entry.quiet) if _is_led_by_text(entry) else entry for entry in found]


def _is_led_by_text(entry: TokenPair) -> bool:
    one, other = entry.one, entry.other
    return one is not None and other is not None and one.key.startswith("](") and one.text in ("]", "][]")


def is_border_of_blocks(token: Token) -> bool:
    """Whether a token is the space before a block of the same source."""
    return token.kind == "space" and token.form == "block" and token.pair >= 0


class Markup(Enum):
    """Which markup around words that stay is taken from the page: none, links, images and struck text, or all."""

    NONE = frozenset[str]()
    TELLING = frozenset(["[", "](", "![", "del", "/del"])
    ALL = None

    def has(self, key: str) -> bool:
        """Whether markup of that key is taken from the page."""
        return self.value is None or key[:2] in self.value or key in self.value


def merged_tokens(found: Sequence[TokenPair], signs: str = "", *, markup: Markup, structure: bool) -> list[Token]:
    """The tokens of the merged source; `BORDER` is where a fresh block begins that the stored source does not have.

    Breaks between lines and blocks are the stored ones, or the page's if `structure`. `signs` are non-breaking spaces
    and characters of no width that both texts use: where one of them comes or goes, it does so here.
    """
    kept = _Kept(found, signs, markup=markup)
    out: list[Token] = []
    for entry in found:
        if entry.one is not None and entry.other is not None:
            # A block that comes between two others is a block of its own.
            is_parted = not entry.quiet and is_border_of_blocks(entry.other)
            out.append(_both(entry.one, entry.other, kept, structure=structure or is_parted))
        elif entry.one is not None and (entry.stays or kept.of_stored(entry, entry.one) or _is_behind(out, entry)):
            out.append(entry.one)
        elif entry.other is not None and not entry.stays and kept.of_fresh(entry, entry.other):
            out.append(_fresh(entry.other))
    return out


def _is_behind(out: Sequence[Token], entry: TokenPair) -> bool:
    """Whether a stored token is white space behind what shows nothing, such as a comment, with white space before."""
    if entry.one is None or not entry.quiet or entry.one.kind != "space" or entry.one.form not in ("", "line"):
        return False
    return [token.kind for token in out[-2:]] == ["space", "extra"]


def _both(one: Token, other: Token, kept: "_Kept", *, structure: bool) -> Token:
    if one.kind == "space":
        other_form = (structure and "block" in (one.form, other.form)) or (
            one.form == other.form == "" and kept.differ(one, other)
        )
        return _fresh(other) if other_form else one
    if one.kind == "word" and kept.differ(one, other):
        return other if kept.bare(one.text) == kept.bare(other.text) else one
    return one if one.kind != "mark" or one.pair < 0 or kept.is_whole(one, other) else other


def _fresh(token: Token) -> Token:
    return token._replace(text=BORDER) if is_border_of_blocks(token) else token


class _Kept:
    """Decides which of the tokens that only one side has are kept."""

    def __init__(self, found: Sequence[TokenPair], signs: str, *, markup: Markup) -> None:
        self._markup = markup
        self._signs = dict.fromkeys(map(ord, signs))
        ends = Counter((e.one.pair, e.other.pair) for e in found if e.one and e.other and e.one.kind == "mark")
        self._whole = {pair for pair, times in ends.items() if times > 1}
        self._loose_a = self._pairs([e.one for e in found if e.one and not e.other and (e.quiet or e.stays)])
        come = [
            (e, e.other.pair) for e in found if e.other and not e.one and e.other.kind == "mark" and e.other.pair >= 0
        ]
        self._lost = {pair for entry, pair in come if entry.stays}
        if any(entry.stays for entry in found):
            quiet = {pair for entry, pair in come if entry.quiet}
            self._lost |= {pair for entry, pair in come if not entry.quiet and pair in quiet}
        self._loose_b = self._pairs([e.other for e in found if e.other and not e.one and e.quiet])

    @staticmethod
    def _pairs(tokens: Sequence[Token | None]) -> set[int]:
        """The numbers of pairs both ends of which are among the tokens."""
        seen: set[int] = set()
        both: set[int] = set()
        for token in tokens:
            if token is not None and token.kind == "mark" and token.pair >= 0:
                (both if token.pair in seen else seen).add(token.pair)
        return both

    def bare(self, text: str) -> str:
        """The text without the special spaces and characters of no width."""
        return unescape(text).translate(self._signs)

    def tells(self, token: Token) -> bool:
        """Whether the token has one of these."""
        return bool(self._signs) and self.bare(token.text) != unescape(token.text)

    def differ(self, one: Token, other: Token) -> bool:
        """Whether two tokens differ in such characters, however these are spelled."""
        return unescape(one.text) != unescape(other.text) and (self.tells(one) or self.tells(other))

    def is_whole(self, one: Token, other: Token) -> bool:
        """Whether both sides have both ends of this markup."""
        return (one.pair, other.pair) in self._whole

    def of_stored(self, entry: TokenPair, token: Token) -> bool:
        """Whether a token stays that only the stored source has."""
        if token.kind == "space":
            return entry.unsure and not self.tells(token)
        if not entry.quiet:
            return False
        if token.kind == "extra":
            return not self.tells(token)
        return not self._is_of_page(token) and (token.pair < 0 or token.pair in self._loose_a)

    def of_fresh(self, entry: TokenPair, token: Token) -> bool:
        """Whether a token comes that only the fresh source has."""
        if token.kind == "space" or (token.kind == "extra" and self.tells(token)):
            return not entry.unsure or self.tells(token)
        if token.kind == "mark" and token.pair in self._lost:
            return False
        if not entry.quiet or token.kind == "extra":
            return not entry.quiet
        return self._is_of_page(token) or not (token.pair < 0 or token.pair in self._loose_b)

    def _is_of_page(self, token: Token) -> bool:
        """Whether markup is taken from the page; its other spellings are only where all of it is."""
        return self._markup is Markup.ALL or (token.key not in _SPELLING and self._markup.has(token.key))
