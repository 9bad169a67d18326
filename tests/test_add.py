"""`scrapy add`: a seed for a page, made after its neighbours, shown before it is written, and then like any other."""

from __future__ import annotations

import posixpath
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fetcher.seeds import adding, folder, lock, seeds
from fetcher.seeds.adding import Neighbour
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import DEFAULT_KEYS
from tests.conftest import QUICK
from tests.forked import ran
from tests.site import Answer, page
from tests.terminal import on_terminal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]
    Add = Callable[..., subprocess.CompletedProcess[str]]

TEXT = "Whoever lives in the valley may keep bees, if the neighbours agree."


def words(seeds: Seeds, tmp_path: Path, *given: str) -> list[str]:
    places = QUICK | {"SEEDS_DIR": str(seeds.folder), "REFRESH_STATE": f"{tmp_path}/state.sqlite"}
    switches = [word for name, value in places.items() for word in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", "add", *switches, *given]


@pytest.fixture
def add(seeds: Seeds, tmp_path: Path) -> Add:
    def run(*given: str) -> subprocess.CompletedProcess[str]:
        return ran(words(seeds, tmp_path, *given)[2:])

    return run


@pytest.fixture
def full(site: Site, seeds: Seeds) -> Seeds:
    """A folder of rules and of news, in the manner of their owner."""
    for number in (1, 2):
        text = (
            f"---\ntitle: 'Rule {number}'\nsource_url: '{site.url(f'/rules/rule-{number}')}'\n"
            f"category: '02-Rules'  # by hand\nfetched_at: 2026-01-0{number}\nlang: en\nnumber: {number}\n---\nText.\n"
        )
        seeds.add(f"02-Rules/rule-{number}.md", "", text=text)
    seeds.add("news/today.md", site.url("/news/today"), "Text.\n")
    return seeds


def front(text: str) -> list[str]:
    return text.split("---\n")[1].splitlines()


def test_a_seed_is_made_after_its_neighbours_and_is_then_like_any_other(
    site: Site, full: Seeds, add: Add, crawl: Crawl
) -> None:
    url = site.says("/rules/keeping-bees", page(TEXT))
    run = add(url, "--yes")
    assert run.returncode == 0, run.stderr
    text = (full.folder / "02-Rules/keeping-bees.md").read_text()
    stamp = front(text)[3]
    assert front(text) == ["title: 'A page'", f"source_url: '{url}'", "category: '02-Rules'", stamp, "lang: en"]
    assert stamp.startswith("fetched_at: 20")
    assert text.endswith(f"{TEXT}\n")
    assert f"    {TEXT}\n" in run.stdout
    assert run.stdout.endswith("Written: 02-Rules/keeping-bees.md\n")
    before = full.texts()
    assert crawl("path=02-Rules/keeping-bees.md").outcomes == {"02-Rules/keeping-bees.md": "unchanged"}
    assert full.texts() == before


@pytest.mark.parametrize(("theirs", "title"), [("Rule 1", "A page"), ("Rule 1 | The Valley", "A page | The Valley")])
def test_a_title_has_the_name_of_the_site_if_its_neighbours_have(
    site: Site, seeds: Seeds, add: Add, theirs: str, title: str
) -> None:
    head = f"---\nsource_url: {site.url('/rules/one')}\ntitle: {theirs}\n---\n"
    seeds.add("rules/one.md", "", text=f"{head}Text.\n")
    url = site.says("/rules/bees", page(TEXT).replace("<title>A page<", "<title>A page | The Valley<"))
    add(url, "--yes")
    seed = folder.load(seeds.folder, "rules/bees.md")
    assert seed is not None
    assert seed.title == title


def test_nothing_is_written_before_it_was_seen(site: Site, full: Seeds, add: Add) -> None:
    url, before = site.says("/rules/bees", page(TEXT)), full.texts()
    for given in ((url,), (url, "--dry-run"), (url, "--dry-run", "--yes")):
        run = add(*given)
        assert (run.returncode, TEXT in run.stdout) == (0, True)
        assert run.stdout.endswith("Nothing was written.\n")
    assert full.texts() == before


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("\n", False)])
def test_at_a_terminal_a_person_is_asked(site: Site, full: Seeds, tmp_path: Path, answer: str, written: bool) -> None:
    url = site.says("/rules/bees", page(TEXT))
    shown = on_terminal(words(full, tmp_path, url), typed=("[y/N]", answer))
    assert "Write 1 file? [y/N]" in shown.raw
    assert (full.folder / "02-Rules/bees.md").exists() == written


