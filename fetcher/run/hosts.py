"""What a run has learned of each host: how often it failed in a row, and why it is left alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fetcher.terms.failures import LEFT_ALONE

if TYPE_CHECKING:
    from fetcher.terms.failures import Trouble


class Hosts:
    """The hosts of one run. A host that fails `patience` times in a row is left alone; one answer forgives all."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._failures: Counter[str] = Counter()
        self._closed: dict[str, Trouble] = {}
        self._last: dict[str, Trouble] = {}

    def answered(self, host: str) -> None:
        """Forget the host's failures: it answered."""
        self._failures.pop(host, None)

    def failed(self, host: str) -> None:
        """Count one failure of the host."""
        self._failures[host] += 1
        if self._failures[host] >= self._patience:
            self.close(host, LEFT_ALONE)

    def close(self, host: str, trouble: Trouble) -> None:
        """Leave the host alone for the rest of the run; the first reason stands."""
        self._closed.setdefault(host, trouble)

    def close_after_one(self, host: str, trouble: Trouble) -> None:
        """Ask the host for one page more, and leave it alone then."""
        self._last.setdefault(host, trouble)

    def asks(self, host: str) -> bool:
        """Whether the host is left alone after the request that is about to be sent."""
        if host in self._last:
            self.close(host, self._last[host])
        return host in self._last

    def closed(self, host: str) -> Trouble | None:
        """Why the host is left alone; None while it may be asked."""
        return self._closed.get(host)
