"""What a run writes into the seeds, and what it leaves alone."""

from __future__ import annotations

import re
import subprocess
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.seeds import lock, writing
from tests.conftest import PATIENCE, STAMP
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

OLD = "The page says one thing, at some length, so that it can be told apart from others.\nAnd another."
NEW = OLD.replace("another", "something new")


def test_a_changed_page_rewrites_its_seed_with_a_new_stamp(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    path = seeds.add("a.md", site.says("/a", page(OLD), page(NEW)))
    assert crawl().why("a.md") == ("filled", "")
    run = crawl()
    assert run.why("a.md") == ("changed", "")
    assert "And something new." in path.read_text()
    assert STAMP not in path.read_text()
    assert run.status == 0


def test_the_report_names_a_file_s_content_before_and_after_as_git_does(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    path = seeds.add("a.md", site.says("/a", page(OLD)))
    before = git_name(path)
    record = crawl().of("a.md")
    assert (record["before"], record["after"]) == (before, git_name(path))
    record = crawl().of("a.md")
    assert (record["before"], record["after"]) == ("", "")


def git_name(path: Path) -> str:
    return subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True).stdout.strip()


def test_a_disk_that_takes_its_time_keeps_nobody_else_waiting(
    site: Site, seeds: Seeds, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*arguments: Any) -> None:
        from twisted.internet import reactor  # noqa: PLC0415  # the tests' own is there by now

        gone_on = Event()
        reactor.callFromThread(gone_on.set)
        assert gone_on.wait(PATIENCE)
        write(*arguments)

    write = writing.write
    monkeypatch.setattr("fetcher.seeds.writing.write", slow)
    seeds.add("a.md", site.says("/a", page(OLD)))
    assert crawl().why("a.md") == ("filled", "")


def test_a_second_run_against_the_same_page_writes_nothing(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(OLD)))
    crawl()
    before = seeds.texts()
    run = crawl()
    assert run.why("a.md") == ("unchanged", "same-bytes")
    assert seeds.texts() == before
    assert run.report["counts"]["unchanged"] == 1


def test_the_front_matter_keeps_all_but_its_stamp(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/a", page(OLD))
    front = f"---\n# mine\ntags: [ 'b',  a ]\nfetched_at:   {STAMP} # then\nsource_url: {url}\nid: 007\n---\n"
    path = seeds.add("a.md", "", text=front)
    crawl()
    kept = path.read_text().partition("\n---\n")[0] + "\n---\n"
    assert re.sub(r"fetched_at:   \S+ # then", f"fetched_at:   {STAMP} # then", kept) == front


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_windows_line_ends_and_byte_order_marks_stay(site: Site, seeds: Seeds, crawl: Crawl, mark: str) -> None:
    url = site.says("/a", page(OLD), page(NEW))
    text = f"{mark}---\r\nfetched_at: '{STAMP}'\r\nsource_url: {url}\r\n---\r\n"
    path = seeds.add("a.md", "", text=text)
    crawl()
    assert crawl().outcomes == {"a.md": "changed"}
    written = path.read_bytes().decode()
    assert written.startswith(f"{mark}---\r\n")
    assert written.count("\r\n") == written.count("\n") > 8


def test_one_page_is_asked_for_once_and_renews_all_its_seeds(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    url = site.says("/a", page(OLD))
    seeds.add("a.md", url)
    seeds.add("deep/b.txt", url + "#part")
    run = crawl()
    assert run.outcomes == {"a.md": "filled", "deep/b.txt": "filled"}
    assert run.of("a.md")["shares_page_with"] == ["deep/b.txt"]
    assert site.pages_asked() == ["/a"]


def test_a_page_that_moved_for_good_is_moved_when_it_says_the_same(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    there = site.says("/there", page(OLD), page(NEW))
    url = site.says("/here", page(OLD), Answer("", 301, headers={"Location": there}))
    seeds.add("a.md", url)
    assert crawl().outcomes == {"a.md": "filled"}
    before = seeds.texts()
    run = crawl()
    assert (run.outcomes, run.of("a.md")["redirected_to"]) == ({"a.md": "moved"}, there)
    assert seeds.texts() == before
    run = crawl()
    assert (run.outcomes, run.of("a.md")["redirected_to"]) == ({"a.md": "changed"}, there)


def test_a_file_that_is_edited_while_its_page_is_fetched_stays_as_edited(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    path = seeds.folder / "a.md"
    url = site.says("/a", page(OLD), Answer(page(NEW), meanwhile=lambda: path.write_text(edited)))
    seeds.add("a.md", url)
    crawl()
    edited = path.read_text() + "\nMy own words.\n"
    run = crawl()
    assert run.why("a.md") == ("failed", "edited")
    assert path.read_text() == edited
    assert run.status == 1


def test_a_file_that_vanishes_while_its_page_is_fetched_is_reported(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    path = seeds.folder / "a.md"
    seeds.add("a.md", site.says("/a", Answer(page(OLD), meanwhile=path.unlink)))
    assert crawl().outcomes == {"a.md": "failed"}
    assert not path.exists()


def test_a_dry_run_reports_and_writes_nothing(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(OLD)))
    before = seeds.texts()
    run = crawl("dry_run=true")
    assert run.outcomes == {"a.md": "filled"}
    assert "dry run" in run.out
    assert seeds.texts() == before


def test_stamps_say_verified_where_that_is_wanted(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    path = seeds.add("a.md", site.says("/a", page(OLD)))
    crawl()
    path.write_text(re.sub("fetched_at: .*", f'fetched_at: "{STAMP}"', path.read_text()))
    assert crawl(SEEDS_STAMP="verified").outcomes == {"a.md": "unchanged"}
    assert STAMP not in path.read_text()


def test_a_broken_answer_never_replaces_a_body(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(OLD * 9), page("Sorry, we could not find that page.", "Page not found")))
    crawl()
    before = seeds.texts()
    assert crawl(SEEDS_STAMP="verified").outcomes == {"a.md": "broken"}
    assert seeds.texts() == before


def test_what_is_no_seed_is_neither_counted_nor_touched(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(OLD)))
    seeds.add("INDEX.md", "", text="# Index\n")
    seeds.add("notes.md", "", text="---\ntitle: mine\n---\n")
    seeds.add("data.json", "", text="{}")
    assert crawl().report["found"] == 1


def test_the_patch_turns_the_old_seeds_into_the_new_ones(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("deep/a b.md", site.says("/a", page(OLD), page(NEW)))
    seeds.add("b.md", site.says("/b", page(NEW), page(OLD)))
    crawl()
    before = seeds.texts()
    crawl()
    patch = seeds.folder.parent / "reports" / "latest" / "changes.patch"
    after = seeds.texts()
    for name, text in before.items():
        (seeds.folder / name).write_bytes(text)
    subprocess.run(["git", "apply", str(patch)], cwd=seeds.folder, check=True)
    assert seeds.texts() == after != before


def test_a_run_that_meets_another_one_does_nothing(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", page(OLD)))
    with lock.hold(seeds.folder):
        run = crawl()
    assert (run.status, site.asked) == (2, [])


def test_the_command_says_that_another_run_is_at_work(seeds: Seeds, command: Command) -> None:
    with lock.hold(seeds.folder):
        run = command()
    assert run.status == 2
    assert "another run is at work" in run.log
    assert "Traceback" not in run.log
