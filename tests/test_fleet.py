"""A fleet's shards and their coordinator, one after the other on this machine: what comes of them is one run's."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.fleet import fleet, shard
from fetcher.fleet.fleet import Orders, Places
from fetcher.fleet.shard import Done, Job, ShardError
from fetcher.memory.state import State
from fetcher.run import arguments
from fetcher.terms.arguments import Shard
from tests.conftest import QUICK, Run, Seeds, report_of
from tests.site import Site, page
from tests.test_run_merging import TIMES, remembered, restore, said, varied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Crawl = Callable[..., Run]
    Alter = Callable[[Job], Any]

__all__ = ["varied"]  # the fixture

WORDS = tuple(word for name, value in QUICK.items() for word in ("-s", f"{name}={value}"))
OLD, NEW = (f"The hall is open.\nThe garden is {how}.\nOn Sundays a guide shows the house." for how in ("shut", "open"))


class Fleet:
    """Runs the shards of a fleet one by one on this machine."""

    def __init__(self, seeds: Path, folder: Path) -> None:
        self.copy = seeds
        self.places = Places(seeds=seeds, reports=folder / "fleet reports", state=folder / "fleet state.sqlite")
        self.told: list[str] = []
        self._scratch = folder / "scratch"
        self._scratch.mkdir()

    def __call__(
        self, *words: str, count: int = 1, before: Alter = lambda job: job, after: Alter = lambda job: job
    ) -> Run:
        """The fleet's run; `before` gives the job that is done in place of one, and `after` is called with each."""
        given = arguments.parse(dict(word.split("=", 1) for word in words), datetime.now(UTC))
        switches = tuple(part for word in words for part in ("-a", word)) if given.dry_run else ()
        orders = Orders(count, str(self.copy), WORDS + switches, given.dry_run, 0.05)

        def results(jobs: Iterable[Job]) -> Iterator[tuple[Shard, Done | ShardError]]:
            for job in jobs:
                try:
                    came: Done | ShardError = shard.run(before(job), self._scratch)
                except ShardError as error:
                    came = error
                after(job)
                yield job.shard, came

        _, status = fleet.refresh(self.places, given, orders, results, self.told.append)
        assert not list(self._scratch.iterdir()), "nothing is left on the worker"
        return Run(status, "", report=report_of(self.places.reports))


@pytest.fixture
def by_fleet(seeds: Seeds, tmp_path: Path) -> Fleet:
    return Fleet(seeds.folder, tmp_path)


def normal(texts: dict[str, bytes]) -> dict[str, str]:
    return {path: TIMES.sub("…", text.decode()) for path, text in texts.items()}


def test_a_fleet_says_writes_and_remembers_what_one_run_does(
    varied: Seeds, crawl: Crawl, by_fleet: Fleet, tmp_path: Path
) -> None:
    texts = varied.texts()
    one = crawl()
    written = normal(varied.texts())
    restore(varied, texts)
    run = by_fleet(count=2)
    assert run.status == one.status
    assert said(by_fleet.places.reports / "latest") == said(tmp_path / "reports" / "latest")
    assert normal(varied.texts()) == written
    assert remembered(by_fleet.places.state) == remembered(tmp_path / "state.sqlite")
    with State(by_fleet.places.state) as state:
        assert [run.found for run in state.runs(9)] == [one.report["found"]]


@pytest.fixture
def two(site: Site, seeds: Seeds) -> Seeds:
    """Two seeds on two hosts, whose pages have changed."""
    for name, host in (("a.md", "127.0.0.1"), ("b.md", "127.0.0.2")):
        seeds.add(name, site.says(f"/{name}", page(NEW), host=host), f"\n# A page\n\n{OLD}\n".replace("\n", "\n\n"))
    return seeds


def test_a_worker_changes_nothing_in_its_copy_and_one_that_is_out_of_date_changes_no_seed(
    two: Seeds, by_fleet: Fleet, tmp_path: Path
) -> None:
    by_fleet.copy = tmp_path / "copy"
    shutil.copytree(two.folder, by_fleet.copy)
    (by_fleet.copy / "a.md").write_text("Another text.")
    copied = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in by_fleet.copy.iterdir()}
    before = (two.folder / "a.md").read_bytes()
    run = by_fleet()
    assert (run.why("a.md"), run.why("b.md"), run.status) == (("failed", "stale-copy"), ("changed", ""), 1)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in by_fleet.copy.iterdir()} == copied
    assert (two.folder / "a.md").read_bytes() == before
    assert "The garden is open." in (two.folder / "b.md").read_text()


