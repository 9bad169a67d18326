"""A web server of made-up pages in a process of its own, fast enough to be no part of what is measured.

    with served(1000) as site:
        site.gives(Mode.SAME_WORDS)
        ... site.url(0) ...
        print(site.gave())

It holds all answers ready, compressed. Every address 127.0.x.y is a host of its own, with a share of the pages. It can
speak TLS, and wait before each answer.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
import ssl
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from tests.benchmarks import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent


class Mode(StrEnum):
    """What the server gives, against what it gives in `UNCHANGED`."""

    UNCHANGED = "304"  # 304 to whoever knows the page's ETag; in all other modes there are none
    SAME_BYTES = "same bytes"
    SAME_WORDS = "same words"  # the markup is another one at each visit
    CHANGED = "changed"  # the words too, and they stay so; the markup is another one at each visit


# How often each page is made (build, edition) for a mode: its answers in turn.
_MAKES = {
    Mode.UNCHANGED: [(0, 0)],
    Mode.SAME_BYTES: [(0, 0)],
    Mode.SAME_WORDS: [(1, 0), (2, 0)],
    Mode.CHANGED: [(1, 1), (2, 1)],
}


@dataclass(frozen=True)
class Served:
    """A server that runs. Page numbers beyond `pages` have the content of those below."""

    pages: int
    port: int
    _process: subprocess.Popen[str]
    _hosts: int
    _scheme: str

    def url(self, number: int) -> str:
        """The address of a page."""
        return f"{self._scheme}://{address(number % self._hosts)}:{self.port}/{number}"

    def gives(self, mode: Mode) -> None:
        """Give this from now on, and count anew."""
        self._told(mode)

    def gave(self) -> dict[str, float]:
        """Requests, bodies, their bytes as sent, and CPU seconds since the last `gives`; robots.txt left out."""
        return self._told("")

    def _told(self, line: str) -> dict[str, float]:
        cast("IO[str]", self._process.stdin).write(line + "\n")
        cast("IO[str]", self._process.stdin).flush()
        return dict(json.loads(cast("IO[str]", self._process.stdout).readline()))


def address(host: int) -> str:
    """The IP address of a host; hosts are counted from 0."""
    high, low = divmod(host, 250)
    return f"127.0.{high}.{low + 1}"


@contextmanager
def served(
    number: int, *, median: int = pages.MEDIAN, hosts: int = 50, latency: float = 0.0, certificate: Path | None = None
) -> Iterator[Served]:
    """A server of so many pages of this median size, until the block ends.

    Each answer takes `latency` seconds. With a certificate (a file that also has the key), the server speaks TLS.
    """
    options = [str(number), str(median), str(latency), *[str(certificate)] * bool(certificate)]
    words = [sys.executable, "-m", "tests.benchmarks.server", *options]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        port = int(cast("IO[str]", process.stdout).readline())
        try:
            yield Served(number, port, process, hosts, "https" if certificate else "http")
        finally:
            cast("IO[str]", process.stdin).close()  # upon which it ends


# --- within the server's process ---


class _Answers:
    """The answer to each request."""

    def __init__(self, number: int, median: int) -> None:
        self._number = number
        self._median = median
        self._made: dict[tuple[int, int], list[bytes]] = {}
        self.gives(Mode.UNCHANGED)

    def gives(self, mode: Mode) -> None:
        self._validates = mode is Mode.UNCHANGED
        self._bodies = [self._make(*make) for make in _MAKES[mode]]
        self._visits: Counter[int] = Counter()
        self._count: Counter[str] = Counter()
        self._began = _seconds()

    def gave(self) -> dict[str, float]:
        return {"requests": 0, "bodies": 0, "bytes": 0, **self._count, "cpu": _seconds() - self._began}

    def to(self, head: bytes) -> bytes:
        """The whole answer to a request's head, its names in lower case."""
        path = head.split(b" ", 2)[1]
        if not path[1:].isdigit():
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        self._count["requests"] += 1
        tag = b'ETag: "%s"\r\n' % path if self._validates else b""
        if self._validates and b'\r\nif-none-match: "%s"\r\n' % path in head:
            return b"HTTP/1.1 304 Not Modified\r\n%s\r\n" % tag
        body = self._body(int(path[1:]))
        self._count.update(bodies=1, bytes=len(body))
        kind = b"Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        return b"HTTP/1.1 200 OK\r\n%s%sContent-Length: %d\r\n\r\n%s" % (kind, tag, len(body), body)

    def _body(self, number: int) -> bytes:
        self._visits[number] += 1
        bodies = self._bodies[self._visits[number] % len(self._bodies)]
        return bodies[number % self._number]

    def _make(self, build: int, edition: int) -> list[bytes]:
        if (build, edition) not in self._made:
            compressed = partial(_compressed, build=build, edition=edition, median=self._median)
            with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
                self._made[build, edition] = list(pool.map(compressed, range(self._number), chunksize=16))
        return self._made[build, edition]


def _compressed(number: int, *, build: int, edition: int, median: int) -> bytes:
    text = pages.html(number, build=build, edition=edition, median=median)
    return gzip.compress(text.encode(), 6, mtime=0)


class _Connection(asyncio.Protocol):
    def __init__(self, answers: _Answers, latency: float) -> None:
        self._answers = answers
        self._latency = latency
        self._received = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._received = (self._received + data).split(b"\r\n\r\n")
        for head in heads:
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._answer, head)
            else:
                self._answer(head)

    def _answer(self, given: bytes) -> None:
        head = given.lower() + b"\r\n"
        self._transport.write(self._answers.to(head))
        if b"\r\nconnection: close\r\n" in head:
            self._transport.close()


async def _serve(answers: _Answers, latency: float, certificate: str) -> None:
    loop, context = asyncio.get_running_loop(), None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await loop.create_server(
        lambda: _Connection(answers, latency),
        "0.0.0.0",  # noqa: S104  # all of 127.0.0.0/8
        0,
        backlog=1024,
        ssl=context,
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    for _ in count():
        sys.stdout.flush()
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line:
            return
        if line.strip():
            answers.gives(Mode(line.strip()))
        sys.stdout.write(json.dumps(answers.gave()) + "\n")


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    given_number, given_median, given_latency, *given_certificate = sys.argv[1:]
    made = _Answers(int(given_number), int(given_median))
    asyncio.run(_serve(made, float(given_latency), "".join(given_certificate)))
