"""What changes by itself, told by memory: lists that rotate, counters, banners that come and go.

A difference is remembered under its place, which is what stands around it: a place that is found again had neighbours
that stayed. What stood there is remembered visit by visit, as digests. A place is a change (`key`), or all of a list
(`merge.stretches`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WINDOW = 12  # visits that are remembered of a place; one that changed in none of them is forgotten
PLACES = 64  # places that are remembered of a page
_NEIGHBOURS = 4  # words on each side that make a place
# At most visits: at this many of the last six. Twice within six visits is what a page that is being edited does.
_OFTEN, _LATELY = 3, 6
# What stood still for two visits has stopped, unless it changed more often than that before; then, for as many.
_STILL, _LONG = 2, 6


@dataclass(frozen=True, slots=True)
class Difference:
    """What the stored text and the page have at a place (`value` of each), and whether the page's was `held` back."""

    stored: str
    shown: str
    held: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The value that the stored text has at a place, and those that the page showed, one a visit, the oldest first."""

    stored: str
    values: tuple[str, ...]


def key(before: Sequence[str], after: Sequence[str]) -> str:
    """The name of the place between two runs of words; those nearest to it make it."""
    return name(" ".join(before[-_NEIGHBOURS:]), " ".join(after[:_NEIGHBOURS]))


def name(*texts: str) -> str:
    """The name of a place that texts tell apart from others."""
    return _digest("\n".join(texts), 6)


def value(text: str) -> str:
    """A short name for what stands at a place; white space makes no difference."""
    return _digest(" ".join(text.split()), 3)


def is_churn(place: Place | None, new: str) -> bool:
    """Whether the text `new`, which differs from the stored one, is what this place shows for a while, not for good.

    It is where the place changed at this visit and the one before, or at most of the last visits, or is back at what
    it showed before. It is not any more where it stands still.

    >>> first = Place(stored="a", values=("a", "a", "a"))
    >>> is_churn(first, "news"), is_churn(None, "news")
    (False, False)
    >>> is_churn(Place(stored="b", values=(value("A"), value("B"))), "A")
    True
    """
    if place is None:
        return False
    shown = [*place.values, value(new)]
    changes = [one != other for one, other in pairwise(shown)]
    if _stay(shown) >= min(max(_STILL, sum(changes)), _LONG):
        return False
    return changes[-2:] == [True, True] or sum(changes[-_LATELY:]) >= _OFTEN or _is_back(shown)


def observed(places: Mapping[str, Place], differences: Mapping[str, Difference], visits: int) -> dict[str, Place]:
    """The places after a visit that read the whole page, and found these differences from the stored text.

    At a place without a difference, the page showed what is stored. `visits` is how many there were before: a place
    that differs for the first time was the same at all of them.
    """
    quiet = {
        name: _after(place, place.stored, place.stored) for name, place in places.items() if name not in differences
    }
    told = {name: _differing(places.get(name), found, visits) for name, found in differences.items()}
    return _bounded({**quiet, **told})


def repeated(places: Mapping[str, Place]) -> dict[str, Place]:
    """The places after a visit that found the same page as the one before."""
    return _bounded({name: _after(place, place.stored, place.values[-1]) for name, place in places.items()})


def _differing(place: Place | None, found: Difference, visits: int) -> Place:
    before = place or Place(found.stored, (found.stored,) * min(max(visits, 1), WINDOW))
    return _after(before, found.stored if found.held else found.shown, found.shown)


def _after(place: Place, stored: str, shown: str) -> Place:
    return Place(stored, (*place.values, shown)[-WINDOW:])


def _bounded(places: dict[str, Place]) -> dict[str, Place]:
    """Without the places that stand still; of more than are remembered, those that change the most."""
    restless = {name: place for name, place in places.items() if len({*place.values, place.stored}) > 1}
    kept = sorted(restless, key=lambda name: _changes(restless[name]), reverse=True)[:PLACES]
    return {name: restless[name] for name in kept}


def _changes(place: Place) -> int:
    return sum(one != other for one, other in pairwise(place.values))


def _stay(shown: Sequence[str]) -> int:
    """For how many visits the last value has stood there."""
    return sum(1 for _ in takewhile(lambda one: one == shown[-1], reversed(shown)))


def _is_back(shown: Sequence[str]) -> bool:
    """Whether the last value was there before, and another one in between."""
    return shown[-1] in shown[: len(shown) - _stay(shown)]


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
