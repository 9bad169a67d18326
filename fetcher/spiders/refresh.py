"""The spider that visits every seed's page."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider

from fetcher.memory import fingerprint
from fetcher.memory.freshness import Rates
from fetcher.memory.state import State
from fetcher.middlewares import RefusedError, headers_of, trouble_of, until_stopped
from fetcher.run import arguments
from fetcher.run.circuit_breaker import WriteQueue
from fetcher.run.plan import Plan, site_of
from fetcher.seeds import folder
from fetcher.seeds.seeds import page_url
from fetcher.sites.rules import Sites
from fetcher.terms import failures, reading_failures
from fetcher.terms.arguments import Arguments, UsageError
from fetcher.visits import recall
from fetcher.visits.fetched import Fetched, new_address
from fetcher.visits.inspection import Inspector
from fetcher.visits.recall import Known
from fetcher.visits.representations import PREFERENCES, accept_header
from fetcher.visits.results import Result, Visited, VisitOptions, troubled
from fetcher.workers.workers import Bounds, Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from fetcher.browsing import Browsing
    from fetcher.memory.memory import Memory
    from fetcher.run.circuit_breaker import WriteLimits
    from fetcher.seeds.folder import Entry, Found
    from fetcher.seeds.keys import Keys
    from fetcher.sites.rules import PageRules
    from fetcher.terms.failures import Trouble
    from fetcher.visits.recall import Stored

logger = logging.getLogger(__name__)

seeds_found = object()
"""Signal: the run knows its seeds. Sent once with its `plan`."""

# Requests that wait in the scheduler. Scrapy drains start() eagerly otherwise, which a large folder pays in memory.
_WAITING = 1000
_AT_ONCE = 50  # requests from one look at their number to the next: the scheduler adds up the queues of all hosts


class RefreshSpider(Spider):
    """Asks for each page, and once more where one answer is not enough; yields a Result for each seed that stores it.

    `state` is what is remembered of the pages; the run opens it as soon as it has the folder for itself. `sites` has
    the user's rules.
    """

    name = "refresh"

    def __init__(
        self, seeds: Path, keys: Keys, given: Arguments, options: VisitOptions, workers: Workers, limits: WriteLimits
    ) -> None:
        super().__init__()
        self.seeds = seeds
        self.keys = keys
        self.given = given
        self.sites = Sites()
        self.state = State(None)
        self.queue = WriteQueue(limits.breaker_share, {})
        self._limits = limits
        self._options = options
        self.visits: set[asyncio.Task[Any]] = set()
        """Tasks that look at a page."""
        self._workers = workers
        self._inspector = Inspector(self._ask, self._load, self._render, workers, options, datetime.now(UTC))
        self._browsing: Browsing | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_: Any, **given: str) -> Self:
        settings = crawler.settings
        parsed = arguments.parse(given, datetime.now(UTC))
        keys = arguments.keys(settings["SEEDS_URL_KEY"], settings["SEEDS_STAMP_KEY"])
        spider = super().from_crawler(
            crawler,
            _existing(Path(settings["SEEDS_DIR"])),
            keys,
            parsed,
            VisitOptions(
                parsed.let_through,
                _stamps_verified(settings["SEEDS_STAMP"]),
                parsed.follow_moves,
                arguments.fields(settings["SEEDS_FIELDS"], keys),
                confirm=settings.getbool("REFRESH_CONFIRM") and not parsed.dry_run,
                prefer=arguments.one_of("REFRESH_PREFER", settings["REFRESH_PREFER"], PREFERENCES),
                localise=parsed.localise
                or arguments.one_of("SEEDS_LINKS", settings["SEEDS_LINKS"], ("", "local")) == "local",
            ),
            Workers(
                arguments.workers(settings["REFRESH_WORKERS"]),
                Bounds(
                    arguments.positive_number("REFRESH_PAGE_SECONDS", settings["REFRESH_PAGE_SECONDS"]),
                    arguments.positive_number("REFRESH_PAGE_MEMORY", settings["REFRESH_PAGE_MEMORY"]),
                ),
            ),
            arguments.write_limits(settings["REFRESH_BRAKE_SHARE"], settings["REFRESH_WAVE"]),
        )
        spider.sites = _sites(settings["REFRESH_SITES"])
        return spider

    def closed(self, _: str) -> None:
        self._workers.close()

    async def start(self) -> AsyncIterator[Request | Result]:
        plan = await asyncio.to_thread(lambda: Plan(self._survey(), self.state.asked_at))
        self.crawler.signals.send_catch_log(signal=seeds_found, plan=plan)
        self.queue = WriteQueue(self._limits.breaker_share, plan.pages_by_site(), self._limits.wave)
        for path, error in plan.unusable():
            yield troubled(path, "", failures.of_seed_error(error))
        for number, (url, entries) in enumerate(plan.pages()):
            if number % _AT_ONCE == 0:
                await self._room()
            yield self._request(url, entries)

    async def parse(self, response: Response, entries: list[Entry]) -> AsyncIterator[Result]:
        fetched = _fetched(response)
        known: Known = response.meta["known"]
        answer: Fetched | None = fetched
        try:
            with until_stopped(self.visits):
                visited, answer = await self._visited(fetched, known, entries, response.meta["why_unread"])
        except RefusedError as error:
            visited, answer = _all_troubled(entries, error.trouble), None
        except Exception as error:
            logger.exception("The visit of %s failed.", fetched.url)  # no page's trouble is another's
            visited = _all_troubled(entries, failures.of_crash(error))
        for result in self._ended(fetched.url, known, visited, answer):
            yield result

    def failed(self, failure: Failure) -> Iterator[Result]:
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        visited = _all_troubled(request.cb_kwargs["entries"], trouble_of(failure.value))
        yield from self._ended(_asked(request)[0], request.meta["known"], visited, None)

    async def _visited(
        self, fetched: Fetched, known: Known, entries: list[Entry], why_unread: str
    ) -> tuple[Visited, Fetched]:
        """What came of a visit, and the answer that it goes by; `why_unread` is why that needs no reading."""
        return await self._inspector.visit(fetched, known, entries, self.sites, why_unread)

    def _load(self, entries: Sequence[Entry], memory: Memory) -> tuple[Stored, dict[str, tuple[str, Trouble]]]:
        return recall.load(self.seeds, entries, memory, self.state, self.keys)

    async def _ask(self, url: str, accept: str = "") -> Fetched | Trouble:
        """The answer at an address, fetched at the pace of the requests for pages; `accept` is its header Accept.

        Raises RefusedError when the run is told to end: a look that was not taken is no look that found nothing.
        """
        engine = self.crawler.engine
        assert engine is not None  # runs as long as the spider does
        try:
            return _fetched(await engine.download_async(Request(url, headers=_accepting(accept))))
        except Exception as error:  # as manifold as what a request's errback gets
            trouble = trouble_of(error)
            if trouble is failures.STOPPED:
                raise RefusedError(trouble) from error
            return trouble

    async def _render(self, fetched: Fetched, stored: Stored, rules: PageRules) -> Fetched | Trouble:
        """The answer as a browser shows it, or why it shows none."""
        try:
            from fetcher.browsing import Browsing  # noqa: PLC0415  # only who has rules for it waits for it
        except ModuleNotFoundError:
            return reading_failures.NO_BROWSER
        self._browsing = self._browsing or Browsing(self.crawler)
        language = self.sites.language(fetched.url)
        return await self._browsing.render(fetched, (seed.body for seed in stored.seeds.values()), rules, language)

    def _ended(self, url: str, known: Known, visited: Visited, answer: Fetched | None) -> Iterator[Result]:
        """The results that can go on after a visit to the page at an address, which is remembered."""
        self.state.keep(recall.memory_after(known, visited, answer or datetime.now(UTC)))
        return map(self._noted, self.queue.add(site_of(url), visited, known.memory))

    def rest(self) -> Iterator[Result]:
        """The results that wait for pages that will not come, as the run was told to end."""
        return map(self._noted, self.queue.flush())

    def _noted(self, result: Result) -> Result:
        """A result that goes on; where it waits for a wave to last, that is remembered."""
        if result.waiting:
            memory = self.state.recall(page_url(result.record.url))
            self.state.keep(recall.memory_in_wave(memory, result))
        return result

    def _survey(self) -> Iterable[Found]:
        by_age = self.given.older_than is not None or self.given.limit is not None or self.sites.has_ages
        seen = self.state.verified_at if by_age else _never
        surveyed = folder.scan(self.seeds, self.given.path, self.keys)
        now = datetime.now(UTC)
        gain = Rates.remembered(self.state).ranking(now) if self.given.limit is not None else None
        return folder.select_for_run(surveyed, self.given, seen, now, self._is_fresh, gain)

    def _is_fresh(self, entry: Entry) -> bool:
        """Whether a seed's page need not be asked for yet, as the rules for it say; it counts as one of theirs."""
        is_fresh = self.sites.is_fresh(entry.url, entry.fetched_at, datetime.now(UTC))
        if is_fresh:
            self.sites.count_taken(entry.url)
        return is_fresh

    async def _room(self) -> None:
        while len(self.crawler.engine.scheduler) >= _WAITING:  # type: ignore[arg-type]  # Scrapy's own has a length
            await asyncio.sleep(0.1)

    def _request(self, url: str, entries: list[Entry]) -> Request:
        # What was asked for is part of every reason not to look again: memory is one representation's.
        self.sites.count_taken(url)
        options = self._options.by(self.sites.page(url))
        accept = options.reading_options
        mark = fingerprint.of_page(((entry.path, entry.digest) for entry in entries), accept)
        return Request(
            url,
            self.parse,
            errback=self.failed,
            headers=_accepting(accept_header(options.prefer)),
            cb_kwargs={"entries": entries},
            # Where the page names its own address it has to be read: no memory spares that.
            meta={"known": Known(self.state.recall(url), b"" if options.rules.canonical else mark, accept)},
            dont_filter=True,  # pages were told apart already, and Scrapy drops duplicates without a count
        )


