"""Runs with memory that are killed, crowded or out of disk: no text is lost, and the next run goes on."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from fetcher.memory.state import State
from tests.conftest import PATIENCE, Command, Seeds
from tests.site import page
from tests.test_run_ends import kill_during_a_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run
    from tests.site import Site

    Crawl = Callable[..., Run]

COUNT = 30
KILLS = 6
LINES = range(1, KILLS + 1)


def text(number: int, version: int) -> str:
    """A page's text, in which each version changes one line: what changes in one place each time is no change."""
    lines = (
        f"Line {line} of page {number} is in its {'second' if line <= version else 'first'} wording," for line in LINES
    )
    return "\n".join(f"{line} whatever becomes of the others." for line in lines)


def serve(site: Site, version: int) -> None:
    for number in range(COUNT):
        site.says(f"/{number}", page(text(number, version)))


def editions(seeds: Seeds) -> list[int]:
    """The version that each seed holds, all of it."""
    found = []
    for number in range(COUNT):
        _, _, body = (seeds.folder / f"{number}.md").read_text().rpartition("# A page\n\n")
        version = body.count("second")
        assert body == text(number, version).replace("\n", "\n\n") + "\n"
        found.append(version)
    return found


@pytest.fixture
def filled(site: Site, seeds: Seeds, crawl: Crawl) -> Seeds:
    for number in range(COUNT):
        seeds.add(f"{number}.md", site.url(f"/{number}"))
    serve(site, 0)
    assert crawl().report["counts"]["filled"] == COUNT
    return seeds


def test_killed_at_any_moment_a_seed_has_its_old_or_its_new_text_and_no_change_is_lost(
    site: Site, filled: Seeds, command: Command, tmp_path: Path
) -> None:
    dice = random.Random(6)
    before = editions(filled)
    for version in range(1, KILLS + 1):
        serve(site, version)
        kill_during_a_run(command, site, dice.randrange(1, 2 * COUNT))  # each page is asked for twice
        after = editions(filled)
        assert all(new in (old, version) for old, new in zip(before, after, strict=True))
        with State(tmp_path / "state.sqlite") as state:
            assert state.troubles == []
        before = after
    run = command()
    assert run.status == 0
    assert run.report["notes"] == []
    assert editions(filled) == [KILLS] * COUNT


def test_two_runs_on_two_folders_share_one_memory(site: Site, filled: Seeds, command: Command, tmp_path: Path) -> None:
    shutil.copytree(filled.folder, tmp_path / "other" / "deep")
    other = Command(tmp_path / "other", tmp_path / "other reports")
    serve(site, 1)
    state = str(tmp_path / "state.sqlite")
    processes = [one.start(REFRESH_STATE=state) for one in (command, other)]
    for process in processes:
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert editions(filled) == [1] * COUNT
    assert editions(Seeds(other.seeds / "deep")) == [1] * COUNT
    with State(tmp_path / "state.sqlite") as both:
        assert both.troubles == []
        assert len(both.verified()) == COUNT


def test_a_seed_that_was_put_back_to_an_earlier_text_gets_the_change_again(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    path = seeds.add("a.md", site.says("/a", page(text(1, 0)), page(text(1, 1))))
    crawl()
    before = path.read_bytes()
    assert crawl().outcomes == {"a.md": "changed"}
    path.write_bytes(before)
    assert crawl().outcomes == {"a.md": "changed"}


def test_on_a_full_disk_a_seed_keeps_its_text_and_says_so_and_the_run_goes_on(
    site: Site, seeds: Seeds, small_disk: Path, crawl: Crawl
) -> None:
    seeds.folder = small_disk
    for number in range(3):
        seeds.add(f"{number}.md", site.url(f"/{number}"))
    serve(site, 0)
    crawl(SEEDS_DIR=str(small_disk))
    before = seeds.texts()
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(1_000_000))
    serve(site, 1)
    run = crawl(SEEDS_DIR=str(small_disk))
    assert run.status == 1
    assert [run.why(name) for name in before] == [("failed", "unwritable")] * 3
    assert "No space left" in run.of("0.md")["detail"]
    (small_disk / "ballast").unlink()
    assert seeds.texts() == before
    assert crawl(SEEDS_DIR=str(small_disk)).outcomes == dict.fromkeys(before, "changed")