def test_several_pages_go_where_each_belongs(site: Site, full: Seeds, add: Add) -> None:
    urls = [site.says("/rules/bees", page(TEXT)), site.says("/news/honey", page(TEXT)), site.says("/x", page(TEXT))]
    assert add(*urls, "-y").returncode == 0
    assert {"02-Rules/bees.md", "news/honey.md"} <= set(full.texts())
    assert seeds_in(full) >= set(urls)


def seeds_in(found: Seeds) -> set[str]:
    return {entry.url for _, entry in folder.scan(found.folder) if isinstance(entry, Entry)}


def test_what_is_there_is_refused(site: Site, full: Seeds, add: Add) -> None:
    before = full.texts()
    known, other = site.url("/rules/rule-1"), site.says("/news/rule-1", page(TEXT))
    for given, said in (
        ((known,), "has a seed already: 02-Rules/rule-1.md"),
        ((known + "/#top",), "has a seed already"),
        ((other, "--file=02-Rules/rule-1.md"), "there is a file 02-Rules/rule-1.md already"),
        ((other, "--file=.hidden.md"), "would be no seed"),
        (("ftp://a.example/",), "no address of a page"),
        ((f"http://me:secret@{other[7:]}",), "user name or a password"),
        ((), "takes the URL of a page"),
        ((known, other, "--file=a.md"), "--file is for one URL"),
    ):
        run = add(*given, "--yes")
        assert (run.returncode, said in run.stderr) == (2, True), run.stderr
        assert "secret" not in run.stdout + run.stderr.replace(f"http://me:secret@{other[7:]}", "")
    assert full.texts() == before
    assert site.pages_asked() == []


@pytest.mark.usefixtures("full")
def test_urls_that_are_refused_do_not_keep_others_out(site: Site, add: Add) -> None:
    known, bees = site.url("/rules/rule-1"), site.says("/rules/bees", page(TEXT))
    run = add("ftp://a.example/", known, bees, bees + "/", "--yes")
    assert run.returncode == 1
    assert "Refused: ftp://a.example/: " in run.stdout
    assert f"Refused: {known} has a seed already: 02-Rules/rule-1.md\n" in run.stdout
    assert run.stdout.endswith("Written: 02-Rules/bees.md\n")
    assert site.pages_asked() == ["/rules/bees"]


def test_a_file_of_the_name_that_it_would_get_is_refused_too(site: Site, full: Seeds, add: Add) -> None:
    full.add("news/honey.md", "", text="Mine.\n")
    run = add(site.says("/news/honey", page(TEXT)), "--yes")
    assert run.returncode == 1
    assert "There is a file news/honey.md already. Name another one with --file." in run.stdout
    assert (full.folder / "news/honey.md").read_text() == "Mine.\n"


def test_a_file_that_is_named_goes_there_and_is_like_those_beside_it(site: Site, full: Seeds, add: Add) -> None:
    url = site.says("/elsewhere", page(TEXT))
    assert add(url, "--yes", "--file=02-Rules/new one.md").returncode == 0
    assert "category: '02-Rules'" in front((full.folder / "02-Rules/new one.md").read_text())


