"""Serves the example site of a small library, before (`old`) and after (`new`) it was rebuilt, and copies its seeds."""

from __future__ import annotations

import random
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Version = Literal["old", "new"]

_DATA = Path(__file__).with_name("data")
# Pages that the new site lacks, with its answer in their place: a status, and the file to show or the path to go to.
_LEFT = {
    "wifi": (301, "internet"),
    "chess": (404, "missing"),
    "rooms": (200, "challenge"),
    "archive": (403, "challenge"),
}
# Items of a list beside each page, which shows a random part of them at each visit.
_OTHERS = (
    "Why our clock is slow",
    "Ten books about rain",
    "The ghost of the reading room",
    "How to fold a map",
    "A short history of the long table",
    "Cakes that survive a bicycle",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The site's answer to one request; `location` is the target of a redirect."""

    status: int
    html: str = ""
    location: str = ""


def names(version: Version) -> list[str]:
    """The names of the pages; `fees` is the page at `/fees`."""
    aside = {"frame", *(file for status, file in _LEFT.values() if status != 301)}
    return sorted({file.stem for file in (_DATA / version).glob("*.html")} - aside)


def answer(version: Version, name: str) -> Answer:
    """The answer for a page, with the parts that differ at each visit."""
    if name in names(version):
        return Answer(200, _framed(version, name))
    if version == "old" or name not in _LEFT:
        return Answer(404)
    status, other = _LEFT[name]
    if status == 301:
        return Answer(status, location=f"/{other}")
    return Answer(status, _filled(version, other) if other == "challenge" else _framed(version, other))


def lines_rebuilt() -> tuple[int, int]:
    """The number of HTML lines that changed from old to new, and of all old lines, over the pages that both have."""
    rebuilt = total = 0
    for name in set(names("old")) & set(names("new")):
        before = answer("old", name).html.splitlines()
        after = answer("new", name).html.splitlines()
        kept = sum(block.size for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks())
        rebuilt += len(before) - kept
        total += len(before)
    return rebuilt, total


@contextmanager
def serve(version: Version) -> Iterator[str]:
    """Serves the site on the loopback interface while the context lasts, and gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(version))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _framed(version: Version, name: str) -> str:
    """The file of a page, a title and the main content, in the template that all pages share."""
    title, main = (_DATA / version / f"{name}.html").read_text(encoding="utf-8").split("\n", 1)
    return _filled(version, "frame", title=title, main=main.rstrip())


def _filled(version: Version, file: str, **parts: str) -> str:
    related = "\n".join(f'<li><a href="/read/{secrets.token_hex(2)}">{other}</a></li>' for other in _some(_OTHERS))
    template = Template((_DATA / version / f"{file}.html").read_text(encoding="utf-8"))
    return template.substitute(parts, nonce=secrets.token_hex(8), related=related)


def _some(titles: tuple[str, ...]) -> list[str]:
    return random.sample(titles, 3)  # not for security


def _handler(version: Version) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            given = answer(version, self.path.strip("/"))
            body = given.html.encode()
            self.send_response(given.status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if given.location:
                self.send_header("Location", given.location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Logs nothing: the output of the demo is the run's own report."""

    return Handler


_SEEDS = Path(__file__).parent / "data" / "seeds"
_ADDRESS = "http://library.example"  # reserved for examples (RFC 2606); replaced by the address of the server


def copy_seeds(folder: Path, address: str) -> int:
    """Copies the seeds into a new folder, with the site's address in their `source_url`; returns their number."""
    folder.mkdir(parents=True)
    files = sorted(_SEEDS.glob("*.md"))
    for file in files:
        text = file.read_bytes().replace(f"{_ADDRESS}/".encode(), f"{address}/".encode(), 1)
        (folder / file.name).write_bytes(text)
    return len(files)
