"""`scrapy fleet` with real workers, each a process with an address of its own: whatever is killed, nothing is lost.

They speak TLS, as those do that are spread over networks.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from argparse import ArgumentParser
from collections import Counter
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from scrapy.settings import Settings

from fetcher.commands.fleet import Command
from fetcher.terms.arguments import shard_number
from tests.certificates import certificate
from tests.conftest import PATIENCE, QUICK, ROOT, wait_for, words_of
from tests.site import Answer, Site, page
from tests.test_run_ends import seed_texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Seeds

COUNT = 24
HOSTS = [f"127.0.1.{number}" for number in range(1, 9)]


class Cluster:
    """A scheduler, and workers that know the project as it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        known = folder / "scheduler.json"
        pem = str(certificate(folder / "certificate.pem", ["127.0.0.1"]))
        self.tls = ["--tls-ca-file", pem, "--tls-cert", pem, "--tls-key", pem]
        words = ("--host", "127.0.0.1", "--port", "0", "--protocol", "tls", "--scheduler-file", str(known))
        self._start("scheduler", *words)
        wait_for(lambda: known.exists() and known.read_text().endswith("}"))
        self.address = str(json.loads(known.read_text())["address"])

    @property
    def reached(self) -> list[str]:
        """The words that lead a coordinator to it."""
        return ["--scheduler", self.address, *self.tls]

    def work(self, host: str, project: Path = ROOT) -> None:
        """Start a worker with an address of its own; no nanny starts it again."""
        folder = str(self._folder / host)
        words = ("--host", host, "--nthreads", "1", "--no-nanny", "--local-directory", folder)
        self.workers[host] = self._start("worker", self.address, *words, project=project)

    def kill(self, host: str) -> None:
        self.workers.pop(host).kill()

    def shards(self, host: str) -> list[psutil.Process]:
        """The runs of shards that are at work on a worker."""
        children = psutil.Process(self.workers[host].pid).children(recursive=True)
        return [child for child in children if any("shard=" in word for word in words_of(child))]

    def last_log(self) -> str:
        """What the process said that was started last."""
        return (self._folder / f"{len(self._processes) - 1}.log").read_text()

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self, *words: str, project: Path = ROOT) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words, *self.tls, "--no-dashboard"]
        log = (self._folder / f"{len(self._processes)}.log").open("wb")
        process = subprocess.Popen(command, cwd=project, stdout=log, stderr=log)
        self._processes.append(process)
        return process


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    for host in ("127.0.0.2", "127.0.0.3"):
        cluster.work(host)
    yield cluster
    cluster.close()


class Coordinator:
    """Starts the real `scrapy fleet` on a folder of seeds, of which the workers have a copy that may not be written."""

    def __init__(self, seeds: Seeds, folder: Path) -> None:
        self.copy = folder / "copy"
        shutil.copytree(seeds.folder, self.copy)
        for path in self.copy.iterdir():
            path.chmod(0o444)
        self.copy.chmod(0o555)
        self._settings = QUICK | {
            "SEEDS_DIR": str(seeds.folder),
            "REPORT_DIR": str(folder / "reports"),
            "REFRESH_STATE": str(folder / "state.sqlite"),
        }
        self._reports = folder / "reports"

    def start(self, *words: str) -> subprocess.Popen[str]:
        switches = [word for name, value in self._settings.items() for word in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "fleet", *switches, "--copy", str(self.copy), *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True)

    def report(self) -> dict[str, Any]:
        return dict(json.loads((self._reports / "latest" / "report.json").read_text()))


@pytest.fixture
def many(site: Site, seeds: Seeds) -> Seeds:
    for number in range(COUNT):
        host = HOSTS[number % len(HOSTS)]
        seeds.add(f"{number}.md", site.says(f"/{number}", page(f"The text of page {number}."), host=host))
    return seeds


@pytest.fixture
def coordinator(many: Seeds, tmp_path: Path) -> Coordinator:
    return Coordinator(many, tmp_path)


@pytest.fixture
def late(site: Site) -> Iterator[threading.Event]:
    """Page 0 keeps whoever asks for it waiting until this is set."""
    come = threading.Event()
    site.says("/0", Answer(page("The text of page 0."), meanwhile=lambda: come.wait(PATIENCE)), host=HOSTS[0])
    yield come
    come.set()


def is_old_or_new(text: bytes, old: bytes) -> bool:
    return text == old or (text.endswith(b".\n") and b"\nThe text of page " in text)


def test_a_coordinator_that_is_killed_leaves_old_or_new_texts_and_no_shard_at_work(
    many: Seeds, coordinator: Coordinator, cluster: Cluster, late: threading.Event
) -> None:
    assert not late.is_set()
    old = many.texts()
    process = coordinator.start(*cluster.reached, "--shards", "2")
    wait_for(lambda: many.texts() != old and any(map(cluster.shards, cluster.workers)))
    process.kill()
    process.communicate()
    texts = seed_texts(many)
    assert all(is_old_or_new(texts[name], old[name]) for name in old)
    assert texts["0.md"] == old["0.md"]
    wait_for(lambda: not any(map(cluster.shards, cluster.workers)))


