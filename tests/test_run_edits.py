"""What a person edited in a seed stays, and where the page changed it too, one of the two wins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from fetcher.seeds import writing
from fetcher.terms.failures import SeedError
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

OPENS = "The reading room opens at nine, on all days but Sunday and the days on which the town is closed."
BAGS = "Large bags and wet coats stay in the lockers at the entrance, which take a coin and give it back."
COPIES = "Copies cost ten cents a page, and the machine for them stands behind the catalogue in the hall."
OLD = f"{OPENS}\n{BAGS}\n{COPIES}"
NEW = OLD.replace("at nine", "at ten")
NOTE = "My own note: the room is quiet before noon, and the lockers at the back are the larger ones."
REFUSED = ["conflict"]


@pytest.fixture
def edited(site: Site, seeds: Seeds, crawl: Crawl) -> Path:
    """A seed of the old page with edits by hand in two places, and a paragraph of its own."""
    path = seeds.add("a.md", site.says("/a", page(OLD)))
    assert crawl().outcomes == {"a.md": "filled"}
    text = path.read_text().replace("at nine", "at nine sharp").replace("a coin", "a small coin")
    path.write_text(f"{text}\n{NOTE}\n")
    return path


def held(run: Run) -> list[str]:
    return [held["reason"] for held in run.of("a.md")["held_back"]]


def test_an_edit_stays_without_a_word_while_the_page_does_not_change_it(site: Site, edited: Path, crawl: Crawl) -> None:
    before = edited.read_text()
    site.says("/a", page(OLD + " "))
    for _ in range(2):
        run = crawl()
        assert (run.outcomes, held(run)) == ({"a.md": "unchanged"}, [])
    site.says("/a", page(OLD.replace("ten cents", "twelve cents")))
    run = crawl()
    assert (run.outcomes, held(run)) == ({"a.md": "changed"}, [])
    assert edited.read_text().partition("---\n#")[2] == before.partition("---\n#")[2].replace("ten", "twelve")


def test_a_note_stays_on_a_page_of_which_no_two_fetches_are_the_same(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    """As of a page that counts its readers in a sentence: what else it gave is known all the same."""

    def says(text: str, *readers: int) -> str:
        return site.says("/a", *(page(f"{text}\nThe room had {number} readers so far.") for number in readers))

    path = seeds.add("a.md", says(NEW, 40, 41), "\n# A page\n\n" + OLD.replace("\n", "\n\n") + "\n")
    assert crawl().outcomes == {"a.md": "changed"}
    path.write_text(f"{path.read_text()}\n{NOTE}\n")
    before = path.read_bytes()
    says(NEW, 42, 43)
    assert crawl().outcomes == {"a.md": "unchanged"}
    assert path.read_bytes() == before
    says(NEW.replace("ten cents", "twelve cents"), 44, 45)
    run = crawl()
    assert (run.outcomes, "conflict" in held(run)) == ({"a.md": "changed"}, False)
    assert "twelve cents" in path.read_text()
    assert NOTE in path.read_text()
    # Where a run has written before, too.
    says(NEW.replace("ten cents", "twelve cents").replace("at ten", "at eleven"), 46, 47)
    run = crawl()
    assert (run.outcomes, "conflict" in held(run)) == ({"a.md": "changed"}, False)


def test_a_seed_that_was_renamed_is_known_by_its_body(site: Site, edited: Path, crawl: Crawl) -> None:
    before = edited.read_text()
    crawl()
    edited.rename(edited.with_name("b.md"))
    assert crawl().outcomes == {"b.md": "unchanged"}
    edited.with_name("b.md").write_text(before.replace("My own", "Another"))
    site.says("/a", page(OLD.replace("ten cents", "twelve cents")))
    run = crawl()
    assert (run.outcomes, run.of("b.md")["held_back"]) == ({"b.md": "changed"}, [])
    text = edited.with_name("b.md").read_text()
    assert "at nine sharp" in text
    assert "Another note" in text
    assert "twelve cents" in text


def test_where_both_changed_the_edit_stays_and_the_report_says_so_once(site: Site, edited: Path, crawl: Crawl) -> None:
    before = edited.read_text()
    site.says("/a", page(NEW))
    run = crawl()
    assert (run.outcomes, held(run)) == ({"a.md": "unchanged"}, REFUSED)
    (conflict,) = run.of("a.md")["held_back"]
    assert "at nine sharp" in conflict["removed"]
    assert "at ten" in conflict["added"]
    assert held(crawl()) == held(crawl()) == []
    assert edited.read_text() == before


@pytest.mark.parametrize("refusals", range(4))
def test_the_page_wins_where_the_user_says_so_now_or_later_and_only_there(
    site: Site, edited: Path, crawl: Crawl, refusals: int
) -> None:
    site.says("/a", page(NEW))
    for _ in range(refusals):
        crawl()
    assert crawl("conflicts=theirs").outcomes == {"a.md": "changed"}
    text = edited.read_text()
    assert NEW.splitlines()[0] in text
    assert "at nine" not in text
    assert "a small coin" in text
    assert NOTE in text
    run = crawl("conflicts=theirs")
    assert (run.outcomes, held(run)) == ({"a.md": "unchanged"}, [])


@pytest.fixture
def piped(seeds: Seeds) -> Callable[[], None]:
    """Puts a pipe, which nobody writes into, in the place of a seed."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")

    def replace() -> None:
        (seeds.folder / "a.md").unlink()
        os.mkfifo(seeds.folder / "a.md")

    return replace


def test_a_seed_that_becomes_a_pipe_while_its_page_is_fetched_is_not_waited_for(
    site: Site, seeds: Seeds, crawl: Crawl, piped: Callable[[], None]
) -> None:
    seeds.add("a.md", site.says("/a", Answer(page(OLD), meanwhile=piped)))
    assert crawl().why("a.md") == ("failed", "unreadable")


def test_a_seed_that_is_removed_while_its_page_is_fetched_is_said_to_be(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    path = seeds.folder / "a.md"
    seeds.add("a.md", site.says("/a", Answer(page(OLD), meanwhile=path.unlink)))
    run = crawl()
    assert run.why("a.md") == ("failed", "edited")
    assert run.of("a.md")["detail"] == "The file was removed or renamed while its page was being fetched."


def test_a_seed_that_becomes_a_pipe_before_it_is_written_is_not_waited_for(
    seeds: Seeds, piped: Callable[[], None]
) -> None:
    seeds.add("a.md", "https://example.org/")
    piped()
    with pytest.raises(SeedError) as caught:
        writing.write(seeds.folder, "a.md", "old", "new")
    assert caught.value.reason == "unwritable"


def test_in_a_body_that_was_filled_every_difference_is_the_pages(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    """The bell's name goes from the text and stays in a tooltip, which an importer could have taken it from."""
    tooltip = '<button title="The small brass bell">Ring</button>'
    before = page(OLD).replace("</h1>", f"</h1>{tooltip}<p>The small brass bell</p>")
    filled = seeds.add("a.md", site.says("/a", before))
    crawl()
    assert "The small brass bell" in filled.read_text()
    imported = seeds.add("b.md", site.says("/b", before), filled.read_text().partition("\n---\n")[2])
    for path in ("/a", "/b"):
        site.says(path, page(OLD).replace("</h1>", f"</h1>{tooltip}"))
    run = crawl()
    assert run.outcomes == {"a.md": "changed", "b.md": "unchanged"}
    assert (held(run), [one["reason"] for one in run.of("b.md")["held_back"]]) == ([], ["importer"])
    assert "bell" not in filled.read_text()
    assert "bell" in imported.read_text()
