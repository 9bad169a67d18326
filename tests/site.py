"""A web server on loopback whose answers are scripted. Every address 127.x.y.z is a host of its own."""

from __future__ import annotations

import ssl
import threading
from collections import defaultdict
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fetcher.visits.inspection import PROBE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOME = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """One scripted answer. `meanwhile` runs while the client waits; `raw` takes over the connection instead.

    `markdown` is the body for who accepts Markdown before HTML.
    """

    body: str | bytes = ""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    markdown: str = ""
    meanwhile: Callable[[], object] | None = None
    raw: Callable[[BaseHTTPRequestHandler], object] | None = None


def page(text: str, title: str = "A page") -> str:
    """The HTML of a page whose main part holds paragraphs, one for each line of the text."""
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body>"
        f"<nav><a href=/>Home</a></nav><main><h1>{title}</h1>{paragraphs}</main><footer>© us</footer></body></html>"
    )


class Site:
    """The server: what it answers for each host and path, and what it was asked."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.asked: list[tuple[str, str]] = []  # host and path, in order; robots.txt included
        self.agents: set[str] = set()
        self._scripts: defaultdict[tuple[str, str], list[Answer]] = defaultdict(list)
        self._server = _Server(("0.0.0.0", 0), _handler(self))  # noqa: S104  # all of 127.0.0.0/8, nothing else routes here
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def says(self, path: str, *answers: Answer | str, host: str = HOME) -> str:
        """The address at which the answers are given, in turn; the last one stands for all later requests."""
        self._scripts[host, path] = [Answer(answer) if isinstance(answer, str) else answer for answer in answers]
        return self.url(path, host)

    def url(self, path: str, host: str = HOME) -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def pages_asked(self) -> list[str]:
        """The paths that were asked for, without those that belong to no seed: rules, and a page that cannot exist."""
        return [path for _, path in self.asked if path != "/robots.txt" and not path.startswith(PROBE)]

    def answer(self, host: str, path: str) -> Answer:
        script = self._scripts.get((host, PROBE if path.startswith(PROBE) else path))
        if not script:
            return Answer("nothing here", 404, "text/plain")
        return script.pop(0) if len(script) > 1 else script[0]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""


def _represented(answer: Answer, accept: str) -> Answer:
    if not answer.markdown or not accept.startswith("text/markdown"):
        return answer
    headers = {**answer.headers, "Vary": "Accept"}
    return replace(answer, body=answer.markdown, kind="text/markdown; charset=utf-8", headers=headers)


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name that the base class calls
            host = self.headers.get("Host", "").partition(":")[0]
            asked = urlsplit(self.path)  # with its host where we are asked as a proxy
            site.asked.append((host, asked.path))
            site.agents.add(self.headers.get("User-Agent", ""))
            self._give(_represented(site.answer(host, asked.path), self.headers.get("Accept", "")))

        def _give(self, answer: Answer) -> None:
            if answer.meanwhile:
                answer.meanwhile()
            if answer.raw:
                answer.raw(self)
                self.close_connection = True
                return
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            if answer.kind:
                self.send_header("Content-Type", answer.kind)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.status != 204:
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing: the tests look at `asked`."""

    return Handler
