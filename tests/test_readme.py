"""README and guide say what is so: commands, settings, arguments, outcomes, reasons and modules are the project's."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from scrapy.settings import default_settings

from fetcher import settings
from fetcher.terms.arguments import KNOWN
from fetcher.terms.failures import BROWSER_COMMAND
from fetcher.terms.outcomes import Noise, Outcome, Reason
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "fetcher" / "guide").glob("*.md")}
CHANGELOG = (ROOT / "fetcher" / "CHANGELOG.md").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "fetcher").glob("guide/*.md")),
    ROOT / ".github" / "CONTRIBUTING.md",
    ROOT / "findings" / "README.md",
    ROOT / "tests" / "benchmarks" / "README.md",
    ROOT / "fetcher" / "CHANGELOG.md",  # the last: earlier versions had other files
]
PLACES = re.compile(r"`((?:fetcher|seeds|tests|\.ci|\.github)/[\w/.-]*)`")


def own_settings() -> dict[str, str]:
    """The settings that are this project's and not Scrapy's, with their defaults."""
    return {
        name: str(value)
        for name, value in vars(settings).items()
        if name.isupper() and not hasattr(default_settings, name)
    }


def first_column(page: str, heading: str) -> list[str]:
    """The names in the first column of the table under a heading of the guide."""
    (section,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", GUIDE[page], re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)


def test_every_setting_is_listed_with_its_default() -> None:
    assert dict(re.findall(r"^\| `-s (\w+)=(.*?)` \|", GUIDE["settings.md"], re.MULTILINE)) == own_settings()


def test_every_argument_is_listed() -> None:
    assert tuple(re.findall(r"^\| `-a (\w+)=", GUIDE["arguments.md"], re.MULTILINE)) == KNOWN


def test_every_outcome_is_listed() -> None:
    table = README[README.index("| outcome |") : README.index("Exit status:")]
    assert set(Outcome) <= set(re.findall(r"`(\w+)`", table))


def test_every_reason_to_hold_a_page_back_is_listed() -> None:
    assert first_column("reviewing.md", "Answers that are not the page") == list(Reason)


def test_every_kind_of_change_that_is_held_back_is_listed() -> None:
    assert first_column("reviewing.md", "Changes that are held back") == list(Noise)


def test_every_page_of_the_guide_is_in_its_list() -> None:
    listed = re.findall(r"^\| \[(.*?)\]\(\1\) \|", GUIDE["README.md"], re.MULTILINE)
    assert sorted(listed) == sorted(set(GUIDE) - {"README.md"})


def test_every_finding_is_in_its_list() -> None:
    listed = re.findall(r"^\| \[(.*?)\]\(\1\) \|", (ROOT / "findings" / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(path.name for path in (ROOT / "findings").glob("*.sh"))


def test_the_links_lead_somewhere() -> None:
    wrong = []
    for path in PAGES:
        text = re.sub(r"^ {4,}.*$|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
            name, _, part = link.partition("#")
            place = (path.parent / name).resolve() if name else path
            if not place.exists() or (part and part not in anchors(place)):
                wrong.append((path.name, link))
    assert wrong == []


def anchors(path: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_changelog_begins_with_what_is_not_released() -> None:
    assert re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)[0] == "Unreleased"


def test_the_commands_are_one_line_each_and_ci_runs_the_second() -> None:
    demo, tests = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
    assert demo.endswith("scrapy demo")
    found = re.search(r"^readme_test_command\(\) \{ (.*); \}$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert found
    said = subprocess.run(["bash", "-c", found[1]], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == f"{tests}\n"


def test_the_command_that_installs_a_browser_is_the_one_that_the_reports_name() -> None:
    assert f"\n    {BROWSER_COMMAND}\n" in GUIDE["browser.md"]


def test_it_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= 80


@pytest.mark.parametrize(
    "path", sorted({place for path in PAGES[:-1] for place in PLACES.findall(path.read_text(encoding="utf-8"))})
)
def test_every_place_that_they_point_to_exists(path: str) -> None:
    assert Path(ROOT, path).exists()
