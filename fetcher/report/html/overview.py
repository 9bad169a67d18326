"""What the list of seeds comes to: how many there are of each outcome, subject, site and folder."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from fetcher.report.classes import CLASSES
from fetcher.report.html.entries import Entry
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_CHOICES = 200
"""Sites, and folders, that can be chosen; the search finds the others."""
_MOST = 10_000
"""Sites, and folders, that are counted."""
_NARROWEST = 0.5  # percent of a bar: less would not be seen


class Overview:
    """The sums over the seeds that the report lists: `changed` ones, and others that are `troubled`."""

    def __init__(self, seeds: Iterable[tuple[Mapping[str, Any], bool]]) -> None:
        self.changed = 0
        self.troubled = 0
        self._outcomes: Counter[str] = Counter()
        self._sites: Counter[str] = Counter()
        self._folders: Counter[str] = Counter()
        self._classes: Counter[str] = Counter()
        for record, has_changed in seeds:
            self._add(Entry(record))
            self.changed += has_changed
            self.troubled += not has_changed

    @property
    def listed(self) -> int:
        """How many seeds the report lists."""
        return self.changed + self.troubled

    @property
    def outcomes(self) -> list[tuple[str, int]]:
        """The outcomes of those, each with its count."""
        return [(outcome.value, count) for outcome in Outcome if (count := self._outcomes[outcome])]

    @property
    def sites(self) -> list[tuple[str, int]]:
        """The sites that most of those are on, by name."""
        return sorted(self._sites.most_common(_CHOICES))

    @property
    def folders(self) -> list[tuple[str, int]]:
        """The folders that most of those are in, by name."""
        return sorted(self._folders.most_common(_CHOICES))

    @property
    def classes(self) -> list[tuple[str, int]]:
        """What the changes of those are about, what matters most first, each with its count."""
        return [(name, count) for name in CLASSES if (count := self._classes[name])]

    def _add(self, entry: Entry) -> None:
        self._outcomes[entry.record["outcome"]] += 1
        self._classes.update(entry.classes)
        for counts, name in ((self._sites, entry.site), (self._folders, entry.folder)):
            if name in counts or len(counts) < _MOST:
                counts[name] += 1


class Share(NamedTuple):
    """A part of a bar, in percent of it."""

    name: str
    start: float
    width: float


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
