"""Pages whose text stands in the data for their scripts: as real builds of frameworks write it, shortened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.merge.refresh import refresh_page
from fetcher.page.embedded_data import embedded, literals
from fetcher.page.page import parse
from tests.site import Site, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds

    Crawl = Callable[..., Run]
    Build = Callable[[str], str]

SHELL = """<!doctype html><html lang=en><head><title>Harbour</title></head><body><nav><a href=/>Home page</a></nav>
<div id={root}><main><p>Loading…</p></main></div>{scripts}</body></html>"""
RULES = (
    '<p>Boats must give way to the ferry at all times &amp; wait at the <a href="/buoy">green buoy</a>.</p>'
    "<h2>Fees</h2><p>A night costs {price} crowns, and a week two hundred, which are paid at the kiosk.</p>"
)
DATA = {"id": "p-12", "slug": "harbour-rules", "date": "2025-03-04", "html": RULES, "title": "Harbour rules"}
MENU = [{"label": "Home page", "href": "/"}, {"label": "Write to us", "href": "/contact"}]


def with_price(price: str) -> dict[str, Any]:
    return DATA | {"html": RULES.format(price=price)}


def in_script(value: object, name: str) -> str:
    """As it stands in a script: without a sign that could end that."""
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script id="{name}" type="application/json">{text}</script>'


def next_pages(price: str) -> str:
    props = {"pageProps": {"post": with_price(price), "menu": MENU}, "__N_SSG": True}
    data = {"props": props, "page": "/post", "query": {}, "buildId": "lcGkhm-ltxYq5FxAPYheK", "isFallback": False}
    return SHELL.format(root="__next", scripts=in_script(data, "__NEXT_DATA__"))


def flight(price: str, *, by_element: bool) -> str:
    """The rows of an app whose page is given to a component that is only made in browsers."""

    def element(tag: str, *children: object, **its: object) -> list[object]:
        return ["$", tag, None, {**its, "children": children[0] if len(children) == 1 else list(children)}]

    link = element("a", "green buoy", href="/buoy")
    told = [
        element("h1", "Harbour rules"),
        element("p", "Boats must give way to the ferry at all times & wait at the ", link, "."),
        element("h2", "Fees"),
        element("p", "A night costs ", price, " crowns, and a week two hundred, which are paid at the kiosk."),
    ]
    shown = element("$L3", told) if by_element else ["$", "$L3", None, {"post": with_price(price)}]
    instead = [
        element("title", "404: This page could not be found."),
        element("h1", "404 and nothing else to see here"),
    ]
    frame = element("html", element("body", element("nav", element("a", "Home page", href="/")), "$L4"))
    seed = ["", {"children": ["rules", {"children": ["__PAGE__", {}, [["$L2", element("main", shown)], None]]}]}]
    row = ["$", "$L1", None, {"buildId": "x", "initialSeedData": [seed, frame], "notFound": instead}]
    rows = f'1:I[2846,[],""]\n0:{json.dumps(row)}\n2:null\n'
    half = len(rows) // 2
    pushes = "".join(
        f"<script>self.__next_f.push({json.dumps([1, part]).replace('<', chr(92) + 'u003c')})</script>"
        for part in (rows[:half], rows[half:])
    )
    first = "<script>(self.__next_f=self.__next_f||[]).push([0]);self.__next_f.push([2,null])</script>"
    return SHELL.format(root="root", scripts=first + pushes)


def nuxt(price: str) -> str:
    post = with_price(price)
    names = ("id", "title", "html")
    values = [["ShallowReactive", 1], {"data": 2, "state": 7, "path": 8}, ["ShallowReactive", 3], {"post": 4}]
    numbered = [*values, {"id": 5, "title": 6, "html": 9}, post["id"], post["title"], {}, "/rules", post["html"]]
    assert all(name in post for name in names)
    return SHELL.format(root="__nuxt", scripts=in_script(numbered, "__NUXT_DATA__"))


def sveltekit(price: str) -> str:
    post = with_price(price)
    text = json.dumps(post["html"]).replace("<", "\\u003C")
    data = f'post:{{id:"p-12",title:"Harbour rules",read:void 0,at:new Date(1741046400000),html:{text}}}'
    nodes = f'[null,{{type:"data",data:{{{data}}},uses:{{}}}}]'
    start = f"kit.start(app, element, {{ node_ids: [0, 2], data: {nodes}, form: null }});"
    load = 'Promise.all([import("./start.js")]).then(([kit]) => { ' + start + " });"
    return SHELL.format(root="svelte", scripts='<script>{ __sveltekit_1 = { base: "" }; ' + load + " }</script>")


def assigned(price: str) -> str:
    state = json.dumps({"page": with_price(price), "menu": MENU}).replace("<", "\\u003c")
    return SHELL.format(root="app", scripts=f"<script>window.__STATE__ = {state};</script>")


def noscript(price: str) -> str:
    html = f"<noscript><h1>Harbour rules</h1>{RULES.format(price=price)}</noscript><script src=/app.js></script>"
    return SHELL.format(root="app", scripts=html)


BUILDS: dict[str, Build] = {
    "next-pages": next_pages,
    "flight-elements": lambda price: flight(price, by_element=True),
    "flight-props": lambda price: flight(price, by_element=False),
    "nuxt": nuxt,
    "sveltekit": sveltekit,
    "assigned": assigned,
    "noscript": noscript,
}


def body_of(path: Path) -> str:
    return path.read_text().split("---\n", 2)[2]


@pytest.mark.parametrize("name", BUILDS)
def test_a_shell_is_filled_by_its_data_and_an_edit_of_that_is_found_alone(
    name: str, site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    build = BUILDS[name]
    seed = seeds.add("a.md", site.says("/a", build("forty"), build("forty") + "<!-- built anew -->", build("fifty")))
    assert crawl().outcomes == {"a.md": "filled"}
    stored = body_of(seed)
    buoy = f"[green buoy]({site.url('/buoy')})"
    assert stored == (
        f"\n# Harbour rules\n\nBoats must give way to the ferry at all times & wait at the {buoy}.\n\n"
        "## Fees\n\nA night costs forty crowns, and a week two hundred, which are paid at the kiosk.\n"
    )
    assert crawl().outcomes == {"a.md": "unchanged"}
    assert crawl().outcomes == {"a.md": "changed"}
    assert body_of(seed) == stored.replace("forty", "fifty")


@pytest.mark.parametrize("name", BUILDS)
def test_a_body_that_a_browser_s_page_was_imported_to_stays_as_it_is(
    name: str, site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    stored = (
        "\nHarbour rules\n=============\n\nBoats must give way to the ferry at all times &\n"
        "wait at the [green buoy](/buoy).\n\nFees\n----\n\nA night costs forty crowns, and a week two\n"
        "hundred, which are paid at the kiosk.\n"
    )
    seed = seeds.add("a.md", site.says("/a", BUILDS[name]("forty")), stored)
    before = seed.read_bytes()
    assert crawl().outcomes == {"a.md": "unchanged"}
    assert seed.read_bytes() == before


def test_what_search_engines_are_told_of_an_article_has_its_words_and_leaves_links_as_they_are(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    def told(price: str) -> str:
        article = {
            "@type": "NewsArticle",
            "headline": "Harbour rules",
            "articleBody": "Boats must give way to the ferry at all times & wait at the green buoy.\n\n"
            f"A night costs {price} crowns, and a week two hundred, which are paid at the kiosk.",
        }
        script = f'<script type="application/ld+json">{json.dumps(article)}</script><script src=/app.js></script>'
        return SHELL.format(root="app", scripts=script)

    stored = (
        "\n# Harbour rules\n\nBoats must give way to the ferry at *all* times & wait at the [green buoy](/buoy).\n\n"
        "A night costs forty crowns, and a week two hundred, which are paid at the kiosk.\n"
    )
    seed = seeds.add("a.md", site.says("/a", told("forty"), told("fifty")), stored)
    assert crawl().outcomes == {"a.md": "unchanged"}
    assert body_of(seed) == stored
    assert crawl().outcomes == {"a.md": "changed"}
    assert body_of(seed) == stored.replace("forty", "fifty")


def test_a_body_that_was_not_made_of_data_gets_what_changes_in_that_and_not_how_that_is_laid_out(
    site: Site, seeds: Seeds, crawl: Crawl
) -> None:
    def told(price: str) -> str:
        parts = [{"kind": "note", "label": "Read by many people"}, with_price(price), {"foot": "Printed on old paper."}]
        return SHELL.format(root="app", scripts=in_script({"parts": parts}, "state"))

    stored = (
        "\n# Harbour rules\n\nBoats must give way to the ferry at all times.\n\nPhoto: the green buoy\n\n"
        "A night costs forty crowns, and a week two hundred, which are paid at the kiosk.\n"
    )
    seed = seeds.add("a.md", site.says("/a", told("forty"), told("forty") + "<!-- again -->", told("fifty")), stored)
    first = crawl()
    assert first.outcomes == {"a.md": "unchanged"}
    assert "importer" in {held["reason"] for held in first.of("a.md")["held_back"]}
    assert body_of(seed) == stored
    assert crawl().outcomes == {"a.md": "unchanged"}
    assert body_of(seed) == stored
    assert crawl().outcomes == {"a.md": "changed"}
    assert body_of(seed) == stored.replace("forty", "fifty")


def test_a_page_with_its_text_is_read_from_that(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    old = in_script({"html": RULES.format(price="forty")}, "state")
    text = "Boats must give way to the ferry.\nA night costs fifty crowns, paid at the kiosk."
    seed = seeds.add("a.md", site.says("/a", page(text).replace("</main>", f"</main>{old}")))
    crawl()
    assert body_of(seed) == "\n# A page\n\n" + text.replace("\n", "\n\n") + "\n"


def test_data_of_another_page_is_not_the_page(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    stored = "\n# Winter\n\n" + "The quay is closed from the first frost on, and no lamp is lit there at night.\n" * 5
    seed = seeds.add("a.md", site.says("/a", next_pages("forty")), stored)
    before = seed.read_bytes()
    assert crawl().why("a.md") == ("broken", "script-shell")
    assert seed.read_bytes() == before


def test_a_shell_without_a_text_in_it_stays_one(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    data = {"config": {"api": "https://api.example/v1", "theme": "light sea", "flags": [True, 1]}, "menu": MENU}
    seeds.add("a.md", site.says("/a", SHELL.format(root="app", scripts=in_script(data, "state"))))
    assert crawl().why("a.md") == ("broken", "script-shell")


LABELS = {
    "forms": {f"field{n}": f"Please enter the name of berth {n}." for n in range(20)},
    "errors": {
        "lost": "We could not find what you are looking for. Go back to the <b>map</b>.",
        "net": "Try again later.",
    },
}


def test_labels_of_a_site_s_controls_are_no_page(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    alone = SHELL.format(root="app", scripts=in_script({"locale": "en", "messages": LABELS}, "state"))
    seeds.add("a.md", site.says("/a", alone))
    beside = in_script({"messages": LABELS, "post": with_price("forty"), "menu": MENU}, "state")
    seed = seeds.add("b.md", site.says("/b", SHELL.format(root="app", scripts=beside)))
    run = crawl()
    assert run.why("a.md") == ("broken", "script-shell")
    assert run.outcomes["b.md"] == "filled"
    assert body_of(seed).startswith("\n# Harbour rules\n\nBoats must")
    assert "berth" not in body_of(seed)


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("a = {b: 1, 'c': [\"%s\", void 0, !0, null,]};", [{"b": None, "c": ["%s", None, None, None]}]),
        (r'f([{"a\u0062": "\x41\u{42}\n%s\/"}], x)', [[{"ab": "AB\n%s/"}]]),
        ('JSON.parse(\'{"a": "%s"}\')', [{"a": "%s"}]),
        ("if (a) { return {b: c()} }; x = [1, y(), '%s']", []),
        ("x = {a: '%s'", []),
        ("x = {a: 'short'}", []),
    ],
)
def test_literals_are_read_and_nothing_else(script: str, found: list[Any]) -> None:
    words = "word " * 60
    wanted = json.loads(json.dumps(found).replace("%s", words))
    assert list(literals(script.replace("%s", words))) == wanted


HOSTILE = {
    "deep JSON": '<script type="application/json">' + "[" * 50_000 + "]" * 50_000 + "</script>",
    "deep literal": "<script>x = " + "[" * 50_000 + "</script>",
    "many beginnings": "<script>" + "=[" * 200_000 + "</script>",
    "numbers that double": in_script([[1], *([n + 1, n + 1] for n in range(1, 60)), "two words"], "d"),
    "numbers in a circle": in_script([[1], [2, 3], [1, 3], "two words"], "d"),
    "rows in a circle": "<script>self.__next_f.push("
    + json.dumps([1, '0:["$L0","$L1"]\n1:["$L0","$L1"]\n'])
    + ")</script>",
    "rows that double": "<script>self.__next_f.push("
    + json.dumps([1, "".join(f'{n:x}:["$L{n + 1:x}","$L{n + 1:x}"]\n' for n in range(60))])
    + ")</script>",
    "a row with no end": '<script>self.__next_f.push([1,"0:Tffffffff,text"])</script>',
    "strange names": in_script(["$", "p q", None, {"on<": "x y", "children": ["a b\ud800\0"]}], "d"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_data_of_any_form_takes_long_or_fails(name: str) -> None:
    found = embedded(parse(f"<body><div id=app></div>{HOSTILE[name]}</body>", "https://a.org/"))
    assert all(refresh_page(one.page, "").body is not None for one in found)
