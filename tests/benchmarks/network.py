"""What a network costs that loopback lacks: TLS, slow answers and silent hosts, as a part of the benchmark of speed."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Self

from tests.benchmarks.contest import Contest, Entry
from tests.benchmarks.contestants import REFRESH, refreshing, spend
from tests.benchmarks.figures import Line, Run
from tests.benchmarks.server import Mode, address, served
from tests.certificates import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BYTES = 3_000  # of a page: nearly all answers are 304s
_WIDE = 200
"""Requests at a time, for those who have many hosts."""
HOSTS, SLOW_HOSTS, SILENT_HOSTS = 200, 50, 48
PAGES = 400
LATENCY, TIMEOUT = 0.1, 0.5  # seconds from request to answer, and until a request is given up

MANY = Entry(refreshing(f"{HOSTS} hosts"), Mode.UNCHANGED)
SLOW = Entry(refreshing(f"answers after {LATENCY} s"), Mode.UNCHANGED)
SLOW_WIDE = Entry(refreshing(f"the same, {_WIDE} at a time", CONCURRENT_REQUESTS=str(_WIDE)), Mode.UNCHANGED)
TLS = f"{MANY.tool.name}, TLS, {MANY.mode}"
SILENT = f"hosts that never answer, {TIMEOUT} s each"
_GIVEN_UP = (1,)  # the exit status of a run in which pages failed


class Network:
    """Measures visits that end with a 304, and hosts that accept connections and never answer."""

    def __init__(self, contests: Sequence[Contest], silent: Sequence[str]) -> None:
        self._contests = contests
        self._silent = silent
        self._given_up = Line(SILENT, SILENT_HOSTS)
        self.lines = [*(line for contest in contests for line in contest.lines), self._given_up]

    @classmethod
    @contextmanager
    def reached(cls, folder: Path) -> Iterator[Self]:
        """A network with its servers, until the block ends."""
        folder.mkdir()
        pem = certificate(folder / "certificate.pem", map(address, range(HOSTS)))
        trusting = Entry(refreshing(f"{MANY.tool.name}, TLS", {"SSL_CERT_FILE": str(pem)}), MANY.mode)
        with ExitStack() as held:
            near = held.enter_context(served(PAGES, median=_BYTES, hosts=HOSTS))
            secure = held.enter_context(served(PAGES, median=_BYTES, hosts=HOSTS, certificate=pem))
            slow = held.enter_context(served(PAGES, median=_BYTES, hosts=SLOW_HOSTS, latency=LATENCY))
            never = held.enter_context(served(1, median=_BYTES, hosts=SILENT_HOSTS, latency=3600))
            contests = [
                Contest(near, PAGES, [MANY], folder / "near"),
                Contest(secure, PAGES, [trusting], folder / "secure"),
                Contest(slow, PAGES, [SLOW, SLOW_WIDE], folder / "slow"),
            ]
            REFRESH.prepare(folder / "silent", [never.url(n) for n in range(SILENT_HOSTS)])
            given = refreshing(SILENT, DOWNLOAD_TIMEOUT=str(TIMEOUT))
            yield cls(contests, given.words(folder / "silent", Mode.UNCHANGED))

    def round(self) -> None:
        """Measure each once."""
        for contest in self._contests:
            contest.round()
        self._given_up.runs.append(Run(*spend(self._silent, ends=_GIVEN_UP)))
