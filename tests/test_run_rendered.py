"""Pages whose text comes by script, rendered by a real browser within the bounds of a run."""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from fetcher import browsing
from fetcher.browser import browser, rendering
from fetcher.browser.traffic import _MOST_ASKED as MOST_ASKED
from fetcher.browser.traffic import MOST_REQUESTS
from fetcher.terms.failures import BROWSER_COMMAND
from tests.browser import CHROMIUM
from tests.conftest import PATIENCE, wait_for
from tests.inprocess import in_loop, preview_here
from tests.site import Answer, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

    Crawl = Callable[..., Run]

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

LINES = (
    "The ferry leaves the northern quay at nine, and again at noon.",
    "A ticket costs four crowns, and a bicycle travels for one more.",
    "In a storm from the west the crossing waits until the harbour master says so.",
)
STORED = "\n# A page\n\n" + "\n\n".join(LINES) + "\n"
# Root and containers have no sandbox, and these pages are ours.
OURS = {"REFRESH_BROWSER_SANDBOX": "False", "REFRESH_BRAKE_SHARE": "1"}
SHELL = "<!doctype html><html lang=en><head><title>A page</title></head><body><div id=root></div>{}</body></html>"
SHOW = """const show = (lines, root = document.querySelector('#root')) => {
  root.innerHTML = '<main><h1>A page</h1>' + lines.map(line => `<p>${line}</p>`).join('') + '</main>'; };"""
FETCH = "fetch('/data').then(answer => answer.json()).then(lines => show(lines));"


def shell(script: str, more: str = "") -> str:
    """A page without text, whose script has the `LINES` at hand, in no form that can be read, and `show` for them."""
    data = base64.b64encode(json.dumps(LINES).encode()).decode()
    return SHELL.format(f"{more}<script>const LINES = JSON.parse(atob('{data}')); {SHOW} {script}</script>")