def _never(_: str) -> None:
    """When a page was verified, where that makes no difference."""


def _existing(seeds: Path) -> Path:
    if not seeds.is_dir():
        raise UsageError(f"SEEDS_DIR={seeds} is no folder")
    return seeds


def _stamps_verified(value: str) -> bool:
    if value not in ("changed", "verified"):
        raise UsageError(f"SEEDS_STAMP={value} is neither changed nor verified")
    return value == "verified"


def _sites(place: str) -> Sites:
    if not place:
        return Sites()
    from fetcher.sites import reading  # noqa: PLC0415  # only who has rules waits for it

    return Sites(reading.read(Path(place)), place)


def _accepting(accept: str) -> dict[str, str]:
    return {"Accept": accept} if accept else {}


def _all_troubled(entries: list[Entry], trouble: Trouble) -> Visited:
    return Visited(tuple(troubled(entry.path, entry.url, trouble) for entry in entries))


def _asked(request: Request) -> list[str]:
    """The addresses that were asked in turn, from the page's own to the one that answered."""
    return [*request.meta.get("redirect_urls", []), request.url]


def _fetched(response: Response) -> Fetched:
    request = response.request
    assert request is not None  # Scrapy sets it before a callback runs
    asked = _asked(request)
    return Fetched(
        status=response.status,
        url=asked[0],
        final_url=response.url,
        headers=headers_of(response),
        body=response.body,
        when=datetime.now(UTC),
        redirected_to=new_address(list(zip(request.meta.get("redirect_reasons", []), asked[1:], strict=False))),
        seconds=float(request.meta.get("download_latency", 0.0)),
        digest=request.meta["digest"],
    )
