"""`scrapy merge`: what the shards of a run leave is made into what one run would have left, or refused."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.memory.state import State
from fetcher.report import merging
from fetcher.report.merging import MergeError, ShardReport
from fetcher.report.report import Report
from fetcher.terms.outcomes import Outcome, Record
from tests.forked import ran
from tests.site import Answer, page

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

SHARDS = 3
TIMES = re.compile(
    r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|"(?:started|finished)_at": "[^"]*"|"seconds": [\d.]+|"after": "\w+"'
    r"|visited [^,]+|Started [^<]+ UTC"
)
LINES = "The halls are open.\nThe garden is shut.\nOn Sundays a guide shows the house to all who come."


@pytest.fixture
def varied(site: Site, seeds: Seeds) -> Seeds:
    """Seeds that end in many ways, on eight hosts."""
    hosts = [f"127.0.0.{number}" for number in range(1, 9)]
    body = "\n# A page\n\n" + LINES.replace("\n", "\n\n") + "\n"
    for number, host in enumerate(hosts):
        new = LINES.replace("shut", "open too")
        seeds.add(f"{number}/same.md", site.says(f"/same{number}", page(LINES), host=host), body)
        seeds.add(f"{number}/changed.md", site.says(f"/new{number}", page(new), host=host), body)
        seeds.add(f"{number}/twin of changed.md", site.url(f"/new{number}", host), body)
        seeds.add(f"{number}/filled.md", site.says(f"/filled{number}", page(f"Number {number}."), host=host))
        seeds.add(f"{number}/bad.md", "", text="---\nsource_url: [\n---\n")
    seeds.add("missing.md", site.url("/missing"), body)
    seeds.add("refused.md", site.says("/refused", Answer("no", 403), host=hosts[3]), body)
    return seeds


def restore(seeds: Seeds, texts: dict[str, bytes]) -> None:
    for path, text in texts.items():
        seeds.folder.joinpath(path).write_bytes(text)


def said(report: Path) -> dict[str, str]:
    """The files of a report, but for its times."""
    return {file.name: TIMES.sub("…", file.read_text(encoding="utf-8")) for file in sorted(report.iterdir())}


def merge(*words: str, **settings: object) -> subprocess.CompletedProcess[str]:
    switches = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return ran(["scrapy", "merge", *switches, *words])


def remembered(path: Path) -> dict[str, object]:
    with State(path) as state:
        assert state.troubles == []
        return {url: [visit.outcome for visit in state.recall(url).visits] for url in state.verified()}


def test_merged_shards_say_and_remember_what_one_run_does(varied: Seeds, crawl: Crawl, tmp_path: Path) -> None:
    texts = varied.texts()
    one = crawl()
    latest = tmp_path / "reports" / "latest"
    wanted, written = said(latest), varied.texts()
    assert len(set(one.outcomes.values())) > 3
    restore(varied, texts)
    shutil.rmtree(latest)  # it is of the same second
    states = [tmp_path / f"state{number}.sqlite" for number in range(SHARDS)]
    for number, place in enumerate(states, 1):
        crawl(f"shard={number}/{SHARDS}", REFRESH_STATE=str(place))
    merged = tmp_path / "merged.sqlite"
    done = merge("--state", *map(str, states), REPORT_DIR=tmp_path / "reports", REFRESH_STATE=merged)
    assert (done.returncode, done.stderr) == (one.status, "")
    assert said(latest) == wanted
    assert done.stdout.strip() == one.out.strip()
    assert {path: TIMES.sub("…", text.decode()) for path, text in varied.texts().items()} == {
        path: TIMES.sub("…", text.decode()) for path, text in written.items()
    }
    assert remembered(merged) == remembered(tmp_path / "state.sqlite")
    with State(merged) as state:
        (run,) = state.runs(9)
        assert (run.found, run.counts) == (one.report["found"], {k: v for k, v in one.report["counts"].items() if v})


@pytest.fixture
def parts(tmp_path: Path) -> Callable[..., list[Path]]:
    def write(**others: Any) -> list[Path]:
        """The reports of two shards; `others` are what the second has otherwise."""
        folders = []
        for number in (1, 2):
            other = others if number == 2 else {}
            part = {"shard": f"{number}/2", "code": "c0de", "dry_run": False} | other.get("part", {})
            folder = tmp_path / f"shard-{number}-of-2"
            report = Report(folder, other.get("seeds", "seeds"), moment(1), part)
            report.add(Record(path=other.get("path", f"{number}.md"), outcome=Outcome.CHANGED), "old\n", "new\n")
            report.finish(other.get("finished", moment(3)), 1, ["Said by both.", f"Said by {number}."])
            folders.append(folder)
        return folders

    return write


def moment(hour: int) -> datetime:
    return datetime(2026, 3, 1, hour, tzinfo=UTC)


def merged(folders: list[Path], into: Path, before: datetime | None = None) -> list[str]:
    opened = [ShardReport.open(folder) for folder in folders]
    merging.check(opened, before)
    report = Report(into, "seeds", moment(1))
    merging.merge(opened, report)
    notes, alarms = merging.notes_and_alarms(opened)
    report.finish(moment(4), 2, notes, alarms)
    return notes


def test_what_several_shards_say_is_said_once(parts: Callable[..., list[Path]], tmp_path: Path) -> None:
    assert merged(parts(), tmp_path / "merged") == ["Said by both.", "Said by 1.", "Said by 2."]


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ({"part": {"shard": "1/2"}}, "there are 2 reports of shard 1/2"),
        ({"part": {"shard": "2/3"}}, "differ in the number of shards"),
        ({"part": {"code": "other"}}, "differ in the version of the program"),
        ({"part": {"dry_run": True}}, "differ in whether they write"),
        ({"part": {"shard": "9/2"}}, "is no report of a shard"),
        ({"seeds": "others"}, "differ in the seeds folder"),
        ({"path": "1.md"}, r"1\.md is in two reports, one of them .*shard-2-of-2"),
        ({"finished": moment(1)}, r"shard-2-of-2.* is of an earlier run: shard 2/2 has not run since the last report"),
    ],
)
def test_reports_that_are_not_those_of_one_run_are_refused(
    parts: Callable[..., list[Path]], tmp_path: Path, others: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(MergeError, match=sentence):
        merged(parts(**others), tmp_path / "merged", before=moment(2))
    assert list(tmp_path.glob("merged/*")) == []


def test_a_report_that_is_missing_cut_off_or_no_part_is_refused(
    parts: Callable[..., list[Path]], tmp_path: Path
) -> None:
    one, two = parts()
    with pytest.raises(MergeError, match="there are no reports of shard 2/2"):
        merged([one], tmp_path / "merged")
    changes = two / "latest" / "changes.jsonl"
    whole = changes.read_text()
    changes.write_text(whole[:-9])
    with pytest.raises(MergeError, match="damaged"):
        merged([one, two], tmp_path / "merged")
    changes.write_text(whole.replace("2.md", "3.md"))
    with pytest.raises(MergeError, match=r"3\.md has changed but has no outcome"):
        merged([one, two], tmp_path / "merged")
    place = two / "latest" / "report.json"
    place.write_text(place.read_text().removesuffix("]}\n"))
    with pytest.raises(MergeError, match="cut off"):
        merged([one, two], tmp_path / "merged")
    place.write_text(json.dumps({"version": 2}))
    with pytest.raises(MergeError, match="no report of a shard"):
        merged([one, two], tmp_path / "merged")
    assert list(tmp_path.glob("merged/*")) == []


def test_merging_again_is_no_earlier_run(parts: Callable[..., list[Path]], tmp_path: Path) -> None:
    assert merged(parts(), tmp_path / "merged", before=moment(5))


def test_the_command_refuses_in_a_sentence_with_status_2_and_writes_nothing(
    parts: Callable[..., list[Path]], tmp_path: Path
) -> None:
    folders = [str(folder) for folder in parts()]
    no_state = tmp_path / "no.sqlite"
    done = merge(*folders, "--state", str(no_state), REPORT_DIR=tmp_path / "new", REFRESH_STATE=tmp_path / "state")
    assert (done.returncode, done.stderr) == (2, f"merge: {no_state} is missing\n")
    assert not list(tmp_path.glob("new/*"))
    assert not (tmp_path / "state").exists()
