"""What is not written renders as before: what would break it is taken back, and told to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetcher.merge.merge import merge
from fetcher.terms.outcomes import Noise
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

FIRST = "The harbour lies behind the old mole, and small boats come in at any tide."
BERTH = "Each berth has water and a lamp."
LAST = "Whoever stays longer than a week pays at the office beside the crane."
NOW = LAST.replace("week", "month")
BROKEN = [
    (f"<details>\n<summary>More about the berths</summary>\n\n{BERTH}\n\n</details>", BERTH),
    ("| Berth | Price |\n| --- | --- |\n| Small | 9 |\n| Large | 12 |", "| Small | 9 |\n| --- | --- |\n| Large | 12 |"),
]


def test_boxes_around_a_text_that_is_exchanged_stay() -> None:
    body = f'<div id="one">\n\n{FIRST}\n\n{BERTH}\n\n</div>\n\n<div id="two">\n\n{LAST}\n\n</div>\n'
    merged = merge(body, f"{FIRST}\n\nNobody may swim here.\n\n{LAST}\n")
    assert merged.body == body.replace(BERTH, "Nobody may swim here.")


def test_a_new_text_goes_before_a_box_that_begins_and_a_new_section_behind_one_that_ends() -> None:
    body = f'<div id="one">\n\n{FIRST}\n\n</div>\n\n<div id="two">\n\n{LAST}\n\n</div>\n'
    merged = merge(body, f"{FIRST}\n\n{BERTH}\n\n{LAST}\n")
    assert merged.body == body.replace(FIRST, f"{FIRST}\n\n{BERTH}")
    merged = merge(body, f"{FIRST}\n\n## Berths\n\n{LAST}\n")
    assert merged.body == body.replace("</div>", "</div>\n\n## Berths", 1)


@pytest.mark.parametrize(
    ("box", "end"),
    [
        ('<div id="one">', "</div>"),
        ("<section>", "</section>"),
        ("<details>\n<summary>Berths</summary>", "</details>"),
    ],
)
def test_a_new_text_goes_behind_a_box_that_ends_where_the_text_goes_on_outside_of_boxes(box: str, end: str) -> None:
    body = f"{FIRST}\n\n{box}\n\n{BERTH}\n\n{end}\n\n{LAST}\n"
    new = "Nobody may swim here."
    fresh = f"{FIRST}\n\n{'Berths' * ('summary' in box)}\n\n{BERTH}\n\n{new}\n\n{LAST}\n"
    assert merge(body, fresh).body == body.replace(end, f"{end}\n\n{new}")
    body, fresh = (text.replace(f"\n\n{LAST}", "") for text in (body, fresh))
    assert merge(body, fresh).body == f"{body}\n{new}\n"


def test_a_new_text_at_the_end_of_a_body_in_one_box_goes_into_the_box() -> None:
    body = f'# The ferry\n\n<div class="text">\n\n{FIRST}\n\n{BERTH}\n\n</div>\n'
    merged = merge(body, f"# The ferry\n\n{FIRST}\n\n{BERTH}\n\n{LAST}\n")
    assert merged.body == body.replace(BERTH, f"{BERTH}\n\n{LAST}")


def test_tags_in_an_item_of_a_list_are_no_text() -> None:
    body = f'{FIRST}\n\n-   {BERTH}\n\n    <div class="lamp">\n\n    At night.\n\n    </div>\n\n{LAST}\n'
    fresh = f"{FIRST}\n\n- {BERTH}\n\n  At night.\n\n{LAST}\n"
    assert merge(body, fresh).body == body


@pytest.mark.parametrize(("stored", "fresh"), BROKEN)
def test_a_write_that_breaks_the_rest_is_taken_back(stored: str, fresh: str) -> None:
    """A tag would stay without its start, a paragraph without its item; what else changed is written."""
    body = f"{FIRST}\n\n{stored}\n\n{LAST}\n"
    merged = merge(body, f"{FIRST}\n\n{fresh}\n\n{NOW}\n")
    assert merged.body == body.replace(LAST, NOW)
    held = {(change.held, bool(change.removed)) for change in merged.changes if change.held}
    assert held == {(Noise.UNWRITABLE, True)}
    again = merge(merged.body, f"{FIRST}\n\n{fresh}\n\n{NOW}\n")
    assert again.body == merged.body


@pytest.mark.parametrize(("stored", "fresh"), BROKEN)
def test_nothing_is_written_where_that_is_all(stored: str, fresh: str) -> None:
    body = f"{FIRST}\n\n{stored}\n\n{LAST}\n"
    merged = merge(body, f"{FIRST}\n\n{fresh}\n\n{LAST}\n")
    assert merged.body == body
    assert {change.held for change in merged.changes} == {Noise.UNWRITABLE}


@pytest.mark.parametrize(
    "fresh",
    [
        f"{BERTH}\n\n{NOW}\n\nMore about the berths",  # the text of a tag without which others have no start
        f"{NOW}\n\nThe crane is old.\n\n{BERTH}",
    ],
)
def test_a_move_of_which_one_half_would_break_the_rest_is_taken_back(fresh: str) -> None:
    """Neither is the text lost, nor does it stand in two places."""
    body = f"{FIRST}\n\n{BROKEN[0][0]}\n\n{LAST}\n"
    merged = merge(f"{body}\nThe crane is old.\n", f"{FIRST}\n\n{fresh}\n")
    assert merged.body.startswith(body.replace(LAST, NOW))
    assert merged.body.count(BERTH) == merged.body.count("More about the berths") == 1


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        (f"- Berths are rented by the week.\n\n  {BERTH}", BERTH),
        ("- Berths are rented by the week.\n\n      boats | 7\n      berths | 9", "```\nboats | 7\nberths | 9\n```"),
    ],
)
def test_a_list_that_a_write_breaks_is_taken_from_the_page(stored: str, fresh: str) -> None:
    """What follows an item that goes is no part of it on the page, and no code."""
    whole = f"{FIRST}\n\n{fresh}\n\n{LAST}\n"
    assert merge(f"{FIRST}\n\n{stored}\n\n{LAST}\n", whole).body == whole


def test_a_list_that_is_another_kind_of_list_now_comes_as_one() -> None:
    """Its old items would be items of the new ones, or stand apart from these."""
    stored = (
        "1.  Nobody leaves the harbour at night\n"
        "    1.  without a lamp at the bow of the boat\n    2.  without the bell that the warden gave out\n"
        "    3.  with more than nine people on board\n2.  Nets are dried on the mole alone\n"
    )
    fresh = (
        "- Nobody leaves the harbour at night\n  - without a lamp at the bow of the boat\n- Dogs stay on board\n"
        "- without the bell that the warden gave out\n- Swimmers keep away from the crane\n"
        "- with more than nine people on board\n- Nets are dried on the mole alone\n"
    )
    assert merge(f"{FIRST}\n\n{stored}", f"{FIRST}\n\n{fresh}").body == f"{FIRST}\n\n{fresh}"


def test_a_person_is_told(site: Site, seeds: Seeds, crawl: Crawl, tmp_path: Path) -> None:
    """The seed is unchanged, the change is listed with both texts, and the run does not end with status 0."""
    lines = [f"{FIRST} {number}" for number in range(9)]
    url = site.says("/a", page("\n".join([*lines, BERTH, LAST])))
    stored = "\n\n".join(lines)
    path = seeds.add("a.md", url, body=f"\n# A page\n\n{stored}\n\n{BROKEN[0][0]}\n\n{LAST}\n")
    before = path.read_bytes()
    run = crawl()
    assert run.outcomes == {"a.md": "unchanged"}
    assert run.status == 1
    assert path.read_bytes() == before
    held = run.of("a.md")["held_back"]
    assert [(one["reason"], one["removed"]) for one in held] == [("unwritable", "More about the berths")]
    report = tmp_path / "reports" / "latest" / "report.md"
    assert "1 seed has a change that cannot be written" in report.read_text()
