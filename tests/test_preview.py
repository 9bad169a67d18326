"""`scrapy preview`: one page's change and every decision about it, by the real visit, and nothing written."""

from __future__ import annotations

import argparse
import json
import re
import sys
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings

from fetcher.commands.preview import Command
from fetcher.demo import site as demo_site
from fetcher.explain.preview import shown
from fetcher.seeds import lock
from fetcher.sites.reading import trial_rules as tried_rules
from fetcher.terms.arguments import UsageError
from fetcher.terms.outcomes import Outcome
from fetcher.workers.workers import SMALL
from tests.conftest import QUICK, ROOT
from tests.forked import ran
from tests.inprocess import preview_here
from tests.site import Answer, page
from tests.terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fetcher.preview import PreviewSpider
    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

OLD = "The first line stays as it is.\n\nA late book costs four a week.\n\nThe last line stays, too.\n"
BODY = f"# A page\n\n{OLD}"
NEW = OLD.replace("four", "five").replace("\n\n", "\n")
NASTY = "[red]\x1b[31m\u202e[bold]*"
FRONT = '---\nsource_url: "{}"\n---\n'


@pytest.fixture
def places(seeds: Seeds, tmp_path: Path) -> dict[str, str]:
    return {
        "SEEDS_DIR": str(seeds.folder),
        "REPORT_DIR": str(tmp_path / "reports"),
        "REFRESH_STATE": str(tmp_path / "state.sqlite"),
    }


@pytest.fixture
def preview(here: object, places: dict[str, str]) -> Callable[..., PreviewSpider]:  # noqa: ARG001  # `here` ends its threads
    """A preview within this process."""

    def run(target: str, *arguments: str, **settings: Any) -> PreviewSpider:
        return preview_here(target, dict(word.split("=", 1) for word in arguments), QUICK | places | settings)

    return run


def command(places: dict[str, str], *arguments: str) -> list[str]:
    switches = [word for name, value in (QUICK | places).items() for word in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", "preview", *switches, *arguments]


def text(spider: PreviewSpider) -> str:
    return "\n".join(shown(name, result, said, colours=False) for name, result, said in spider.told())


def said(spider: PreviewSpider, matter: str) -> list[str]:
    """What was decided of a matter, with its details, the seed that comes first alone."""
    _, _, decisions = next(spider.told())
    return [line for one in decisions if one.matter == matter for line in (one.said, *one.details)]


def outcomes(spider: PreviewSpider) -> dict[str, str]:
    return {result.record.path: result.record.outcome.value for result in spider.results}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_person_sees_the_words_that_changed_and_every_decision(
    site: Site, seeds: Seeds, places: dict[str, str], tmp_path: Path
) -> None:
    seeds.add("a.md", site.says("/a", page(NEW)), BODY)
    before = files(tmp_path)
    done = ran(command(places, "a.md")[2:])
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"a.md  {site.url('/a')}"
    assert "robots.txt   allows it" in lines
    assert "memory       nothing is remembered of this page" in lines
    assert "second look  HTTP 200: only what both answers show is a change" in lines
    assert any(line.startswith("verdict      good: ") for line in lines)
    assert "region       main: 25 of the page's 28 words, where the stored text stands" in lines
    assert "spelling     100% of 3 unchanged blocks would be written as they are stored" in lines
    assert "outcome      changed: 1 word added, 1 removed" in lines
    assert "-A late book costs [-four-] a week." in lines
    assert "+A late book costs {+five+} a week." in lines
    assert lines[-1] == "This was a preview: nothing was written."
    assert files(tmp_path) == before


def test_the_guide_shows_what_it_prints(preview: Callable[..., PreviewSpider], tmp_path: Path) -> None:
    guide = (ROOT / "fetcher" / "guide" / "reviewing.md").read_text()
    section = re.search(r"^## One page, and why$(.*?)^## ", guide, re.MULTILINE | re.DOTALL)
    assert section
    with demo_site.serve("new") as address:
        demo_site.copy_seeds(tmp_path / "library", address)
        printed = text(preview("fees.md", SEEDS_DIR=str(tmp_path / "library"))).splitlines()
    lines = [line.removeprefix("    ") for line in section[1].splitlines() if line.startswith("    ")]
    assert lines
    assert [line for line in lines if line not in printed] == []


def test_a_terminal_gets_colours(site: Site, seeds: Seeds, places: dict[str, str]) -> None:
    seeds.add("a.md", site.says("/a", page(NEW)), BODY)
    shown = on_terminal(command(places, "a.md"))
    assert "\x1b[32mA late book costs \x1b[m\x1b[32;7mfive\x1b[m" in shown.raw


def test_it_ends_as_a_run_then_does_and_leaves_state_and_report_as_they_were(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider], crawl: Crawl, tmp_path: Path
) -> None:
    seeds.add("changed.md", site.says("/changed", page(OLD.replace("\n\n", "\n")), page(NEW)), BODY)
    seeds.add("kept.md", site.says("/kept", page(OLD.replace("\n\n", "\n"))), BODY)
    seeds.add("lost.md", site.says("/lost", page(NEW), Answer("", 404)), BODY)
    crawl()
    before = files(tmp_path)
    spiders = {name: preview(name) for name in ("changed.md", "kept.md", "lost.md")}
    assert files(tmp_path) == before
    run = crawl()
    for name, spider in spiders.items():
        (result,) = spider.results
        record = run.of(name)
        assert result.record.outcome == record["outcome"]
        assert result.record.words_added == record["words_added"]
        if result.writes:  # but for the stamp
            assert (seeds.folder / name).read_text().split("\n")[2:] == result.new.split("\n")[2:]


