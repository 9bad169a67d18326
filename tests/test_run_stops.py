"""A run that is told to end does not wait: what was done is in its report, and all else is left for the next."""

from __future__ import annotations

import json
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from fetcher.memory.state import State
from fetcher.visits.inspection import PROBE
from tests.conftest import PATIENCE, wait_for
from tests.site import Answer, page
from tests.test_run_workers import workers

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Command, Seeds
    from tests.site import Site

PATIENT = {"DOWNLOAD_TIMEOUT": "3600", "DNS_TIMEOUT": "3600"}  # a run that is not told to end waits longer than a test
OLD = "The hall is open on all days of the week, and so is the garden behind it, which has its own entrance."
NEW = OLD.replace("the garden", "the new garden")
# Names that never get an address: sitecustomize is run by each new interpreter.
SLOW_NAMES = """
import os, pathlib, socket, time

def slowly(ask):
    def asked(host, *rest, **more):
        if host == "slow.invalid":
            pathlib.Path(os.environ["ASKED"]).touch()
            time.sleep(3600)
        return ask(host, *rest, **more)
    return asked

socket.getaddrinfo, socket.gethostbyname = slowly(socket.getaddrinfo), slowly(socket.gethostbyname)
"""


@pytest.fixture
def never() -> Iterator[Callable[[], object]]:
    """Returns when the test is over."""
    over = threading.Event()
    yield over.wait
    over.set()


@pytest.fixture
def start(command: Command) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a run that ends with the test."""
    processes = []

    def started(**settings: str) -> subprocess.Popen[str]:
        processes.append(command.start(**PATIENT, **settings))
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def outcomes(command: Command) -> dict[str, tuple[str, str]]:
    report = json.loads((command.reports / "latest" / "report.json").read_text())
    return {seed["path"]: (seed["outcome"], seed["reason"]) for seed in report["seeds"]}


def test_a_run_waits_for_nothing_when_it_is_told_to_end(
    site: Site,
    seeds: Seeds,
    command: Command,
    start: Callable[..., subprocess.Popen[str]],
    never: Callable[[], object],
    tmp_path: Path,
) -> None:
    late = Answer("Late.", meanwhile=never)
    seeds.add("done.md", site.says("/done", page(OLD)))
    seeds.add("answer.md", site.says("/answer", late, host="127.0.0.2"))
    site.says("/robots.txt", late, host="127.0.0.3")
    seeds.add("rules.md", site.url("/rules", host="127.0.0.3"))
    busy = Answer("Later, please.", 429, headers={"Retry-After": "100"})
    seeds.add("parked.md", site.says("/parked", busy, host="127.0.0.4"))
    seeds.add("queued.md", site.says("/queued", busy, host="127.0.0.4"))
    seeds.add("confirmed.md", site.says("/confirmed", page(NEW), late, host="127.0.0.5"), f"\n# A page\n\n{OLD}\n")
    seeds.add("probed.md", site.says("/probed", page("Nothing."), host="127.0.0.6"))
    site.says(PROBE, late, host="127.0.0.6")
    before = seeds.texts()
    process = start(CONCURRENT_REQUESTS_PER_DOMAIN="1")
    wait_for(lambda: site.pages_asked().count("/confirmed") == 2 and "/parked" in site.pages_asked())
    wait_for(lambda: any(path.startswith(PROBE) for _, path in site.asked))
    wait_for(lambda: "The hall" in (seeds.folder / "done.md").read_text())
    process.send_signal(signal.SIGTERM)
    out, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "The run ended early (shutdown): 6 seeds were not visited." in out
    assert "Traceback" not in log
    stopped = dict.fromkeys(before, ("skipped", "stopped"))
    assert outcomes(command) == stopped | {"done.md": ("filled", "")}
    assert {name: text for name, text in seeds.texts().items() if text != before[name]}.keys() == {"done.md"}
    with State(tmp_path / "state.sqlite") as state:
        assert state.verified().keys() == {site.url("/done")}
        assert state.recall(site.url("/answer", host="127.0.0.2")).visits == ()
        assert [run.counts for run in state.runs(5)] == [{"filled": 1, "skipped": 6}]


@pytest.fixture
def deaf(
    seeds: Seeds, command: Command, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> subprocess.Popen[str]:
    """A run that was told to end, and has its report, but looks up a name, which nobody can make it give up."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_NAMES)
    command.environment |= {"PYTHONPATH": str(tmp_path), "ASKED": str(tmp_path / "asked")}
    seeds.add("a.md", "http://slow.invalid/")
    process = start()
    wait_for((tmp_path / "asked").exists)
    process.send_signal(signal.SIGTERM)
    wait_for((command.reports / "latest" / "report.json").exists)
    return process


def test_a_run_gives_up_a_page_whose_reading_takes_long(
    site: Site, seeds: Seeds, command: Command, start: Callable[..., subprocess.Popen[str]]
) -> None:
    seeds.add("a.md", site.says("/a", page("\n".join(f"{OLD} So says line {line}." for line in range(500)))))
    process = start(REFRESH_WORKERS="1")
    wait_for(lambda: bool(workers(process)))
    (worker,) = workers(process)
    worker.suspend()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert outcomes(command) == {"a.md": ("skipped", "stopped")}
    assert not worker.is_running()


def test_a_run_ends_in_time_though_a_name_is_being_looked_up(deaf: subprocess.Popen[str], command: Command) -> None:
    out, _ = deaf.communicate(timeout=PATIENCE)
    assert deaf.returncode == 1
    assert out.startswith("The run ended early")
    assert outcomes(command) == {"a.md": ("skipped", "stopped")}


def test_a_second_signal_ends_a_run_at_once(deaf: subprocess.Popen[str]) -> None:
    deaf.send_signal(signal.SIGTERM)
    deaf.communicate(timeout=PATIENCE)
    assert deaf.returncode == 128 + signal.SIGTERM
