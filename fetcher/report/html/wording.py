"""Numbers as both pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NARROWEST = 0.5  # percent: less would not be seen


class Share(NamedTuple):
    """A part of a bar, in percent of it."""

    name: str
    start: float
    width: float


def number(count: int, thing: str) -> str:
    """A count of things.

    >>> number(1, "page"), number(1200, "page")
    ('1 page', '1,200 pages')
    """
    return f"{count:,} {thing}{'s' * (count != 1)}"


def shares(counts: Mapping[str, int]) -> Iterator[Share]:
    """The counts as parts of one bar, each wide enough to be seen.

    >>> list(shares({"a": 3, "b": 0, "c": 1}))
    [Share(name='a', start=0.0, width=75.0), Share(name='c', start=75.0, width=25.0)]
    """
    total = sum(counts.values())
    widths = {name: max(_NARROWEST, 100 * count / total) for name, count in counts.items() if count}
    start = 0.0
    for name, width in widths.items():
        part = 100 * width / sum(widths.values())
        yield Share(name, round(start, 2), round(part, 2))
        start += part
