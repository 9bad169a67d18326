"""`scrapy discover`: proposes seeds for pages that the sites of the seeds publish and that have no seed yet."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from fetcher.commands.crawling import crawled
from fetcher.commands.given import Checked
from fetcher.report.screen import visible
from fetcher.run import arguments
from fetcher.terms import addresses
from fetcher.terms.arguments import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from fetcher.discover.compare import Wish
    from fetcher.discover.looking import Found
    from fetcher.discover.proposals import Proposals
    from fetcher.discover.survey import Job
    from fetcher.memory.state import State
    from fetcher.run.adding import ExistingSeeds

_PAGES = 200
_MINUTES = 30.0


class Command(Checked, ScrapyCommand):
    """Asks each site what it publishes, compares that with the seeds, and writes proposals beside the reports."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] [URL ...]"

    def short_desc(self) -> str:
        return "Propose seeds for pages that the sites of the seeds publish and no seed holds"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}: in REPORT_DIR/proposals, never in SEEDS_DIR. Without a URL all sites of the seeds"
            " are asked; a URL names one of them, or a part of it. Move what you want into SEEDS_DIR, and"
            " delete the rest, which is not proposed again."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", "--dry-run", action="store_true", help="show, and write nothing")
        everything = "also pages like none that are stored, and those whose proposals you removed"
        parser.add_argument("--all", action="store_true", help=everything)
        parser.add_argument(
            "--pages", type=int, default=_PAGES, metavar="N", help=f"look at so many pages of a site at most ({_PAGES})"
        )
        parser.add_argument(
            "--minutes", type=float, default=_MINUTES, metavar="N", help=f"stop asking after so long ({_MINUTES:g})"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            self.exitcode = self._discover([arg.strip() for arg in args], opts)
        except UsageError as error:
            print(f"discover: {visible(str(error))}", file=sys.stderr)
            self.exitcode = 2

    def _discover(self, urls: list[str], opts: argparse.Namespace) -> int:
        # Scrapy imports all commands to run one of them: what one alone needs is imported where it is needed.
        from fetcher.discover import proposals  # noqa: PLC0415
        from fetcher.discover.survey import Job  # noqa: PLC0415
        from fetcher.memory import hints  # noqa: PLC0415
        from fetcher.memory.state import State  # noqa: PLC0415
        from fetcher.run import adding  # noqa: PLC0415

        assert self.settings is not None  # set by Scrapy
        reports, wish = Path(self.settings["REPORT_DIR"]), _wish(urls, opts)
        keys = arguments.keys(self.settings["SEEDS_URL_KEY"], self.settings["SEEDS_STAMP_KEY"])
        seen = adding.existing_seeds(Path(self.settings["SEEDS_DIR"]), keys)
        every, named = proposals.by_site(seen), {one.site for one in wish.under}
        sites = [held for held in every if not named or held.site in named]
        if not sites:
            fault = "no seed is of these sites" if urls else f"SEEDS_DIR={seen.home} has no seeds"
            raise UsageError(f"{fault}; make a first one with `scrapy add URL`")
        stored = {one for held in every for one in held.pages}
        with State(Path(self.settings["REFRESH_STATE"]), keeps=not opts.dry_run) as state:
            proposed = proposals.opened(reports, seen, stored, keeps=not opts.dry_run)
            past = proposed.past(hints.listed(state), again=opts.all)
            found = self._surveyed(Job(sites, wish, past, opts.pages, opts.minutes * 60))
            if opts.dry_run:
                _show(found)
                print("Nothing was written.")
            else:
                _keep(found, proposed, seen, reports, state)
            for note in (*proposed.notes, *state.troubles):
                print(visible(note))
        return int(any(one.trouble for one in found))

    def _surveyed(self, job: Job) -> list[Found]:
        from fetcher.surveying import DiscoverSpider  # noqa: PLC0415  # as above

        found: list[Found] = []
        settings = {"EXTENSIONS": {}, "ITEM_PIPELINES": {}, "DISCOVER_JOB": job}
        crawled(self.crawler_process, DiscoverSpider, settings, on_item=found.append)
        if len(found) < len(job.sites):
            raise UsageError("stopped before all sites had answered; nothing was written")
        return sorted(found, key=lambda one: one.site)


def _wish(urls: Sequence[str], opts: argparse.Namespace) -> Wish:
    from fetcher.discover.compare import Wish  # noqa: PLC0415  # as above

    if opts.pages < 1 or not opts.minutes > 0:
        raise UsageError("--pages and --minutes take numbers above zero")
    wanted = [url if "://" in url else f"https://{url}" for url in urls]
    for url in wanted:
        if fault := addresses.fault(url):
            raise UsageError(f"{url} is no address of a site or of a part of one: {fault}")
    return Wish(tuple(wanted), opts.all)


def _keep(found: Sequence[Found], proposed: Proposals, seen: ExistingSeeds, reports: Path, state: State) -> None:
    """Writes the proposals and the account, remembers what the sitemaps list, and prints all of it."""
    from fetcher.discover import proposals  # noqa: PLC0415  # as above
    from fetcher.memory import hints  # noqa: PLC0415

    now = datetime.now(UTC)
    paths = {page.url: path for one in found for page, path in proposed.add(one.new, seen)}
    try:
        proposals.write_account(reports, [proposals.survey_data(one, paths) for one in found], proposed, now)
    except OSError as error:
        raise UsageError(f"{error.filename or reports} cannot be written: {error.strerror or error}") from error
    listed = {url: date for one in found for url, date in one.listed.values()}
    hints.keep_listings(state, listed, (left.url for one in found for left in one.left), now)
    entries = (entry for one in found for entry in one.entries)
    hints.keep_announcements(state, ((one.title, one.when, one.text, one.url, one.links) for one in entries))
    _show(found)
    written = sum(map(bool, paths.values()))
    if written:
        print(f"{written:,} proposal{'s' * (written != 1)} in {visible(str(proposed.home))}: move what you want into")
        print(f"{visible(str(seen.home))}, where the next run fills it, and delete the others.")


def _show(found: Sequence[Found]) -> None:
    from fetcher.discover import proposals  # noqa: PLC0415  # as above

    for one in found:
        for line in proposals.account_lines(one):
            print(line)