def test_a_coordinator_that_is_told_to_end_does_so_with_its_report(
    coordinator: Coordinator, cluster: Cluster, late: threading.Event, site: Site
) -> None:
    assert not late.is_set()
    process = coordinator.start(*cluster.reached, "--shards", "1")
    wait_for(lambda: "/0" in site.pages_asked())
    process.send_signal(signal.SIGTERM)
    out, log = process.communicate()
    report = coordinator.report()
    assert (process.returncode, report["counts"]["skipped"], report["found"]) == (1, COUNT, COUNT)
    assert report["attention"] == [f"The run ended early (shutdown): {COUNT} seeds were not visited."]
    assert "Traceback" not in out + log
    wait_for(lambda: not any(map(cluster.shards, cluster.workers)))


def test_workers_of_another_version_are_named_and_nothing_is_asked(
    coordinator: Coordinator, cluster: Cluster, tmp_path: Path, site: Site
) -> None:
    shutil.copytree(ROOT / "fetcher", tmp_path / "other" / "fetcher", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other" / "fetcher" / "__init__.py").open("a") as source:
        source.write("# another version\n")
    cluster.work("127.0.0.4", tmp_path / "other")
    try:
        wait_for(lambda: "Registered" in cluster.last_log())
        process = coordinator.start(*cluster.reached)
        _, log = process.communicate()
    finally:
        cluster.kill("127.0.0.4")
    assert process.returncode == 2
    assert "fleet: tls://127.0.0.4:" in log
    assert "must have the same version on every machine" in log
    assert site.asked == []


def test_the_shards_of_a_worker_that_is_killed_are_done_by_another(
    many: Seeds, coordinator: Coordinator, cluster: Cluster, late: threading.Event, site: Site
) -> None:
    copied = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in coordinator.copy.iterdir()}
    process = coordinator.start(*cluster.reached, "--shards", "2")
    wait_for(lambda: "/0" in site.pages_asked())
    at_work = {host: cluster.shards(host) for host in cluster.workers}
    (lost,) = [host for host, runs in at_work.items() if any(f"shard={shard_of(0)}/2" in words_of(run) for run in runs)]
    cluster.kill(lost)
    _, alive = psutil.wait_procs(at_work[lost], timeout=PATIENCE)
    assert not alive, "a run that outlives its worker would ask the same hosts as the one that takes its place"
    late.set()
    _, log = process.communicate()
    report = coordinator.report()
    assert (process.returncode, report["counts"]["filled"], report["attention"]) == (0, COUNT, []), log
    assert sorted(seed["path"] for seed in report["seeds"]) == sorted(many.texts())
    assert all(f"The text of page {name[:-3]}.".encode() in text for name, text in many.texts().items())
    asked = Counter(site.pages_asked())
    assert sorted(asked) == sorted(f"/{number}" for number in range(COUNT))
    again = {path for path, times in asked.items() if times > 1}
    assert again <= {f"/{number}" for number in range(COUNT) if shard_of(number) == shard_of(0)}
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in coordinator.copy.iterdir()} == copied
    assert f"{COUNT} of {COUNT} seeds" in log


def shard_of(number: int) -> int:
    return shard_number("", f"http://{HOSTS[number % len(HOSTS)]}/", 2)


def test_without_a_scheduler_workers_are_started_here(many: Seeds, coordinator: Coordinator) -> None:
    process = coordinator.start("-a", "path=1.md", "--workers", "1")
    out, log = process.communicate()
    assert (process.returncode, coordinator.report()["counts"]["filled"]) == (0, 1), log
    assert "1 filled" in out
    assert b"The text of page 1." in many.texts()["1.md"]


def test_a_ctrl_c_ends_a_fleet_that_works_here_with_its_report(
    coordinator: Coordinator, late: threading.Event, site: Site
) -> None:
    assert not late.is_set()
    process = coordinator.start("-a", "path=0.md", "--workers", "1")
    wait_for(lambda: "/0" in site.pages_asked())
    started = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    out, log = process.communicate()
    assert (process.returncode, coordinator.report()["counts"]["skipped"]) == (1, 1)
    assert "Traceback" not in out + log
    _, alive = psutil.wait_procs(started, timeout=PATIENCE)
    assert not alive


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-a", "shard=1/2"], "shard is what a fleet hands out itself"),
        (["--shards", "0"], "--shards 0 is not from 1 to 999,999"),
        (["--workers", "0"], "--workers 0 is not from 1 to 999,999"),
        (["--scheduler", "tls://127.0.0.1:1"], "there is no scheduler at tls://127.0.0.1:1"),
        (["-s", "SEEDS_STAMP=never"], "SEEDS_STAMP=never is neither changed nor verified"),
        (["--scheduler", "nonsense://"], "there is no scheduler at nonsense://"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence_with_status_2(
    seeds: Seeds, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = Command()
    command.settings = Settings({"SEEDS_DIR": str(seeds.folder)})
    command.settings.setmodule("fetcher.settings", priority="default")
    parser = ArgumentParser()
    command.add_options(parser)
    given, rest = parser.parse_known_args(words)
    command.process_options(rest, given)
    command.run(rest, given)
    assert command.exitcode == 2
    assert f"fleet: {sentence}" in capsys.readouterr().err