def test_a_seed_that_is_edited_meanwhile_keeps_the_edit_and_the_next_run_knows_all_but_it(
    two: Seeds, by_fleet: Fleet
) -> None:
    edited = (two.folder / "a.md").read_text().replace("title:", "mine: yes\ntitle:")
    run = by_fleet(after=lambda _: (two.folder / "a.md").write_text(edited))
    assert (run.why("a.md"), run.why("b.md")) == (("failed", "edited"), ("changed", ""))
    assert (two.folder / "a.md").read_text() == edited
    with State(by_fleet.places.state) as state:
        known = [state.base(url, path) for path, url in addresses(two).items()]
        assert [base is None for base in known] == [True, False], "it was not brought up to its page"
    run = by_fleet()
    assert (run.why("a.md"), run.why("b.md")) == (("changed", ""), ("unchanged", "same-bytes"))
    text = (two.folder / "a.md").read_text()
    assert "mine: yes" in text
    assert "The garden is open." in text


def addresses(seeds: Seeds) -> dict[str, str]:
    return {path: text.decode().split('"')[3] for path, text in seeds.texts().items()}


def test_a_dry_run_writes_and_remembers_nothing(two: Seeds, by_fleet: Fleet) -> None:
    before = two.texts()
    run = by_fleet("dry_run=true")
    assert run.outcomes == {"a.md": "changed", "b.md": "changed"}
    assert run.report["notes"] == ["This was a dry run: nothing was written."]
    assert two.texts() == before
    assert not by_fleet.places.state.exists()
    assert len(by_fleet("dry_run=true", "limit=1", count=3).outcomes) == 1, "of the whole fleet"


def test_a_shard_that_cannot_be_done_fails_its_seeds_and_no_others(two: Seeds, by_fleet: Fleet) -> None:
    assert two
    words = iter([(*WORDS, "-s", "SEEDS_STAMP=never"), WORDS])
    run = by_fleet(count=3, before=lambda job: job._replace(words=next(words)))
    assert sorted(run.outcomes.values()) == ["changed", "failed"]
    (failed,) = [seed for seed in run.report["seeds"] if seed["outcome"] == "failed"]
    assert "SEEDS_STAMP=never is neither changed nor verified" in failed["detail"]
    assert run.status == 1


def test_when_the_shards_together_lose_too_many_pages_nothing_more_is_written(
    site: Site, seeds: Seeds, by_fleet: Fleet
) -> None:
    for number in range(1, 13):
        host = f"127.0.0.{number}"
        seeds.add(f"{number}.md", site.says(f"/{number}", page(NEW), host=host))
        seeds.add(f"{number} lost.md", site.url(f"/lost{number}", host), "\n# A page\n")
    before = seeds.texts()
    run = by_fleet(count=3)
    skipped = [name for name, outcome in run.outcomes.items() if outcome == "skipped"]
    assert run.why(skipped[0]) == ("skipped", "brake")
    assert run.report["attention"][0].startswith("Writing stopped for the whole run, as 1")
    assert "of 24 pages came back broken or gone" in run.report["attention"][0]
    assert {name for name, text in seeds.texts().items() if text != before[name]} == {
        name for name, outcome in run.outcomes.items() if outcome == "filled"
    }
    with State(by_fleet.places.state) as state:
        known = [state.base(url, path) for path, url in addresses(seeds).items() if path in skipped]
        assert known == [None] * len(skipped)
    assert run.status == 1


def test_a_worker_of_another_version_does_nothing(two: Seeds, tmp_path: Path) -> None:
    job = Job(Shard(1, 1), str(two.folder), {}, WORDS, b"", b"another")
    with pytest.raises(ShardError, match="another version"):
        shard.run(job, tmp_path)


def test_a_seed_that_is_found_by_a_link_is_refreshed_by_a_fleet_too(site: Site, seeds: Seeds, by_fleet: Fleet) -> None:
    seeds.add(".hidden/page.data", site.says("/", page(NEW)))
    (seeds.folder / "link.md").symlink_to(".hidden/page.data")
    assert by_fleet().outcomes == {".hidden/page.data": "filled"}
    assert "The garden is open." in (seeds.folder / "link.md").read_text()
