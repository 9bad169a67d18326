"""Pictures that the page exchanged are exchanged in the body, as far as the body leads to the page's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetcher.merge.held_back import Past
from fetcher.merge.picture_blocks import file
from fetcher.merge.refresh import refresh, refresh_page
from fetcher.page.page import parse
from tests.site import page as page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

SITE = "https://ferry.example"
URL = f"{SITE}/lines/north"
FIRST = "The ferry to the northern isles leaves from the third pier every other morning."
LAST = "Cars wait in the lane on the left, and bicycles go on board before all others."
BOAT = f"![A boat]({SITE}/media/boat.png)"


def page(inner: str) -> str:
    return f"<main><h1>North</h1><p>{FIRST}</p>{inner}<p>{LAST}</p></main>"


def body(inner: str) -> str:
    return f"\n# North\n\n{FIRST}\n\n{inner}\n\n{LAST}\n"


def brought_up(stored: str, html: str) -> str:
    result = refresh(page(html), url=URL, stored=body(stored)).body
    assert refresh(page(html), url=URL, stored=result).body == result
    begin, end = body(stored).split(stored)
    assert result.startswith(begin)
    assert result.endswith(end)
    return result.removeprefix(begin).removesuffix(end)


@pytest.mark.parametrize(
    ("stored", "html", "now"),
    [
        (BOAT, "<p><img src=/media/ship.png alt='A boat'></p>", f"![A boat]({SITE}/media/ship.png)"),
        (BOAT, "<p><img src=/media/ship.png alt='A ship'></p>", f"![A ship]({SITE}/media/ship.png)"),
        ("![A boat](../media/boat.png)\n\n![A map](../media/map.png)",
         "<p><img src=/media/ship.png alt='A ship'></p><p><img src=/media/map.png alt='A map'></p>",
         "![A ship](../media/ship.png)\n\n![A map](../media/map.png)"),
        ("![A boat](https://boats.example/boat.png)\n\n![A map](../media/map.png)",
         "<p><img src=../media/ship.png alt='A boat'></p><p><img src=../media/map.png alt='A map'></p>",
         "![A boat](../media/ship.png)\n\n![A map](../media/map.png)"),
        ("![A boat](/media/boat.png)\n\n![A map](/media/map.png)",
         "<p><img src=/media/boat.png alt='Our boat'></p><p><img src=/media/map.png alt='The isles'></p>",
         "![A boat](/media/boat.png)\n\n![A map](/media/map.png)"),
        ("![A pier](/media/pier.png)\n\n![A map](/media/map.png)",
         "<p><img src=/media/pier.png alt='A pier'></p><p><img src=/media/map.png alt='The isles'></p>",
         "![A pier](/media/pier.png)\n\n![The isles](/media/map.png)"),
        ("[![A boat](/media/boat.png)](/fleet)", "<p><a href=/fleet><img src=/media/ship.png alt='A ship'></a></p>",
         "[![A ship](/media/ship.png)](/fleet)"),
        ('- Here ![](</media/boat.png> "A boat") now\n- There',
         "<ul><li>Here <img src=/media/ship.png> now</li><li>There</li></ul>",
         "- Here ![](</media/ship.png>) now\n- There"),
        ('<figure>\n<img src="/media/boat.png" alt="A boat" />\n<figcaption>Ours</figcaption>\n</figure>',
         "<figure><img src=/media/ship.png alt='A ship'><figcaption>Ours</figcaption></figure>",
         '<figure>\n<img src="/media/ship.png" alt="A ship" />\n<figcaption>Ours</figcaption>\n</figure>'),
        (BOAT, "<p><img src=/media/wait.gif data-src=/media/ship.png alt='A ship'></p>",
         f"![A ship]({SITE}/media/ship.png)"),
    ],
)  # fmt: skip
def test_an_exchanged_picture_is_exchanged(stored: str, html: str, now: str) -> None:
    """In the form in which the body has addresses, and with the text in its place; what is the same stays."""
    assert brought_up(stored, html) == now


@pytest.mark.parametrize(
    ("stored", "html"),
    [
        (BOAT, "<p><img src='/media/boat.png?v=77' alt='A boat'></p>"),
        (BOAT, "<p><img src='https://cdn.example/w_300/boat-640x480.webp' alt='A boat'></p>"),
        (BOAT, "<p><img src=/media/boat.4f2a91c0.png alt='A boat'></p>"),
        (BOAT, "<p><img src=/media/wait.gif data-lazy-src=/media/boat.png alt='A boat'></p>"),
        (BOAT, "<p><img src=/media/boat.png alt='Our old boat'></p>"),
        ("![A boat](assets/3.png)", "<p><img src=/media/ship.png alt='A boat'></p>"),
        ("![A boat](https://proxy.example/?u=boat)", "<p><img src=/media/ship.png alt='A boat'></p>"),
        ("![Image 1: A boat](/media/boat.png)", "<p><img src=/media/boat.png alt='A boat'></p>"),
        ("![A boat](assets/3.png)\n\n![A map](assets/4.png)",
         "<p><img src=/media/ship.png alt='A boat'></p><p><img src=/media/map.png alt='A map'></p>"),
        ("![A](/media/a.png)\n\n![B](/media/b.png)",
         "<p><img src=/media/wait.png alt=A></p><p><img src=/media/wait.png alt=B></p>"),
        ("Bring a coat.", "<p>Bring a coat.</p><p><img src=/media/coat.png alt='A coat'></p>"),
    ],
)  # fmt: skip
def test_a_picture_that_is_the_same_stays_as_it_is_stored(stored: str, html: str) -> None:
    """Another size, version or server is no exchange, nor are copies that the importer made, or texts of its own."""
    assert brought_up(stored, html) == stored


MAP, PIER = f"![A map]({SITE}/media/map.png)", f"![A pier]({SITE}/media/pier.png)"
SHOWN = {name: f"<p><img src=/media/{name}.png alt='A {name}'></p>" for name in ("boat", "map", "pier", "gull")}
TEXT = "Dogs are welcome on the upper deck."


@pytest.mark.parametrize(
    ("stored", "html", "now"),
    [
        (BOAT, f"<p>{TEXT}</p>{SHOWN['boat']}", f"{TEXT}\n\n{BOAT}"),
        (BOAT, f"{SHOWN['boat']}<p>{TEXT}</p>", f"{BOAT}\n\n{TEXT}"),
        (f"{TEXT}\n\n{BOAT}", SHOWN["boat"], BOAT),
        (f"![A boat][1]\n\n[1]: {SITE}/media/boat.png", f"<p>{TEXT}</p>{SHOWN['boat']}",
         f"{TEXT}\n\n![A boat][1]\n\n[1]: {SITE}/media/boat.png"),
        ('![Our boat](/media/boat.png){alt="A boat"}',
         f"<p>{TEXT}</p><figure>{SHOWN['boat']}<figcaption>Our boat</figcaption></figure>",
         f'{TEXT}\n\n![Our boat](/media/boat.png){{alt="A boat"}}'),
        (f"{BOAT}\n\n{MAP}", SHOWN["boat"] + SHOWN["pier"] + SHOWN["map"], f"{BOAT}\n\n{PIER}\n\n{MAP}"),
        (f"{BOAT}\n\n{PIER}\n\n{MAP}", SHOWN["boat"] + SHOWN["map"], f"{BOAT}\n\n{MAP}"),
        (f"{BOAT}\n\n{PIER}", "".join(SHOWN.values()), f"{BOAT}\n\n{PIER}"),
        (f"{BOAT}\n\n![A chart](assets/2.png)", SHOWN["boat"], f"{BOAT}\n\n![A chart](assets/2.png)"),
        (BOAT, SHOWN["boat"].replace("<p>", f"<p>{TEXT} "), f"{TEXT} {BOAT}"),
        (f"{BOAT} {TEXT}", SHOWN["boat"], BOAT),
        (f"{BOAT}\n\n{PIER}\n\n{MAP}", f"{SHOWN['boat']}{SHOWN['map']}<link rel=preload href=/media/pier-2.webp>",
         f"{BOAT}\n\n{PIER}\n\n{MAP}"),
    ],
)  # fmt: skip
def test_pictures_come_and_go_where_the_body_has_the_others_of_its_page(stored: str, html: str, now: str) -> None:
    """No text that comes beside one doubles it; one that the importer left out, or put in, is no change."""
    assert brought_up(stored, html) == now


def test_memory_tells_that_the_only_picture_was_the_pages() -> None:
    """It goes from the body when it goes from the page, though nothing else tells of the importer."""
    first = refresh_page(parse(page(SHOWN["boat"]), URL), body(BOAT))
    past = Past(first.given, pictures=first.pictures)
    assert refresh_page(parse(page(""), URL), body(BOAT)).body == body(BOAT)
    assert BOAT not in refresh_page(parse(page(""), URL), body(BOAT), past=past).body


def test_a_picture_that_a_person_put_in_or_took_out_is_the_persons() -> None:
    """What the page gave at the last visit tells."""
    shown, whole = SHOWN["boat"] + SHOWN["pier"] + SHOWN["map"], f"{BOAT}\n\n{PIER}\n\n{MAP}"
    for edited in (f"{BOAT}\n\n{MAP}", whole.replace(PIER, f"{PIER}\n\n![A plan]({SITE}/media/plan.png)")):
        past = Past(body(whole))
        assert refresh_page(parse(page(shown), URL), body(edited), past=past).body == body(edited)


def test_a_changed_word_beside_a_copy_of_a_picture_leaves_the_copy() -> None:
    """The address of the page's file is no part of what changed."""
    stored = "See ![a boat](assets/3.png) at noon."
    assert brought_up(stored, "<p>See <img src=/media/boat.png alt='a boat'> at dusk.</p>") == stored.replace(
        "noon", "dusk"
    )