def as_json(lines: tuple[str, ...] = LINES, **headers: str) -> Answer:
    return Answer(json.dumps(lines), kind="application/json", headers=headers)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of loopback are as quick as the machine: what is late on them is so by what their scripts say."""
    monkeypatch.setattr(browsing, "_A_WHILE", 1.0)
    monkeypatch.setattr(browsing, "_LONG", 2.5)
    monkeypatch.setattr(rendering, "_RESTLESS", 2.0)
    monkeypatch.setattr(rendering, "_CLICK", 1.0)
    monkeypatch.setattr(browser, "_PATIENCE", 4.0)


class Lasting(browser.Browser):
    """A browser that goes on to the next run, as to start one is most of what a small page takes."""

    async def close(self) -> None:
        pass

    async def end(self) -> None:
        await super().close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Callable[..., Lasting]]:
    """The browser of all runs with the same bounds."""
    made: dict[object, Lasting] = {}

    def one(program: str, bounds: browser.Bounds, *, sandbox: bool) -> Lasting:
        return made.setdefault((bounds, sandbox), Lasting(program, bounds, sandbox=sandbox))

    yield one
    for last in made.values():
        in_loop(last.end())


@pytest.fixture
def one_browser(monkeypatch: pytest.MonkeyPatch, shared: Callable[..., Lasting]) -> None:
    monkeypatch.setattr(browsing, "Browser", shared)


@pytest.fixture
def rules(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """The settings of a run whose rules have pages of loopback rendered; the rest of their rule is the argument."""

    def written(more: str = "", render: str = "auto") -> dict[str, str]:
        place = tmp_path / "sites.yaml"
        place.write_text(f"- host: 127.0.0.1\n  render: {render}\n{more}")
        return OURS | {"REFRESH_SITES": str(place)}

    return written


def body_of(path: Path) -> str:
    return path.read_text().split("---\n", 2)[2]


# What comes by script is read, and only where it has to be.

WAYS = {
    "by a request": FETCH,
    "by a module": "import('/code.js').then(module => show(module.lines))",
    "in a shadow": "show(LINES, document.querySelector('#root').attachShadow({mode: 'open'}))",
    "late and in parts": "LINES.forEach((_, k) => setTimeout(() => show(LINES.slice(0, k + 1)), 1200 + 300 * k))",
    "restlessly": "show(LINES); setInterval(() => { fetch('/data'); document.body.append(' '); }, 100)",
    "elsewhere": "location.replace('/elsewhere')",
    "after a question": "if (confirm('Show?') === false) { alert('No?'); show(LINES); }",
}


@pytest.mark.usefixtures("one_browser")
def test_text_that_comes_by_script_is_read_and_changes_in_it_are_found(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    site.says("/data", as_json())
    site.says(
        "/code.js", Answer(f"export const lines = JSON.parse({json.dumps(json.dumps(LINES))})", kind="text/javascript")
    )
    site.says("/elsewhere", page("\n".join(LINES)))
    paths = [
        seeds.add(f"{name}.md", site.says(f"/{k}", shell(script)), STORED.replace("four", "three"))
        for k, (name, script) in enumerate(WAYS.items())
    ]
    run = crawl(**rules(), REFRESH_CONFIRM="False", REFRESH_BROWSER_SECONDS="8")
    assert run.outcomes == {path.name: "changed" for path in paths}, run.out
    assert {body_of(path) for path in paths} == {STORED}
    before = seeds.texts()
    assert set(crawl(**rules()).outcomes.values()) == {"unchanged"}
    assert seeds.texts() == before


@pytest.mark.usefixtures("one_browser")
def test_no_browser_is_asked_where_the_text_came_or_is_in_the_data_of_the_page(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    site.says("/data", as_json())
    state = f"<script>window.__STATE__ = {json.dumps({'text': ' '.join(LINES * 3)})}</script>"
    seeds.add(
        "there.md", site.says("/there", page("\n".join(LINES)).replace("</body>", f"<script>{FETCH}</script></body>"))
    )
    seeds.add("data.md", site.says("/in-data", shell(FETCH, state)), "\n" + "\n\n".join(LINES * 3) + "\n")
    seeds.add("never.md", site.says("/never", shell(FETCH)))
    crawl(**rules("- host: 127.0.0.1\n  path: /never\n  render: never\n"))
    assert "/data" not in site.pages_asked()


@pytest.mark.usefixtures("one_browser")
def test_a_page_is_not_rendered_again_unless_what_it_asks_for_may_have_changed(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    lasting = {"Cache-Control": "public, max-age=31536000, immutable"}
    code = f"const LINES = JSON.parse({json.dumps(json.dumps(LINES))}); {SHOW} show(LINES)"
    site.says("/app.js", Answer(code, kind="text/javascript", headers=lasting))
    site.says("/data", as_json(), as_json(), as_json((*LINES, "A second boat sails in summer.")))
    seeds.add(
        "lasting.md",
        site.says("/lasting", Answer(SHELL.format("<script src=/app.js></script>"), headers={"ETag": '"1"'})),
    )
    seed = seeds.add("fleeting.md", site.says("/fleeting", Answer(shell(FETCH), headers={"ETag": '"2"'})), STORED)
    assert crawl(**rules(render="always")).outcomes == {"lasting.md": "filled", "fleeting.md": "unchanged"}
    run = crawl(**rules(render="always"))
    assert (run.why("lasting.md"), run.why("fleeting.md")) == (("unchanged", "same-bytes"), ("unchanged", "same-words"))
    assert site.pages_asked().count("/app.js") == 1
    assert crawl(**rules(render="always")).outcomes["fleeting.md"] == "changed"
    assert body_of(seed) == f"{STORED}\nA second boat sails in summer.\n"


@pytest.mark.usefixtures("one_browser")
def test_a_page_that_scripts_bring_to_life_is_read_as_they_leave_it(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    site.says("/data", as_json((*LINES[:1], LINES[1].replace("four", "five"), LINES[2])))
    same = page("\n".join(LINES)).replace("<main>", "<main id=root>")
    alive = "document.querySelector('#root').outerHTML += '<button>Buy</button>'"
    seeds.add("same.md", site.says("/same", same + f"<script>{alive}</script>"), STORED)
    stale = seeds.add("stale.md", site.says("/stale", same + f"<script>{SHOW} {FETCH}</script>"), STORED)
    assert crawl(**rules(render="always")).outcomes == {"same.md": "unchanged", "stale.md": "changed"}
    assert body_of(stale) == STORED.replace("four", "five")


# Steps.

CONSENT = """
const ask = document.body.appendChild(document.createElement('dialog'));
ask.innerHTML = '<p>May we count you?</p><button class=yes></button>';
ask.querySelector('.yes').onclick = () => { ask.remove(); show(LINES.slice(0, 2)); };
addEventListener('scroll', () => { if (!ask.isConnected) setTimeout(() => show(LINES), 300); });
"""


@pytest.mark.usefixtures("one_browser")
def test_steps_are_done_before_a_page_is_read_and_those_that_cannot_be_are_told(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    tall = "<div style='height:9000px'></div>"
    seed = seeds.add("a.md", site.says("/a", shell(CONSENT, tall)), STORED.replace("four", "three"))
    steps = "  steps: [click .yes, wait text costs four, wait main p, scroll, click .not-there]\n"
    run = crawl(**rules(steps), REFRESH_CONFIRM="False")
    assert body_of(seed) == STORED
    (note,) = [note for note in run.report["notes"] if "sites.yaml" in note]
    assert note.endswith(
        "(127.0.0.1): 1 page, steps 'click .yes' on 1 page, steps 'wait text costs four' on 1 page, "
        "steps 'wait main p' on 1 page, steps 'scroll' on 1 page, steps 'click .not-there' on 0 pages."
    )


# What a page asks for is asked for as a page is, or not at all.


@pytest.mark.usefixtures("one_browser")
def test_a_page_gets_what_its_text_needs_and_nothing_else(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    hits: list[bytes] = []
    site.says("/socket", Answer(raw=lambda _: hits.append(b"socket")))
    site.says("/data", as_json())
    site.says("/style.css", Answer("body { color: red }", kind="text/css"))
    more = """<link rel=stylesheet href=/style.css><link rel=prefetch href=/next>
    <img src=/picture.png onerror="LINES.pop()"><video src=/film.mp4></video><iframe src=/frame></iframe>
    <style>@font-face { font-family: f; src: url(/font.woff2) }</style><p style="font-family: f">.</p>"""
    script = f"""navigator.sendBeacon('/beacon', 'x'); window.open('/window'); new EventSource('/events');
    navigator.serviceWorker?.register('/worker.js'); new WebSocket('ws://' + location.host + '/socket');
    fetch('/put', {{method: 'PUT', body: 'x'}});
    document.body.appendChild(Object.assign(document.createElement('a'), {{href: '/file', download: ''}})).click();
    fetch('/data', {{headers: {{purpose: 'prefetch'}}}}).catch(() => {{ {FETCH} }});"""
    seed = seeds.add("a.md", site.says("/a", shell(script, more)))
    assert crawl(**rules()).outcomes == {"a.md": "filled"}
    assert all(line in body_of(seed) for line in LINES)
    assert sorted(site.pages_asked()) == ["/a", "/data"]
    assert not hits


@pytest.mark.usefixtures("one_browser")
def test_what_a_page_asks_for_obeys_robots_and_the_report_says_so(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    site.says("/robots.txt", Answer("User-agent: *\nDisallow: /data\n", kind="text/plain"))
    site.says("/data", as_json())
    seeds.add("a.md", site.says("/a", shell(FETCH)))
    run = crawl(**rules())
    assert run.why("a.md") == ("broken", "script-shell")
    assert "with 1 requests; not fetched: 1 robots." in run.of("a.md")["detail"]
    assert "/data" not in site.pages_asked()


class Heard:
    """Answers JSON that nobody but its own origin may read, and notes who asked with which headers."""

    def __init__(self, status: int = 200, more: str = "") -> None:
        self.said: list[dict[str, str]] = []
        self._head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n{more}"

    def __call__(self, connection: BaseHTTPRequestHandler) -> None:
        self.said.append({name.lower(): value for name, value in connection.headers.items()})
        body = json.dumps(LINES).encode()
        connection.wfile.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


@pytest.mark.usefixtures("one_browser")
def test_secrets_cookies_and_answers_stay_with_their_site(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cr3t")
    own, other, third = Heard(), Heard(), Heard()
    moved = Heard(302, f"Location: {site.url('/led', host='127.0.0.2')}\r\n")
    site.says("/data", Answer(raw=own))
    site.says("/moved", Answer(raw=moved))
    there = site.says("/data", Answer(raw=other), host="127.0.0.2")
    site.says("/led", Answer(raw=third), host="127.0.0.2")
    script = f"""const seen = localStorage.seen + document.cookie; localStorage.seen = document.cookie = 'met=us';
    fetch('/moved').catch(() => 0).then(() => fetch('/data')).then(answer => answer.json()).then(lines =>
      fetch('{there}').then(() => show(['It could be read.']), () => show([...lines, seen])));"""
    paths = [seeds.add(f"{name}.md", site.says(f"/{name}", shell(script))) for name in "ab"]
    more = "  headers: {X-Edition: print}\n  auth: bearer ${TOKEN}\n"
    assert crawl(**rules(more)).outcomes == {"a.md": "filled", "b.md": "filled"}
    assert {body_of(path) for path in paths} == {f"{STORED}\nundefined\n"}
    assert {(said["authorization"], said["x-edition"], said["cookie"]) for said in own.said} == {
        ("Bearer s3cr3t", "print", "met=us")
    }
    for said in (*other.said, *third.said):
        assert not {"authorization", "x-edition", "cookie", "referer"} & said.keys()
        assert said["user-agent"].startswith("fetcher/")
    assert len(other.said) == len(third.said) == 2


@pytest.mark.usefixtures("one_browser")
def test_no_secret_goes_with_what_a_page_asks_for_to_which_another_host_redirected(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cr3t")
    heard = Heard()
    site.says("/data", Answer(raw=heard))
    there = site.says("/there", shell(FETCH))
    seeds.add("a.md", site.says("/a", Answer("", 302, headers={"Location": there}), host="127.0.0.2"))
    more = "  auth: bearer ${TOKEN}\n- host: 127.0.0.2\n  render: auto\n"
    assert crawl(**rules(more)).outcomes == {"a.md": "filled"}
    assert ["authorization" in said for said in heard.said] == [False]


@pytest.mark.usefixtures("one_browser")
@pytest.mark.parametrize("lead", ["fetch('http://10.0.0.1/secret')", "location.replace('http://10.0.0.1/secret')"])
def test_no_script_leads_from_a_public_address_into_a_private_network(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, monkeypatch: pytest.MonkeyPatch, lead: str
) -> None:
    # The site stands in for the public network as its proxy.
    public = "93.184.215.14"
    site.says("/a", shell(lead), host=public)
    site.says("/secret", page("\n".join(LINES)), host="10.0.0.1")
    seeds.add("a.md", f"http://{public}/a")
    monkeypatch.setenv("http_proxy", site.url(""))
    settings = rules(f"- host: {public}\n  render: always\n")
    run = crawl(**settings)
    assert run.of("a.md")["outcome"] in ("failed", "broken")
    assert "private" in (run.of("a.md")["detail"])
    assert {host for host, _ in site.asked} == {public}


# Hostile pages.


def endless(connection: BaseHTTPRequestHandler) -> None:
    connection.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 999999999\r\n\r\n")
    try:
        while True:
            connection.wfile.write(b"// and on and on\n" * 1000)
    except OSError:
        return


def test_a_hostile_page_harms_no_other(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    site.says("/endless.js", Answer(raw=endless))
    # It goes on showing more: a page that is quiet is read, perhaps before anybody looked at its memory.
    greedy = "const all = []; setInterval(() => root.append(all.push(new Uint8Array(2e7).fill(1))), 20)"
    hostile = {
        "endless": (shell("", "<script src=/endless.js></script>"), ("broken", "script-shell"), "1 oversized"),
        "greedy": (
            shell(greedy),
            ("failed", "browser"),
            "REFRESH_BROWSER_MEMORY",
        ),
        "leading on": (shell("location.replace('/on?' + Math.random())"), ("failed", "loop"), "do not end"),
        "overgrown": (
            shell("root.title = 'words '.repeat(1e6)"),
            ("failed", "oversized"),
            "DOWNLOAD_MAXSIZE",
        ),
    }
    site.says("/on", hostile["leading on"][0])
    for name, (html, _, _) in hostile.items():
        seeds.add(f"{name}.md", site.says(f"/{name.replace(' ', '-')}", html))
    seed = seeds.add("good.md", site.says("/good", shell("show(LINES)")))
    bounds = {"REFRESH_BROWSER_SECONDS": "60", "REFRESH_BROWSER_MEMORY": "400", "DOWNLOAD_MAXSIZE": "1000000"}
    run = crawl(**rules(), **bounds)
    assert body_of(seed) == STORED
    for name, (_, why, said) in hostile.items():
        assert run.why(f"{name}.md") == why
        assert said in run.of(f"{name}.md")["detail"]


def test_a_page_that_keeps_the_browser_busy_is_given_up(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    seeds.add("busy.md", site.says("/busy", shell("while (true) alert('Hello?')")))
    flood = f"for (let k = 0; k < {MOST_ASKED + 100}; k++) fetch('/x' + k)"
    seeds.add("flood.md", site.says("/flood", shell(flood)))
    run = crawl(**rules(), REFRESH_BROWSER_SECONDS="3")
    assert run.why("busy.md") == ("failed", "browser")
    assert "REFRESH_BROWSER_SECONDS" in run.of("busy.md")["detail"]
    assert run.why("flood.md") == ("failed", "browser")
    assert len(site.pages_asked()) <= MOST_REQUESTS + 2


def browsers() -> list[psutil.Process]:
    """The browsers that this process, or one that it started, has running."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if "--remote-debugging-pipe" in words and not any(word.startswith("--type=") for word in words):
            found.append(process)
    return found


