"""Internet scale on paper: what many seeds cost, reckoned from measured figures, each line with its arithmetic.

    python -m tests.benchmarks.scale [FILE]

FILE is what `speed --json` wrote; without one, the figures that are kept here. What is assumed, not measured, stands
in `World`, and each value is an option: `--seeds 1000000`, `--latency 0.2`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetcher.robots import SITES
from tests.benchmarks.contestants import CONCURRENCY, REFRESH
from tests.benchmarks.figures import Figures
from tests.benchmarks.network import HOSTS, MANY, SILENT, TIMEOUT, TLS
from tests.benchmarks.reading import ROBOTS, ROBOTS_TEXT
from tests.benchmarks.server import Mode
from tests.benchmarks.speed import SELECT
from tests.benchmarks.startup import REFRESHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEPT = Path(__file__).with_name("figures.json")
"""The figures that stand in the README."""


@dataclass(frozen=True)
class World:
    """What is assumed of the web, of the seeds and of the machines."""

    seeds: float = 10e6
    hosts: float = 2e6
    same_bytes: float = 0.10  # of the visits; the rest are 304s
    same_words: float = 0.55
    changed: float = 0.01
    latency: float = 0.5  # seconds from request to answer
    silent: float = 0.01  # of the hosts; they accept connections and never answer
    timeout: float = 60.0  # seconds, DOWNLOAD_TIMEOUT
    concurrency: float = 16  # requests at a time of one process, Scrapy's default
    delay: float = 1.0  # seconds between two requests to one host
    largest: float = 50_000  # seeds on the largest host
    cores: float = 2  # of a machine
    a_shard: float = 100_000  # seeds

    def share(self, mode: Mode) -> float:
        """Which share of the visits ends in a way."""
        shares = {Mode.SAME_BYTES: self.same_bytes, Mode.SAME_WORDS: self.same_words, Mode.CHANGED: self.changed}
        return shares.get(mode, 1 - sum(shares.values()))


class Cost(NamedTuple):
    """A line: what it is about, how it is reckoned, and what comes of it."""

    name: str
    how: str
    result: str


def table(figures: Figures, world: World) -> Iterator[str]:
    """All costs as a Markdown table."""
    yield "| | reckoned as | |"
    yield "| --- | --- | ---: |"
    for cost in _costs(figures, world):
        yield f"| {' | '.join(cost)} |"


def _costs(figures: Figures, world: World) -> Iterator[Cost]:
    spent = {mode: figures.line("paths", f"{REFRESH.name}, {mode}") for mode in Mode}
    seeds = world.seeds
    cpu = _Visits(world, {mode: line.each("cpu") for mode, line in spent.items()})
    received = _Visits(world, {mode: line.each("bytes") for mode, line in spent.items()})
    asked = _Visits(world, {mode: line.each("requests") for mode, line in spent.items()})

    tls = _of_tls(figures)
    hours = (seeds * cpu.mean + world.hosts * tls) / 3600
    requests = seeds * asked.mean + world.hosts
    how = f"{seeds:,.0f} × ({cpu.sum(1e3)}) ms + {world.hosts:,.0f} hosts × {tls * 1e3:.2g} ms for TLS"
    yield Cost("CPU of a round", how, f"{hours:,.0f} h")
    yield Cost("received", f"{seeds:,.0f} × ({received.sum(1e-3)}) kB", f"{seeds * received.mean / 1e12:.2f} TB")
    yield Cost("requests", f"{seeds:,.0f} × ({asked.sum()}) + {world.hosts:,.0f} robots.txt", f"{requests:,.0f}")
    yield from _times(world, hours, requests, _of_silence(figures) * world.timeout)
    yield from _sizes(figures, world)


def _of_tls(figures: Figures) -> float:
    """The CPU seconds that the connections to a host cost more with TLS than without."""
    plain, secure = (figures.line("network", name) for name in (MANY.name, TLS))
    return (secure.middle("cpu") - plain.middle("cpu")) / HOSTS


def _of_silence(figures: Figures) -> float:
    """For how many timeouts a host that never answers keeps one of the requests at a time."""
    silent, start = figures.line("network", SILENT), figures.line("start", REFRESHED)
    return (silent.middle("seconds") - start.middle("seconds")) * CONCURRENCY / silent.number / TIMEOUT


def _times(world: World, hours: float, requests: float, silence: float) -> Iterator[Cost]:
    answers = requests * world.latency / world.concurrency / 3600
    how = f"{requests:,.0f} × {world.latency} s / {world.concurrency:.0f} at a time"
    yield Cost("waiting for answers, in one process", how, f"{answers:,.0f} h")
    lost = world.hosts * world.silent * silence / world.concurrency / 3600
    how = f"{world.hosts:,.0f} × {world.silent} × {silence:.0f} s / {world.concurrency:.0f} at a time"
    yield Cost("waiting for hosts that never answer", how, f"{lost:,.0f} h")
    waiting = answers + lost
    largest = world.largest * world.delay / 3600
    yield Cost("the largest host, politely", f"{world.largest:,.0f} × {world.delay} s", f"{largest:,.1f} h")
    for machines in (1, 10, 100):
        processes = machines * world.cores
        walls = {
            f"{hours:,.0f} h of CPU / {processes:.0f} cores": hours / processes,
            f"{waiting:,.0f} h of waiting / {processes:.0f} processes": waiting / processes,
            "the largest host": largest,
        }
        limit = max(walls, key=lambda name: walls[name])
        yield Cost(f"a round, machines: {machines}", limit, f"{walls[limit]:,.1f} h")


def _sizes(figures: Figures, world: World) -> Iterator[Cost]:
    seeds, shards = world.seeds, world.seeds / world.a_shard
    filled = figures.line("paths", f"{REFRESH.name}, {Mode.UNCHANGED}")
    state = figures.sizes["state.sqlite"] / filled.number
    yield Cost("state", f"{seeds:,.0f} × {state / 1e3:.1f} kB", f"{seeds * state / 1e9:,.0f} GB")
    a_file = figures.line("seeds", SELECT).each("seconds")
    how = f"{seeds:,.0f} × {a_file * 1e6:.0f} µs"
    yield Cost("reading and selecting, once", how, f"{seeds * a_file / 60:,.1f} min")
    how = f"{shards:,.0f} shards × {seeds:,.0f} × {a_file * 1e6:.0f} µs"
    yield Cost("the same, where each shard looks at all seeds", how, f"{shards * seeds * a_file / 3600:,.1f} h")
    text, parsed, hosts = figures.sizes[ROBOTS_TEXT], figures.sizes[ROBOTS], world.hosts / shards
    how = f"robots.txt: {hosts:,.0f} hosts × {text / 1e3:.1f} kB of text + {SITES:,} × {parsed / 1e3:.0f} kB of rules"
    yield Cost("memory of a shard, above that of an empty run", how, f"{(hosts * text + SITES * parsed) / 1e6:,.0f} MB")


class _Visits:
    """A figure of a visit by how it ends, in the shares that the world has."""

    def __init__(self, world: World, figures: Mapping[Mode, float]) -> None:
        self._parts = [(world.share(mode), figure) for mode, figure in figures.items()]
        self.mean = sum(share * figure for share, figure in self._parts)

    def sum(self, unit: float = 1) -> str:
        """How the mean comes about."""
        return " + ".join(f"{share:.2f} × {figure * unit:.3g}" for share, figure in self._parts)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path, nargs="?", default=KEPT)
    for field in fields(World):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=float, default=field.default)
    given = vars(parser.parse_args())
    figures = Figures.read(given.pop("figures"))
    sys.stdout.writelines(f"{line}\n" for line in table(figures, World(**given)))


if __name__ == "__main__":
    main()
