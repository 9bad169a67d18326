"""`scrapy discover`: what a site publishes and no seed holds is proposed, and nothing else is."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.discover import published
from fetcher.discover.compare import Wish, compared
from fetcher.discover.looking import FEW, FILE, FOREIGN, LANGUAGE, QUERY, VERSION, Held
from fetcher.discover.places import Place, place
from fetcher.discover.published import Listed, Published
from fetcher.memory import hints
from fetcher.memory.state import State
from fetcher.visits.fetched import Fetched
from tests.conftest import QUICK
from tests.forked import ran
from tests.published import Maker
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = "Whoever lives in the valley may keep bees, if the neighbours agree to it in writing.\nNobody has to."


class Discover:
    """The command in a process of its own, on a folder of seeds; `account` is what it wrote for programs."""

    def __init__(self, seeds: Seeds, place: Path) -> None:
        self.seeds = seeds.folder
        self.reports = place / "reports"
        self.state = place / "state.sqlite"
        self.out = self.log = ""

    def __call__(self, *given: str, **settings: str) -> int:
        ours = {"REFRESH_WORKERS": 0, "SEEDS_DIR": self.seeds, "REPORT_DIR": self.reports, "REFRESH_STATE": self.state}
        switches = [w for name, value in (QUICK | ours | settings).items() for w in ("-s", f"{name}={value}")]
        done = ran(["scrapy", "discover", *switches, *given])
        self.out, self.log = done.stdout, done.stderr
        return done.returncode

    @property
    def account(self) -> dict[str, Any]:
        (site,) = json.loads((self.reports / "proposals.json").read_text())["sites"]
        return dict(site)

    @property
    def new(self) -> set[str]:
        return {one["url"] for one in self.account["new"]}

    @property
    def files(self) -> set[str]:
        home = self.reports / "proposals"
        return {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}


@pytest.fixture
def discover(seeds: Seeds, tmp_path: Path) -> Discover:
    return Discover(seeds, tmp_path)


@pytest.fixture
def rules(site: Site, seeds: Seeds) -> list[str]:
    """A small section, all of which is stored."""
    paths = [f"/rules/{name}" for name in ("bees", "boats", "dogs", "fires")]
    for path in paths:
        text = (
            f"---\nsource_url: '{site.says(path, page(TEXT + path, path))}'\ncategory: Rules\ntitle: A\n---\n{TEXT}\n"
        )
        seeds.add(f"{path[1:]}.md", "", text=text)
    return paths


def sitemap(site: Site, paths: Iterable[str], at: str = "/sitemap.xml") -> str:
    entries = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in paths)
    return site.says(at, Answer(f"<urlset>{entries}</urlset>", kind="text/xml"))


# --- a whole site ---


def test_of_a_site_all_that_is_new_is_proposed_and_nothing_else(site: Site, seeds: Seeds, discover: Discover) -> None:
    made = Maker(site, 240).make()
    made.store(seeds.folder, site.url(""))
    before = seeds.texts()
    assert discover() == 0, discover.log
    found = discover.account
    assert discover.new == {site.url(path) for path in made.new}
    assert {one["url"]: one["to"] for one in found["moved"]} == {
        site.url(path): site.url(to) for path, to in made.moved.items()
    }
    assert {one["url"] for one in found["left"]} == {site.url(path) for path in made.left}
    assert "2 new pages under /docs/webhooks\n" in discover.out
    assert f"{site.url('/llms.txt')}: a web page comes in its place." in discover.out
    assert set(found["unlike"]) == {"/shop", "/docs/tags", "/"}
    assert set(found["few"]) == {"/blog"}
    assert {LANGUAGE, VERSION, FILE, QUERY, "leads-to-held", "missing", "unreadable"} <= set(found["left_out"])
    assert len(site.asked) < 200 < made.published
    assert discover.files == {one["path"] for one in found["new"]}
    assert all(name.startswith("docs/") for name in discover.files)
    assert seeds.texts() == before


def test_a_proposal_is_a_seed_after_its_neighbours_that_a_run_fills(
    site: Site, seeds: Seeds, rules: list[str], discover: Discover, crawl: Crawl
) -> None:
    sitemap(site, [*rules, "/rules/cats"])
    url = site.says("/rules/cats", page(f"{TEXT}\nCats may.", "Cats"))
    assert discover() == 0
    proposal = discover.reports / "proposals/rules/cats.md"
    assert proposal.read_text() == f"---\nsource_url: '{url}'\ncategory: Rules\ntitle: Cats\n---\n"
    proposal.rename(seeds.folder / "rules/cats.md")
    assert crawl("path=rules/cats.md").outcomes == {"rules/cats.md": "filled"}
    assert discover() == 0
    assert (discover.account["new"], discover.files) == ([], set())


def test_what_was_proposed_once_stays_or_is_refused(
    site: Site, seeds: Seeds, rules: list[str], discover: Discover
) -> None:
    sitemap(site, [*rules, "/rules/cats", "/rules/owls", "/rules/mice"])
    for name in ("cats", "owls", "mice"):
        site.says(f"/rules/{name}", page(TEXT + name, name))
    assert discover() == 0
    home = discover.reports / "proposals/rules"
    (home / "cats.md").unlink()
    text = (home / "owls.md").read_text()
    (home / "owls.md").write_text(f"{text}Edited.\n")
    (seeds.folder / "rules/mice.md").write_text((home / "mice.md").read_text())
    site.asked.clear()
    assert discover() == 0
    assert discover.account["left_out"] == {"unlike": 1, "refused": 1, "open": 1}
    assert discover.files == {"rules/owls.md"}
    assert (home / "owls.md").read_text() == f"{text}Edited.\n"
    assert "/rules/owls" not in site.pages_asked()
    assert discover() == 0
    assert discover.account["left_out"] == {"unlike": 1, "refused": 1, "open": 1}
    assert discover("--all") == 0
    assert discover.new == {site.url("/rules/cats")}


def test_a_dry_run_shows_and_writes_nothing(site: Site, rules: list[str], discover: Discover) -> None:
    sitemap(site, [*rules, site.says("/rules/cats", page(TEXT + "cats")).removeprefix(site.url(""))])
    assert discover("--dry-run") == 0
    assert "1 new page under /rules\n" in discover.out
    assert discover.out.endswith("Nothing was written.\n")
    assert not discover.reports.exists()
    assert not discover.state.exists()


@pytest.mark.usefixtures("rules")
def test_without_a_sitemap_the_links_of_a_section_and_its_feed_are_followed(site: Site, discover: Discover) -> None:
    feed = f"<rss><channel><item><title>Owls</title><link>{site.url('/rules/owls')}</link></item></channel></rss>"
    site.says("/feed", Answer(feed, kind="application/rss+xml"))
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    index = page(f"{TEXT}\n<a href=cats>Cats</a> <a href=https://elsewhere.example/rules/x>x</a>", "Rules")
    site.says("/rules/", index.replace("<head>", f"<head>{link}"))
    site.says("/rules/cats", page(f"{TEXT}cats <a href=/rules/mice>Mice</a>"))
    site.says("/rules/mice", page(f"{TEXT}mice"))
    site.says("/rules/owls", page(f"{TEXT}owls"))
    assert discover() == 0
    assert discover.new == {site.url(f"/rules/{name}") for name in ("cats", "mice", "owls")}


def test_an_llms_txt_is_heeded_and_names_the_same_pages_as_markdown(
    site: Site, rules: list[str], discover: Discover
) -> None:
    listed = [f"- [{path}]({path}.md): about it" for path in (*rules, "/rules/cats")]
    site.says("/llms.txt", Answer("# The valley\n\n## Rules\n\n" + "\n".join(listed), kind="text/plain"))
    site.says("/rules/cats.md", Answer(f"# Cats\n\n{TEXT}\n", kind="text/markdown"))
    assert discover("--dry-run") == 0
    assert "1 new page under /rules" in discover.out
    site.says("/rules/cats", page(f"{TEXT} Cats.", "Cats"))
    assert discover() == 0
    assert [(one["url"], one["title"]) for one in discover.account["new"]] == [(site.url("/rules/cats"), "Cats")]


def test_what_robots_txt_does_not_allow_is_neither_asked_nor_proposed(
    site: Site, rules: list[str], discover: Discover
) -> None:
    site.says("/robots.txt", "User-agent: *\nDisallow: /rules/cats\nSitemap: /private.xml\n")
    sitemap(site, [*rules, "/rules/cats"], "/private.xml")
    site.says("/rules/cats", page(TEXT + "cats"))
    assert discover() == 0
    assert discover.account["new"] == []
    assert "/rules/cats" not in site.pages_asked()


@pytest.mark.parametrize("target", ["127.0.0.1", "10.0.0.1", "localhost"])
def test_a_public_site_leads_to_no_sitemap_in_a_private_network(
    site: Site, seeds: Seeds, discover: Discover, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    public = "93.184.215.14"  # for which the site stands in as its proxy
    site.says("/robots.txt", f"Sitemap: http://{target}/secret.xml\nSitemap: /own.xml\n", host=public)
    site.says("/own.xml", Answer("<urlset/>", kind="text/xml"), host=public)
    seeds.add("a.md", f"http://{public}/rules/a")
    monkeypatch.setenv("http_proxy", site.url(""))
    assert discover() == 0
    assert "/own.xml" in site.pages_asked()
    assert "/secret.xml" not in site.pages_asked()
    assert any("/secret.xml" in note for note in discover.account["notes"])


def test_a_page_is_proposed_as_those_beside_it_are_stored(site: Site, seeds: Seeds, discover: Discover) -> None:
    text = "# {}\n\n" + TEXT
    for name in ("bees", "boats", "dogs"):
        url = site.says(f"/rules/{name}.md", Answer(text.format(name), kind="text/markdown"))
        seeds.add(f"{name}.md", url, text.format(name))
    for name in ("cats", "owls"):
        site.says(f"/rules/{name}", page(f"{TEXT} {name}", name))
    site.says("/rules/cats.md", Answer(text.format("All cats"), kind="text/markdown"))
    site.says("/rules/owls.md", page("Home."))
    sitemap(site, ["/rules/bees", "/rules/boats", "/rules/dogs", "/rules/cats", "/rules/owls"])
    assert discover() == 0
    assert discover.new == {site.url("/rules/cats.md"), site.url("/rules/owls")}


@pytest.mark.usefixtures("rules")
def test_a_part_that_is_named_is_followed_although_nothing_of_it_is_stored(site: Site, discover: Discover) -> None:
    for name in ("one", "two"):
        site.says(f"/songs/{name}", page(f"{TEXT} So sings {name}."))
    url = site.says("/songs", page("<a href=/songs/one>1</a> <a href=/songs/two>2</a> <a href=/other>3</a>"))
    assert discover(url) == 0
    assert discover.new == {site.url("/songs/one"), site.url("/songs/two")}


def test_no_more_pages_are_looked_at_than_wanted(site: Site, rules: list[str], discover: Discover) -> None:
    fresh = [f"/rules/{number}-new" for number in range(12)]
    sitemap(site, [*rules, *fresh])
    for path in fresh:
        site.says(path, page(TEXT + path, path))
    assert discover("--pages", "7") == 0
    asked = [path for path in site.pages_asked() if not path.endswith((".txt", ".xml"))]
    assert len(asked) == 7
    assert discover.account["left_out"]["unseen"] == 12 - len(discover.new)
    assert discover() == 0
    assert len(discover.files) == 12


def test_the_next_survey_goes_on_where_one_stopped(site: Site, rules: list[str], discover: Discover) -> None:
    dead = [f"/rules/dead-{number}" for number in range(3)]
    sitemap(site, [*rules, *dead, "/rules/cats"])
    site.says("/rules/cats", page(TEXT + "cats"))
    for found in (set(), {site.url("/rules/cats")}):
        assert discover("--pages", "5") == 0
        assert discover.new == found


def test_an_account_that_nobody_can_read_is_told(site: Site, rules: list[str], discover: Discover) -> None:
    sitemap(site, [*rules, "/rules/cats"])
    site.says("/rules/cats", page(TEXT + "cats"))
    assert discover() == 0
    (discover.reports / "proposals.json").write_text('{"sites": [], "proposals": [{"url": "../x", "path": "../y"}]}')
    assert discover() == 0
    assert "what was proposed before is not known" in discover.out
    assert discover.files == {"rules/cats.md"}
    assert discover.account["left_out"]["open"] == 1


def test_a_stored_page_at_another_address_is_no_news(site: Site, rules: list[str], discover: Discover) -> None:
    sitemap(site, [*rules, "/rules/all-about-fires"])
    site.says("/rules/all-about-fires", page(TEXT + rules[-1], rules[-1]))
    assert discover() == 0
    assert discover.account["left_out"]["twice"] == 1


def test_two_pages_of_one_name_are_two_proposals(site: Site, rules: list[str], discover: Discover) -> None:
    sitemap(site, [*rules, "/rules/Cats", "/rules/cats"])
    site.says("/rules/Cats", page(f"{TEXT} Some are large."))
    site.says("/rules/cats", page(f"{TEXT} Some are small."))
    assert discover() == 0
    assert discover.files == {"rules/cats.md", "rules/cats-2.md"}


def test_what_left_a_sitemap_is_remembered_and_is_no_removal(
    site: Site, seeds: Seeds, rules: list[str], discover: Discover
) -> None:
    sitemap(site, rules)
    assert discover() == 0
    before = seeds.texts()
    sitemap(site, rules[1:])
    for _ in range(2):
        assert discover() == 0
        assert discover.account["left"] == [{"path": "rules/bees.md", "url": site.url("/rules/bees"), "is_there": True}]
    with State(discover.state, keeps=False) as state:
        said = hints.read(state)
    assert [hint.kind for hint in said.of(site.url("/rules/bees"))] == [hints.LEFT]
    assert not said.of(site.url("/rules/boats"))
    sitemap(site, rules)
    assert discover() == 0
    assert discover.account["left"] == []
    assert seeds.texts() == before


@pytest.mark.parametrize("status", [301, 404])
def test_a_section_that_has_moved_as_a_whole_is_no_new_one(
    site: Site, seeds: Seeds, discover: Discover, status: int
) -> None:
    texts = {name: f"{TEXT}\nWhat is said of {name} is said of {name} alone, and was always so." for name in "abcdef"}
    for name, text in texts.items():
        url = site.says(f"/rules/{name}", Answer(status=status, headers={"Location": f"/our/rules/{name}"}))
        seeds.add(f"{name}.md", "", text=f"---\nsource_url: {url}\ntitle: Rule {name}\n---\n{text}\n")
        site.says(f"/our/rules/{name}", page(text, f"Rule {name}"))
    sitemap(site, [f"/our/rules/{name}" for name in texts])
    assert discover() == 0
    moved = {one["url"]: one["to"] for one in discover.account["moved"]}
    assert moved == {site.url(f"/rules/{name}"): site.url(f"/our/rules/{name}") for name in texts}
    assert discover.new == set()


@pytest.mark.parametrize("answer", [Answer("<urlset><url><loc>", kind="text/xml"), Answer(page("No."))])
def test_a_sitemap_that_is_none_is_told_and_takes_no_page_away(
    site: Site, rules: list[str], discover: Discover, answer: Answer
) -> None:
    sitemap(site, rules)
    assert discover() == 0
    site.says("/sitemap.xml", answer)
    assert discover() == 0
    assert discover.account["left"] == []
    (note,) = discover.account["notes"]
    assert note.startswith(site.url("/sitemap.xml"))


def test_a_site_that_does_not_answer_is_told(seeds: Seeds, discover: Discover) -> None:
    seeds.add("a.md", "http://127.0.0.1:9/a")
    assert discover(RETRY_ENABLED="False") == 1
    assert discover.out.startswith("127.0.0.1:9: ")


def test_what_makes_no_sense_is_refused(site: Site, seeds: Seeds, discover: Discover) -> None:
    assert discover() == 2
    assert "has no seeds" in discover.log
    seeds.add("a.md", site.url("/a"))
    for given, said in ((["ftp://x"], "ftp"), (["https://other.example"], "no seed"), (["--pages", "0"], "--pages")):
        assert (discover(*given), said in discover.log) == (2, True)
    assert discover(REPORT_DIR=f"{seeds.folder}/reports") == 2
    assert "would be seeds" in discover.log
    assert site.asked == []


# --- what is published ---


def fetched(body: bytes, kind: str = "text/xml") -> Fetched:
    url = "https://a.example/x/sitemap.xml"
    return Fetched(status=200, url=url, final_url=url, headers={"content-type": kind}, body=body, when=NOW)


def urls(read: Published) -> list[str]:
    return [one.url.removeprefix("https://a.example") for one in read.pages]


ENTRY = "<url><loc>https://a.example/{}</loc></url>"
TWO = f"<urlset xmlns='any'>{ENTRY.format('a')}{ENTRY.format('b')}</urlset>".encode()


@pytest.mark.parametrize(
    "body",
    [
        TWO,
        b"\xef\xbb\xbf\n<?xml version='1.0'?>" + TWO,
        gzip.compress(TWO, mtime=0),
        TWO.decode().encode("utf-16"),
        b"https://a.example/a\nhttps://a.example/b\n",
        b"<rss><channel><item><link>https://a.example/a</link></item><item><guid>/b</guid></item></channel></rss>",
        b"<feed xmlns='any'><entry><link href='/a'/></entry><entry><link href='../b'/></entry></feed>",
        b"<x:urlset xmlns:x='y'><x:url><x:loc> /a </x:loc></x:url><x:url><loc><![CDATA[/b]]></loc></x:url></x:urlset>",
    ],
)
def test_a_sitemap_is_read_in_all_its_forms(body: bytes) -> None:
    read = published.read(fetched(body))
    assert (urls(read), read.fault) == (["/a", "/b"], "")


@pytest.mark.parametrize(
    ("body", "listed", "fault"),
    [
        (b"", [], "it is empty"),
        (b"<!doctype html><html><body><p>Hello", [], "a web page comes in its place"),
        (b"Nothing to see here, and no address.", [], "it is no sitemap"),
        (b"<svg/>", [], "it is no sitemap"),
        (TWO[:-30], ["/a"], "it is no XML from entry 2 on"),
        (gzip.compress(TWO, mtime=0)[:-20], [], "it cannot be unpacked, or has no end"),
        (TWO.replace(b"/a<", b"/a?x=1&y=2<"), ["/a?x=1&y=2", "/b"], ""),
        (TWO.replace(b"/a<", b"/a?x=1&amp;y=2<"), ["/a?x=1&y=2", "/b"], ""),
        (TWO.replace(b"https://a.example/a", b"javascript:alert(1)"), ["/b"], ""),
        (TWO.replace(b"https://", b"https://me:secret@", 1), ["/b"], ""),
    ],
)
def test_what_is_wrong_with_a_sitemap_is_told_and_the_rest_of_it_read(
    body: bytes, listed: list[str], fault: str
) -> None:
    read = published.read(fetched(body))
    assert (urls(read), read.fault) == (listed, fault)


def test_no_entity_of_a_sitemap_is_expanded_and_no_other_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    head = f"<!DOCTYPE urlset [<!ENTITY in 'inside'><!ENTITY out SYSTEM '{secret.as_uri()}'>]>".encode()
    body = head + TWO.replace(b"/a<", b"/&in;<").replace(b"/b<", b"/&out;<")
    assert urls(published.read(fetched(body))) == []


def test_a_sitemap_has_so_many_entries_at_most() -> None:
    assert published.read(fetched(TWO), 2).fault == ""
    read = published.read(fetched(TWO), 1)
    assert (urls(read), read.fault) == (["/a"], "it has more than 1 entries")


def test_an_index_names_sitemaps_and_a_sitemap_other_languages() -> None:
    index = published.read(fetched(b"<sitemapindex><sitemap><loc>b.xml</loc></sitemap></sitemapindex>"))
    assert index.sitemaps == ("https://a.example/x/b.xml",)
    links = b"<x:link rel='alternate' hreflang='de' href='/de/a'/><x:link rel='amphtml' href='/amp'/>"
    body = TWO.replace(b"<urlset", b"<urlset xmlns:x='y'").replace(b"</loc>", b"</loc>" + links, 1)
    assert published.read(fetched(body)).pages[0].alternates == ("https://a.example/de/a",)


def test_an_entry_of_a_feed_has_its_day_and_its_words() -> None:
    body = (
        b"<rss><channel><item><title>New &amp; old</title><link>/a</link>"
        b"<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>"
        b"<description>&lt;p&gt;The price is &lt;b&gt;5&lt;/b&gt;.</description></item></channel></rss>"
    )
    read = published.read(fetched(body))
    entry = Listed("https://a.example/a", (), "New & old", "2026-03-02T10:00:00Z", "The price is 5 .")
    assert (read.pages, read.is_feed) == ((entry,), True)


@pytest.mark.parametrize(
    ("text", "listed", "fault"),
    [
        ("# A\n\n- [One](/a): first\n- [Two](<https://a.example/b>)\n", ["/a", "/b"], ""),
        ("<!-- made by hand -->\n# A\n[One](/a)", ["/a"], ""),
        ("<!DOCTYPE html><a href=/a>[a](/a)", [], "a web page comes in its place"),
        ("Not found", [], "it has no links"),
    ],
)
def test_an_llms_txt_has_links_or_is_none(text: str, listed: list[str], fault: str) -> None:
    read = published.llms(fetched(text.encode(), "text/plain"))
    assert (urls(read), read.fault) == (listed, fault)


# --- addresses ---


@pytest.mark.parametrize(
    "url",
    [
        "http://www.a.example/docs/b/",
        "https://a.example:443/docs/b/index.html",
        "https://A.example/docs/b.md?utm_source=x",
        "https://a.example/docs/b/index.html.md#c",
        "https://a.example/docs/%62",
    ],
)
def test_a_page_is_the_same_however_its_address_is_written(url: str) -> None:
    assert place(url.partition("#")[0]) == place("https://a.example/docs/b") == Place("a.example", ("docs", "b"))


@pytest.mark.parametrize(
    "url", ["https://a.example/docs/B", "https://a.example:8080/docs/b", "https://a.example/docs/b?c=1"]
)
def test_other_pages_are_others(url: str) -> None:
    assert place(url) != place("https://a.example/docs/b")


ALL_ALIKE = Wish()


def held(*paths: str) -> Held:
    found = {place(f"https://a.example{path}"): path for path in paths}
    return Held("a.example", dict(found), {one: f"https://a.example{path}" for one, path in found.items()})


def left_out(stored: Held, *paths: str, wish: Wish = ALL_ALIKE) -> dict[str, int]:
    return dict(compared([Listed(f"https://a.example{path}") for path in paths], stored, wish).left_out)


DOCS = tuple(f"/docs/page-{number}" for number in range(8))


@pytest.mark.parametrize(
    ("paths", "reasons"),
    [
        (["/docs/new"], {}),
        (["/docs/page-1/", "/docs/page-2.html"], {}),
        (["/docs/new.png", "/docs/new?page=2"], {FILE: 1, QUERY: 1}),
        ([f"/de{path}" for path in DOCS], {LANGUAGE: 8}),
        ([f"/de{path}" for path in (*DOCS, "/docs/nur-deutsch")], {LANGUAGE: 9}),
        (["/docs/it/support", "/docs/go/support"], {}),
        ([f"/docs/v1/page-{number}" for number in range(4)], {VERSION: 4}),
        (["/docs/v2/new", "/docs/latest/new", "/docs/new"], {VERSION: 2}),
    ],
)
def test_addresses_alone_tell_that_pages_are_no_news(paths: list[str], reasons: dict[str, int]) -> None:
    assert left_out(held(*DOCS), *paths) == reasons


def test_a_language_or_version_that_is_kept_beside_others_is_news() -> None:
    both = held(*DOCS, *(f"/de{path}" for path in DOCS[:6]))
    assert left_out(both, "/de/docs/page-7", "/fr/docs/page-1", "/fr/docs/page-2") == {LANGUAGE: 2}
    alternates = Listed("https://a.example/de/docs/page-7", ("https://a.example/docs/page-7",))
    assert compared([alternates], both, Wish()).wanted == [alternates]
    versions = held(*DOCS, *(f"/docs/v1/page-{number}" for number in range(8)))
    assert left_out(versions, "/docs/v1/new", "/docs/new") == {}


def test_a_version_of_which_a_good_part_is_kept_is_news_however_many_there_are() -> None:
    many = held(*(f"/docs/{version}/page-{n}" for version in ("next", *(f"v{n}" for n in range(20))) for n in range(2)))
    new = [f"/docs/v7/page-{number}" for number in range(2, 6)]
    assert left_out(many, *new) == {}
    stray = held(*DOCS, *(f"/docs/more-{number}" for number in range(8)), "/docs/v1/page-1")
    assert left_out(stray, "/docs/v1/page-2", "/docs/v1/page-3") == {VERSION: 2}


def test_other_languages_are_told_by_their_links_too() -> None:
    page = Listed("https://a.example/docs/seite", ("https://a.example/docs/page-1", "https://a.example/docs/seite"))
    assert compared([page], held(*DOCS), Wish()).left_out == {LANGUAGE: 1}
    other = Listed("https://other.example/docs/a")
    assert compared([other], held(*DOCS), Wish()).left_out == {FOREIGN: 1}


def test_of_a_part_of_which_little_is_stored_the_rest_is_not_wanted_unless_it_is_named() -> None:
    stored = held(*DOCS, "/blog/one", "/blog/two")
    posts = [f"/blog/post-{number}" for number in range(40)]
    assert left_out(stored, *posts) == {FEW: 40}
    assert left_out(stored, *posts, wish=Wish(("https://a.example/blog",))) == {}
    assert left_out(stored, *posts, wish=Wish(all=True)) == {}


def test_a_section_of_which_nothing_is_stored_is_looked_at_as_a_whole() -> None:
    paths = ["/docs/hooks/a", "/docs/hooks/deep/b", "/shop/x/1", "/about"]
    found = compared([Listed(f"https://a.example{path}") for path in paths], held(*DOCS), Wish())
    assert {section: len(pages) for section, pages in found.strange.items()} == {
        ("docs", "hooks"): 2,
        ("shop",): 1,
        ("",): 1,
    }
