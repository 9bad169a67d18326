"""A wave is one decision: what changes alike on many pages of a host waits until a second run finds it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from fetcher.commands import accept, refuse
from fetcher.run import arguments
from fetcher.terms.arguments import UsageError
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

PAGES = 6
WAVE = {"REFRESH_WAVE": "4,20%"}
BOX = "Tell the wardens whether this sheet was of any help to you."
CARD = "Leave a card at the desk if something is missing here."
TREES = "alder birch cedar elder hazel maple rowan willow".split()


def text(number: int, *, first: str = "", more: str = "", box: str = BOX) -> str:
    tree = TREES[number]
    own = f"The {tree} by gate {number} was planted when the pond was dug, and gives shade from noon on."
    care = f"Whoever prunes the {tree} asks the wardens first, and does not do so before the leaves are down."
    return "\n".join(filter(None, [first, own, care, more, box, f"Sheet {number} of the garden's book, kept by hand."]))


class Garden:
    """The pages of a host, and a run over them."""

    def __init__(self, site: Site, seeds: Seeds, crawl: Crawl) -> None:
        self._site, self._seeds, self._crawl = site, seeds, crawl
        for number in range(PAGES):
            seeds.add(f"{number}.md", self.shows(number))

    def shows(self, number: int, **changes: str) -> str:
        return self._site.says(f"/{number}", page(text(number, **changes), f"Tree {number}"))

    def all_show(self, **changes: str) -> None:
        for number in range(PAGES):
            self.shows(number, **changes)

    def run(self, *arguments: str, **settings: str) -> Run:
        return self._crawl(*arguments, **(WAVE | settings))

    @property
    def bodies(self) -> list[str]:
        return [body.decode() for _, body in sorted(self._seeds.texts().items())]


@pytest.fixture
def garden(site: Site, seeds: Seeds, crawl: Crawl) -> Garden:
    garden = Garden(site, seeds, crawl)
    assert {*garden.run().outcomes.values()} == {"filled"}
    return garden


@pytest.fixture
def decide(seeds: Seeds, tmp_path: Path) -> Callable[..., int]:
    def run(command: type[accept.Command], *words: str) -> int:
        made = command()
        state = str(tmp_path / "state.sqlite")
        made.settings = Settings(
            {"SEEDS_DIR": str(seeds.folder), "REPORT_DIR": str(tmp_path / "reports"), "REFRESH_STATE": state}
        )
        made.exitcode = 0
        made.run(list(words), None)  # type: ignore[arg-type]  # it has no options of its own
        return made.exitcode

    return run


def waiting(run: Run) -> dict[str, list[str]]:
    """The IDs of what waits as part of a wave, by the path of the seed."""
    held = {seed["path"]: [one for one in seed["held_back"] if one["reason"] == "wave"] for seed in run.report["seeds"]}
    return {path: [one["id"] for one in ones] for path, ones in held.items() if ones}


def test_a_block_that_goes_from_all_pages_and_is_back_the_next_day_is_never_written(garden: Garden) -> None:
    before = garden.bodies
    garden.all_show(box="")
    gone = garden.run()
    assert {*gone.outcomes.values()} == {"unchanged"}
    assert len(waiting(gone)) == PAGES
    assert len({tuple(ids) for ids in waiting(gone).values()}) == 1
    (sentence,) = gone.report["notes"]
    assert sentence.startswith(f"The same block changed on {PAGES} pages of 127.0.0.1")
    garden.all_show()
    back = garden.run()
    assert ({*back.outcomes.values()}, waiting(back), garden.bodies) == ({"unchanged"}, {}, before)
    (sentence,) = back.report["notes"]
    assert sentence.startswith(f"{PAGES} pages of 127.0.0.1")
    assert "no longer have the change" in sentence
    assert garden.run().report["notes"] == []


def test_what_a_second_run_finds_again_is_written_and_told_as_one(garden: Garden) -> None:
    garden.all_show(box="")
    garden.run()
    lasting = garden.run()
    assert ({*lasting.outcomes.values()}, waiting(lasting)) == ({"changed"}, {})
    assert [group["pages"] for group in lasting.report["groups"]] == [PAGES]
    assert not any(BOX in body for body in garden.bodies)
    assert {*garden.run().outcomes.values()} == {"unchanged"}


def test_other_changes_of_the_pages_are_written_and_only_those(garden: Garden) -> None:
    before = garden.bodies
    own = "The lowest branch was cut in spring after the storm had broken half of it."
    garden.all_show(box=CARD)
    garden.shows(2, more=own, box=CARD)
    run = garden.run()
    assert {path for path, outcome in run.outcomes.items() if outcome == "changed"} == {"2.md"}
    assert len(waiting(run)) == PAGES
    assert run.of("2.md")["words_added"] == len(own.split())
    assert garden.bodies[2].partition("---\n\n")[2] == before[2].partition("---\n\n")[2].replace(BOX, f"{own}\n\n{BOX}")
    garden.all_show()
    garden.shows(2, more=own)
    assert {*garden.run().outcomes.values()} == {"unchanged"}


def test_a_name_that_changes_inside_of_sentences_is_no_wave(garden: Garden) -> None:
    for number in range(PAGES):
        garden._site.says(
            f"/{number}", page(text(number).replace("the wardens first", "the board first"), f"Tree {number}")
        )
    run = garden.run()
    assert ({*run.outcomes.values()}, waiting(run)) == ({"changed"}, {})
    assert [group["pages"] for group in run.report["groups"]] == [PAGES]


def test_less_than_the_setting_says_is_no_wave_and_neither_is_anything_without_it(garden: Garden) -> None:
    for number in range(3):
        garden.shows(number, box="")
    assert waiting(garden.run()) == {}
    garden.all_show(box=CARD)
    assert waiting(garden.run(REFRESH_WAVE="")) == {}
    with pytest.raises(UsageError, match=r"REFRESH_WAVE=many cannot be used: give it .*REFRESH_WAVE=20,20%"):
        arguments.wave("many")
    garden.all_show()
    assert waiting(garden.run("accept=wave")) == {}


def test_a_fresh_checkout_writes_what_it_finds(garden: Garden, tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").unlink()
    garden.all_show(box="")
    run = garden.run()
    assert ({*run.outcomes.values()}, waiting(run)) == ({"changed"}, {})
    assert [group["pages"] for group in run.report["groups"]] == [PAGES]


def test_one_word_refuses_a_wave_for_good(garden: Garden, decide: Callable[..., int]) -> None:
    before = garden.bodies
    garden.all_show(box=CARD)
    garden.run("dry_run=true")
    assert decide(refuse.Command, *waiting(garden.run())["0.md"]) == 0
    for _ in range(2):
        run = garden.run()
        assert (garden.bodies, waiting(run), {*run.outcomes.values()}) == (before, {}, {"unchanged"})


def test_one_word_accepts_a_wave_and_what_comes_beside_it_waits(garden: Garden, decide: Callable[..., int]) -> None:
    garden.all_show(box="")
    wave = waiting(garden.run())["0.md"]
    garden.all_show(box="", first="A bench stands below.")
    assert decide(accept.Command, *wave, "00000000") == 2
    assert decide(accept.Command, *wave) == 0
    assert len(waiting(garden.run())) == PAGES
    assert not any(BOX in body or "bench" in body for body in garden.bodies)
    garden.run()
    assert all("bench" in body for body in garden.bodies)


def test_a_run_with_a_limit_holds_back_and_lets_through_by_what_each_page_has_shown(garden: Garden) -> None:
    garden.all_show(box="")
    assert len(waiting(garden.run("limit=4"))) == 4
    assert {*garden.run("path=[0-3].md").outcomes.values()} == {"changed"}
    assert sum(BOX in body for body in garden.bodies) == PAGES - 4


def test_a_change_that_cannot_be_told_apart_waits_as_a_whole(garden: Garden, site: Site) -> None:
    garden.all_show(box="")
    rows = "<table><tr><th>Month</th><th>Work</th></tr><tr><td>May</td><td>Mow</td></tr></table>"
    for number in range(PAGES):
        html = page(text(number, box=""), f"Tree {number}")
        site.says(f"/{number}", html.replace("</main>", f"<p>{TREES[number]} {number} is new here.</p>{rows}</main>"))
    before = garden.bodies
    run = garden.run()
    for number, body in enumerate(garden.bodies):
        assert body == before[number] or f"{TREES[number]} {number} is new here." in body
        assert "| May" not in body
    assert len(waiting(run)) >= PAGES
