"""A difference within a block as the phrase that somebody would quote."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.report.blocks import Gap, Part, Side
    from fetcher.report.tokens import Token

LONGEST = 60
"""Characters of a phrase that is worth quoting as a whole."""

_REACH = 3
"""Tokens that are looked through for a word to quote with a small difference."""


class Phrase(NamedTuple):
    """What stood there and what does; one of them may be empty. `link` tells that both are targets of a link."""

    old: str
    new: str
    link: bool = False


def said(old: Side, one: Part, new: Side, other: Part, gap: Gap) -> Phrase | None:
    """A gap as a phrase, with a word beside it where it says little by itself; None where it is too long to quote."""
    gone, come = one.tokens[gap.start : gap.end], other.tokens[gap.new_start : gap.new_end]
    if all(token.link for token in (*gone, *come)):
        return Phrase(_target(gone), _target(come), link=True)
    before, after = _beside(one.tokens, gap, gone, come)
    phrase = Phrase(
        old.text(one, gap.start - before, gap.end + after),
        new.text(other, gap.new_start - before, gap.new_end + after),
    )
    return phrase if max(map(len, phrase[:2])) <= LONGEST else None


def _target(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _beside(tokens: Sequence[Token], gap: Gap, gone: Sequence[Token], come: Sequence[Token]) -> tuple[int, int]:
    """How many tokens before and after the gap, which are the same on both sides, are quoted with it.

    '2' that became '3' says little, 'Claude 2' that became 'Claude 3' all; a word that came in is quoted between two.
    """
    least, most = sorted((_letters(gone), _letters(come)))
    one_sided = not (gone and come)
    if not (one_sided and most < 12) and (least >= 3 or (one_sided and most >= 12)):
        return 0, 0
    before = _reach(tokens[max(0, gap.start - _REACH) : gap.start][::-1])
    after = _reach(tokens[gap.end : gap.end + _REACH])
    return (before, after) if one_sided else (before, _currency(tokens, gap.end) if before else after)


def _currency(tokens: Sequence[Token], at: int) -> int:
    """1 where a sign of a currency stands there: an amount is quoted with it ('12 €')."""
    return int(at < len(tokens) and category(tokens[at].text[0]) == "Sc")


def _letters(tokens: Sequence[Token]) -> int:
    return sum(sign.isalpha() for token in tokens for sign in token.text if not token.link)


def _reach(tokens: Sequence[Token]) -> int:
    """How many tokens lie up to the next one that is a word; 0 where there is none near."""
    return next((k + 1 for k, token in enumerate(tokens) if _tells(token.text[0]) and not token.link), 0)


def _tells(sign: str) -> bool:
    return sign.isalnum() or category(sign) in ("So", "Sc")  # a symbol such as ©, a currency
