"""Whoever is to hear of a run hears of it, and a run never suffers from whoever listens."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fetcher.report import summary
from fetcher.report.summary import Summary
from fetcher.terms.arguments import UsageError
from fetcher.terms.outcomes import Outcome
from tests.conftest import ROOT
from tests.site import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Command, Run, Seeds
    from tests.site import Site

PATH = "/services/T00/B00/whoever-knows-it-may-post"


class Chat:
    """A server that takes messages on loopback; `answers` says what it does with a request."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        self.answers: Callable[[BaseHTTPRequestHandler], None] = lambda request: _answer(request, 200)
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name that the base class calls
                chat.asked.append(("POST", self.path))
                assert self.headers["Content-Type"] == "application/json"
                chat.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                chat.answers(self)

            def do_GET(self) -> None:  # the name that the base class calls
                chat.asked.append(("GET", self.path))
                _answer(self, 200)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


def _answer(request: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", "0")
    request.end_headers()


@pytest.fixture
def chat() -> Iterator[Chat]:
    chat = Chat()
    yield chat
    chat.close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_what_is_posted_arrives_as_json(chat: Chat) -> None:
    assert summary.post(chat.url, {"text": "Grüße"}) == ""
    assert chat.heard == [{"text": "Grüße"}]


@pytest.mark.parametrize("status", [404, 410, 500])
def test_an_error_is_told_and_the_secret_in_the_address_is_not(chat: Chat, status: int) -> None:
    chat.answers = lambda request: _answer(request, status)
    trouble = summary.post(chat.url, {})
    assert trouble == f"REPORT_WEBHOOK at 127.0.0.1 was not told of the run: it answered HTTP {status}."


def test_a_redirect_is_not_followed(chat: Chat) -> None:
    chat.answers = lambda request: _answer(request, 302, Location="/elsewhere")
    assert "HTTP 302" in summary.post(chat.url, {})
    assert chat.asked == [("POST", PATH)]


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "refused" in summary.post(f"http://127.0.0.1:{port}{PATH}", {})


def test_a_server_that_says_nothing_is_left_after_a_while(chat: Chat) -> None:
    def wait(_: BaseHTTPRequestHandler) -> None:
        chat.closing.wait()

    chat.answers = wait
    assert summary.post(chat.url, {}, timeout=0.3).endswith(": it took longer than 0.3 s.")


def test_a_server_that_never_ends_its_answer_is_left_after_a_while(chat: Chat) -> None:
    """Each of its bytes comes well within what a socket waits for."""

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not chat.closing.wait(0.05):
            request.wfile.write(b"x")

    chat.answers = drip
    assert "longer than 0.3 s" in summary.post(chat.url, {}, timeout=0.3)


def test_a_server_that_speaks_no_http_is_told(chat: Chat) -> None:
    def babble(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"\x1b[2J@everyone\r\n")

    chat.answers = babble
    trouble = summary.post(chat.url, {})
    assert "was not told" in trouble
    assert trouble.isprintable()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://example.org/", "example.org/hook", "http://", "http://[::1", "http://a b/"]
)
def test_only_addresses_of_the_web_are_posted_to(address: str) -> None:
    with pytest.raises(UsageError):
        summary.checked(address)


def test_the_text_of_a_message_holds_no_mention_and_no_link() -> None:
    nasty = "<!channel> <@U1> <http://evil.example|click> & \x1b[2J\u202e"
    counts = Counter({Outcome.FAILED: 1})
    done = Summary("a<b", Path("r"), counts, 0, 0, 0, [nasty], [nasty, "Look."], "Of 1 seed, 1 failed.", 1)
    said = summary.message(done, 1)
    assert said["text"].split("\n") == [
        "Refresh of a&lt;b: Of 1 seed, 1 failed.",
        "&lt;!channel&gt; &lt;@U1&gt; &lt;http://evil.example|click&gt; &amp; �[2J�",
        "Look.",
    ]
    assert said["counts"]["failed"] == said["status"] == said["found"] == 1