def test_what_memory_would_have_spared_is_read_and_said(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider], crawl: Crawl
) -> None:
    answer = Answer(page(OLD.replace("\n\n", "\n")), headers={"ETag": '"1"'})
    seeds.add("a.md", site.says("/a", answer), BODY)
    crawl()
    spider = preview("a.md")
    told = said(spider, "memory")
    assert told[0].startswith("last visited on ")
    assert told[0].endswith(" (unchanged), last found good on " + told[0].split()[3])
    assert told[1:] == [
        "a run asks for the page only if it changed since (If-None-Match), and its server names the same version",
        "the answer is the last one to the byte: a run does not read it",
    ]
    assert said(spider, "verdict") == ["good: 100% of the stored text is there"]


@pytest.mark.parametrize("name", ["a.md", "deep/[a]*.md", "-a.md", NASTY + ".md"])
def test_a_seed_is_found_by_its_path_in_the_folder(
    name: str, site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    seeds.add(name, site.says("/a", page(NEW)), BODY)
    seeds.add("deep/a.md", site.url("/other"), BODY)
    assert outcomes(preview(name)) == {name: "changed"}
    assert outcomes(preview(str(seeds.folder / name))) == {name: "changed"}
    assert set(site.pages_asked()) == {"/a"}


def test_a_seed_may_lie_anywhere(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "elsewhere" / "b.md"
    place.parent.mkdir()
    place.write_text(FRONT.format(site.says("/b", page(NEW))) + BODY)
    seeds.add("b.md", site.url("/other"), BODY)
    monkeypatch.chdir(place.parent)
    assert outcomes(preview("b.md")) == {"b.md": "changed"}
    assert site.pages_asked()[0] == "/b"


def test_a_seed_elsewhere_is_taken_although_the_folder_is_named(
    site: Site, places: dict[str, str], tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere.md"
    place.write_text(FRONT.format(site.says("/b", page(NEW))) + BODY)
    done = ran(command(places, str(place))[2:])
    assert (done.returncode, "outcome      changed" in done.stdout) == (0, True), done.stderr


def test_an_address_shows_all_the_seeds_that_store_its_page(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    url = site.says("/a", page(NEW))
    seeds.add("a.md", url, BODY)
    seeds.add("b.md", url, BODY.replace("four", "five"))
    spider = preview(url)
    assert outcomes(spider) == {"a.md": "changed", "b.md": "unchanged"}
    assert text(spider).count("robots.txt ") == 1
    assert "the page is stored in b.md too" in text(spider)


def test_an_address_that_no_seed_stores_shows_what_it_would_be_filled_with(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    seeds.add("a.md", site.url("/other"), BODY)
    spider = preview(site.says("/a", page(NEW)))
    assert [result.record.outcome for result in spider.results] == [Outcome.FILLED]
    shown = text(spider)
    assert shown.startswith(f"a page that no seed stores  {site.url('/a')}\n")
    assert "+A late book costs five a week.\n" in shown
    assert list(seeds.texts()) == ["a.md"]


def test_nothing_foreign_is_more_than_text(site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]) -> None:
    body = BODY.replace("four", f"four {NASTY}")
    seeds.add(f"{NASTY}.md", site.says("/a", page(f"{NEW}\n{NASTY} <b id='{NASTY}'>x</b>", title=NASTY)), body)
    shown = text(preview(f"{NASTY}.md"))
    assert shown.replace("\n", "").isprintable()
    assert "[red]�[31m�[bold]*.md" in shown


@pytest.mark.parametrize(
    ("answer", "reason", "sentence"),
    [
        (Answer("", 404), "http-404", ""),
        (Answer(page("Just a moment...", title="Just a moment...")), "bot-challenge", "not the page (bot-challenge)"),
        (Answer(b"%PDF-1.4", kind="application/pdf"), "damaged", ""),
        (Answer(""), "empty", ""),
    ],
)
def test_what_is_not_the_page_is_said_with_its_reason(
    answer: Answer, reason: str, sentence: str, site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    seeds.add("a.md", site.says("/a", answer), BODY * 3)
    spider = preview("a.md")
    (result,) = spider.results
    assert result.record.reason == reason
    assert sentence in "".join(said(spider, "verdict"))
    assert result.record.detail in said(spider, "outcome")
    assert result.record.mend in said(spider, "outcome")


def test_rules_that_forbid_the_page_and_that_slow_it_are_said(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    seeds.add("a.md", site.says("/a", page(NEW)), BODY)
    site.says("/robots.txt", Answer("User-agent: *\nDisallow: /", kind="text/plain"))
    assert said(preview("a.md"), "robots.txt") == ["does not allow it"]
    assert site.pages_asked() == []
    site.says("/robots.txt", Answer("User-agent: *\nCrawl-delay: 0.2", kind="text/plain"))
    assert said(preview("a.md"), "robots.txt") == ["allows it, 0.2 s after the last request"]
    assert said(preview("a.md", ROBOTSTXT_OBEY="False"), "robots.txt") == ["not asked: ROBOTSTXT_OBEY is off"]


def test_a_page_that_another_process_reads_is_explained_as_well(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    seeds.add("a.md", site.says("/a", page(NEW + "x" * SMALL)), BODY)
    assert said(preview("a.md", REFRESH_WORKERS="1"), "verdict") == ["good: 80% of the stored text is there"]


def test_of_a_page_that_no_server_answers_for_only_the_trouble_is_told(
    seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    seeds.add("a.md", "http://127.0.0.1:9/", BODY)
    _, result, decisions = next(preview("a.md").told())
    assert [one.matter for one in decisions] == ["outcome"]
    assert result.record.reason == "refused"


def test_redirects_are_told_one_by_one(site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]) -> None:
    site.says("/c", page(NEW))
    site.says("/b", Answer(status=302, headers={"Location": site.url("/c")}))
    seeds.add("a.md", site.says("/a", Answer(status=301, headers={"Location": site.url("/b")})), BODY)
    assert said(preview("a.md"), "answer")[1:] == [
        f"HTTP 301, to {site.url('/b')}",
        f"HTTP 302, to {site.url('/c')}",
        f"has moved for good to {site.url('/b')}: -a follow_moves=true writes that",
    ]


def test_a_doubt_is_told_and_can_be_overruled_and_settles_with_the_next_run(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider], crawl: Crawl
) -> None:
    chance = Random(1)
    lines = [f"{''.join(chance.choices('abcdefghij    ', k=70))} matter {number}." for number in range(40)]
    whole, cut = page("\n".join(lines)), page("\n".join(lines[:10]))
    seeds.add("a.md", site.says("/a", whole, cut))
    crawl()
    spider = preview("a.md")
    assert outcomes(spider) == {"a.md": "broken"}
    assert said(spider, "verdict")[0].startswith("not the page (shrunk): ")
    assert said(spider, "verdict")[-1].startswith("this is a doubt: ")
    assert outcomes(preview("a.md", "accept=shrunk")) == {"a.md": "changed"}
    crawl()
    spider = preview("a.md")
    assert outcomes(spider) == {"a.md": "changed"}
    assert said(spider, "verdict")[-1] == "shrunk was a doubt, but an earlier run saw the same page"


def test_what_is_held_back_is_shown_with_its_kind_and_remedy(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    body = BODY.replace("The last line stays, too.", "Updated 3 days ago")
    text = OLD.replace("The last line stays, too.", "Updated 5 weeks ago").replace("\n\n", "\n")
    seeds.add("a.md", site.says("/a", page(text)), body)
    spider = preview("a.md")
    assert outcomes(spider) == {"a.md": "unchanged"}
    told = said(spider, "held back")
    assert told[0] == "time: relative times, and dates in their place; -a accept=time writes it"
    assert any(" - " in line and "3 days" in line for line in told)
    assert any(" + " in line and "5 weeks" in line for line in told)
    assert outcomes(preview("a.md", "accept=time")) == {"a.md": "changed"}


def test_a_conflict_with_a_persons_edit_is_told(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider], crawl: Crawl
) -> None:
    old = OLD.replace("\n\n", "\n")
    place = seeds.add("a.md", site.says("/a", page(old), page(NEW)), BODY)
    crawl()
    place.write_text(place.read_text().replace("four", "3"))
    spider = preview("a.md")
    assert outcomes(spider) == {"a.md": "unchanged"}
    assert said(spider, "held back")[0].startswith("conflict: what a person edited where the page changed too; ")
    assert outcomes(preview("a.md", "conflicts=theirs")) == {"a.md": "changed"}


def test_elements_left_out_are_named_with_the_reason(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]
) -> None:
    html = page(NEW).replace("</h1>", "</h1><aside class=share>Share this page by mail</aside>")
    seeds.add("a.md", site.says("/a", html), BODY)
    spider = preview("a.md")
    assert said(spider, "left out") == [
        "5 words in 1 element inside of the region",
        "main > aside.share, 5 words: Share this page by mail (looks apart from the text)",
    ]
    assert said(spider, "outside")[0] == "3 words in 2 elements around the region"


def test_a_saved_page_is_looked_at_in_place_of_the_one_there(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider], tmp_path: Path
) -> None:
    saved = tmp_path / "saved.html"
    saved.write_text(page(NEW))
    seeds.add("a.md", site.url("/a"), BODY)
    spider = preview("a.md", PREVIEW_HTML=str(saved))
    assert outcomes(spider) == {"a.md": "changed"}
    assert said(spider, "robots.txt") == ["not asked: the page comes from a file"]
    assert site.asked == []


def test_a_run_at_work_is_not_in_its_way(site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]) -> None:
    seeds.add("a.md", site.says("/a", page(NEW)), BODY)
    with lock.hold(seeds.folder):
        assert outcomes(preview("a.md")) == {"a.md": "changed"}


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("nothing.md", "nothing.md is neither a file, here or in "),
        ("long" * 100, f"{'long' * 100} cannot be read: File name too long"),
        ("https://", "The source_url is no address of a page: it has no valid host name."),
        ("ftp://host/path", "ftp://host/path is neither a file, here or in "),
    ],
)
def test_what_is_neither_a_file_nor_an_address_is_refused(
    target: str, sentence: str, preview: Callable[..., PreviewSpider]
) -> None:
    with pytest.raises(UsageError) as refused:
        preview(target)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a.md", "-a", "limit=1"], "unknown argument limit; known ones are accept, conflicts, follow_moves, localise"),
        (["a.md", "-a", "accept"], "-a takes NAME=VALUE"),
        (["a.md", "--html", "/nowhere"], "--html=/nowhere is no file that can be read"),
        (["a.md", "b.md"], "takes one seed's file or one page's URL: scrapy preview fees.md"),
        ([], "takes one seed's file or one page's URL: scrapy preview fees.md"),
    ],
)
def test_what_it_is_not_made_for_is_said_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = Command()
    parser = argparse.ArgumentParser()
    asked.settings = Settings()
    asked.add_options(parser)
    options, words = parser.parse_known_args(arguments)
    asked.run(words, options)
    assert (asked.exitcode, *capsys.readouterr()) == (2, "", f"preview: {sentence}\n")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["lost.md"], 1, ""),
        (["plain.md"], 2, "preview: plain.md is no seed: no visible .md, .markdown or .txt file with a source_url\n"),
        (["lost.md", "-a", "accept=x"], 2, "preview: accept=x is no reason; known ones are "),
    ],
)
def test_the_exit_status_is_that_of_a_run(
    arguments: list[str], status: int, sentence: str, site: Site, seeds: Seeds, places: dict[str, str]
) -> None:
    seeds.add("lost.md", site.url("/missing"), BODY)
    seeds.add("plain.md", "", text="# No seed\n")
    done = ran(command(places, *arguments)[2:])
    assert (done.returncode, done.stderr[: len(sentence)]) == (status, sentence)
    assert bool(done.stdout) is (status != 2)
    assert list(seeds.folder.parent.iterdir()) == [seeds.folder]


