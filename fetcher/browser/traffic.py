"""What a page asks for while it is rendered: what is fetched for it, what is answered on the spot, what is refused."""

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
"""What is fetched for one page; real ones take some tens."""

_MOST_ASKED = 1000  # requests of all kinds, after which a page is not worth waiting for
_MOST_PLACES = 5  # documents that a page may lead to by script, one after the other
_MOST_SENT = 64 * 1024  # bytes of a request's body
_PIXEL = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\0\0\0!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
# A script that waits for a style sheet, or for a picture, goes on as if it had come.
_STAND_INS = {"stylesheet": ("text/css", b""), "image": ("image/gif", _PIXEL)}
_PARTS = frozenset({"script", "xhr", "fetch"})
# Of the connection, or of who asks: whoever fetches has their own.
_OF_REQUESTS = re.compile(
    r"accept-encoding|connection|content-length|cookie|host|referer|upgrade-insecure-requests|user-agent|(sec|proxy)-.*"
)
_OF_ANSWERS = frozenset(
    "connection content-encoding content-length content-type keep-alive transfer-encoding refresh".split()
)
_LASTING = re.compile(r"\bimmutable\b|\bmax-age=(\d{7,})")  # for 12 days at least, and mostly for a year
_FLEETING = re.compile(r"\bno-store\b|\bprivate\b")


@dataclass
class Part:
    """A request for the sake of the page at an address, its `own` if no redirect and no script chose another origin.

    `is_sent` tells that its host's turn has come, `is_over` that nobody waits for it any more.
    """

    page: str
    own: bool
    is_sent: bool = False
    is_over: bool = False


class Wanted(NamedTuple):
    """A request that a page has; `most` bounds the bytes of its answer."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes | None
    most: int
    part: Part


class Loaded(NamedTuple):
    """The answer to one, whichever address it came from in the end; the names of headers are lower-case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """The media type."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


Load = Callable[[Wanted], Awaitable[Loaded | Trouble]]
"""Fetches what a page wants as politely and as safely as a page."""


class Cache:
    """Scripts that came for a site in this run, those last used; a page of another site has no part in them."""

    def __init__(self, most: int = 64 << 20) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[str, str], Loaded] = OrderedDict()

    def get(self, page: str, url: str) -> Loaded | None:
        """What came from an address for a page of the same origin."""
        key = _origin(page), url
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, page: str, url: str, loaded: Loaded) -> None:
        """Have it at hand for the next page, unless its server forbids that."""
        if loaded.status != 200 or _FLEETING.search(loaded.headers.get("cache-control", "").lower()):
            return
        before = self._kept.pop((_origin(page), url), None)
        self._kept[_origin(page), url] = loaded
        self._size += len(loaded.body) - len(before.body if before else b"")
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1].body)


class Traffic:
    """Answers all that a page asks for; `start` is the page as it came, and `most` bounds the bytes of all the rest.

    `place` is the document that the page is at, and `trouble` why one that it leads to cannot be had. `lasts` tells
    that all that came lasts: then the same page would be rendered alike the next time. `flooded` is set where the page
    asks without end.
    """

    def __init__(self, start: Fetched, load: Load, cache: Cache, most: int) -> None:
        self.place = _as_loaded(start)
        self.trouble: Trouble | None = None
        self.lasts = True
        self.refused: Counter[str] = Counter()
        self.fetched = 0
        self._asked = 0
        self._pending: list[Part] = []
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
        """Whether the page waits for something."""
        return bool(self._pending)

    @property
    def waits(self) -> bool:
        """Whether it waits for the turn of a host: that is our doing, and not the page's."""
        return any(not part.is_sent for part in self._pending)

    async def __call__(self, route: Route) -> None:
        """Answer one request, whatever becomes of the page meanwhile."""
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
        """End as Playwright wants it where there is no answer: with an error, once it has been told to expect some."""
        await self._over.wait()
        raise Error("The page is closed.")

    async def close(self) -> None:
        """Give up what the page still waits for."""
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
        """Why a request is not sent; empty where it is."""
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
        part = Part(self._page, at_home and _origin(request.url) == self._origin)
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
        """Answer the request for a document: the page itself, one that it leads to by script, a frame, a pop-up."""
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
    """Whether a document is for the very page; what opens by itself has no frame yet, or another page."""
    try:
        frame = request.frame
        return frame.parent_frame is None and frame.page is frame.page.context.pages[0]
    except Error:
        return False


def _is_early(headers: Mapping[str, str]) -> bool:
    """Whether it is asked for in case that a reader should follow a link."""
    return any(
        "prefetch" in name or (name.endswith("purpose") and "prefetch" in text) for name, text in headers.items()
    )


async def _cookies(request: Request) -> dict[str, str]:
    """What the page's own answers and scripts have set since its context was made."""
    found = await request.frame.page.context.cookies(request.url)
    said = "; ".join(f"{one.get('name')}={one.get('value')}" for one in found)
    return {"Cookie": said} if said else {}


async def _fulfil(route: Route, request: Request, loaded: Loaded) -> None:
    headers = {name: text for name, text in loaded.headers.items() if name not in _OF_ANSWERS}
    headers["content-type"] = loaded.headers.get("content-type", "")
    # Where the answer lets no other origin read it, Playwright would say that it lets this one.
    headers.setdefault("access-control-allow-origin", _origin(request.url))
    await route.fulfill(status=loaded.status, headers=headers, body=loaded.body)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
