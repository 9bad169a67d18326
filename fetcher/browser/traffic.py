"""Answers the requests of a page while it is rendered: fetches scripts and data, fakes images, refuses the rest."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, NoReturn
from urllib.parse import urlsplit

from playwright.async_api import Error

from fetcher.terms import failures, reading_failures
from fetcher.terms.failures import Trouble
from fetcher.visits.fetched import HTML, Fetched

if TYPE_CHECKING:
    from playwright.async_api import Request, Route

MOST_REQUESTS = 100
"""Maximum number of requests fetched for one page; real pages need a few dozen."""

_MOST_ASKED = 1000  # requests of all kinds after which rendering is given up
_MOST_PLACES = 5  # documents in a chain of redirects by script
_MOST_SENT = 64 * 1024  # bytes of a request's body
_PIXEL = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\0\0\0!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
# Empty answers for style sheets and images, so that scripts that wait for them go on.
_STAND_INS = {"stylesheet": ("text/css", b""), "image": ("image/gif", _PIXEL)}
_PARTS = frozenset({"script", "xhr", "fetch"})
# Headers of the connection or the client, which Scrapy sets itself.
_OF_REQUESTS = re.compile(
    r"accept-encoding|connection|content-length|cookie|host|referer|upgrade-insecure-requests|user-agent|(sec|proxy)-.*"
)
_OF_ANSWERS = frozenset(
    "connection content-encoding content-length content-type keep-alive transfer-encoding refresh".split()
)
_LASTING = re.compile(r"\bimmutable\b|\bmax-age=(\d{7,})")  # for 12 days at least, and mostly for a year
_FLEETING = re.compile(r"\bno-store\b|\bprivate\b")


@dataclass
class Subrequest:
    """A request on behalf of the page at the address `page`.

    `own` tells whether it stays on the origin that the seed names. `is_sent` is set when it is sent after waiting for
    its host's turn, `is_over` when the page no longer waits for it.
    """

    page: str
    own: bool
    is_sent: bool = False
    is_over: bool = False


class Wanted(NamedTuple):
    """A request of a page to be fetched; `most` is the maximum size of the answer in bytes."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    most: int
    part: Subrequest


class Loaded(NamedTuple):
    """The answer to a request, after redirects; header names are in lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """The media type."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


Load = Callable[[Wanted], Awaitable[Loaded | Trouble]]
"""Fetches a request of a page, under the same rules of politeness and safety as for pages."""


class Cache:
    """An LRU cache of the scripts of a run, separate for each origin of pages."""

    def __init__(self, most: int = 64 << 20) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[str, str], Loaded] = OrderedDict()

    def get(self, page: str, url: str) -> Loaded | None:
        """The cached answer from an address for a page of the same origin."""
        key = _origin(page), url
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, page: str, url: str, loaded: Loaded) -> None:
        """Caches an answer, unless its server forbids that."""
        if loaded.status != 200 or _FLEETING.search(loaded.headers.get("cache-control", "").lower()):
            return
        before = self._kept.pop((_origin(page), url), None)
        self._kept[_origin(page), url] = loaded
        self._size += len(loaded.body) - len(before.body if before else b"")
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1].body)