def test_the_rules_for_a_page_are_told_and_others_tried(
    site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider], tmp_path: Path
) -> None:
    html = page(OLD.replace("\n\n", "\n")).replace("</main>", "<p class=offer>Join us.</p><p>Seen 12 times.</p></main>")
    seeds.add("a.md", site.says("/a", html), f"{BODY}\nSeen 11 times.\n")
    place = tmp_path / "sites.yaml"
    place.write_text("- host: 127.0.0.1\n  remove: [.offer, .banner]\n- host: other.example\n  remove: p\n")
    assert said(preview("a.md", REFRESH_SITES=str(place)), "rules") == [
        f"{place}, line 1 (127.0.0.1)",
        "remove '.offer': found",
        "remove '.banner': not found on the page",
    ]
    tried = tried_rules(["main"], [".offer"], [r"Seen \d+ times"])
    spider = preview("a.md", PREVIEW_RULES=tried)
    assert said(spider, "rules") == [
        "the rule that is tried",
        "select 'main': found",
        "remove '.offer': found",
        r"ignore 'Seen \\d+ times': holds 1 change back",
    ]
    assert outcomes(spider) == {"a.md": "unchanged"}


def test_text_that_stands_in_data_is_said_to(site: Site, seeds: Seeds, preview: Callable[..., PreviewSpider]) -> None:
    data = json.dumps({"post": {"title": "A page", "html": "".join(f"<p>{line}</p>" for line in NEW.split("\n"))}})
    shell = f'<body><div id=app>Loading…</div><script type="application/json">{data}</script></body>'
    seeds.add("a.md", site.says("/a", shell), BODY)
    spider = preview("a.md")
    assert outcomes(spider) == {"a.md": "changed"}
    assert said(spider, "verdict")[1:] == ["the text is not in the page's HTML, but in the data for its scripts"]


def test_a_rule_is_tried_by_options(site: Site, seeds: Seeds, places: dict[str, str]) -> None:
    seeds.add("a.md", site.says("/a", page(NEW).replace("</main>", "<p class=offer>Join us.</p></main>")), BODY)
    done = ran(command(places, "a.md", "--remove", ".offer")[2:])
    assert done.returncode == 0, done.stderr
    assert "rules        the rule that is tried" in done.stdout
    assert "Join us" not in done.stdout
    wrong = ran(command(places, "a.md", "--select", "p >")[2:])
    assert wrong.returncode == 2
    assert "preview: --select: 'p >' is no CSS selector" in wrong.stderr
