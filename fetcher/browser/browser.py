"""Starts the browser, again where it ended, and gives each page a context of its own, with nobody else's memory."""

from __future__ import annotations

import asyncio
import shutil
import socket
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil
from playwright.async_api import Error, async_playwright

from fetcher.terms import reading_failures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, CDPSession, Playwright

    from fetcher.terms.failures import Trouble

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_LOOK = 0.5  # seconds between looks at the memory of its processes
_PATIENCE = 10.0  # seconds for what takes it some tenths of one
_SWITCHES = (
    # All that a page asks for is answered by us. What would go by another way finds no name, and a proxy that is none.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-bypass-list=<-loopback>",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pings",
    "--disable-gpu",
)
# Tall, so that most of what waits for being seen is in sight, and the same wherever the run is.
_MANNERS: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 4000},
    "timezone_id": "UTC",
    "reduced_motion": "reduce",
    "service_workers": "block",
    "accept_downloads": False,
}
# A dialog would hold the page up, and a window of its own shows nothing of it.
_QUIET = """
for (const [name, answer] of [["alert"], ["confirm", false], ["prompt", null], ["print"], ["open", null]])
  window[name] = () => answer;
"""


class Bounds(NamedTuple):
    """What rendering may take: pages at a time, and for each `seconds` of work and `megabytes` of its process."""

    pages: int = 4
    seconds: float = 30.0
    megabytes: float = 1024


class BrowserError(Exception):
    """The browser cannot be had, or ended; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


class Browser:
    """A Chromium, started for the first page and again where it ended.

    `program` is its place, empty for what is found; `sandbox` keeps its own protection against pages on.
    """

    def __init__(self, program: str, bounds: Bounds, *, sandbox: bool = True) -> None:
        self._program = program
        self._bounds = bounds
        self._sandbox = sandbox
        self._turns = asyncio.Semaphore(bounds.pages)
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None
        self._trouble: Trouble | None = None
        self._killed = 0
        # A port that is taken and that nobody answers at, for as long as this process lives.
        self._nowhere = socket.socket()
        self._nowhere.bind(("127.0.0.1", 0))

    @asynccontextmanager
    async def context(self, language: str) -> AsyncIterator[BrowserContext]:
        """A context for one page, which is thrown away; BrowserError where there is no browser."""
        async with self._turns:
            chromium = await self._running()
            try:
                manners = _MANNERS | ({"locale": language} if language else {})
                context = await chromium.new_context(**manners)
                await context.add_init_script(_QUIET)
            except Error as error:
                raise BrowserError(reading_failures.BROWSER_ENDED) from error
            try:
                yield context
            finally:
                await self._throw_away(context)

    def took_too_much(self) -> bool:
        """Whether a page's process was ended for its memory; true once for each."""
        self._killed -= (was := self._killed > 0)
        return was

    async def close(self) -> None:
        """End the browser, and all that belongs to it."""
        self._nowhere.close()
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                if self._chromium:
                    await self._chromium.close()
                if self._playwright:
                    await self._playwright.stop()

    async def _throw_away(self, context: BrowserContext) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await context.close()
        except (Error, TimeoutError):  # a browser that cannot even do that is of no use any more
            if self._chromium:
                with suppress(Error, TimeoutError):
                    await asyncio.wait_for(self._chromium.close(), _PATIENCE)

    async def _running(self) -> Chromium:
        async with self._starting:  # the others wait for it
            if self._chromium is None or not self._chromium.is_connected():
                if self._trouble:
                    raise BrowserError(self._trouble)
                self._chromium = await self._started()
                self._watching = asyncio.ensure_future(self._watch(self._chromium))
            return self._chromium

    async def _started(self) -> Chromium:
        try:
            self._playwright = self._playwright or await async_playwright().start()
            program = self._program or next(filter(None, map(shutil.which, _NAMES)), None)
            if not program and not Path(self._playwright.chromium.executable_path).exists():
                raise BrowserError(reading_failures.NO_BROWSER)
            heap = f"--js-flags=--max-old-space-size={self._bounds.megabytes:.0f}"
            proxy = f"--proxy-server=http://127.0.0.1:{self._nowhere.getsockname()[1]}"
            return await self._playwright.chromium.launch(
                executable_path=program or None,
                chromium_sandbox=self._sandbox,
                args=[*_SWITCHES, heap, proxy],
                # Whoever ends the run closes it.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Error as error:
            self._trouble = reading_failures.of_browser(error.message, sandbox=self._sandbox)
            raise BrowserError(self._trouble) from error
        except BrowserError as error:
            self._trouble = error.trouble
            raise

    async def _watch(self, chromium: Chromium) -> None:
        """End the processes of pages that take too much, as long as the browser runs."""
        with suppress(Error):
            session = await chromium.new_browser_cdp_session()
            while chromium.is_connected():
                await asyncio.sleep(_LOOK)
                for pid in await _renderers(session):
                    self._killed += _ended(pid, self._bounds.megabytes)


async def _renderers(session: CDPSession) -> list[int]:
    """The processes that show pages."""
    said = await session.send("SystemInfo.getProcessInfo")
    return [one["id"] for one in said["processInfo"] if one["type"] == "renderer"]


def _ended(pid: int, megabytes: float) -> bool:
    """Whether a process had more than so much memory of its own, and was ended for it."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        memory = process.memory_info()
        if memory.rss - getattr(memory, "shared", 0) > megabytes * 1024 * 1024:
            process.kill()
            return True
    return False
