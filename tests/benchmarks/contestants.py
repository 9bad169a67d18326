"""Who takes part in the benchmark of speed: commands that visit the same pages, each a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.server import ROOT, Mode
from tests.conftest import QUICK, Command, Seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

CONCURRENCY = 16
"""Requests at a time, Scrapy's default, of which two for each host, this project's."""


class Spent(NamedTuple):
    """What a command took, with all that it started: seconds and CPU seconds."""

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Tool:
    """A contestant: `prepare` gives a folder what the command needs to visit some addresses, `words` are the command.

    One that `remembers` runs once before it is measured, and is measured in copies of the folder that this leaves.
    `outcomes` says how the pages of a run ended, by count, where the tool says so; `place` is where it is started, and
    `environment` what its environment has besides.
    """

    name: str
    prepare: Callable[[Path, Sequence[str]], None]
    words: Callable[[Path, Mode], Sequence[str]]
    remembers: bool = False
    outcomes: Callable[[Path], Mapping[str, int]] | None = None
    place: Path = ROOT
    environment: Mapping[str, str] = field(default_factory=dict)


def spend(
    words: Sequence[str],
    place: Path = ROOT,
    ends: Collection[int] = (0,),
    more: Mapping[str, str] = MappingProxyType({}),
) -> Spent:
    """What a command took that was started in a folder; CalledProcessError where it ends with another status."""
    # Installed packages come compiled; where this is set, our own modules would be compiled at each start.
    environment = {name: value for name, value in (os.environ | more).items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(words, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)  # else Popen would wait for it once more
    if process.returncode not in ends:
        raise subprocess.CalledProcessError(process.returncode, words)
    return Spent(seconds, used.ru_utime + used.ru_stime)


def _list(folder: Path, urls: Sequence[str]) -> None:
    (folder / "addresses").write_text("\n".join(urls))


def _python(module: str, folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"tests.benchmarks.{module}", str(folder / "addresses"), *arguments]


def _download(folder: Path, _: Mode) -> list[str]:
    return _python("ceiling", folder, str(CONCURRENCY))


def _crawl(folder: Path, mode: Mode) -> list[str]:
    settings = (word for name, value in QUICK.items() for word in ("-s", f"{name}={value}"))
    return _python("bare", folder, *["--conditional"] * (mode is Mode.UNCHANGED), *settings)


def _crawl_and_convert(folder: Path, mode: Mode) -> list[str]:
    (folder / "pages").mkdir()
    return [*_crawl(folder, mode), "--into", str(folder / "pages")]


def _write_seeds(folder: Path, urls: Sequence[str]) -> None:
    seeds = Seeds(folder / "seeds")
    for number, url in enumerate(urls):
        seeds.add(f"{number // 100:03}/{number}.md", url)


def _refresh(folder: Path, _: Mode) -> list[str]:
    return Command(folder / "seeds", folder / "reports").words()


def refreshing(name: str, environment: Mapping[str, str] | None = None, **settings: str) -> Tool:
    """The refresh under another name, with other settings."""

    def words(folder: Path, _: Mode) -> list[str]:
        return Command(folder / "seeds", folder / "reports").words(**settings)

    return replace(REFRESH, name=name, words=words, environment=environment or {})


def _reported(folder: Path) -> dict[str, int]:
    return dict(json.loads((folder / "reports" / "latest" / "report.json").read_text())["counts"])


def _write_jobs(folder: Path, urls: Sequence[str]) -> None:
    # html2text is what the manual advises for pages that people read.
    (folder / "jobs.yaml").write_text("---\n".join(f"url: {url}\nfilter:\n  - html2text\n" for url in urls))
    (folder / "config.yaml").write_text("report:\n  stdout:\n    enabled: true\n")


def _webchanges(folder: Path, _: Mode) -> list[str]:
    files = {"--jobs": "jobs.yaml", "--config": "config.yaml", "--database": "snapshots.db"}
    words = [word for option, name in files.items() for word in (option, str(folder / name))]
    return [shutil.which("webchanges") or "webchanges", *words]


AIOHTTP = Tool("aiohttp", _list, _download)
SCRAPY = Tool("bare Scrapy", _list, _crawl)
MARKDOWNIFY = Tool("Scrapy and markdownify", _list, _crawl_and_convert)
REFRESH = Tool("refresh", _write_seeds, _refresh, remembers=True, outcomes=_reported)
WEBCHANGES = Tool("webchanges", _write_jobs, _webchanges, remembers=True)
