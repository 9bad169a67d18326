"""The spider that visits the page of every seed."""

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
    from fetcher.seeds.seeds import Keys
    from fetcher.sites.rules import PageRules
    from fetcher.terms.failures import Trouble
    from fetcher.visits.recall import Stored

logger = logging.getLogger(__name__)

seeds_found = object()
"""Signal, sent once when the seeds are known, with the `plan` of the run."""

# Requests that may wait in the scheduler. Scrapy alone would drain start() at once, which takes too much memory.
_WAITING = 1000
_A_PAGE = 64 * 1024  # bytes that a page counts for at least: Scrapy has pages of five million bytes at work at a time
_AT_ONCE = 50  # requests between checks of their number, for which the scheduler adds up the queues of all hosts


class RefreshSpider(Spider):
    """Requests each page, more than once if needed, and yields a Result for each seed that stores it.

    `state` is what is remembered of the pages; the extension `Run` opens it once it has locked the seeds folder.
    `sites` has the user's rules.
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
        """Tasks that inspect a page."""
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
        self.crawler.engine.scraper.slot.MIN_RESPONSE_SIZE = _A_PAGE  # type: ignore[union-attr]  # the spider is open
        self.queue = WriteQueue(self._limits.breaker_share, plan.pages_by_site(), self._limits.wave)
        for path, error in plan.unusable():
            yield troubled(path, "", failures.of_seed_error(error))
        for number, (url, entries) in enumerate(plan.pages()):
            if number % _AT_ONCE == 0:
                await self._wait_for_room()
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
            logger.exception("The visit of %s failed.", fetched.url)  # other pages are not affected
            visited = _all_troubled(entries, failures.of_crash(error))
        for result in self._results_after(fetched.url, known, visited, answer):
            yield result

    def failed(self, failure: Failure) -> Iterator[Result]:
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        visited = _all_troubled(request.cb_kwargs["entries"], trouble_of(failure.value))
        yield from self._results_after(_asked(request)[0], request.meta["known"], visited, None)

    async def _visited(
        self, fetched: Fetched, known: Known, entries: list[Entry], why_unread: str
    ) -> tuple[Visited, Fetched]:
        """The results of a visit, and the answer they are based on, which is not read for the reason `why_unread`."""
        return await self._inspector.visit(fetched, known, entries, self.sites, why_unread)

    def _load(self, entries: Sequence[Entry], memory: Memory) -> tuple[Stored, dict[str, tuple[str, Trouble]]]:
        return recall.load(self.seeds, entries, memory, self.state, self.keys)

    async def _ask(self, url: str, accept: str = "") -> Fetched | Trouble:
        """Fetches an address, at the same pace as pages; `accept` is the Accept header.

        Raises RefusedError if the run is stopped, because that tells nothing about the address.
        """
        engine = self.crawler.engine
        assert engine is not None  # runs as long as the spider does
        try:
            return _fetched(await engine.download_async(Request(url, headers=_accepting(accept))))
        except Exception as error:  # any that a request's errback may get
            trouble = trouble_of(error)
            if trouble is failures.STOPPED:
                raise RefusedError(trouble) from error
            return trouble

    async def _render(self, fetched: Fetched, stored: Stored, rules: PageRules) -> Fetched | Trouble:
        """The answer as rendered by a browser, or the trouble."""
        try:
            from fetcher.browsing import Browsing  # noqa: PLC0415  # loaded only if rules ask for it
        except ModuleNotFoundError:
            return reading_failures.NO_BROWSER
        self._browsing = self._browsing or Browsing(self.crawler)
        language = self.sites.language(fetched.url)
        return await self._browsing.render(fetched, (seed.body for seed in stored.seeds.values()), rules, language)

    def _results_after(self, url: str, known: Known, visited: Visited, answer: Fetched | None) -> Iterator[Result]:
        """Remembers a visit, and yields the results that are free to be written now."""
        self.state.keep(recall.memory_after(known, visited, answer or datetime.now(UTC)))
        return map(self._noted, self.queue.add(site_of(url), visited, known.memory))

    def flush(self) -> Iterator[Result]:
        """Yields the results that are still queued when the run is stopped."""
        return map(self._noted, self.queue.flush())

    def _noted(self, result: Result) -> Result:
        """The result, after remembering which of its blocks are held back as part of a wave."""
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
        """Whether, by the user's rules, a seed's page need not be requested yet."""
        is_fresh = self.sites.is_fresh(entry.url, entry.fetched_at, datetime.now(UTC))
        if is_fresh:
            self.sites.count_taken(entry.url)
        return is_fresh

    async def _wait_for_room(self) -> None:
        while len(self.crawler.engine.scheduler) >= _WAITING:  # type: ignore[arg-type]  # Scrapy's own has a length
            await asyncio.sleep(0.1)

    def _request(self, url: str, entries: list[Entry]) -> Request:
        # The options are part of the fingerprint: memory is valid only for the representation that was requested.
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
            # With the rule `canonical` the page has to be read each time, so the fingerprint is left empty.
            meta={"known": Known(self.state.recall(url), b"" if options.rules.canonical else mark, accept)},
            dont_filter=True,  # the plan has no duplicates, and Scrapy drops duplicates silently
        )


def _never(_: str) -> None:
    """Stands for `State.verified_at` where that makes no difference."""


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
    from fetcher.sites import reading  # noqa: PLC0415  # loaded only if there are rules

    return Sites(reading.read(Path(place)), place)


def _accepting(accept: str) -> dict[str, str]:
    return {"Accept": accept} if accept else {}


def _all_troubled(entries: list[Entry], trouble: Trouble) -> Visited:
    return Visited(tuple(troubled(entry.path, entry.url, trouble) for entry in entries))


def _asked(request: Request) -> list[str]:
    """The addresses requested in turn, from the page's own to the one that answered."""
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