def test_a_file_outside_of_the_folder_is_not_written(site: Site, full: Seeds, add: Add) -> None:
    (full.folder / "away").symlink_to(full.folder.parent)
    run = add(site.says("/elsewhere", page(TEXT)), "--yes", "--file=away/out.md")
    assert (run.returncode, "leads out of the seeds folder" in run.stdout) == (1, True)
    run = add(site.says("/elsewhere", page(TEXT)), "--yes", "--file=../out.md")
    assert (run.returncode, "would be no seed" in run.stderr) == (2, True)
    assert not (full.folder.parent / "out.md").exists()


def test_pages_that_a_run_would_not_store_are_not_stored(site: Site, full: Seeds, add: Add) -> None:
    before = full.texts()
    wall = page("Checking your browser before accessing the site. Please enable JavaScript and cookies to continue.")
    site.says("/robots.txt", "User-agent: *\nDisallow: /private\n")
    good = site.says("/rules/bees", page(TEXT))
    bad = {
        site.says("/gone", Answer(page("No."), status=404)): "failed",
        site.says("/private", page(TEXT)): "blocked",
        site.says("/wall", Answer(wall, status=403)): "blocked",
    }
    run = add(*bad, good, "--yes")
    assert run.returncode == 1
    for url, outcome in bad.items():
        assert f"{outcome} {url}" in run.stdout
    assert set(full.texts()) - set(before) == {"02-Rules/bees.md"}


@pytest.mark.usefixtures("full")
def test_a_page_that_leads_to_one_that_is_stored_is_not_stored_again(site: Site, add: Add) -> None:
    site.says("/news/today", page(TEXT))
    run = add(site.says("/old", Answer(status=301, headers={"Location": "/news/today"})), "--yes")
    assert run.returncode == 1
    assert "It leads to a page that has a seed already: news/today.md." in run.stdout


def test_a_run_at_work_keeps_it_from_writing(site: Site, full: Seeds, add: Add) -> None:
    with lock.hold(full.folder):
        run = add(site.says("/rules/bees", page(TEXT)), "--yes")
    assert (run.returncode, "another run is at work" in run.stderr) == (2, True)
    assert not (full.folder / "02-Rules/bees.md").exists()


def test_in_an_empty_folder_it_is_a_plain_seed(site: Site, seeds: Seeds, add: Add) -> None:
    url = site.says("/bees", page(TEXT))
    assert add(url, "--yes", "-s", "SEEDS_URL_KEY=link", "-s", "SEEDS_STAMP_KEY=created").returncode == 0
    lines = front((seeds.folder / "bees.md").read_text())
    assert [line.partition(":")[0] for line in lines] == ["created", "link", "title"]
    assert lines[1:] == [f'link: "{url}"', 'title: "A page"']


# --- names and neighbours ---


def neighbour(path: str, url: str, title: str = "A title") -> Neighbour:
    seed = seeds.parse(f'---\nsource_url: {url}\ntitle: "{title}"\n---\n')
    assert seed
    return Neighbour(path, seed)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("how-to-swim.md", "rules-of-the-house.md"),
        ("docs-swim.txt", "docs-the-house.txt"),
        ("docs_swim.md", "docs_the_house.md"),
        ("a.example-docs-swim.md", "a.example-docs-the-house.md"),
        ("How to swim.md", "Rules of the House.md"),
        ("how_to_swim.markdown", "rules_of_the_house.markdown"),
        ("swim.md", "the-house.md"),
        ("whatever.md", "the-house.md"),
    ],
)
def test_a_file_is_named_as_its_neighbours_are(path: str, named: str) -> None:
    beside = [neighbour(path, "https://a.example/docs/swim", "How to swim")]
    assert adding.file_name("https://a.example/docs/The-House.html", "Rules of the House", beside) == named


@pytest.mark.parametrize(
    ("url", "title", "named"),
    [
        ("https://a.example/", "", "a.example.md"),
        ("https://a.example/", "Über uns!", "über-uns.md"),
        ("https://a.example/a%2F..%2Fb/%2e%2e%2fetc", "", "etc.md"),
        ("https://a.example/" + "x" * 300, "", "x" * 100 + ".md"),
        ("https://a.example/CON.html?x=1#y", "", "con.md"),
    ],
)
def test_a_name_is_one_that_any_disk_takes(url: str, title: str, named: str) -> None:
    assert adding.file_name(url, title, []) == named


