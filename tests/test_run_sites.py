"""Rules for some sites: what they leave of a page, what they have sent, and what a run says of them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.terms.arguments import UsageError
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.conftest import Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

FERRY = "The ferry leaves at nine, and again at noon.\nA ticket costs four crowns, a bicycle travels for one."
STORED = "\n# A page\n\n" + FERRY.replace("\n", "\n\n") + "\n"


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Writes the file of rules, and gives the setting that names it."""

    def written(text: str) -> dict[str, str]:
        place = tmp_path / "sites.yaml"
        place.write_text(text)
        return {"REFRESH_SITES": str(place)}

    return written


def ferry(*more: str, text: str = FERRY) -> str:
    """A page with more elements after its paragraphs."""
    return page(text).replace("</main>", "".join(more) + "</main>")


class Heard:
    """Answers with a page, and notes what the requests for it said."""

    def __init__(self, body: str = "") -> None:
        self.said: list[dict[str, str]] = []
        self._body = (body or page(FERRY)).encode()

    def __call__(self, connection: BaseHTTPRequestHandler) -> None:
        self.said.append({name.lower(): value for name, value in connection.headers.items()})
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(self._body)}\r\n\r\n"
        connection.wfile.write(head.encode() + self._body)


def body_of(path: Path) -> str:
    return path.read_text().split("---\n", 2)[2]


def notes(run: Run) -> list[str]:
    return [note for note in run.report["notes"] if "sites.yaml" in note]


# What a rule leaves of a page.


