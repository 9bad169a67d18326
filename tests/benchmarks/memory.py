"""What memory saves: a Markdown table of what runs over made-up pages cost their server and this machine.

    python -m tests.benchmarks.memory [PAGES=1000]

The real `scrapy crawl refresh` visits the same pages again and again, over loopback:

- fill: for the first time
- 304: nothing changed, and the server honours validators
- same bytes: nothing changed, and the server knows no validators
- same words: each answer has another nonce and another build in its markup

Requests, bodies and bytes are counted by the server, robots.txt left out; pages parsed and converted within the run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

from fetcher.merge import refresh
from fetcher.page import page
from tests.conftest import ROOT, Command, Seeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from scrapy.crawler import Crawler

_LETTERS = "aeiou bcdfglmnprst"
_RUNS = (("fill", True, False), ("304", True, False), ("same bytes", False, False), ("same words", False, True))
_EXTENSIONS = {"fetcher.extensions.Run": 500, "tests.benchmarks.memory.Counts": 0}


# --- the site ---


@dataclass
class Pages:
    """Made-up pages, how their server gives them at present, and what it gave."""

    validators: bool = True
    rotates: bool = False
    given: Counter[str] = field(default_factory=Counter)
    _nonces: Iterator[int] = field(default_factory=lambda: count(1))

    def answer(self, path: str, known: str | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a path, asked for with the validator that the client knows."""
        if path == "/robots.txt":
            return 404, {}, b""
        tag = f'"{path}"'
        unchanged = self.validators and known == tag
        body = b"" if unchanged else html(path, next(self._nonces) if self.rotates else 0).encode()
        self.given.update(requests=1, bodies=bool(body), bytes=len(body))
        return 304 if unchanged else 200, {"ETag": tag} if self.validators else {}, body


def html(path: str, nonce: int) -> str:
    """A page of about 30 kB: navigation, scripts with a nonce, and an article that is its path's own."""
    chance = Random(path)
    links = "".join(f'<li><a class="menu-item" href="/menu/{n}">Menu item {n}</a></li>' for n in range(60))
    article = "".join(f"<h2>{prose(chance, 40)}</h2><p>{prose(chance, 900)}</p>" for _ in range(20))
    script = f'<script nonce="{nonce:032x}" src="/build/{nonce:x}/app.js">{"window.queue.push(1);" * 250}</script>'
    return (
        f"<!doctype html><html lang=en><head><title>Page {path}</title>{script}</head><body data-build={nonce}>"
        f"<nav><ul>{links}</ul></nav><main><h1>Page {path}</h1><article>{article}</article></main>"
        f"<footer>All rights reserved</footer></body></html>"
    )


def prose(chance: Random, length: int) -> str:
    """So many signs of words that nobody knows."""
    return "".join(chance.choices(_LETTERS, k=length)).strip().capitalize()


@contextmanager
def served(pages: Pages) -> Iterator[str]:
    """Where the pages are served while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = pages.answer(self.path, self.headers.get("If-None-Match"))
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


# --- the runs ---


class Counts:
    """A Scrapy extension that counts the pages which a run parses and converts, into the file COUNTS."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._counts: Counter[str] = Counter()
        self._count("parsed", page, "parse")
        self._count("converted", refresh, "to_markdown")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        counts = cls(Path(crawler.settings["COUNTS"]))
        crawler.signals.connect(counts.spider_closed, signals.spider_closed)
        return counts

    def spider_closed(self) -> None:
        self._place.write_text(json.dumps(self._counts))

    def _count(self, what: str, module: ModuleType, name: str) -> None:
        function = getattr(module, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self._counts[what] += 1
            return function(*arguments, **named)

        setattr(module, name, counted)


def crawl(folder: Path) -> dict[str, float]:
    """Seconds of one run over the folder's seeds, and pages parsed and converted in it."""
    place = folder / "counts.json"
    words = Command(folder / "seeds", folder / "reports").words(
        COUNTS=str(place), EXTENSIONS=json.dumps(_EXTENSIONS), CONCURRENT_REQUESTS_PER_DOMAIN="8"
    )
    start = time.monotonic()
    subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return {"parsed": 0, "converted": 0, **json.loads(place.read_text()), "seconds": time.monotonic() - start}


def measure(number: int, folder: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """Each run's name, and what it cost."""
    pages = Pages()
    with served(pages) as site:
        seeds = Seeds(folder / "seeds")
        for n in range(number):
            seeds.add(f"{n}.md", f"{site}/{n}")
        for name, validators, rotates in _RUNS:
            pages.validators, pages.rotates, pages.given = validators, rotates, Counter()
            spent = crawl(folder)
            yield name, {**pages.given, **spent}


def table(costs: Iterable[tuple[str, dict[str, float]]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield "| run | requests | bodies | bytes | pages parsed | conversions | seconds |"
    yield "| --- |" + " ---: |" * 6
    for name, cost in costs:
        counts = (f"{cost[key]:,}" for key in ("requests", "bodies", "bytes", "parsed", "converted"))
        yield f"| {name} | {' | '.join(counts)} | {cost['seconds']:.1f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="?", type=int, default=1000)
    with TemporaryDirectory() as folder:
        for line in table(measure(parser.parse_args().pages, Path(folder))):
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
