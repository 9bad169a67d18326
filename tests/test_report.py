"""The report of a run: complete, in order, in place at once, and harmless wherever it is shown."""

import json
import os
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from fetcher.report import digest, files, screen, summary
from fetcher.report.changes import CLASSES
from fetcher.report.files import Spool
from fetcher.report.report import Report
from fetcher.report.screen import Screen
from fetcher.report.summary import Summary
from fetcher.terms.outcomes import TROUBLES, WRITTEN, HeldBack, Outcome, Record, as_json

START = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)
END = datetime(2026, 3, 1, 4, 6, tzinfo=UTC)

CHANGED = Record(
    path="b/new.md",
    outcome=Outcome.CHANGED,
    url="https://example.org/b",
    status=200,
    words_added=1200,
    words_removed=3,
    changes=7,
    unchanged_blocks=40,
    reproduced_blocks=38,
    held=(HeldBack("churn", "old", "new"),),
    shares_page_with=("c.md",),
    seconds=1.23456,
)
FAILED = Record(
    path="a.md", outcome=Outcome.FAILED, reason="dns", detail="The host has no address.", mend="Check source_url."
)
NASTY = "\x1b]0;x\x07 `` | <script>alert(1)</script> @someone #1 ![x](http://evil/) \u202e\n# Title\n"


def rendered(markdown: str) -> Any:
    """The HTML of a Markdown text as GitHub's own renderer makes it."""
    return html.fromstring(cmarkgfm.github_flavored_markdown_to_html(markdown))


def finished(folder: Path, *records: Record, found: int | None = None, notes: tuple[str, ...] = ()) -> Summary:
    run = Report(folder, "seeds", START)
    for record in records:
        run.add(record, *(("old\n", "new\n") if record.outcome in WRITTEN else ()))
    return run.finish(END, len(records) if found is None else found, notes)


def data(folder: Path) -> Any:
    return json.loads((folder / "latest/report.json").read_text("utf-8"))


def test_the_report_holds_all_seeds_by_path_with_the_keys_that_others_rely_on(tmp_path: Path) -> None:
    finished(tmp_path, CHANGED, FAILED, notes=("A note.",))
    assert data(tmp_path) == {
        "version": 1,
        "started_at": "2026-03-01T04:05:06Z",
        "finished_at": "2026-03-01T04:06:00Z",
        "folder": "seeds",
        "dry_run": False,
        "found": 2,
        "classes": {name: int(name == "wording") for name in CLASSES},
        "counts": {outcome.value: int(outcome in (Outcome.CHANGED, Outcome.FAILED)) for outcome in Outcome},
        "writing": {
            "changes": 7,
            "unwritable": 0,
            "unwritable_share": 0.0,
            "unchanged_blocks": 40,
            "reproduced_share": 0.95,
        },
        "notes": ["A note."],
        "attention": ["1 seed ended failed: no page came."],
        "groups": [],
        "seeds": [
            as_json(FAILED) | {"summary": "", "classes": []},
            as_json(CHANGED) | {"summary": "‘old’ → ‘new’", "classes": ["wording"]},
        ],
    }


def test_the_report_tells_which_share_of_changes_could_not_be_written(tmp_path: Path) -> None:
    """A share of no changes and of no blocks is unknown."""
    held = (HeldBack("unwritable", "old", "new"), HeldBack("churn", "1", "2"))
    finished(tmp_path, replace(CHANGED, held=held))
    assert data(tmp_path)["writing"]["unwritable"] == 1
    assert data(tmp_path)["writing"]["unwritable_share"] == 0.125
    finished(tmp_path, FAILED)
    assert data(tmp_path)["writing"]["unwritable_share"] is None
    assert data(tmp_path)["writing"]["reproduced_share"] is None


