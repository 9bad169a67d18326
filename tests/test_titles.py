"""A title that followed the page follows it; one that a person chose stays."""

import pytest

from fetcher.visits.visit import new_title

OLD, NEW = "# Opening hours\n\nText.\n", "# Opening times\n\nText.\n"


def test_a_title_that_was_the_pages_follows_it() -> None:
    assert new_title("Opening hours", "Opening hours", "Opening times", OLD, OLD) == "Opening times"


def test_a_title_that_a_person_chose_stays() -> None:
    assert new_title("When we are open", "Opening hours", "Opening times", OLD, NEW) is None


def test_without_memory_the_heading_tells_that_the_title_was_the_pages() -> None:
    assert new_title("Opening hours – Library", None, "Opening times – Library", OLD, NEW) == "Opening times – Library"


@pytest.mark.parametrize(
    ("title", "now"),
    [
        ("Library hours", "Opening times – Library"),  # not the heading
        ("Opening hours – Library", "Opening times – City Library"),  # other words around it
        ("Opening hours – Library", None),
        ("Opening hours", "Opening hours"),
    ],
)
def test_without_memory_and_without_proof_the_title_stays(title: str, now: str | None) -> None:
    assert new_title(title, None, now, OLD, NEW) is None


def test_white_space_and_quotes_alone_are_no_new_title() -> None:
    assert new_title("It's  open", "It's open", "It’s open", OLD, OLD) is None
