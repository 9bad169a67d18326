"""The extension for a run as a whole: locks the folder, opens the state, writes the report, sets the exit status."""

from __future__ import annotations

import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured

from fetcher.memory import fingerprint
from fetcher.memory.state import State
from fetcher.report import summary
from fetcher.report.report import Report
from fetcher.report.screen import printable, say, screen_of
from fetcher.run import ending
from fetcher.run.plan import NOTHING_DUE, Plan, why_no_seeds
from fetcher.seeds import lock, writing
from fetcher.seeds.lock import LockedError
from fetcher.spiders.refresh import RefreshSpider, seeds_found
from fetcher.terms import failures
from fetcher.visits.results import Result, keep_base, troubled, write_seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from fetcher.report.summary import Summary


class Run:
    """A run as a whole; it makes sure that every seed found ends in exactly one outcome."""

    def __init__(self, reports: Path, state: Path, spider: RefreshSpider, hook: str) -> None:
        self._shard = spider.given.shard
        self._reports = reports / self._shard.folder if self._shard else reports
        self._state = state
        self._webhook = hook
        self._spider = spider
        self._dry_run = spider.given.dry_run
        self._held = ExitStack()  # holds the lock of the folder and the open state
        self._notes = ["This was a dry run: nothing was written."] if self._dry_run else []
        self._alarms: list[str] = []
        self._report: Report | None = None
        self._plan = Plan()
        self._given_up = 0
        self._started = datetime.now(UTC)
        self.status = 2  # unless the run gets to its report
        self.summary = ""
        self.ended = False
        self._done: Summary | None = None  # for the webhook; None for a shard, which is announced when it is merged
        self._told = False
        self._telling = Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        spider = crawler.spider
        if not isinstance(spider, RefreshSpider):
            raise NotConfigured
        settings = crawler.settings
        hook = summary.checked(settings["REPORT_WEBHOOK"])  # raises before the run, not after it
        extension = cls(Path(settings["REPORT_DIR"]), Path(settings["REFRESH_STATE"]), spider, hook)
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.seeds_found, seeds_found)
        crawler.signals.connect(extension.item_scraped, signals.item_scraped)
        crawler.signals.connect(extension.item_error, signals.item_error)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        try:
            self._held.enter_context(lock.hold(self._spider.seeds, self._shard))
            folder, part = str(self._spider.seeds), self._part()
            self._report = Report(self._reports, folder, self._started, part, dry_run=self._dry_run)
        except LockedError as error:
            self.summary = str(error)
            raise CloseSpider("locked") from error
        except OSError as error:
            self.summary = f"{error.filename or self._reports} cannot be used: {error.strerror or error}"
            raise CloseSpider("unusable folder") from error
        if not self._dry_run:
            writing.remove_temporary_files(self._spider.seeds, alone=not self._shard)
        self._spider.state = self._held.enter_context(State(self._state, keeps=not self._dry_run))

    def seeds_found(self, plan: Plan) -> None:
        self._plan = plan

    def item_scraped(self, item: Any) -> None:
        if isinstance(item, Result):
            self._account(item)

    def item_error(self, item: Any, failure: Failure) -> None:
        if isinstance(item, Result):
            self._account(troubled(item.record.path, item.record.url, failures.of_crash(failure.value)))

    def spider_closed(self, reason: str) -> None:
        if reason == "finished" and not len(self._plan):
            self.summary = why_no_seeds(self._spider.seeds, self._spider.given, self._spider.keys)
            self._notes += [] if self._shard else [NOTHING_DUE]
        if self._report is not None and not self.summary:
            self._finish(self._report, reason)
        self._held.close()
        self.ended = True

    def tell(self) -> None:
        """Prints the summary and posts it to the webhook; only once, even if called from several threads."""
        with self._telling:
            if not self._told:
                self._told = True
                say(self.summary)
                summary.notify(self._webhook, self._done, self.status)

    def _finish(self, account: Report, reason: str) -> None:
        self._close_account(account, reason)
        queue = self._spider.queue
        stops = queue.trip_notes(f"shard {self._shard}") if self._shard else queue.trip_notes()
        run = ending.Ending(
            started=self._started,
            finished=datetime.now(UTC),
            found=len(self._plan),
            notes=[*self._notes, *queue.wave_notes(), *self._of_rules()],
            alarms=[*stops, *self._alarms],
            only=self._spider.given.only,
        )
        is_first = not self._shard and not self._dry_run and not self._spider.state.runs(1)
        done, self.status = ending.finish_run(account, self._spider.state, run, remembered=not self._shard)
        self.summary = summary.terminal(done, screen_of(sys.stdout))
        if is_first:
            self.summary += _git_hint([self._reports, self._state.parent])
        self._done = None if self._shard else done
        with suppress(AttributeError, OSError):  # standard error may be closed
            for path in account.unreported:
                sys.stderr.write(f"refresh: written: {printable(path)}\n")

    def _part(self) -> dict[str, Any] | None:
        """What marks the report as that of a shard; None if the run is not one."""
        if not self._shard:
            return None
        return {"shard": str(self._shard), "code": fingerprint.of_code().hex(), "dry_run": self._dry_run}

    def _of_rules(self) -> list[str]:
        """Sentences on how often each of the user's rules applied, and which did not."""
        given, sites = self._spider.given, self._spider.sites
        whole = not (given.path or given.url or given.older_than or given.limit or given.shard)
        said = [*sites.usage(), *sites.unused(whole=whole)]
        return [f"Shard {given.shard}: {sentence}" for sentence in said] if given.shard else said

    def _account(self, result: Result) -> None:
        assert self._report is not None  # results come only from an open spider
        self._given_up += result.record.reason == failures.STOPPED.reason
        record = result.record
        if result.writes:
            record = replace(
                record, before=writing.blob_name(result.old.encode()), after=writing.blob_name(result.new.encode())
            )
        self._report.add(record, result.old, result.new, result.told)

    def _close_account(self, account: Report, reason: str) -> None:
        """Gives an outcome to the seeds that have none because the run was stopped or failed."""
        stopped = reason == "shutdown"
        for result in self._spider.flush():
            if self._dry_run:
                self._account(result)
                continue
            done = write_seed(self._spider.seeds, result) if result.writes else result
            keep_base(self._spider.state, done, datetime.now(UTC))
            self._account(done)
        if reason != "finished":
            run = f"Shard {self._shard}" if self._shard else "The run"
            missing = len(self._plan) - account.counts.total() + self._given_up
            self._alarms.append(f"{run} ended early ({reason}): {missing} seeds were not visited.")
        for path, url in self._plan.without(account):
            self._account(troubled(path, url, failures.STOPPED if stopped else failures.LOST))


def _git_hint(places: Sequence[Path]) -> str:
    """A line for the summary if git would list what runs leave in these folders; empty if it does not."""
    from fetcher.publish.repository import ignore_rules_for  # noqa: PLC0415  # only a first run needs it

    rules = ignore_rules_for(places)
    return f"\ngit lists what a run leaves as new files: put {' and '.join(rules)} into .gitignore." if rules else ""
