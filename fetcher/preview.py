"""Spiders of `scrapy preview` and `scrapy learn`: visits as in a run, but nothing is written or remembered."""

from __future__ import annotations

import glob
import json
import re
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse

from fetcher.explain.decisions import Decision, Look, explained, of_record
from fetcher.explain.learning import Sample, sampled
from fetcher.memory.state import State
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import parse
from fetcher.sites.rules import Rule, Sites
from fetcher.spiders.refresh import RefreshSpider, seeds_found
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import ROBOTS, SeedError, Trouble
from fetcher.visits import recall
from fetcher.visits.results import Result, unread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser
    from scrapy.settings import BaseSettings

    from fetcher.run.plan import Plan
    from fetcher.seeds.folder import Found
    from fetcher.visits.fetched import Fetched
    from fetcher.visits.recall import Known
    from fetcher.visits.results import Visited

_NEW = "new.md"  # a temporary seed for a page without one
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def _state(crawler: Crawler) -> State:
    """The state, opened for reading only."""
    return State(Path(crawler.settings["REFRESH_STATE"]), keeps=False)


class PreviewSpider(RefreshSpider):
    """Visits one page as a run does, but always reads it, and explains each decision.

    `found` is the number of its seeds, `results` are their results. A page without a seed is visited as if it had one
    without a body.
    """

    name = "preview"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = 0
        self.results: list[Result] = []
        self._page: list[Decision] = []
        self._seeds_said: Mapping[str, list[Decision]] = {}
        self._hops: tuple[tuple[int, str], ...] = ()
        self._asked: list[tuple[str, Fetched | Trouble]] = []
        self._known: Known | None = None
        self._delay: float | None = None
        self._new: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: str) -> Self:
        spider = super().from_crawler(crawler, *args, **given)
        spider.sites = Sites([*spider.sites.rules, *(crawler.settings["PREVIEW_RULES"] or ())], spider.sites.name)
        spider.state = _state(crawler)
        crawler.signals.connect(spider.seeds_found, seeds_found)
        crawler.signals.connect(spider.item_scraped, signals.item_scraped)
        crawler.signals.connect(spider.robots_parsed, signals.robots_parsed)
        return spider

    def closed(self, reason: str) -> None:
        super().closed(reason)
        self.state.close()
        if self._new:
            self._new.cleanup()

    def seeds_found(self, plan: Plan) -> None:
        self.found = len(plan)

    def item_scraped(self, item: Any) -> None:
        if isinstance(item, Result):
            self.results.append(item)

    def robots_parsed(self, robotparser: RobotParser) -> None:
        self._delay = robotparser.crawl_delay(self.settings["ROBOTSTXT_USER_AGENT"])

    def told(self) -> Iterator[tuple[str, Result, list[Decision]]]:
        """Each seed's name, result and decisions; the first seed has those about the page as a whole, too."""
        page = [*self._page, *(Decision("memory", trouble) for trouble in self.state.troubles)]
        if any(result.record.reason == ROBOTS.reason for result in self.results):
            page.append(Decision("robots.txt", "does not allow it"))
        for result in self.results:
            path = result.record.path
            name = "a page that no seed stores" if self._new else path
            yield name, result, page + (self._seeds_said.get(path) or of_record(result.record))
            page = []

    def _robots(self) -> str:
        """What robots.txt says about a page that has answered."""
        if self.settings["PREVIEW_HTML"]:
            return "not asked: the page comes from a file"
        if not self.settings.getbool("ROBOTSTXT_OBEY"):
            return "not asked: ROBOTSTXT_OBEY is off"
        return f"allows it, {self._delay:g} s after the last request" if self._delay else "allows it"

    async def parse(self, response: Response, entries: list[Entry]) -> AsyncIterator[Result]:
        places = [*response.meta.get("redirect_urls", []), response.url][1:]
        self._hops = tuple(zip(response.meta.get("redirect_reasons", []), places, strict=False))
        async for result in super().parse(response, entries):
            yield result

    async def _visited(
        self, fetched: Fetched, known: Known, entries: list[Entry], why_unread: str
    ) -> tuple[Visited, Fetched]:
        visited, answer = await super()._visited(fetched, known, entries, why_unread)
        assert self._known  # of the request that was answered
        recheck = timedelta(days=self.settings.getfloat("REFRESH_RECHECK_DAYS"))
        look = Look(
            fetched,
            self._hops,
            self._load(entries, known.memory)[0],
            self._known,
            recall.conditions(known.memory, self._known.fingerprint, fetched.url, datetime.now(UTC), recheck),
            self._options.by(self.sites.page(fetched.url)),
            visited,
            tuple(self._asked),
            bool(self.settings["PREVIEW_HTML"]),
            tuple(map(self.sites.label, self.sites.of(fetched.url))),
            answer if answer.rendered else None,
        )
        said = await self._workers(fetched.work, explained, look, self._robots())
        if not isinstance(said, Trouble):  # otherwise the page took too long, and the result says so, too
            self._page, self._seeds_said = said
        return visited, answer

    async def _ask(self, url: str, accept: str = "") -> Fetched | Trouble:
        answer = await super()._ask(url, accept)
        self._asked.append((url, answer))
        return answer

    def _request(self, url: str, entries: list[Entry]) -> Request:
        request = super()._request(url, entries)
        self._known = request.meta["known"]
        request.meta["known"] = self._known._replace(fingerprint=b"")  # with which memory spares no visit
        return request

    def _survey(self) -> Iterable[Found]:
        found = list(super()._survey())
        if found or not self.given.url:
            return found
        self._new = tempfile.TemporaryDirectory()
        self.seeds = Path(self._new.name)
        (self.seeds / _NEW).write_text(_new_seed(self.given.url, self.keys.url[0]), encoding="utf-8")
        return super()._survey()