class Traffic:
    """Answers all requests of a page; `start` is the page itself, and `most` the maximum bytes of all other answers.

    `place` is the current document of the page, and `trouble` why a document that it navigates to cannot be loaded.
    `lasts` tells whether all answers may be cached for long, so that the same page would be rendered alike next time.
    `flooded` is set if the page sends endless requests.
    """

    def __init__(self, start: Fetched, load: Load, cache: Cache, most: int) -> None:
        self.place = _as_loaded(start)
        self.trouble: Trouble | None = None
        self.lasts = True
        self.refused: Counter[str] = Counter()
        self.fetched = 0
        self._asked = 0
        self._pending: list[Subrequest] = []
        self._tasks: set[asyncio.Future[None]] = set()
        self._over = asyncio.Event()
        self.flooded = asyncio.Event()
        self._places = 0
        self._page = start.final_url
        self._origin = _origin(start.url)  # that a seed names
        self._load = load
        self._cache = cache
        self._room = most

    @property
    def is_busy(self) -> bool:
        """Whether the page waits for an answer."""
        return bool(self._pending)

    @property
    def waits(self) -> bool:
        """Whether a request waits for its host's turn, which does not count as time of the page."""
        return any(not part.is_sent for part in self._pending)

    async def __call__(self, route: Route) -> None:
        """Answers one request, as Playwright's route handler."""
        self._asked += 1
        if self._asked > _MOST_ASKED:
            self.flooded.set()
            await self._given_up()
        task = asyncio.ensure_future(self._answer(route, route.request))
        self._tasks.add(task)
        await asyncio.wait({task})
        self._tasks.discard(task)
        if task.cancelled() or task.exception():
            await self._given_up()

    async def _given_up(self) -> NoReturn:
        """Raises an error once the page is closed, as Playwright expects for requests without an answer."""
        await self._over.wait()
        raise Error("The page is closed.")

    async def close(self) -> None:
        """Gives up all pending requests."""
        for part in self._pending:
            part.is_over = True
        for task in (tasks := set(self._tasks)):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._over.set()

    async def _answer(self, route: Route, request: Request) -> None:
        kind = request.resource_type
        if request.is_navigation_request():
            await self._lead(route, request)
        elif kind in _STAND_INS:
            content_type, body = _STAND_INS[kind]
            await route.fulfill(status=200, content_type=content_type, body=body)
        elif why := self._objection(request):
            self.refused[why] += 1
            await route.abort("blockedbyclient")
        else:
            await self._give(route, request)

    def _objection(self, request: Request) -> str:
        """Why a request is not sent; empty if it is."""
        if request.resource_type not in _PARTS or _is_early(request.headers):
            return "not needed"
        if urlsplit(request.url).scheme not in ("http", "https"):
            return "no web address"
        if request.method != "GET" and (request.method != "POST" or not self._is_at_home(request.url)):
            return f"{request.method} to another site" if request.method == "POST" else request.method
        if len(request.post_data_buffer or b"") > _MOST_SENT:
            return "sends too much"
        return "too many" if self.fetched >= MOST_REQUESTS or self._room <= 0 else ""

    async def _give(self, route: Route, request: Request) -> None:
        is_script = request.resource_type == "script" and request.method == "GET"
        loaded = self._cache.get(self.place.url, request.url) if is_script else None
        if loaded is None:
            came = await self._fetch(request)
            if isinstance(came, Trouble):
                self.refused[came.reason] += 1
                self.lasts = False
                await route.abort("failed")
                return
            loaded = came
            if is_script:
                self._cache.keep(self.place.url, request.url, loaded)
        self.lasts = self.lasts and bool(_LASTING.search(loaded.headers.get("cache-control", "").lower()))
        await _fulfil(route, request, loaded)

    async def _fetch(self, request: Request) -> Loaded | Trouble:
        at_home = self._is_at_home(request.url)
        part = Subrequest(self._page, at_home and _origin(request.url) == self._origin)
        self._pending.append(part)
        self.fetched += 1
        try:
            headers = {name: text for name, text in request.headers.items() if not _OF_REQUESTS.fullmatch(name)}
            if at_home:
                headers |= await _cookies(request)
            most = max(self._room, 1)
            wanted = Wanted(request.url, request.method, headers, request.post_data_buffer, most, part)
            came = await self._load(wanted)
        finally:
            self._pending.remove(part)
        if isinstance(came, Loaded):
            self._room -= len(came.body)
        return came

    async def _lead(self, route: Route, request: Request) -> None:
        """Answers a request for a document: the page, one that a script navigates to, a frame or a pop-up."""
        if not _is_main(request):
            await route.fulfill(status=200, content_type="text/html", body=b"")
            return
        self._places += 1
        if self._places == 1:
            await _fulfil(route, request, self.place)
            return
        if self._places > _MOST_PLACES:
            self.trouble = failures.LOOP
        else:
            came = await self._fetch(request)
            if isinstance(came, Loaded):
                self.trouble = reading_failures.of_script_redirect(came.status, is_page=came.kind in HTML)
            else:
                self.trouble = came
            if isinstance(came, Loaded) and not self.trouble:
                self.lasts, self.place = False, came
                await _fulfil(route, request, came)
                return
        await route.abort("failed")

    def _is_at_home(self, url: str) -> bool:
        return _origin(url) == _origin(self.place.url)


def _as_loaded(start: Fetched) -> Loaded:
    headers = {**start.headers, "content-type": "text/html; charset=utf-8"}
    return Loaded(start.status, start.final_url, headers, start.html.encode("utf-8", "replace"))


def _is_main(request: Request) -> bool:
    """Whether a document is for the page itself, not for a frame or a pop-up."""
    try:
        frame = request.frame
        return frame.parent_frame is None and frame.page is frame.page.context.pages[0]
    except Error:
        return False


def _is_early(headers: Mapping[str, str]) -> bool:
    """Whether a request is a prefetch."""
    return any(
        "prefetch" in name or (name.endswith("purpose") and "prefetch" in text) for name, text in headers.items()
    )


async def _cookies(request: Request) -> dict[str, str]:
    """The Cookie header with the cookies set in the page's context."""
    found = await request.frame.page.context.cookies(request.url)
    said = "; ".join(f"{one.get('name')}={one.get('value')}" for one in found)
    return {"Cookie": said} if said else {}


async def _fulfil(route: Route, request: Request, loaded: Loaded) -> None:
    headers = {name: text for name, text in loaded.headers.items() if name not in _OF_ANSWERS}
    headers["content-type"] = loaded.headers.get("content-type", "")
    # Otherwise Playwright would add a header that lets the page read the answer although its server does not.
    headers.setdefault("access-control-allow-origin", _origin(request.url))
    await route.fulfill(status=loaded.status, headers=headers, body=loaded.body)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