def test_what_a_rule_removes_is_no_part_of_a_new_body(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    seed = seeds.add("a.md", site.says("/a", ferry("<p class=offer>Sail with us in May, it is cheap.</p>")))
    crawl(**rules("- host: 127.0.0.1\n  remove: .offer\n"))
    assert body_of(seed) == STORED


def test_what_a_rule_removes_comes_and_goes_without_a_change(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    offers = [ferry(f"<p class=offer>Sail with us in {month}, it is cheap.</p>") for month in ("May", "June", "July")]
    seed = seeds.add("a.md", site.says("/a", *offers), STORED)
    settings = rules("- host: 127.0.0.1\n  remove: .offer\n")
    before = seed.read_bytes()
    assert crawl(**settings).outcomes == {"a.md": "unchanged"}
    assert crawl(**settings).outcomes == {"a.md": "unchanged"}
    assert seed.read_bytes() == before


def test_what_a_new_rule_removes_from_a_body_is_written_once(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    seed = seeds.add("a.md", site.says("/a", ferry("<p class=offer>Sail with us in May, it is cheap.</p>")))
    crawl()
    assert "Sail with us" in body_of(seed)
    assert crawl().outcomes == {"a.md": "unchanged"}
    settings = rules("- host: 127.0.0.1\n  remove: .offer\n")
    first, second = crawl(**settings), crawl(**settings)
    assert (first.outcomes, second.outcomes) == ({"a.md": "changed"}, {"a.md": "unchanged"})
    assert body_of(seed) == STORED


def test_most_of_a_body_may_go_by_name(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    log = "".join(f"<p class=log>Crossing {number}: calm sea, few gulls, all aboard well.</p>" for number in range(40))
    seed = seeds.add("a.md", site.says("/a", ferry(log)))
    crawl()
    assert len(body_of(seed)) > 5 * len(STORED)
    assert crawl(**rules("- host: 127.0.0.1\n  remove: .log\n"), REFRESH_BRAKE_SHARE="1").outcomes == {
        "a.md": "changed"
    }
    assert body_of(seed) == STORED


def test_a_selection_is_what_is_stored(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    aside = "<aside><h2>Harbour</h2><ul><li><a href=/north>North quay</a></li></ul></aside>"
    seed = seeds.add("a.md", site.says("/a", page(FERRY).replace("</main>", f"</main>{aside}")))
    crawl()
    assert body_of(seed) == STORED
    crawl(**rules("- host: 127.0.0.1\n  select: [main, aside]\n"))
    assert body_of(seed) == f"{STORED}\n## Harbour\n\n- [North quay]({site.url('/north')})\n"


def test_a_selection_that_finds_nothing_leaves_the_seed_alone_and_says_so(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    seed = seeds.add("a.md", site.says("/a", page(FERRY.replace("four", "five"))), STORED)
    new = seeds.add("b.md", site.url("/a"))
    before = seed.read_bytes(), new.read_bytes()
    settings = rules("- host: 127.0.0.1\n  select: 'article.text'\n")
    for _ in range(2):  # no later visit settles that
        run = crawl(**settings)
        assert run.status == 1
        assert run.why("a.md") == run.why("b.md") == ("broken", "unselected")
        assert "article.text" in run.of("a.md")["detail"]
    assert (seed.read_bytes(), new.read_bytes()) == before
    assert any("select 'article.text' was not found on the one page that was read" in note for note in notes(run))


def test_a_page_that_is_not_the_page_is_called_that_and_not_misselected(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    seeds.add("a.md", site.says("/a", page("Just a moment...", title="Just a moment...")), STORED * 3)
    run = crawl(**rules("- host: 127.0.0.1\n  select: article\n"))
    assert run.why("a.md") == ("blocked", "bot-challenge")


def test_a_selection_that_holds_another_part_after_a_redesign_is_doubted(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    first = page(FERRY).replace("<main>", "<main class=text>")
    rebuilt = page(FERRY).replace("</main>", "</main><div class=text><p>Eat on board: soup, bread, tea.</p></div>")
    seed = seeds.add("a.md", site.says("/a", first, rebuilt))
    settings = rules("- host: 127.0.0.1\n  select: .text\n")
    assert crawl(**settings).outcomes == {"a.md": "filled"}
    before = seed.read_bytes()
    run = crawl(**settings)
    assert run.why("a.md") == ("broken", "shrunk")
    assert "what the rules select has" in run.of("a.md")["detail"]
    assert seed.read_bytes() == before


def test_rules_are_for_some_hosts_and_paths_and_add_up(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    html = ferry("<p class=offer>Sail in May, it is cheap.</p><p class=crew>The crew has sailed for years.</p>")
    for name, host, path in (
        ("both", "127.0.0.1", "/guide/a"),
        ("offer", "127.0.0.1", "/a"),
        ("none", "127.0.0.2", "/guide/a"),
    ):
        seeds.add(f"{name}.md", site.says(path, html, host=host))
    crawl(
        **rules(
            "- host: 127.0.0.1\n  remove: .offer\n- host: ['*.0.0.1', example.org]\n  path: /guide/*\n  remove: .crew"
        )
    )
    found = {name: [word in text.decode() for word in ("May", "crew")] for name, text in seeds.texts().items()}
    assert found == {"both.md": [False, False], "offer.md": [False, True], "none.md": [True, True]}


# What a rule ignores.


@pytest.mark.parametrize(
    ("ignore", "before", "after", "outcome"),
    [
        (r"'Tide: \d+ cm'", "Tide: 40 cm at the pier.", "Tide: 55 cm at the pier.", "unchanged"),
        (r"'Tide: \d+ cm'", "Tide: 40 cm at the pier.", "Tide: 55 cm at the mole.", "changed"),
        (r"'Tide: \d+ cm'", "Tide: 40 cm at the pier.", "Swell: 55 cm at the pier.", "changed"),
        (r"'^On the pier today: .*'", "On the pier today: a brass band.", "On the pier today: gulls.", "unchanged"),
        ("numbers", "Berth 40 is free.", "Berth 55 is free.", "unchanged"),
        ("numbers", "Berth 40 is free.", "Berth 40 is full.", "changed"),
        ("links", "Ask the <a href=/old>office</a> first.", "Ask the <a href=/new>office</a> first.", "unchanged"),
    ],
)
def test_what_a_rule_ignores_is_held_back(
    ignore: str, before: str, after: str, outcome: str, *, site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    first, second = (page(f"{FERRY}\n{line}\nBring a coat.") for line in (before, after))
    seed = seeds.add("a.md", site.says("/a", first, second))
    settings = rules(f"- host: '*'\n  ignore: {ignore}\n")
    crawl(**settings)
    before_second = body_of(seed)
    run = crawl(**settings)
    assert run.outcomes == {"a.md": outcome}
    assert (body_of(seed) == before_second) == (outcome == "unchanged")
    if outcome == "unchanged":
        assert {held["reason"] for held in run.of("a.md")["held_back"]} == {"rule"}
        assert "for 1 change" in notes(run)[0]
        assert crawl("accept=rule", **settings).outcomes == {"a.md": "changed"}


def test_in_a_block_that_changes_the_ignored_words_stay(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    first = page(f"{FERRY}\nTide: 40 cm at the pier, and the wind is fair for all who sail today.")
    second = page(f"{FERRY}\nTide: 55 cm at the pier, and the wind is foul for all who sail today.")
    seed = seeds.add("a.md", site.says("/a", first, second))
    settings = rules("- host: '*'\n  ignore: 'Tide: \\d+ cm'\n")
    crawl(**settings)
    crawl(**settings)
    assert "Tide: 40 cm at the pier, and the wind is foul" in body_of(seed)


def test_a_rule_that_goes_lets_the_change_come(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    first, second = (page(f"{FERRY}\nTide: {height} cm at the pier.") for height in (40, 55))
    seed = seeds.add("a.md", site.says("/a", first, second))
    settings = rules("- host: '*'\n  ignore: 'Tide: \\d+ cm'\n")
    assert [crawl(**settings).outcomes["a.md"] for _ in range(2)] == ["filled", "unchanged"]
    assert crawl().outcomes == {"a.md": "changed"}
    assert "Tide: 55" in body_of(seed)


def test_a_markdown_answer_is_ignored_line_by_line(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    first, second = (
        Answer(f"# Ferry\n\nTide: {height} cm\n\nIt leaves at {hour}.\n", kind="text/markdown")
        for height, hour in ((40, "nine"), (55, "ten"))
    )
    seed = seeds.add("a.md", site.says("/a.md", first, second))
    settings = rules("- host: '*'\n  ignore: 'Tide: \\d+ cm'\n")
    crawl(**settings)
    run = crawl(**settings)
    assert body_of(seed) == "\n# Ferry\n\nTide: 40 cm\n\nIt leaves at ten.\n"
    assert "for 1 change" in notes(run)[0]


# What a rule accepts, prefers, and takes for the page's address.


def test_a_rule_accepts_a_reason_for_its_pages_alone(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    for host in ("127.0.0.1", "127.0.0.2"):
        notice = page("Just a moment...", title="Just a moment...")
        seeds.add(f"{host}.md", site.says("/a", notice, host=host))
    run = crawl(**rules("- host: 127.0.0.2\n  accept: bot-challenge\n"))
    assert run.outcomes == {"127.0.0.1.md": "blocked", "127.0.0.2.md": "filled"}


def test_a_rule_prefers_markdown_for_its_pages_alone(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    markdown = "# A page\n\n" + FERRY.replace("\n", "\n\n") + "\n"
    for host in ("127.0.0.1", "127.0.0.2"):
        answer = Answer(page(FERRY).replace("<h1>", "<h1>A page</h1><h2>").replace("</h1>", "</h1>"), markdown=markdown)
        seeds.add(f"{host}.md", site.says("/a", answer, host=host))
    site.says("/robots.txt", Answer("", 404))
    heard = {host: Heard() for host in ("127.0.0.3", "127.0.0.4")}
    for host, hearer in heard.items():
        seeds.add(f"{host}.md", site.says("/a", Answer(raw=hearer), host=host))
    crawl(**rules("- host: 127.0.0.3\n  prefer: markdown\n"))
    assert heard["127.0.0.3"].said[0]["accept"].startswith("text/markdown")
    assert not heard["127.0.0.4"].said[0]["accept"].startswith("text/markdown")


def test_a_page_that_names_its_own_address_has_moved_there(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    html = page(FERRY).replace("<title>", f'<link rel=canonical href="{site.url("/ferry")}"><title>')
    seed = seeds.add("a.md", site.says("/a?from=mail", html).replace("?from=mail", ""), STORED)
    site.says("/a", html)
    assert crawl().outcomes == {"a.md": "unchanged"}
    settings = rules("- host: 127.0.0.1\n  canonical: true\n")
    run = crawl(**settings)
    assert run.outcomes == {"a.md": "moved"}
    assert run.of("a.md")["redirected_to"] == site.url("/ferry")
    crawl("follow_moves=true", **settings)
    assert f'source_url: "{site.url("/ferry")}"' in seed.read_text()


# What is sent, and to whom.


def test_headers_go_to_the_hosts_of_their_rule(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FERRY_KEY", "s3cr3t")
    ours, other = Heard(), Heard()
    seeds.add("a.md", site.says("/a", Answer(raw=ours)))
    seeds.add("b.md", site.says("/a", Answer(raw=other), host="127.0.0.2"))
    text = """
- host: 127.0.0.1
  accept_language: nb, en;q=0.5
  headers:
    X-Edition: print
    X-Api-Key: ${FERRY_KEY}
"""
    crawl(**rules(text))
    names = ("accept-language", "x-edition", "x-api-key")
    assert [ours.said[0].get(name) for name in names] == ["nb, en;q=0.5", "print", "s3cr3t"]
    assert [other.said[0].get(name) for name in names][1:] == [None, None]
    assert "nb" not in other.said[0].get("accept-language", "")


def test_what_is_secret_follows_no_redirect_to_another_host(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FERRY_KEY", "s3cr3t")
    (tmp_path / "cookies.txt").write_text(cookies("127.0.0.1", "s3cr3t") + cookies("127.0.0.2", "0ther"))
    here, there, again = Heard(), Heard(), Heard()
    site.says("/away", Answer("", 302, headers={"Location": site.url("/there", "127.0.0.2")}))
    seeds.add("a.md", site.url("/away"))
    site.says("/there", Answer(raw=there), host="127.0.0.2")
    site.says("/old", Answer("", 302, headers={"Location": site.url("/here")}))
    seeds.add("b.md", site.url("/old"))
    site.says("/here", Answer(raw=here))
    site.says("/back", Answer("", 302, headers={"Location": site.url("/again")}), host="127.0.0.3")
    seeds.add("c.md", site.url("/back", "127.0.0.3"))
    site.says("/again", Answer(raw=again))
    text = """
- host: ['127.0.0.1', '127.0.0.2']
  cookies: cookies.txt
  auth: bearer ${FERRY_KEY}
  headers: {X-Api-Key: "${FERRY_KEY}", X-Edition: print}
"""
    run = crawl(**rules(text))
    assert set(run.outcomes.values()) == {"filled"}
    names = ("cookie", "authorization", "x-api-key", "x-edition")
    assert [here.said[0].get(name) for name in names] == ["login=s3cr3t", "Bearer s3cr3t", "s3cr3t", "print"]
    for hearer in (there, again):
        assert [hearer.said[0].get(name) for name in names] == [None, None, None, "print"]


def cookies(host: str, value: str) -> str:
    return f"# Netscape HTTP Cookie File\n{host}\tFALSE\t/\tFALSE\t4102444800\tlogin\t{value}\n"


def test_cookies_of_a_file_go_to_their_host_and_none_is_taken(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, tmp_path: Path
) -> None:
    (tmp_path / "cookies.txt").write_text(cookies("127.0.0.1", "s3cr3t"))
    first, second, other = Heard(), Heard(), Heard()
    for name, hearer, host in (("a", first, "127.0.0.1"), ("b", second, "127.0.0.1"), ("c", other, "127.0.0.2")):
        seeds.add(f"{name}.md", site.says(f"/{name}", Answer(raw=hearer), host=host))
    run = crawl(**rules("- host: '*'\n  cookies: cookies.txt\n"))
    assert [hearer.said[0].get("cookie") for hearer in (first, second, other)] == ["login=s3cr3t"] * 2 + [None]
    assert "s3cr3t" not in json.dumps(run.report) + run.log + run.out
    assert b"s3cr3t" not in (tmp_path / "state.sqlite").read_bytes()


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("bearer ${FERRY_KEY}", "Bearer s3cr3t"),
        ("basic ${FERRY_NAME} ${FERRY_KEY}", "Basic " + base64.b64encode(b"me:s3cr3t").decode()),
        ("netrc ferry", "Basic " + base64.b64encode(b"we:0ther").decode()),
    ],
)
def test_a_name_and_a_password_come_from_where_the_rule_says(
    auth: str,
    header: str,
    *,
    site: Site,
    seeds: Seeds,
    crawl: Crawl,
    rules: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("FERRY_KEY", "s3cr3t")
    monkeypatch.setenv("FERRY_NAME", "me")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine ferry login we password 0ther\n")
    netrc.chmod(0o600)
    heard = Heard()
    seeds.add("a.md", site.says("/a", Answer(raw=heard)))
    crawl(**rules(f"- host: 127.0.0.1\n  auth: {auth}\n"), REFRESH_NETRC=str(netrc))
    assert [said.get("authorization") for said in heard.said] == [header]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- host: 127.0.0.1\n  auth: bearer ${FERRY_NONE}\n", ":1: the environment has no variable FERRY_NONE"),
        ("- host: 127.0.0.1\n  auth: netrc ferry\n", ":1: the file of passwords has no `machine ferry`"),
        ("\n- host: '*'\n  cookies: sites.yaml\n", ":2: cookies: .* it is not written as cookies.txt is"),
    ],
)
def test_what_cannot_be_sent_ends_the_run_before_it_begins(
    text: str, said: str, site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    seeds.add("a.md", site.says("/a", page(FERRY)))
    with pytest.raises(UsageError, match=f"sites.yaml{said}") as caught:
        crawl(**rules(text))
    assert "FERRY_NONE" not in str(caught.value).replace("variable FERRY_NONE", "")
    assert site.asked == []


def test_a_login_that_ran_out_is_said_with_what_to_do(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, tmp_path: Path
) -> None:
    (tmp_path / "cookies.txt").write_text(cookies("127.0.0.1", "s3cr3t"))
    form = "<form><input name=user><input type=password><button>Log in</button></form>"
    wall = page("Log in to read on.", title="Log in").replace("</main>", f"{form}</main>")
    seed = seeds.add("a.md", site.says("/a", wall), STORED * 3)
    before = seed.read_bytes()
    run = crawl()
    assert run.why("a.md") == ("broken", "login-wall")
    assert run.of("a.md")["mend"].startswith("Name cookies or a password for the site in REFRESH_SITES")
    run = crawl(**rules("- host: 127.0.0.1\n  cookies: cookies.txt\n"))
    assert run.why("a.md") == ("blocked", "login-wall")
    assert "export its cookies again" in run.of("a.md")["mend"]
    assert seed.read_bytes() == before


def test_a_proxy_is_for_the_hosts_of_its_rule(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    site.says("/a", page(FERRY), host="ferry.example")
    seeds.add("a.md", "http://ferry.example/a")
    seeds.add("b.md", site.says("/b", page(FERRY)))
    run = crawl(**rules(f"- host: '*.example'\n  proxy: http://127.0.0.1:{site.port}\n"))
    assert run.outcomes == {"a.md": "filled", "b.md": "filled"}
    assert ("ferry.example", "/robots.txt") in site.asked
    lost = crawl(**rules("- host: '*.example'\n  proxy: http://127.0.0.1:9\n"), REFRESH_RECHECK_DAYS="0")
    assert lost.why("a.md") == ("failed", "proxy")
    assert lost.outcomes["b.md"] == "unchanged"


# When a host is asked.


def test_a_host_is_asked_at_the_pace_of_its_rule(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, sent: list[float]
) -> None:
    for name in "abc":
        seeds.add(f"{name}.md", site.says(f"/{name}", page(FERRY)))
    crawl(**rules("- host: 127.0.0.1\n  delay: 0.3\n  concurrency: 1\n"), AUTOTHROTTLE_ENABLED="True")
    assert len(sent) >= 4  # with robots.txt
    assert sent[-1] - sent[0] >= 0.25 * (len(sent) - 1)


def test_a_page_is_asked_again_only_when_it_is_old_enough(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    seeds.add("a.md", site.says("/a", page(FERRY)))
    seeds.add("b.md", site.says("/b", page(FERRY), host="127.0.0.2"))
    settings = rules("- host: 127.0.0.1\n  max_age: 7d\n")
    crawl(**settings)
    run = crawl(**settings)
    assert run.outcomes == {"b.md": "unchanged"}
    assert not [note for note in notes(run) if note.startswith("Warning")]
    assert crawl("path=a.md", **settings).outcomes == {"a.md": "unchanged"}
    assert crawl(**rules("- host: 127.0.0.1\n  max_age: 0h\n")).outcomes == {"a.md": "unchanged", "b.md": "unchanged"}


# What a run says of its rules.


def test_the_report_counts_and_warns(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    for name in "ab":
        seeds.add(f"{name}.md", site.says(f"/{name}", ferry("<p class=offer>Sail in May.</p>" * (name == "a"))))
    text = "- host: 127.0.0.1\n  remove: [.offer, .banner]\n- host: 127.0.0.9\n  accept: shrunk\n"
    run = crawl(**rules(text))
    counted, no_page, not_found = notes(run)
    assert "line 1 (127.0.0.1): 2 pages, remove '.offer' on 1 page, remove '.banner' on 0 pages." in counted
    assert "line 3 (127.0.0.9) is for no page of any seed" in no_page + not_found
    assert "remove '.banner' was found on none of the 2 pages that were read" in no_page + not_found
    assert run.status == 0
    partial = crawl("path=a.md", **rules(text), REFRESH_RECHECK_DAYS="0")
    assert not any("no page of any seed" in note for note in notes(partial))


def test_a_file_with_a_fault_ends_the_run_with_status_2_and_its_place(
    site: Site, seeds: Seeds, command: Any, tmp_path: Path
) -> None:
    seeds.add("a.md", site.says("/a", page(FERRY)))
    place = tmp_path / "sites.yaml"
    place.write_text("- host: 127.0.0.1\n  selct: main\n")
    run = command(REFRESH_SITES=str(place))
    assert run.status == 2
    assert f"{place}:2: unknown key `selct`; known are host, path, select" in run.out + run.log
    assert site.asked == []


def test_workers_read_by_rules_too(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    long = "\n".join(f"Crossing {number} took an hour and a half, in a calm sea." for number in range(2000))
    html = ferry("<p class=offer>Sail in May, it is cheap.</p>", text=long)
    seed = seeds.add("a.md", site.says("/a", html, html.replace("1999", "1998")))
    settings = rules("- host: '*'\n  remove: .offer\n  ignore: 'Crossing \\d+'\n")
    assert crawl(**settings, REFRESH_WORKERS="1").outcomes == {"a.md": "filled"}
    assert "cheap" not in body_of(seed)
    run = crawl(**settings, REFRESH_WORKERS="1")
    assert run.outcomes == {"a.md": "unchanged"}
    assert "remove '.offer' on 1 page, ignore 'Crossing \\\\d+' for 1 change" in notes(run)[0]


def test_a_shard_counts_for_itself(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    seeds.add("a.md", site.says("/a", page(FERRY)))
    run = crawl("shard=1/1", **rules("- host: 127.0.0.1\n  remove: p.offer\n- host: other.example\n  remove: p\n"))
    assert [note.partition(":")[0] for note in notes(run)] == ["Shard 1/1", "Shard 1/1"]
    assert not any("no page of any seed" in note for note in notes(run))