def test_a_browser_that_crashed_is_started_again(site: Site, seeds: Seeds, crawl: Crawl, rules: Any) -> None:
    def crash() -> None:
        for one in browsers():
            one.kill()

    site.says("/data", Answer(as_json().body, kind="application/json", meanwhile=crash), as_json())
    seed = seeds.add("a.md", site.says("/a", shell(FETCH)))
    assert crawl(**rules()).outcomes == {"a.md": "filled"}
    assert body_of(seed) == STORED
    assert not browsers()


@pytest.mark.usefixtures("one_browser")
def test_a_preview_says_what_the_browser_did(site: Site, seeds: Seeds, rules: Any, tmp_path: Path) -> None:
    site.says("/data", as_json())
    seeds.add("a.md", site.says("/a", shell(FETCH)), STORED.replace("four", "three"))
    settings = {"SEEDS_DIR": str(seeds.folder), "REFRESH_STATE": str(tmp_path / "state"), "DOWNLOAD_DELAY": "0"}
    settings["REFRESH_CONFIRM"] = "False"
    spider = preview_here("a.md", {}, rules("  steps: [scroll, click .no]\n") | settings)
    ((_, result, decisions),) = spider.told()
    said = {decision.matter: decision for decision in decisions}
    assert result.record.outcome == "changed"
    assert said["browser"].said.endswith("with 1 requests.")
    assert said["rules"].details == ("steps 'scroll': done", "steps 'click .no': could not be done")
    assert said["verdict"].said.startswith("good")


