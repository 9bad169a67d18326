"""The summary of a run fits the screen that it is shown on."""

from __future__ import annotations

import os
import pty
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fetcher.report import summary
from fetcher.report.screen import Screen, screen_of
from fetcher.report.summary import Row, Summary
from fetcher.terms.outcomes import Outcome
from tests.terminal import COLUMNS, LINES, on_terminal

if TYPE_CHECKING:
    from tests.conftest import Command, Seeds
    from tests.site import Site

NASTY = "\x1b[2J[red]日本\u202e" * 20


def counted(lines: list[str], start: str) -> int:
    """The lines that begin so, with those that others stand for."""
    return sum(int(line.split()[2]) if line.startswith("… and ") else line.startswith(start) for line in lines)


def a_summary(troubles: int, notes: int) -> Summary:
    rows = [Row(f"{n}.md", Outcome.FAILED, NASTY, "Run again.") for n in range(troubles)]
    return Summary(
        "seeds", Path("reports/latest"), Counter({Outcome.FAILED: troubles}), 1, 2, 3, [NASTY] * notes, open=rows
    )


@pytest.mark.parametrize("troubles", [0, 1, 9, 200])
@pytest.mark.parametrize("notes", [0, 3, 50])
@pytest.mark.parametrize("screen", [Screen(), Screen(24, 80), Screen(50, 33, colours=True), Screen(14, 200)])
def test_the_summary_fits_the_screen_and_nothing_is_left_out_in_silence(
    troubles: int, notes: int, screen: Screen
) -> None:
    lines = summary.terminal(a_summary(troubles, notes), screen).split("\n")
    plain = [line.replace("\x1b[31m", "").replace("\x1b[m", "") for line in lines]
    assert sum(map(screen.height, plain)) < screen.lines
    assert all(line.isprintable() for line in plain)
    table = plain.index(f"{troubles:>9,} in all")
    assert counted(plain[:table], "�[2J") == notes
    assert counted(plain[table:], "failed ") == troubles
    assert lines[-1] == "The report: reports/latest/report.md"


def test_colours_are_for_terminals_without_no_color(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal, (tmp_path / "file").open("w") as file:
        assert screen_of(terminal).colours
        assert screen_of(file) == Screen()
        monkeypatch.setenv("NO_COLOR", "1")
        assert not screen_of(terminal).colours
        monkeypatch.setenv("NO_COLOR", "")
        assert screen_of(terminal).colours
        monkeypatch.setenv("TERM", "dumb")
        assert not screen_of(terminal).colours
    os.close(ours)


def test_a_run_with_many_troubles_ends_with_what_one_screen_shows(command: Command, site: Site, seeds: Seeds) -> None:
    for number in range(40):
        seeds.add(f"{number:02}.md", site.url(f"/{number}"), "Text.")
    shown = on_terminal(command.words())
    assert "\x1b[31mfailed\x1b[m 00.md: " in shown.raw
    lines = shown.lines
    assert len([line for line in lines if line]) < LINES
    assert all(len(line) <= COLUMNS for line in lines)