def test_the_nearest_are_those_of_the_same_section() -> None:
    entries = [
        Entry(path, url, None, b"")
        for path, url in (
            ("a.md", "https://www.a.example/docs/x/one"),
            ("b.md", "https://a.example/docs/two"),
            ("c.md", "https://b.example/docs/x/three"),
        )
    ]
    assert [entry.path for entry in adding.nearest("https://a.example/docs/x/new", entries)] == ["a.md"]
    assert [entry.path for entry in adding.nearest("https://a.example/blog", entries)] == ["a.md", "b.md"]
    assert adding.nearest("https://c.example/", entries) == []


def test_what_only_some_neighbours_say_is_not_taken_over() -> None:
    texts = (
        "---\nsource_url: https://a.example/1\ntags: [x]\ndraft: true\ncategory: one\n---\n",
        "---\nsource_url: https://a.example/2\ntags: [x]\ndraft: false\ncategory: two\n---\n",
        "---\nsource_url: https://a.example/3\ntags: [x]\ndraft: true\ncategory: two\n---\n",
    )
    beside = [Neighbour("a.md", seed) for text in texts if (seed := seeds.parse(text))]
    made = adding.new_seed("https://a.example/4", "New: one", datetime(2026, 1, 2, tzinfo=UTC), beside, DEFAULT_KEYS)
    assert made.front.fields["category"] == "two"
    assert "draft" not in made.front.fields
    assert made.title == "New: one"


@pytest.mark.parametrize(
    ("paths", "home"),
    [
        (("docs/api/a.md", "docs/cli/b.md"), "docs/hooks"),
        (("site/Docs/api/a.md", "site/Docs/cli/b.md"), "site/Docs/hooks"),
        (("api/a.md", "cli/b.md"), "hooks"),
        (("01-Docs/a.md", "01-Docs/b.md"), "01-Docs"),
        (("a.md", "b.md"), ""),
    ],
)
def test_a_new_section_gets_a_folder_where_folders_are_sections(paths: tuple[str, str], home: str) -> None:
    beside = [
        Neighbour(path, seed)
        for path, url in zip(paths, ("https://a.example/docs/api/a", "https://a.example/docs/cli/b"), strict=True)
        if (seed := seeds.parse(f"---\nsource_url: {url}\n---\n"))
    ]
    assert adding.folder_for("https://a.example/docs/hooks/new", beside) == home
    assert ".." not in adding.folder_for("https://a.example/docs/%2e%2e/new", beside)


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (("docs/api/a.md", "docs/cli/b.md"), {"": "start.md", "docs/": "docs.md", "docs/hooks/": "docs/hooks.md"}),
        (
            ("docs/api/a/index.md", "docs/cli/b/index.md"),
            {"": "index.md", "docs/": "docs/index.md", "docs/hooks/index.html": "docs/hooks/index.md"},
        ),
        (("one.md", "two.md"), {"": "start.md", "docs/": "docs.md", "docs/hooks/index.html": "hooks.md"}),
        (("01-Docs/a.md", "01-Docs/b.md"), {"": "01-Docs/start.md", "docs/hooks/": "01-Docs/hooks.md"}),
    ],
)
def test_the_index_of_a_folder_stands_where_those_of_its_neighbours_do(
    paths: tuple[str, str], found: dict[str, str]
) -> None:
    urls = ("https://a.example/docs/api/a/index.html", "https://a.example/docs/cli/b/")
    beside = [neighbour(path, url, "Start") for path, url in zip(paths, urls, strict=True)]
    for steps, path in found.items():
        url = f"https://a.example/{steps}"
        assert posixpath.join(adding.folder_for(url, beside), adding.file_name(url, "Start", beside)) == path
