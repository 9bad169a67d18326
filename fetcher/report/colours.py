"""The colours in which outcomes are shown on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetcher.terms.outcomes import TROUBLES, WRITTEN, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODES = {"bold": 1, "dim": 2, "reverse": 7, "red": 31, "green": 32, "yellow": 33, "cyan": 36}
"""As terminals count them."""


def _colour(outcome: Outcome) -> str:
    if outcome in TROUBLES:
        return "red"
    if outcome in WRITTEN:
        return "green"
    return "none" if outcome is Outcome.UNCHANGED else "yellow"


COLOURS: Mapping[str, str] = {outcome: _colour(outcome) for outcome in Outcome}
"""Green is written, red is troubled, yellow is for a person to know."""


def painted(text: str, *colours: str) -> str:
    """The text as a terminal shows it in colours; itself with none, or with one that is no colour.

    >>> painted("gone", "yellow").encode(), painted("as it was", "none")
    (b'\\x1b[33mgone\\x1b[m', 'as it was')
    """
    codes = ";".join(str(_CODES[colour]) for colour in colours if colour in _CODES)
    return f"\x1b[{codes}m{text}\x1b[m" if codes and text else text