def test_a_run_tells_what_it_came_to(site: Site, seeds: Seeds, command: Command, chat: Chat) -> None:
    seeds.add("a.md", site.says("/a", page("A text that fills the seed.")))
    seeds.add("b.md", site.url("/missing"))
    run = command(REPORT_WEBHOOK=chat.url)
    assert (run.status, run.log) == (1, "")
    (said,) = chat.heard
    assert said["text"].startswith(f"Refresh of {seeds.folder}: Of 2 seeds, visited on ")
    assert "1 had no body and has one now and 1 failed." in said["text"]
    assert (said["status"], said["found"]) == (1, 2)
    assert {key: said[key] for key in ("counts", "notes", "attention")} == {
        key: run.report[key] for key in ("counts", "notes", "attention")
    }


def test_a_run_announces_only_what_was_asked_for_and_writes_all(
    site: Site, seeds: Seeds, crawl: Callable[..., Run], command: Command, chat: Chat
) -> None:
    text = "Rings of the bell are heard far over the hill, and cost $4 each."
    for name in ("dear", "dull"):
        seeds.add(f"{name}.md", site.says(f"/{name}", page(text)))
    crawl()
    site.says("/dull", page(text.replace("far", "wide")))
    assert command("only=price,section-new", REPORT_WEBHOOK=chat.url).outcomes["dull.md"] == "changed"
    assert chat.heard == []
    site.says("/dear", page(text.replace("$4", "$5")))
    site.says("/dull", page(text.replace("far", "wide").replace("bell", "gong")))
    assert {*command("only=price", REPORT_WEBHOOK=chat.url).outcomes.values()} == {"changed"}
    (heard,) = chat.heard
    assert ([one["path"] for one in heard["changed"]], heard["classes"]) == (["dear.md"], {"price": 1})
    assert "price: dear.md: " in heard["text"]


def test_a_dry_run_tells_that_it_is_one_and_suffers_from_no_listener(
    site: Site, seeds: Seeds, command: Command, chat: Chat
) -> None:
    chat.answers = lambda request: _answer(request, 500)
    seeds.add("a.md", site.says("/a", page("A text that fills the seed.")))
    run = command("dry_run=true", REPORT_WEBHOOK=chat.url)
    assert run.status == 0
    assert run.log.count("\n") == 1
    assert "REPORT_WEBHOOK at 127.0.0.1 was not told of the run: it answered HTTP 500." in run.log
    assert "This was a dry run" in chat.heard[0]["text"]


@pytest.mark.parametrize("given", [["limit=x"], ["path=a", "nonsense=1"]])
def test_what_was_no_run_tells_nothing(command: Command, chat: Chat, given: list[str]) -> None:
    assert command(*given, REPORT_WEBHOOK=chat.url).status == 2
    assert not chat.heard


def test_an_address_that_is_none_is_refused_before_the_run(site: Site, seeds: Seeds, command: Command) -> None:
    seeds.add("a.md", site.says("/a", page("A text that fills the seed.")))
    run = command(REPORT_WEBHOOK=f"ftp://example.org{PATH}")
    assert run.status == 2
    assert run.log == "refresh: REPORT_WEBHOOK is no http or https address\n"
    assert not site.asked


@pytest.mark.parametrize("streams", [">&-", "> /dev/full", "> /dev/full 2> /dev/full", "| true"])
def test_a_run_to_whose_output_nobody_listens_is_a_good_run_and_told_of(
    site: Site, seeds: Seeds, command: Command, chat: Chat, streams: str
) -> None:
    if "full" in streams and not Path("/dev/full").exists():
        pytest.skip("no device here is always full")
    seeds.add("a.md", site.says("/a", page("The text of a page.")))
    words = shlex.join(command.words(REPORT_WEBHOOK=chat.url))
    run = subprocess.run(
        ["bash", "-c", f"{words} {streams}; exit ${{PIPESTATUS[0]}}"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (run.returncode, "Traceback" in run.stderr, "Exception" in run.stderr) == (0, False, False)
    assert [told["counts"]["filled"] for told in chat.heard] == [1]