def test_a_record_is_plain_json() -> None:
    assert json.loads(json.dumps(as_json(CHANGED))) == {
        "path": "b/new.md",
        "outcome": "changed",
        "url": "https://example.org/b",
        "reason": "",
        "detail": "",
        "mend": "",
        "status": 200,
        "final_url": None,
        "redirected_to": None,
        "since": None,
        "title": None,
        "page": {},
        "words_added": 1200,
        "words_removed": 3,
        "changes": 7,
        "unchanged_blocks": 40,
        "reproduced_blocks": 38,
        "before": "",
        "after": "",
        "held_back": [{"id": HeldBack("churn", "old", "new").id, "reason": "churn", "removed": "old", "added": "new"}],
        "shares_page_with": ["c.md"],
        "seconds": 1.235,
    }


def test_a_run_without_seeds_has_a_report_too(tmp_path: Path) -> None:
    done = finished(tmp_path)
    assert data(tmp_path)["seeds"] == []
    assert (tmp_path / "latest/changes.patch").read_bytes() == b""
    assert "0 in all" in summary.terminal(done, Screen())


def test_the_patch_of_a_run_is_one_that_git_applies(tmp_path: Path) -> None:
    texts = {"z.md": ("\ufeffa\r\nb", "\ufeffa\r\nc"), "a b.md": ("", "new\n"), "ü.md": ("x\n\x0cy\n", "x\n")}
    run = Report(tmp_path / "reports", "seeds", START)
    for path, (old, new) in texts.items():
        (tmp_path / path).write_bytes(old.encode())
        run.add(Record(path=path, outcome=Outcome.CHANGED), old, new)
    run.finish(END, 3)
    subprocess.run(["git", "apply", "reports/latest/changes.patch"], cwd=tmp_path, check=True)
    assert {path: (tmp_path / path).read_bytes().decode() for path in texts} == {
        p: new for p, (_, new) in texts.items()
    }


def test_the_order_in_which_pages_came_makes_no_difference(tmp_path: Path) -> None:
    records = [Record(path=f"{name}.md", outcome=Outcome.CHANGED) for name in "caeb"]
    for folder, order in (("one", records), ("two", records[::-1])):
        finished(tmp_path / folder, *order)
    for name in ("report.json", "report.md", "changes.patch"):
        assert (tmp_path / "one/latest" / name).read_bytes() == (tmp_path / "two/latest" / name).read_bytes()


def test_one_seed_cannot_end_twice(tmp_path: Path) -> None:
    run = Report(tmp_path, "seeds", START)
    run.add(FAILED)
    with pytest.raises(ValueError, match=r"a\.md"):
        run.add(FAILED)
    assert run.counts == {Outcome.FAILED: 1}


def test_counts_that_do_not_add_up_are_said_everywhere(tmp_path: Path) -> None:
    assert digest.miscount(2, Counter({Outcome.CHANGED: 1, Outcome.GONE: 1})) == ""
    done = finished(tmp_path, FAILED, found=3)
    sentence = "The counts do not add up: 3 seeds were found and 1 have an outcome."
    assert data(tmp_path)["notes"] == [sentence]
    assert sentence in summary.terminal(done, Screen())
    assert sentence in (tmp_path / "latest/report.md").read_text("utf-8")


def test_earlier_reports_are_kept_up_to_a_number(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for number in range(files.KEPT + 3):
        finished(tmp_path, Record(path=f"{number}.md", outcome=Outcome.UNCHANGED))
        os.utime(tmp_path / "latest", (number, number))
    names = sorted(place.name for place in tmp_path.iterdir())
    assert len(names) == files.KEPT + 2
    assert names[-2:] == ["latest", "mine"]
    assert names[0] == "1970-01-01T000002.000000Z"
    assert data(tmp_path)["seeds"][0]["path"] == f"{files.KEPT + 2}.md"


def test_what_a_killed_run_left_of_its_report_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".new").mkdir()
    (tmp_path / ".new/report.json").write_text("{")
    finished(tmp_path, FAILED)
    assert [place.name for place in tmp_path.iterdir()] == ["latest"]


