"""Remembers what stood at places of a page visit by visit, and tells which places change by themselves.

A place is named by what stands around it, and what stands there is remembered as a digest for each visit. A place is
that of a single change (`key`) or of a whole list (`churn.ChangedLists`).
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
# A place changes at most visits if it did at 3 of the last 6. A page that is being edited may change twice in 6.
_OFTEN, _LATELY = 3, 6
# A place has stopped changing after two visits without a change, or as many as it had changes, up to six.
_STILL, _LONG = 2, 6


@dataclass(frozen=True, slots=True)
class Difference:
    """The `value` of the stored text and of the page at a place, and whether the page's was `held` back."""

    stored: str
    shown: str
    held: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The value of the stored text at a place, and those of the page, one for each visit, the oldest first."""

    stored: str
    values: tuple[str, ...]


def key(before: Sequence[str], after: Sequence[str]) -> str:
    """The name of the place between two runs of words, made of the nearest words."""
    return name(" ".join(before[-_NEIGHBOURS:]), " ".join(after[:_NEIGHBOURS]))


def name(*texts: str) -> str:
    """The name of a place that these texts identify."""
    return _digest("\n".join(texts), 6)


def value(text: str) -> str:
    """A digest of what stands at a place; white space makes no difference."""
    return _digest(" ".join(text.split()), 3)


def is_churn(place: Place | None, new: str) -> bool:
    """Whether the text `new`, which differs from the stored one, is a change that the place makes by itself.

    So it is if the place changed at this visit and the one before, or at most of the last visits, or is back at an
    earlier text; but not if it has stopped changing.

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
    """The places after a visit that found these differences from the stored text, and no others.

    `visits` is the number of earlier visits: a place that differs for the first time was the same at all of them.
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
    """The places that have changed; at most `PLACES`, those with the most changes."""
    restless = {name: place for name, place in places.items() if len({*place.values, place.stored}) > 1}
    kept = sorted(restless, key=lambda name: _changes(restless[name]), reverse=True)[:PLACES]
    return {name: restless[name] for name in kept}


def _changes(place: Place) -> int:
    return sum(one != other for one, other in pairwise(place.values))


def _stay(shown: Sequence[str]) -> int:
    """The number of visits for which the last value has stayed."""
    return sum(1 for _ in takewhile(lambda one: one == shown[-1], reversed(shown)))


def _is_back(shown: Sequence[str]) -> bool:
    """Whether the last value was there before, with another in between."""
    return shown[-1] in shown[: len(shown) - _stay(shown)]


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