# Without one.


@pytest.mark.parametrize("render", ["auto", "always"])
def test_without_a_browser_the_report_says_how_to_get_one(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any, monkeypatch: pytest.MonkeyPatch, render: str
) -> None:
    for name in list(sys.modules):
        if name == "playwright" or name.startswith(("playwright.", "fetcher.brows")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "playwright", None)
    seeds.add("a.md", site.says("/a", shell(FETCH)), STORED)
    run = crawl(**rules(render=render))
    assert run.why("a.md") == ("broken", "script-shell")
    assert BROWSER_COMMAND in run.of("a.md")["mend"]


def test_without_a_rule_the_report_says_what_to_write(site: Site, seeds: Seeds, crawl: Crawl) -> None:
    seeds.add("a.md", site.says("/a", shell(FETCH)))
    run = crawl()
    assert run.why("a.md") == ("broken", "script-shell")
    assert "render: auto" in run.of("a.md")["mend"]
    assert BROWSER_COMMAND in run.of("a.md")["mend"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root has no sandbox for certain")
def test_the_sandbox_is_on_and_its_setting_is_named_where_there_is_none(
    site: Site, seeds: Seeds, crawl: Crawl, rules: Any
) -> None:
    seeds.add("a.md", site.says("/a", shell("show(LINES)")))
    run = crawl(**rules() | {"REFRESH_BROWSER_SANDBOX": "True"})
    assert run.why("a.md") == ("failed", "browser")
    assert "REFRESH_BROWSER_SANDBOX=False" in run.of("a.md")["mend"]


def test_a_run_that_is_told_to_end_gives_up_what_is_being_rendered(
    site: Site, seeds: Seeds, command: Command, rules: Any
) -> None:
    known = set(browsers())  # of other tests
    asked, over = threading.Event(), threading.Event()

    def waited() -> None:
        asked.set()
        over.wait()

    site.says("/data", Answer("[]", meanwhile=waited))
    seeds.add("waiting.md", site.says("/waiting", shell(FETCH)))
    process = command.start(**rules(), REFRESH_BROWSER_SECONDS="3600", DOWNLOAD_TIMEOUT="3600")
    asked.wait(PATIENCE)
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=PATIENCE)
    over.set()
    assert "Traceback" not in log
    (seed,) = json.loads((command.reports / "latest" / "report.json").read_text())["seeds"]
    assert (seed["outcome"], seed["reason"]) == ("skipped", "stopped")
    wait_for(lambda: set(browsers()) <= known)
