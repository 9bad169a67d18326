"""Renders one page: does the user's steps, waits until the stored text appears or the page is quiet, reads its HTML."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error
from playwright.async_api import TimeoutError as TooLongError

from fetcher.sites.rules import Step, Use
from fetcher.terms import reading_failures
from fetcher.visits.fetched import Fetched, Rendering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import BrowserContext, CDPSession, Page

    from fetcher.browser.traffic import Loaded, Traffic
    from fetcher.terms.failures import Trouble

Patience = Callable[[str], float]
"""For the text that a page shows, the number of quiet seconds after which the page counts as complete."""

AT_ONCE = 0.4
"""The quiet seconds needed for a page that already shows the stored text."""

_LOOK = 0.1  # seconds between checks
_RESTLESS = 5.0  # seconds after which a page with enough text is complete even if it keeps changing
_CLICK = 3.0  # seconds to wait for an element to click, which may be missing
_SCROLLS = 10
_TEXT = """(() => {
  const said = [], walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  const look = root => { for (const one of root.querySelectorAll('*')) if (one.shadowRoot) {
    said.push(one.shadowRoot.textContent); look(one.shadowRoot); } };
  let size = 0;
  while (walker.nextNode() && size < 2e6) {
    const holder = walker.currentNode.parentElement;
    if (holder && !/^(script|style|noscript|template)$/i.test(holder.localName)) {
      said.push(walker.currentNode.data); size += walker.currentNode.data.length; } }
  look(document);
  return {ready: document.readyState === 'complete', text: said.join(' ').slice(0, 2e6)};
})()"""
# Includes shadow trees, as declarative shadow DOM.
_HTML = """(() => {
  const roots = [];
  const look = root => { for (const one of root.querySelectorAll('*')) if (one.shadowRoot) {
    roots.push(one.shadowRoot); look(one.shadowRoot); } };
  look(document);
  const root = document.documentElement, frame = root.cloneNode(false).outerHTML;
  const html = root.getHTML({serializableShadowRoots: true, shadowRoots: roots});
  if (html.length > %d) return null;
  return (document.doctype ? '<!DOCTYPE html>' : '') + frame.replace(/<[/]html>$/i, () => html + '</html>');
})()"""
_SCROLL = """(() => { const last = document.documentElement.scrollHeight; window.scrollTo(0, last); return last; })()"""


class Clock:
    """The time left for a page; it stops while the page waits for a host's turn."""

    def __init__(self, seconds: float, traffic: Traffic) -> None:
        self._left = seconds
        self._traffic = traffic
        self._last = time.monotonic()

    @property
    def left(self) -> float:
        """The seconds left."""
        now = time.monotonic()
        if not self._traffic.waits:
            self._left -= now - self._last
        self._last = now
        return self._left


