"""What a run wrote is accounted for, even where its report finds no place."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from fetcher.report.files import Spool
from tests.clones import git
from tests.conftest import report_of
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

TEXT = "The ferry leaves at nine from the northern quay, and comes back before dark."
ROOM = 48 * 1024  # bytes: for a report in words and as data, not for one as a web page


def fill(place: Path, but: int = 0) -> None:
    """Leave so many bytes of a file system free."""
    with (place / "ballast").open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(max(file.tell() - but, 0))


@pytest.mark.parametrize("room", [0, ROOM])
def test_a_run_whose_report_has_no_room_says_so_and_what_it_wrote(
    site: Site, seeds: Seeds, crawl: Crawl, small_disk: Path, capsys: pytest.CaptureFixture[str], room: int
) -> None:
    written = Answer(page(TEXT), meanwhile=lambda: fill(small_disk, room))
    seeds.add("a.md", site.says("/a", written, page(TEXT)))
    seeds.add("b.md", site.says("/b", page(TEXT), host="127.0.0.2"), f"\n# A page\n\n{TEXT}\n")
    run = crawl(REPORT_DIR=str(small_disk))
    report = report_of(small_disk)
    assert TEXT in (seeds.folder / "a.md").read_text()
    assert run.status == 1
    assert f"The report could not be put into REPORT_DIR={small_disk} (No space left on device)" in run.out
    if room:
        assert {seed["path"]: bool(seed["after"]) for seed in report["seeds"]} == {"a.md": True}
        assert (report["found"], report["counts"]["unchanged"]) == (2, 1)
        assert "REPORT_DIR" in report["attention"][0]
    else:
        assert report == {}
        assert "There is no report." in run.out
        assert "refresh: written: a.md\n" in capsys.readouterr().err
    (small_disk / "ballast").unlink()
    assert crawl(REPORT_DIR=str(small_disk)).status == 0
    assert report_of(small_disk)["counts"]["unchanged"] == 2


def stand_in_the_way(reports: Path, kind: str) -> None:
    reports.mkdir()
    if kind == "link":
        (reports / "latest").symlink_to(reports / "nowhere")
    elif kind == "file":
        (reports / "latest").write_text("mine")
    else:
        (reports / ".new").write_text("left")


@pytest.mark.parametrize("kind", ["link", "file", "leftover"])
def test_whatever_has_the_name_of_the_report_makes_room_for_it(
    site: Site, seeds: Seeds, crawl: Crawl, tmp_path: Path, kind: str
) -> None:
    seeds.add("a.md", site.says("/a", page(TEXT)))
    stand_in_the_way(tmp_path / "reports", kind)
    run = crawl()
    assert (run.status, run.outcomes) == (0, {"a.md": "filled"})
    assert not (tmp_path / "reports" / "latest").is_symlink()


def test_a_text_for_which_the_disk_has_no_room_is_kept_all_the_same(small_disk: Path) -> None:
    spool = Spool(small_disk)
    spool.add("a", "first")
    fill(small_disk)
    spool.add("c", "third" * 10_000)
    (small_disk / "ballast").unlink()
    spool.add("b", "second")
    assert list(spool) == ["first", "second", "third" * 10_000]
    with pytest.raises(ValueError, match="c has its text already"):
        spool.add("c", "")


def test_in_a_repository_of_one_s_own_the_first_run_offers_what_to_ignore(
    site: Site, seeds: Seeds, crawl: Crawl, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q", "--template=")
    seeds.add("a.md", site.says("/a", page(TEXT)))
    state = {"REFRESH_STATE": str(tmp_path / ".scrapy" / "state.sqlite")}
    offer = "put /reports/ and /.scrapy/ into .gitignore"
    assert offer not in crawl("dry_run=true", **state).out
    assert offer in crawl(**state).out
    assert offer not in crawl(**state).out
    (tmp_path / ".scrapy" / "state.sqlite").unlink()
    (tmp_path / ".gitignore").write_text("/reports/\n")
    assert "put /.scrapy/ into .gitignore" in crawl(**state).out
    assert offer not in (tmp_path / "reports" / "latest" / "report.md").read_text()


def test_outside_of_a_repository_nothing_is_offered(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(TEXT)))
    assert "gitignore" not in crawl().out


def test_a_state_that_cannot_be_written_costs_the_memory_and_nothing_else(
    site: Site, seeds: Seeds, crawl: Crawl, small_disk: Path
) -> None:
    state = {"REFRESH_STATE": str(small_disk / "state.sqlite")}
    seeds.add("a.md", site.says("/a", page(TEXT)))
    assert crawl(**state).outcomes == {"a.md": "filled"}
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    site.says("/a", page(TEXT.replace("nine", "ten")))
    run = crawl(**state)
    assert (run.status, run.outcomes) == (0, {"a.md": "changed"})
    assert "the run went on without memory" in run.out
