"""The spider that visits every seed's page."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider

from fetcher import arguments, failures, folder, selection
from fetcher.arguments import Arguments, UsageError
from fetcher.middlewares import headers_of, trouble_of
from fetcher.seeds import Seed, SeedError
from fetcher.visit import Fetched, Manner, Result, new_address, troubled, visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from fetcher.selection import Entry

seeds_found = object()
"""Signal: the run knows its seeds. Sent once with `found`, a mapping from path to URL (empty where there is none)."""

# Requests that wait in the scheduler. Scrapy drains start() eagerly otherwise, which a large folder pays in memory.
_WAITING = 1000


class RefreshSpider(Spider):
    """Asks for each page once and yields a Result for each seed that stores it."""

    name = "refresh"

    def __init__(self, seeds: Path, given: Arguments, *, stamp_verified: bool) -> None:
        super().__init__()
        self.seeds = seeds
        self.given = given
        self._manner = Manner(given.accept, stamp_verified)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_: Any, **given: str) -> Self:
        settings = crawler.settings
        return super().from_crawler(
            crawler,
            _existing(Path(settings["SEEDS_DIR"])),
            arguments.parse(given, datetime.now(UTC)),
            stamp_verified=_stamps_verified(settings["SEEDS_STAMP"]),
        )

    async def start(self) -> AsyncIterator[Request | Result]:
        usable, unusable = await asyncio.to_thread(self._survey)
        found = {entry.path: entry.url for entry in usable} | dict.fromkeys(unusable, "")
        self.crawler.signals.send_catch_log(signal=seeds_found, found=found)
        for path, error in unusable.items():
            yield troubled(path, "", failures.of_seed_error(error))
        for url, entries in _spread(selection.by_page(usable)):
            await self._room()
            yield self._request(url, entries)

    def parse(self, response: Response, entries: list[Entry]) -> Iterator[Result]:
        stored: dict[str, Seed] = {}
        for entry in entries:
            seed = self._unedited(entry)
            if isinstance(seed, SeedError):
                yield troubled(entry.path, entry.url, failures.of_seed_error(seed))
            elif seed is None:
                yield troubled(entry.path, entry.url, failures.EDITED)
            else:
                stored[entry.path] = seed
        yield from visit(_fetched(response), stored, self._manner)

    def failed(self, failure: Failure) -> Iterator[Result]:
        trouble = trouble_of(failure.value)
        for entry in failure.request.cb_kwargs["entries"]:  # type: ignore[attr-defined]  # set by Scrapy
            yield troubled(entry.path, entry.url, trouble)

    def _survey(self) -> tuple[list[Entry], dict[str, SeedError]]:
        entries: list[Entry] = []
        unusable: dict[str, SeedError] = {}
        for path, found in folder.survey(self.seeds, self.given.path):
            if isinstance(found, SeedError):
                unusable[path] = found
            elif found is not None:
                entries.append(found)
        given = self.given
        chosen = selection.select(entries, url=given.url, older_than=given.older_than, limit=given.limit)
        # A file that cannot be read has no address that could be the wanted one.
        return chosen, {} if given.url else unusable

    async def _room(self) -> None:
        while len(self.crawler.engine.scheduler) >= _WAITING:  # type: ignore[arg-type]  # Scrapy's own has a length
            await asyncio.sleep(0.1)

    def _request(self, url: str, entries: list[Entry]) -> Request:
        # dont_filter: pages were told apart already, and Scrapy drops what it takes for a duplicate without a count.
        return Request(url, self.parse, errback=self.failed, cb_kwargs={"entries": entries}, dont_filter=True)

    def _unedited(self, entry: Entry) -> Seed | SeedError | None:
        """The seed as the survey saw it; None where the file holds another text by now."""
        try:
            seed = folder.load(self.seeds, entry.path)
        except SeedError as error:
            return error
        return seed if seed and selection.digest(seed.text) == entry.digest else None


def _existing(seeds: Path) -> Path:
    if not seeds.is_dir():
        raise UsageError(f"SEEDS_DIR={seeds} is no folder")
    return seeds


def _stamps_verified(value: str) -> bool:
    if value not in ("changed", "verified"):
        raise UsageError(f"SEEDS_STAMP={value} is neither changed nor verified")
    return value == "verified"


def _spread(pages: Mapping[str, list[Entry]]) -> Iterator[tuple[str, list[Entry]]]:
    """The pages in turns of one from each host, so that the run never waits for one host while others are free."""
    hosts: defaultdict[str, list[tuple[str, list[Entry]]]] = defaultdict(list)
    for url, entries in pages.items():
        hosts[urlsplit(url).netloc].append((url, entries))
    return filter(None, chain.from_iterable(zip_longest(*hosts.values())))


def _fetched(response: Response) -> Fetched:
    request = response.request
    assert request is not None  # Scrapy sets it before a callback runs
    asked = [*request.meta.get("redirect_urls", []), request.url]
    return Fetched(
        status=response.status,
        url=asked[0],
        final_url=response.url,
        headers=headers_of(response),
        body=response.body,
        when=datetime.now(UTC),
        redirected_to=new_address(list(zip(request.meta.get("redirect_reasons", []), asked[1:], strict=False))),
        seconds=float(request.meta.get("download_latency", 0.0)),
    )