def test_a_report_folder_that_cannot_be_written_is_an_error_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Report(tmp_path / "file/reports", "seeds", START)


def test_the_terminal_shows_the_outcomes_and_each_trouble_with_its_mend(tmp_path: Path) -> None:
    lines = summary.terminal(finished(tmp_path, CHANGED, FAILED), Screen()).split("\n")
    assert lines[:5] == [
        "        1 changed",
        "        1 failed",
        "        2 in all",
        "1,200 words added, 3 removed",
        "Differences held back: 1 (the report says why)",
    ]
    assert "failed a.md: The host has no address. Check source_url." in lines
    assert lines[-1] == f"The report: {tmp_path / 'latest/report.md'}"


def test_the_terminal_counts_one_word_as_one(tmp_path: Path) -> None:
    one = Record(path="a.md", outcome=Outcome.CHANGED, words_added=1, words_removed=1)
    assert "1 word added, 1 removed" in summary.terminal(finished(tmp_path, one), Screen()).split("\n")


@pytest.mark.parametrize("troubles", [1, 30, 31, 500])
def test_the_terminal_never_shows_more_than_a_screenful(tmp_path: Path, troubles: int) -> None:
    records = [Record(path=f"{n:03}.md", outcome=Outcome.FAILED, detail=NASTY * 50) for n in range(troubles)]
    lines = summary.terminal(finished(tmp_path, *records), Screen()).split("\n")
    shown = sum(line.startswith("failed ") for line in lines)
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 300
    assert shown == troubles or f"… and {troubles - shown} more" in lines


def test_nothing_of_a_page_is_markup_in_the_markdown_report(tmp_path: Path) -> None:
    finished(tmp_path, Record(path=NASTY, outcome=Outcome.FAILED, detail=NASTY, mend=NASTY), notes=(NASTY,))
    root = rendered((tmp_path / "latest/report.md").read_text("utf-8"))
    assert not root.xpath("//script | //img | //a")
    assert [title.text_content() for title in root.xpath("//h1 | //h2")] == [
        "Refresh of seeds",
        "Failed",
    ]
    assert not [text for text in root.xpath("//text()[not(ancestor::code)]") if "@" in text or "#" in text]


def test_the_markdown_report_stays_below_what_a_pull_request_takes(tmp_path: Path) -> None:
    records = [
        Record(path=f"{'x' * 200}/{n:03}.md", outcome=list(Outcome)[n % 9], detail=NASTY * 9) for n in range(3000)
    ]
    finished(tmp_path, *records)
    text = (tmp_path / "latest/report.md").read_text("utf-8")
    assert len(text) < 65_536
    assert "more: see `report.html`" in text
    assert "more: see `report.json`" in text


def test_a_run_that_failed_anywhere_is_one_with_troubles() -> None:
    assert {Outcome.FAILED, Outcome.BLOCKED, Outcome.BROKEN} == TROUBLES


@given(st.text())
def test_a_text_for_a_terminal_is_one_printable_line(text: str) -> None:
    line = screen.printable(text)
    assert line.isprintable()
    assert len(line) <= 300


@given(st.text(st.sampled_from("`a |\\<>&*_[]@\n\x00")))
def test_a_code_span_shows_the_text_and_nothing_else(text: str) -> None:
    shown = rendered(f"x {screen.code(text)} y")
    assert shown.text_content().split() == f"x {screen.printable(text)} y".split()
    assert len(shown.xpath("//*")) <= 3 + bool(screen.printable(text))


@given(st.dictionaries(st.text(), st.text()))
def test_a_spool_gives_its_texts_back_by_name(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> None:
    spool = Spool(tmp_path_factory.getbasetemp())
    for name, text in texts.items():
        spool.add(name, text)
        next(iter(spool))  # reading in between disturbs nothing
    assert list(spool) == [text for _, text in sorted(texts.items())]
    spool.close()
