"""While a run is at work a terminal shows how far it is, and a log says so every so often."""

from __future__ import annotations

import re
import sys
import threading
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from fetcher.progress import Pace
from fetcher.terms.outcomes import Outcome
from tests.conftest import PATIENCE
from tests.site import Answer, page
from tests.terminal import on_terminal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

BODY = "A line of text that stays.\n\nAnd a second line of text."
LINE = re.compile(r"1 of 2 seeds, (?:\d+ a minute|[\d.]+ a second), 0:\d\d:\d\d left")


@pytest.fixture
def held(site: Site, seeds: Seeds) -> threading.Event:
    """Two seeds on hosts of their own, the second of which answers only once the event is set."""
    go = threading.Event()
    text = BODY.replace("\n\n", "\n")
    seeds.add("a.md", site.says("/a", page(text)), f"# A page\n\n{BODY}\n")
    slow = Answer(page(text), meanwhile=lambda: go.wait(PATIENCE))
    seeds.add("b.md", site.says("/b", slow, host="127.0.0.2"), f"# A page\n\n{BODY}\n")
    return go


def test_a_terminal_shows_the_progress_below_the_log_and_is_left_without_it(
    command: Command, held: threading.Event
) -> None:
    def told(so_far: str, _: object) -> None:
        if LINE.search(so_far):
            held.set()

    shown = on_terminal(command.words(LOG_LEVEL="DEBUG", LOG_FORMAT="<%(message)s>"), told=told)
    assert shown.status == 0
    assert re.search(LINE.pattern + r".*1 unchanged", shown.raw)
    assert not any("of 2 seeds" in line for line in shown.lines)
    assert "        2 unchanged" in shown.lines
    crawled = [line for line in shown.lines if "Crawled (200) <GET http://127.0.0." in line]
    assert len(crawled) == 2
    whole = r"<Crawled \(200\) <GET http://127.0.0.\d:\d+/[ab]> \(referer: None\)>"
    assert all(re.fullmatch(whole, line) for line in crawled)


def test_a_run_that_is_killed_leaves_the_terminal_its_cursor(command: Command, held: threading.Event) -> None:
    def told(so_far: str, process: subprocess.Popen[bytes]) -> None:
        if LINE.search(so_far):
            process.kill()

    shown = on_terminal(command.words(), told=told)
    held.set()
    hidden, visible = shown.raw.rfind("\x1b[?25l"), shown.raw.rfind("\x1b[?25h")
    assert hidden < visible


def test_a_log_has_lines_without_colours_and_only_when_something_moved(command: Command, held: threading.Event) -> None:
    process = command.start(LOGSTATS_INTERVAL="0.2")
    assert process.stderr
    line = process.stderr.readline()
    threading.Timer(1.0, held.set).start()  # four more times at which nothing has moved
    out, rest = process.communicate(timeout=PATIENCE)
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \[refresh\] {LINE.pattern}: 1 unchanged\n", line)
    assert "1 of 2 seeds" not in rest
    assert "\x1b" not in line + rest + out


class Errors(StringIO):
    """Takes what a run says, and opens what holds it up when that is how far it is."""

    def __init__(self, go: threading.Event) -> None:
        super().__init__()
        self._go = go

    def write(self, text: str) -> int:
        if "1 of 2 seeds" in text:
            self._go.set()
        return super().write(text)


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [({}, True), ({"LOGSTATS_INTERVAL": "0"}, False), ({"LOG_ENABLED": "False"}, False)],
)
def test_whoever_wants_no_lines_gets_none(
    crawl: Callable[..., Run],
    held: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    wanted: bool,
) -> None:
    if not wanted:
        held.set()
    errors = Errors(held)
    monkeypatch.setattr(sys, "stderr", errors)
    crawl(**{"LOGSTATS_INTERVAL": "0.1", **settings})
    assert bool(errors.getvalue()) is wanted


def test_a_run_takes_as_long_as_its_slowest_site() -> None:
    pace = Pace({"fast": 10, "slow": 100}, 0.0)
    for site in ["fast"] * 10 + ["slow"] * 5:
        pace.ended(site, Outcome.UNCHANGED)
    left = pace.left(10.0)
    assert left
    assert left.total_seconds() == 190  # ninety-five at one in two seconds


def test_a_run_that_has_seen_nothing_promises_nothing() -> None:
    assert Pace({"a": 1}, 0.0).sentence(10.0) == "0 of 1 seeds"
