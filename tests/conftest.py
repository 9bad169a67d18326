"""What the tests of a run share: a site, a seeds folder, and two ways to start a run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import HealthCheck, settings

from fetcher.handlers import HttpHandler
from fetcher.terms.arguments import parse_shard
from tests.forked import ran
from tests.inprocess import crawl_here, stop
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

# A busy machine is no failure, and a change fails for what it changed: the same few examples each time. To search for
# new ones, as CI does each week, run pytest with --hypothesis-profile=search.
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile(
    "same", deadline=None, derandomize=True, database=None, max_examples=40, suppress_health_check=SLOW
)
settings.register_profile("search", deadline=None, max_examples=1000, suppress_health_check=SLOW)
settings.load_profile("same")

PATIENCE = 400
"""Seconds to wait for what is certain to come: only where something hangs does a test come to its end."""

ROOT = Path(__file__).parent.parent

# What takes a terminal, or bounds and signals that Windows does not know.
_ON_POSIX = """
benchmarks demo fleet_cluster folder preview progress run_crashes run_ends run_hostile run_stops
run_rendered run_workers screen startup state_crashes status workers
"""
if sys.platform == "win32":
    collect_ignore = ["terminal.py", *(f"test_{name}.py" for name in _ON_POSIX.split())]
STAMP = "2026-01-01T00:00:00Z"

# Loopback needs no politeness, and tests no patience.
QUICK = {"DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "False", "REFRESH_CONTACT": "owner@example.org"}


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: much of what tests do is to wait for other processes."""
    return (os.cpu_count() or 1) + 1


@dataclass
class Seeds:
    """A folder of seeds under test."""

    folder: Path

    def add(self, name: str, url: str, body: str = "", *, text: str | None = None) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        front = f'---\nfetched_at: "{STAMP}"\nsource_url: "{url}"\ntitle: "A page"\n---\n'
        path.write_bytes((front + body if text is None else text).encode())
        return path

    def texts(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


@dataclass
class Run:
    """What a run left: its exit status, what it printed, and its report."""

    status: int
    out: str
    log: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def outcomes(self) -> dict[str, str]:
        return {seed["path"]: seed["outcome"] for seed in self.report["seeds"]}

    def of(self, path: str) -> dict[str, Any]:
        (seed,) = [seed for seed in self.report["seeds"] if seed["path"] == path]
        return dict(seed)

    def why(self, path: str) -> tuple[str, str]:
        seed = self.of(path)
        return seed["outcome"], seed["reason"]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def seeds(tmp_path: Path) -> Seeds:
    folder = tmp_path / "seeds"
    folder.mkdir()
    return Seeds(folder)


@dataclass
class Command:
    """Does the real `scrapy crawl refresh` in a process of its own, or starts one."""

    seeds: Path
    reports: Path
    environment: dict[str, str] = field(default_factory=dict)

    def words(self, *arguments: str, **settings: str) -> list[str]:
        folders = _folders(self.seeds, self.reports)
        switches = [word for name, value in (QUICK | folders | settings).items() for word in ("-s", f"{name}={value}")]
        return [sys.executable, "-m", "scrapy", "crawl", "refresh", *switches, *_arguments(arguments)]

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        environment = {**os.environ, **self.environment}
        words = self.words(*arguments, **settings)
        pipe = subprocess.PIPE
        return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)

    def __call__(self, *arguments: str, **settings: str) -> Run:
        if self.environment:  # which an interpreter may have to see when it starts
            process = self.start(*arguments, **settings)
            out, log = process.communicate(timeout=PATIENCE)
            return Run(process.returncode, out, log, report_of(self.reports))
        done = ran(self.words(*arguments, **settings)[2:])
        return Run(done.returncode, done.stdout, done.stderr, report_of(self.reports))


@pytest.fixture
def command(seeds: Seeds, tmp_path: Path) -> Command:
    return Command(seeds.folder, tmp_path / "reports")


@pytest.fixture(scope="session")
def here() -> Iterator[Callable[[Mapping[str, str], Mapping[str, str]], tuple[int, str]]]:
    yield crawl_here
    stop()


@pytest.fixture
def crawl(
    here: Callable[[Mapping[str, str], Mapping[str, str]], tuple[int, str]],
    seeds: Seeds,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> Callable[..., Run]:
    """A run within this process, which takes a fiftieth of the time of the real command."""

    def run(*arguments: str, **settings: str) -> Run:
        reports = tmp_path / "reports"
        given = dict(word.split("=", 1) for word in arguments)
        status, out = here(given, QUICK | _folders(seeds.folder, reports) | settings)
        return Run(status, out, caplog.text, report_of(reports, given.get("shard", "")))

    return run


def _folders(seeds: Path, reports: Path) -> dict[str, str]:
    state = reports.parent / "state.sqlite"
    return {"SEEDS_DIR": str(seeds), "REPORT_DIR": str(reports), "REFRESH_STATE": str(state)}


def _arguments(arguments: tuple[str, ...]) -> list[str]:
    return [word for argument in arguments for word in ("-a", argument)]


def report_of(reports: Path, shard: str = "") -> dict[str, Any]:
    path = reports / (parse_shard(shard).folder if shard else "") / "latest" / "report.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once it holds. There is no deadline here: where it never does, pytest's own ends the test."""
    while not condition():
        time.sleep(0.01)


def words_of(process: psutil.Process) -> list[str]:
    """The command of a process; none where it has just ended."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the requests of runs in this process left, in seconds. When a busy server heard of them says little."""
    times: list[float] = []
    send = HttpHandler.download_request

    async def noting(handler: HttpHandler, request: Request) -> Response:
        times.append(time.monotonic())
        return await send(handler, request)

    monkeypatch.setattr(HttpHandler, "download_request", noting)
    return times


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB of its own; the test is skipped where none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)