def test_memory_tells_that_the_text_of_the_only_picture_was_the_pages() -> None:
    """What body and page had in common at the last visit, the page has changed since."""
    one, other = (page(f"<p><img src=/media/boat.png alt='{alt}'></p>") for alt in ("A boat", "Our old boat"))
    first = refresh_page(parse(one, URL), body(BOAT))
    past = Past(first.given, pictures=first.pictures)
    assert first.body == body(BOAT)
    second = refresh_page(parse(other, URL), first.body, past=past)
    assert second.body == body(BOAT.replace("A boat", "Our old boat"))
    edited = first.body.replace("A boat", "Mine")
    assert refresh_page(parse(other, URL), edited, past=past).body == edited


def test_a_run_remembers_pictures(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    """The next one finds that nothing but the text of a picture has changed."""
    text = "\n".join(f"{FIRST} {number}" for number in range(9))
    first, second = (page_of(f"<img src=/boat.png alt='{alt}'>\n{text}") for alt in ("A boat", "Our old boat"))
    path = seeds.add("a.md", site.says("/a", first, first, second))
    assert crawl().outcomes == {"a.md": "filled"}
    before = path.read_text()
    assert "![A boat](" in before
    assert crawl().outcomes == {"a.md": "unchanged"}
    assert crawl().outcomes == {"a.md": "changed"}
    assert "![Our old boat](" in path.read_text()


@pytest.mark.parametrize(
    "address",
    ["/a/b/dory.jpg", "dory@2x.png", "/x/dory-1200x800.jpg?w=3", "//i.example/dory-scaled.webp", "dory_thumb.gif"],
)
def test_a_file_is_known_in_each_of_its_sizes(address: str) -> None:
    """Sizes and formats are no part of its name."""
    assert file(address, URL) == "dory"
