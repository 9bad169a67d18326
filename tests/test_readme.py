"""The README says what is so: its commands, settings, arguments, outcomes, reasons and modules are the project's."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from scrapy.settings import default_settings

from fetcher import settings
from fetcher.run import arguments
from fetcher.run.outcomes import Outcome
from fetcher.verdict.reasons import Reason
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAP = (ROOT / "fetcher" / "README.md").read_text(encoding="utf-8")
MODULES = {
    path.relative_to(ROOT / "fetcher").as_posix()
    for path in (ROOT / "fetcher").rglob("*.py")
    if path.name != "__init__.py"
}


def own_settings() -> dict[str, str]:
    """The settings that are this project's and not Scrapy's, with their defaults."""
    return {
        name: str(value)
        for name, value in vars(settings).items()
        if name.isupper() and not hasattr(default_settings, name)
    }


def test_every_setting_is_listed_with_its_default() -> None:
    assert dict(re.findall(r"^\| `-s (\w+)=(.*?)` \|", README, re.MULTILINE)) == own_settings()


def test_every_argument_is_listed() -> None:
    assert tuple(re.findall(r"^\| `-a (\w+)=", README, re.MULTILINE)) == arguments.KNOWN


def test_every_outcome_is_listed() -> None:
    table = README[README.index("| outcome |") : README.index("Exit status:")]
    assert set(Outcome) <= set(re.findall(r"`(\w+)`", table))


def test_every_reason_to_hold_a_page_back_is_listed() -> None:
    section = README[README.index("Answers that are not the page") : README.index("`-a accept=REASON`")]
    assert re.findall(r"`([\w-]+)`", section) == list(Reason)


def test_the_map_names_every_module_and_no_other() -> None:
    assert set(re.findall(r"`([\w/]+\.py)`", MAP)) == MODULES


def test_the_commands_are_one_line_each_and_ci_runs_the_second() -> None:
    demo, tests = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
    assert demo.endswith("scrapy demo")
    found = re.search(r"^readme_test_command\(\) \{ (.*); \}$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert found
    said = subprocess.run(["bash", "-c", found[1]], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == f"{tests}\n"


def test_it_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("path", re.findall(r"`((?:fetcher|seeds)/[\w/.]*)`", README))
def test_every_place_that_it_points_to_exists(path: str) -> None:
    assert Path(ROOT, path).exists()
