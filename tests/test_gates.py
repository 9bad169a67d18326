"""The gates of `.ci/run`: what was reached is kept, and an update only tightens."""

from __future__ import annotations

import importlib.util
import re
import tomllib

import pytest

from tests.conftest import ROOT

specification = importlib.util.spec_from_file_location("gates", ROOT / ".ci" / "gates.py")
assert specification
assert specification.loader
gates = importlib.util.module_from_spec(specification)
specification.loader.exec_module(gates)


def test_a_case_that_was_right_may_not_fall_and_one_that_never_was_may() -> None:
    assert gates.fallen({"kept", "lost"}, {"lost", "never-right"}) == ["lost"]


@pytest.mark.parametrize(("name", "better", "worse"), [("recall", 0.96, 0.94), ("false_change", 0.94, 0.96)])
def test_a_figure_may_become_better_only(name: str, better: float, worse: float) -> None:
    bounds = {name: 0.95}
    assert gates.missed(bounds, {name: better}) == gates.missed(bounds, {name: 0.95}) == []
    assert gates.missed(bounds, {name: worse}) == [f"{name} is {worse}, its bound 0.95"]
    assert gates.tightened(bounds, {name: better}) == {name: better}
    assert gates.tightened(bounds, {name: worse}) == bounds


def test_a_figure_that_is_not_measured_any_more_is_missed_and_a_new_one_is_taken_up() -> None:
    assert gates.missed({"recall": 0.9}, {}) == ["recall is None, its bound 0.9"]
    assert gates.tightened({}, {"exact": 0.5}) == {"exact": 0.5}


def test_an_update_writes_the_bounds_as_they_stand_and_keeps_their_reasons() -> None:
    text = gates.BOUNDS.read_text()
    assert gates.as_toml(text, tomllib.loads(text)) == text
    given_up = "# Pages that moved.\n[replay]\nrecall = 0.9 # of two pages\n"
    better = gates.as_toml(given_up, {"replay": {"recall": 0.95, "exact": 0.5}})
    assert better == "# Pages that moved.\n[replay]\nrecall = 0.95 # of two pages\nexact = 0.5\n"


def test_the_list_of_cases_holds_nothing_but_their_ids() -> None:
    assert [line for line in gates.CASES.read_text().splitlines() if not re.fullmatch(r"[\w.-]+", line)] == []
