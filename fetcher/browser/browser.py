"""Starts and restarts the browser, limits its memory, and gives each page an isolated context."""

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
_LOOK = 0.5  # seconds between checks of the memory of its processes
_PATIENCE = 10.0  # timeout in seconds for what usually takes tenths of a second
_SWITCHES = (
    # All requests of a page are answered here. For anything that would bypass this, there is no DNS and a dead proxy.
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
# The viewport is tall, so that most lazily loaded content is visible; the rest makes all machines render alike.
_CONTEXT_OPTIONS: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 4000},
    "timezone_id": "UTC",
    "reduced_motion": "reduce",
    "service_workers": "block",
    "accept_downloads": False,
}
# Dialogs would block the page, and pop-ups are not rendered.
_NO_DIALOGS = """
for (const [name, answer] of [["alert"], ["confirm", false], ["prompt", null], ["print"], ["open", null]])
  window[name] = () => answer;
"""


class Bounds(NamedTuple):
    """The limits of rendering: pages at a time, and `seconds` and `megabytes` for each page."""

    pages: int = 4
    seconds: float = 30.0
    megabytes: float = 1024


class BrowserError(Exception):
    """The browser cannot be started, or has ended; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


class Browser:
    """A Chromium that is started for the first page, and restarted if it has ended.

    `program` is its path, or empty for the first one found; `sandbox` tells whether to use Chromium's own sandbox.
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
        # A port that is reserved but never answers, for the dead proxy.
        self._nowhere = socket.socket()
        self._nowhere.bind(("127.0.0.1", 0))

    @asynccontextmanager
    async def context(self, language: str) -> AsyncIterator[BrowserContext]:
        """A fresh context for one page, closed afterwards; raises BrowserError if there is no browser."""
        async with self._turns:
            chromium = await self._running()
            try:
                options = _CONTEXT_OPTIONS | ({"locale": language} if language else {})
                context = await chromium.new_context(**options)
                await context.add_init_script(_NO_DIALOGS)
            except Error as error:
                raise BrowserError(reading_failures.BROWSER_ENDED) from error
            try:
                yield context
            finally:
                await self._throw_away(context)

    def was_killed_for_memory(self) -> bool:
        """Whether a page's process was killed for using too much memory; true once for each such process."""
        self._killed -= (was := self._killed > 0)
        return was

    async def close(self) -> None:
        """Closes the browser and Playwright."""
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
        except (Error, TimeoutError):  # a browser that cannot even close a context is broken
            if self._chromium:
                with suppress(Error, TimeoutError):
                    await asyncio.wait_for(self._chromium.close(), _PATIENCE)

    async def _running(self) -> Chromium:
        async with self._starting:  # other pages wait for the start
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
                # `close` ends it when the run ends.
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
        """Kills the processes of pages that use too much memory, as long as the browser runs."""
        with suppress(Error):
            session = await chromium.new_browser_cdp_session()
            while chromium.is_connected():
                await asyncio.sleep(_LOOK)
                for pid in await _renderers(session):
                    self._killed += _ended(pid, self._bounds.megabytes)


async def _renderers(session: CDPSession) -> list[int]:
    """The process IDs of the renderers."""
    said = await session.send("SystemInfo.getProcessInfo")
    return [one["id"] for one in said["processInfo"] if one["type"] == "renderer"]


def _ended(pid: int, megabytes: float) -> bool:
    """Kills a process if it has more than so much memory of its own; returns whether it did."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        memory = process.memory_info()
        if memory.rss - getattr(memory, "shared", 0) > megabytes * 1024 * 1024:
            process.kill()
            return True
    return False