class Tab:
    """A page in its own context, with a time limit in `seconds` and at most `most` bytes of HTML."""

    def __init__(self, context: BrowserContext, traffic: Traffic, seconds: float, most: int) -> None:
        self._context = context
        self._traffic = traffic
        self._clock = Clock(seconds, traffic)
        self._most = most
        self._trouble_with_it: Trouble | None = None
        self._ended = asyncio.Event()
        self._guard: asyncio.Future[None] | None = None

    async def rendered(
        self, start: Fetched, steps: Sequence[tuple[int, Step]], patience: Patience
    ) -> Fetched | Trouble:
        """The answer as rendered after the user's steps, or the trouble."""
        began = time.monotonic()
        try:
            page = await self._opened()
        except Error:
            return reading_failures.BROWSER_ENDED
        with suppress(Error):  # the page may have navigated elsewhere already
            await page.goto(start.final_url, wait_until="commit", timeout=1000 * max(self._clock.left, 1))
        if steps:
            await self._settle(_short_patience)
        used = [Use(line, "steps", step.text) for line, step in steps if await self._done(page, step)]
        await self._settle(patience)
        html = await self._html() if not self._trouble else None
        if self._trouble or html is None:
            return self._trouble or reading_failures.BROWSER_OVERSIZED
        said = _said(self._traffic, time.monotonic() - began)
        return _as_fetched(start, html, self._traffic, Rendering(said, frozenset(used)))

    async def _opened(self) -> Page:
        """A new page with its requests and events connected to this object."""
        await self._context.route("**/*", self._traffic)
        page = await self._context.new_page()
        page.on("crash", lambda _: self._note(reading_failures.BROWSER_CRASHED))
        page.on("close", lambda _: self._note(reading_failures.BROWSER_ENDED))
        self._context.on("page", _close)
        session = await self._context.new_cdp_session(page)
        self._world = _World(session, self._ended)
        self._guard = asyncio.ensure_future(self._stop_flood(session))
        return page

    async def _stop_flood(self, session: CDPSession) -> None:
        """Crashes the process of a page that sends endless requests, as it may not respond to anything else."""
        await self._traffic.flooded.wait()
        self._note(reading_failures.BROWSER_FLOODED)
        with suppress(Error):
            await session.send("Page.crash")

    async def close(self) -> None:
        """Gives up all pending requests of the page."""
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(1):
                await self._context.unroute_all(behavior="ignoreErrors")
        if self._guard:
            self._guard.cancel()
        await self._traffic.close()

    @property
    def _trouble(self) -> Trouble | None:
        return self._traffic.trouble or self._trouble_with_it

    def _note(self, trouble: Trouble) -> None:
        self._trouble_with_it = self._trouble_with_it or trouble
        self._ended.set()

    @property
    def _is_over(self) -> bool:
        return self._clock.left <= 0 or self._trouble is not None

    async def _settle(self, patience: Patience) -> None:
        """Waits until the page has been quiet for as long as its text requires, or the time is up."""
        last, needed, since, enough = None, AT_ONCE, time.monotonic(), 0.0
        while not self._is_over:
            await asyncio.sleep(_LOOK)
            look = await self._world.look(max(self._clock.left, _LOOK))
            now = time.monotonic()
            if look is None or self._traffic.is_busy or not look["ready"]:
                since = now
            if look is None:
                continue
            if look["text"] != last:
                last, since = look["text"], now
                needed = await asyncio.to_thread(patience, last)
                enough = (enough or now) if needed <= AT_ONCE else 0.0
            if now - since >= needed or (enough and now - enough >= _RESTLESS):
                return

    async def _done(self, page: Page, step: Step) -> bool:
        """Does a step; returns whether that was possible."""
        if self._is_over:
            return False
        try:
            done = await self._do(page, step)
        except Error:
            return False
        await self._settle(_short_patience)
        return done

    async def _do(self, page: Page, step: Step) -> bool:
        if step.does == "scroll":
            return await self._scroll()
        most = 1000 * max(self._clock.left, _LOOK)
        if step.does == "click":
            target = page.locator(step.on).first
            try:
                await target.click(timeout=min(most, 1000 * _CLICK), no_wait_after=True)
            except TooLongError:  # without style sheets it may have no size
                if not await target.count():
                    return False
                await target.dispatch_event("click", timeout=most)
            return True
        wanted = page.locator(step.on) if step.does == "wait" else page.get_by_text(step.on)
        await wanted.first.wait_for(state="attached", timeout=most)
        return True

    async def _scroll(self) -> bool:
        """Scrolls down until the page grows no longer."""
        last: float = -1
        for _ in range(_SCROLLS):
            height = await self._world.run(_SCROLL, max(self._clock.left, _LOOK))
            if height == last or not isinstance(height, int | float):
                break
            last = height
            await asyncio.sleep(AT_ONCE)
            while self._traffic.is_busy and not self._is_over:
                await asyncio.sleep(_LOOK)
        return True

    async def _html(self) -> str | None:
        """The page as HTML; None if it is too large or does not respond."""
        html = await self._world.run(_HTML % self._most, max(self._clock.left, _RESTLESS))
        if html is _NOTHING and not self._trouble:
            self._traffic.trouble = reading_failures.BROWSER_HUNG
        return html if isinstance(html, str) else None


_NOTHING = object()


class _World:
    """An isolated world, in which our scripts run invisibly to those of the page."""

    def __init__(self, session: CDPSession, ended: asyncio.Event) -> None:
        self._session = session
        self._ended = ended  # set when no answer can come any more
        self._context: int | None = None  # ID of the execution context in the current document

    async def look(self, seconds: float) -> dict[str, Any] | None:
        """Whether the page is loaded, and its text; None if it does not respond or is navigating."""
        found = await self.run(_TEXT, seconds)
        return found if isinstance(found, dict) else None

    async def run(self, script: str, seconds: float) -> Any:
        """The result of a script; `_NOTHING` if it does not finish in time."""
        running = asyncio.ensure_future(self._run(script))
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({running, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
        except Error:
            self._context = None
        finally:
            running.cancel()
            ended.cancel()
        return _NOTHING

    async def _run(self, script: str) -> Any:
        self._context = self._context or await self._made()
        asked = {"expression": script, "contextId": self._context, "returnByValue": True}
        return (await self._session.send("Runtime.evaluate", asked))["result"].get("value")

    async def _made(self) -> int:
        tree = await self._session.send("Page.getFrameTree")
        wanted = {"frameId": tree["frameTree"]["frame"]["id"], "worldName": "fetcher"}
        return int((await self._session.send("Page.createIsolatedWorld", wanted))["executionContextId"])


def _short_patience(_: str) -> float:
    """The patience between steps."""
    return AT_ONCE


async def _close(page: Page) -> None:
    """Closes a pop-up."""
    with suppress(Error):
        await page.close()


def _said(traffic: Traffic, seconds: float) -> str:
    """What the browser did, in a sentence."""
    refused = ", ".join(f"{count} {why}" for why, count in sorted(traffic.refused.items()))
    without = f"; not fetched: {refused}" if refused else ""
    return f"A browser rendered the page in {seconds:.1f} s, with {traffic.fetched} requests{without}."


def _as_fetched(start: Fetched, html: str, traffic: Traffic, rendering: Rendering) -> Fetched:
    """The answer with the rendered HTML as its body."""
    place: Loaded = traffic.place
    lasts = traffic.lasts and not rendering.used
    gone = {"content-length", "content-encoding"} | (set() if lasts else {"etag", "last-modified"})
    headers = {name: text for name, text in place.headers.items() if name not in gone}
    return replace(
        start,
        status=place.status,
        final_url=place.url,
        headers={**headers, "content-type": "text/html; charset=utf-8"},
        body=html.encode("utf-8", "replace"),
        # Without a digest the page is rendered each time: the subrequests may bring something else next time.
        digest=start.digest if lasts else b"",
        shown=b"",
        rendered=rendering,
    )
