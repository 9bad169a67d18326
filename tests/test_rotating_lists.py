"""Lists and rows of links that rotate are held back as one, and nothing else is."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from fetcher.merge import place_history
from fetcher.merge.held_back import Past
from fetcher.merge.merge import merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetcher.merge.place_history import Place

    Page = Callable[[int], str]

VISITS = 30
LEARNING = 3  # visits: a place that rotates is written once or twice until it is known
BEFORE = "Here is what our readers liked most in the last weeks, picked anew each hour:"
AFTER = "Whoever misses a book here asks at the desk, where the whole catalogue is at hand."
TOPICS = ("Maps", "Diaries", "Letters", "Novels", "Atlases", "Posters", "Scores", "Films", "Prints", "Essays", "Plays")


def page(middle: str, before: str = BEFORE, after: str = AFTER) -> str:
    return f"# Library\n\nIt is open to everybody.\n\n{before}\n\n{middle}\n\n{after}\n\nSee you there.\n"


def picks(seed: int) -> list[str]:
    return random.Random(seed).sample(TOPICS, 4)


def links(names: list[str]) -> str:
    return "\n".join(f"- [{name} from the region](/{name.lower()})" for name in names)


def rows(names: list[str]) -> str:
    return links(names).replace("- ", "\n")


def life(shown: Page) -> tuple[list[int], str]:
    """The visits at which the body is written, and what it is at the end."""
    stored, written = shown(0), []
    places: dict[str, Place] = {}
    for visit in range(1, VISITS):
        merged = merge(stored, shown(visit), past=Past(stored, places))
        places = place_history.observed(places, merged.differences, visit)
        if merged.body != stored:
            written.append(visit)
        stored = merged.body
    return written, stored


def late(written: list[int]) -> list[int]:
    return [visit for visit in written if visit >= LEARNING]


@pytest.mark.parametrize("rotating", [links, rows])
def test_what_rotates_in_the_middle_of_a_text_is_written_until_it_is_known(rotating: Callable[..., str]) -> None:
    assert late(life(lambda visit: page(rotating(picks(visit))))[0]) == []


@pytest.mark.parametrize("at", ["before", "after"])
def test_a_change_beside_a_list_that_rotates_is_written_and_the_list_stays(at: str) -> None:
    texts = {"before": BEFORE, "after": AFTER}

    def shown(visit: int) -> str:
        text = texts[at].replace(" in ", " over ").replace(" at the ", " behind the ") if visit >= 10 else texts[at]
        return page(links(picks(visit)), **(texts | {at: text}))

    written, stored = life(shown)
    assert late(written) == [10]
    assert (" over " if at == "before" else " behind the ") in stored


def test_a_list_that_stops_rotating_is_let_through() -> None:
    written, stored = life(lambda visit: page(links(picks(min(visit, 12)))))
    assert stored == page(links(picks(12)))
    assert len(late(written)) == 1


def test_edits_of_a_list_s_items_are_written_at_once() -> None:
    def shown(visit: int) -> str:
        names = list(TOPICS)
        for number in range(visit // 3):
            names[number] = f"Old {names[number].lower()}"
        return page(links(names))

    assert life(shown)[0] == list(range(3, VISITS, 3))


@pytest.mark.parametrize("first", [True, False])
def test_a_list_that_grows_at_each_visit_is_written_at_each(first: bool) -> None:
    def shown(visit: int) -> str:
        items = [f"- Version {number} mends what a reader of {TOPICS[number % 11]} saw" for number in range(visit + 2)]
        return page("\n".join(items[::-1] if first else items))

    assert life(shown)[0] == list(range(1, VISITS))


def test_a_change_in_a_list_whose_times_go_on_is_written() -> None:
    def shown(visit: int) -> str:
        items = (f"- {name}, read {visit + 2} times, last {visit + 2} days ago" for name in TOPICS)
        return page("\n".join(items).replace("Films,", "Films and reels," if visit >= 10 else "Films,"))

    written, stored = life(shown)
    assert 10 in written
    assert "Films and reels" in stored


def test_two_lists_under_the_same_words_are_two_places() -> None:
    def shown(visit: int) -> str:
        still = links(list(TOPICS[:4] if visit < 10 else TOPICS[4:8]))
        return f"# Library\n\n## Books\n\n{links(picks(visit))}\n\n## Books\n\n{still}\n\n{AFTER}\n"

    assert late(life(shown)[0]) == [10]


def test_a_list_that_grows_is_written_whatever_is_held_back_in_its_items() -> None:
    """Items whose age alone is another at each visit are there as ever: what is new is new for good."""

    def shown(visit: int) -> str:
        return page("\n".join(f"- {name} from the region, seen {visit + 2} days ago" for name in TOPICS[: 4 + visit]))

    stored = shown(0)
    places: dict[str, Place] = {}
    for visit in range(1, 6):
        merged = merge(stored, shown(visit), past=Past(stored, places))
        places = place_history.observed(places, merged.differences, visit)
        stored = merged.body
        assert TOPICS[3 + visit] in stored
