"""`scrapy undo`: what the last run wrote is as it was before, to the byte, where nobody has edited it since."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetcher.report import patch
from fetcher.seeds import lock
from tests import forked
from tests.site import page

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]
    Undo = Callable[..., subprocess.CompletedProcess[str]]

OLD = "The ferry leaves at nine from the northern quay.\n\nIt carries bicycles, and dogs on a lead.\n"
NEW = OLD.replace("nine", "ten").replace("\n\n", "\n")


@pytest.fixture
def undo(seeds: Seeds, tmp_path: Path) -> Undo:
    places = {"SEEDS_DIR": seeds.folder, "REPORT_DIR": tmp_path / "reports", "REFRESH_STATE": tmp_path / "state.sqlite"}
    switches = [word for name, value in places.items() for word in ("-s", f"{name}={value}")]

    def run(*given: str) -> subprocess.CompletedProcess[str]:
        words = ["scrapy", "undo", *switches, *given]
        return forked.ran(words)

    return run


@pytest.fixture
def ran(site: Site, seeds: Seeds, crawl: Crawl) -> dict[str, bytes]:
    """The files before a run that has changed some and filled one; some are unusual."""
    body = f"\n# A page\n\n{OLD}"
    seeds.add("a.md", site.says("/a", page(NEW)), body)
    seeds.add("deep/b c.md", site.says("/b", page(NEW)), body.removesuffix("\n"))
    text = f'---\nsource_url: "{site.says("/c", page(NEW))}"\ntitle: "A page"\n---\n{body}'
    seeds.add('d "é".md', "", text=text.replace("\n", "\r\n"))
    seeds.add("empty.md", site.says("/d", page(NEW)))
    seeds.add("same.md", site.says("/e", page(OLD.replace("\n\n", "\n"))), body)
    before = seeds.texts()
    run = crawl()
    assert sorted(run.outcomes.values()) == ["changed", "changed", "changed", "filled", "unchanged"]
    return before


def test_all_that_the_run_wrote_is_taken_back_to_the_byte(ran: dict[str, bytes], seeds: Seeds, undo: Undo) -> None:
    assert seeds.texts() != ran
    run = undo()
    assert (run.returncode, run.stdout) == (0, 'Took back 4 files:\n  a.md\n  d "é".md\n  deep/b c.md\n  empty.md\n'), (
        run.stderr
    )
    assert seeds.texts() == ran
    assert undo().stdout == "Nothing to take back.\n"


def test_the_next_run_looks_again_and_finds_the_same(
    ran: dict[str, bytes], seeds: Seeds, crawl: Crawl, undo: Undo
) -> None:
    after = seeds.texts()
    undo()
    again = crawl("older_than=1h")  # the run that is taken back has verified nothing
    assert sorted(again.outcomes.values()) == ["changed", "changed", "changed", "filled"]
    assert [_unstamped(text) for text in seeds.texts().values()] == [_unstamped(text) for text in after.values()]
    assert set(crawl().outcomes.values()) == {"unchanged"}
    assert undo().stdout == "Nothing to take back.\n"
    assert seeds.texts() != ran


def _unstamped(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines() if not line.startswith(b"fetched_at")]


def test_a_file_that_was_edited_or_taken_away_is_named_and_left(
    ran: dict[str, bytes], seeds: Seeds, undo: Undo
) -> None:
    edited = seeds.folder / "a.md"
    edited.write_bytes(edited.read_bytes() + b"Mine.\n")
    mine = edited.read_bytes()
    (seeds.folder / "empty.md").unlink()
    run = undo()
    assert run.returncode == 1
    assert run.stdout.splitlines() == [
        "Left as it is: a.md: it was edited since.",
        "Left as it is: empty.md: it is not there any more.",
        "Took back 2 files:",
        '  d "é".md',
        "  deep/b c.md",
    ]
    assert edited.read_bytes() == mine
    assert {**seeds.texts(), "a.md": b"", "empty.md": b""} == {**ran, "a.md": b"", "empty.md": b""}


def test_a_part_of_it_can_be_taken_back(ran: dict[str, bytes], seeds: Seeds, undo: Undo) -> None:
    run = undo("deep")
    assert (run.returncode, run.stdout) == (0, "Took back 1 file:\n  deep/b c.md\n")
    assert [path for path, text in seeds.texts().items() if text == ran[path]] == ["deep/b c.md", "same.md"]
    assert undo("nowhere/*").returncode == 2


def test_a_dry_run_says_what_it_would_do(ran: dict[str, bytes], seeds: Seeds, undo: Undo) -> None:
    after = seeds.texts()
    assert undo("--dry-run").stdout.splitlines()[:2] == ["Would take back 4 files:", "  a.md"]
    assert seeds.texts() == after
    undo()
    assert seeds.texts() == ran


@pytest.mark.usefixtures("ran")
def test_what_cannot_be_taken_back_is_said(seeds: Seeds, undo: Undo, tmp_path: Path) -> None:
    after = seeds.texts()
    latest = tmp_path / "reports" / "latest"
    with lock.hold(seeds.folder):
        assert "another run is at work" in undo().stderr
    whole = (latest / "changes.patch").read_text()
    (latest / "changes.patch").write_text(whole.replace("at nine", "at noon"))
    run = undo("a.md")
    assert (run.returncode, "changes.patch does not have its change" in run.stdout) == (1, True)
    (latest / "changes.patch").unlink()
    assert "only a run with a complete report" in undo().stderr
    (latest / "report.json").write_text("{}")
    assert "cannot be read" in undo().stderr
    (latest / "report.json").unlink()
    assert (undo().returncode, seeds.texts()) == (2, after)


def test_a_dry_run_of_the_refresh_leaves_nothing_to_take_back(
    site: Site, seeds: Seeds, crawl: Crawl, undo: Undo
) -> None:
    seeds.add("a.md", site.says("/a", page(NEW)), f"# A page\n\n{OLD}")
    crawl("dry_run=true")
    assert undo().stdout == "Nothing to take back.\n"


def test_a_dry_run_since_leaves_what_the_run_before_wrote_to_be_taken_back(
    ran: dict[str, bytes], seeds: Seeds, crawl: Crawl, undo: Undo
) -> None:
    crawl("dry_run=true")
    said = undo().stdout.splitlines()
    assert said[0].startswith("What came after the run of 2")
    assert said[1] == "Took back 4 files:"
    assert seeds.texts() == ran
    assert undo().stdout.splitlines()[1:] == ["Nothing to take back."]


def test_the_folder_that_is_named_is_meant_whichever_the_last_run_was_over(
    ran: dict[str, bytes], seeds: Seeds, crawl: Crawl, undo: Undo, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(seeds.folder, other)
    for path, text in ran.items():
        (other / path).write_bytes(text)
    crawl(SEEDS_DIR=str(other))
    after = {path: (other / path).read_bytes() for path in ran}
    assert after != ran
    assert undo().returncode == 0
    assert seeds.texts() == ran
    assert {path: (other / path).read_bytes() for path in ran} == after
    run = undo("-s", f"SEEDS_DIR={tmp_path}")
    assert (run.returncode, "is of a run over SEEDS_DIR=" in run.stderr) == (2, True)


LINES = st.lists(
    st.sampled_from(["a", "b", "", "-x", "+x", "@@ -1 +1 @@", "\\ No newline", "--- a", "c\r", "\x0c\u2028"])
)


@given(LINES, LINES, st.booleans(), st.booleans())
def test_any_change_can_be_taken_back_from_its_patch(
    old: list[str], new: list[str], ended: bool, new_ended: bool
) -> None:
    before, after = "\n".join(old) + "\n" * ended, "\n".join(new) + "\n" * new_ended
    assert patch.reverse_patch(after, patch.patch("a.md", before, after)) == before


def test_a_text_that_the_patch_did_not_lead_to_is_refused() -> None:
    change = patch.patch("a.md", "1\n2\n3\n", "1\ntwo\n3\n")
    assert patch.reverse_patch("1\ntwo\n4\n", change) is None
