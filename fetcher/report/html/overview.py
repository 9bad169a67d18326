"""What the list of seeds comes to: how many there are of each outcome, site and folder."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fetcher.report.html.entries import Entry
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CHOICES = 200
"""Sites, and folders, that can be chosen; the search finds the others."""
_MOST = 10_000
"""Sites, and folders, that are counted."""


class Overview:
    """The sums over the seeds that the report lists: `changed` ones, and others that are `troubled`."""

    def __init__(self, seeds: Iterable[tuple[Mapping[str, Any], bool]]) -> None:
        self.changed = 0
        self.troubled = 0
        self._outcomes: Counter[str] = Counter()
        self._sites: Counter[str] = Counter()
        self._folders: Counter[str] = Counter()
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

    def _add(self, entry: Entry) -> None:
        self._outcomes[entry.record["outcome"]] += 1
        for counts, name in ((self._sites, entry.site), (self._folders, entry.folder)):
            if name in counts or len(counts) < _MOST:
                counts[name] += 1
