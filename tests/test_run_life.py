"""The life of a seed whose page never stands still: only what its authors change is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

VISITS = 20
LEARNING = 3  # visits: one fills the body, and two of a place that rotates are needed to see that it does
REAL = {8: ("closes at six", "closes at five"), 15: ("two visitors", "three visitors")}
STAYS = [
    "The reading room is open to everybody who brings a card, on all days but Sunday.",
    "It opens at nine and closes at six, and the last books are handed out half an hour before.",
    "Large bags and wet coats stay in the lockers at the entrance, which take a coin and give it back.",
    "Each table has room for two visitors, a lamp and a socket; the tables at the windows cannot be reserved.",
    "Whoever needs an old newspaper asks for it a day ahead, as most of them are kept in another building.",
    "Copies cost ten cents a page, and the machine stands behind the catalogue.",
]
POPULAR = ("Maps", "Diaries", "Letters", "Novels", "Atlases", "Posters", "Scores", "Films", "Prints", "Essays", "Plays")
ROTATIONS = {  # places in POPULAR of the four that are listed, and by how much each version moves on
    "as a whole": ((0, 1, 2, 3), 4),
    "in part": ((0, 1, 4, 9), 5),  # the last of one list is the third of the next
}
BANNERS = ("Become a friend of the library today", "Our summer fair begins on the first Saturday in June")


def shown(visit: int, version: int, rotation: str) -> str:
    """The page at a visit; all that rotates in it is at its `version`."""
    places, step = ROTATIONS[rotation]
    popular = (POPULAR[(step * version + place) % len(POPULAR)] for place in places)
    rows = "".join(f"<li><a href='/{name}'>{name} from the region</a></li>" for name in popular)
    text = article(visit)
    return (
        "<!doctype html><html lang=en><head><title>Reading room</title></head><body><nav><a href=/>Home</a></nav>"
        f"<main><h1>Reading room</h1><p>Updated {version + 2} hours ago</p>{paragraphs(text[:2])}"
        f"<p>{BANNERS[version % 2]}</p>{paragraphs(text[2:3])}<h2>Popular now</h2><ul>{rows}</ul>"
        f"<h2>In the room</h2>{paragraphs(text[3:])}<p>{1200 + 17 * version} views</p></main>"
        "<footer>The library</footer></body></html>"
    )


def article(visit: int) -> list[str]:
    """What the authors have to say at a visit."""
    text = "\n".join(STAYS)
    for since, (old, new) in REAL.items():
        text = text.replace(old, new) if visit >= since else text
    return text.splitlines()


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


# Where a second look shows the same list, only memory tells that it rotates; and around each item stand its fellows.
@pytest.mark.parametrize("per_request", [True, False])
@pytest.mark.parametrize("rotation", ROTATIONS)
def test_in_twenty_visits_only_what_the_authors_change_is_written(
    site: Site, seeds: Seeds, crawl: Crawl, rotation: str, per_request: bool
) -> None:
    path = seeds.add("a.md", site.url("/a"))
    written = []
    for visit in range(1, VISITS + 1):
        versions = (2 * visit, 2 * visit + 1) if per_request else (visit,)
        site.says("/a", *(shown(visit, version, rotation) for version in versions))
        before = path.stat().st_mtime_ns, path.stat().st_ino
        crawl()
        if (path.stat().st_mtime_ns, path.stat().st_ino) != before:
            written.append(visit)
        assert path.read_text().count(REAL[8][1]) == (visit >= 8)
        assert path.read_text().count(REAL[15][1]) == (visit >= 15)
    assert [visit for visit in written if visit > LEARNING] == list(REAL), written