class SampleSpider(RefreshSpider):
    """Visits some pages of a site to collect samples for `scrapy learn`; nothing is written or remembered.

    `samples` are good pages with their stored bodies; `skipped` counts pages that are broken or not HTML.
    """

    name = "learn"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.samples: list[Sample] = []
        self.skipped = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: str) -> Self:
        spider = super().from_crawler(crawler, *args, **given)
        spider.state = _state(crawler)
        return spider

    def closed(self, reason: str) -> None:
        super().closed(reason)
        self.state.close()

    async def _visited(self, fetched: Fetched, known: Known, entries: list[Entry], _: str) -> tuple[Visited, Fetched]:
        stored, _lost = self._load(entries, known.memory)
        rules = self.sites.page(fetched.url)
        if rules.render == "always":
            rendered = await self._render(fetched, stored, rules)
            fetched = fetched if isinstance(rendered, Trouble) else rendered
        found = [sample for path, seed in stored.seeds.items() if (sample := sampled(fetched, path, seed, rules))]
        self.samples += found
        self.skipped += not found
        since = recall.moved_since(known.memory, fetched.when)
        return unread(fetched, stored.urls, since, self.name), fetched

    def _request(self, url: str, entries: list[Entry]) -> Request:
        request = super()._request(url, entries)
        request.meta["known"] = request.meta["known"]._replace(fingerprint=b"")  # with which memory spares no visit
        return request

    def _is_fresh(self, _: Entry) -> bool:
        return False

    def _survey(self) -> Iterable[Found]:
        host, path, most = self.settings["PREVIEW_PAGES"]
        wanted = Rule(line=0, hosts=(host,), paths=(path,) if path else ())
        sites = Sites([wanted])
        found = ((name, entry) for name, entry in super()._survey() if isinstance(entry, Entry) and sites.of(entry.url))
        return islice(found, most)


class SavedPage:
    """Answers in place of the network: the page with the file that PREVIEW_HTML names, all else with 404."""

    def __init__(self, html: bytes) -> None:
        self._html = html
        self._url = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings["PREVIEW_HTML"]:
            raise NotConfigured
        return cls(Path(crawler.settings["PREVIEW_HTML"]).read_bytes())

    def process_request(self, request: Request) -> Response:
        self._url = self._url or request.url  # the first request is for the page
        if request.url != self._url:
            return HtmlResponse(request.url, status=404, request=request)
        return HtmlResponse(request.url, headers={"Content-Type": "text/html"}, body=self._html, request=request)


def chosen(target: str, project: BaseSettings) -> tuple[dict[str, object], dict[str, str]]:
    """The settings and arguments with which the spider visits one page and writes nothing.

    `target` is the page's address or the file of a seed, relative to the current or the seeds folder, or anywhere
    else. Raises UsageError if it is neither.
    """
    middlewares: dict[Any, Any] = {**project.getdict("DOWNLOADER_MIDDLEWARES"), SavedPage: 50}  # before robots.txt
    settings: dict[str, object] = {"EXTENSIONS": {}, "ITEM_PIPELINES": {}, "DOWNLOADER_MIDDLEWARES": middlewares}
    seeds = Path(project["SEEDS_DIR"])
    if _ADDRESS.match(target):
        try:
            parse(_new_seed(target))
        except SeedError as error:
            raise UsageError(error.detail) from error
        return settings, {"url": target}
    try:
        place = next((place for place in (Path(target), seeds / target) if place.is_file()), None)
    except OSError as error:
        raise UsageError(f"{target} cannot be read: {error.strerror}") from error
    if place is None:
        raise UsageError(f"{target} is neither a file, here or in {seeds}, nor an address as https://host/path")
    place, home = place.resolve(), seeds.resolve()
    if home not in place.parents:
        home = place.parent
        settings["SEEDS_DIR"] = str(home)
    return settings, {"path": glob.escape(place.relative_to(home).as_posix())}


def _new_seed(url: str, key: str = "source_url") -> str:
    """The text of a seed for a page that has none."""
    return f"---\n{key}: {json.dumps(url)}\n---\n"
