"""`scrapy add`: makes seeds for new pages, and shows them before they are written."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from fetcher.commands.crawling import crawled
from fetcher.commands.given import Checked
from fetcher.report.screen import printable, visible
from fetcher.run import arguments
from fetcher.seeds.folder import is_found_by_name
from fetcher.terms.arguments import UsageError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from fetcher.run.adding import ExistingSeeds, NewSeed
    from fetcher.visits.results import Result

_SHOWN = 30
"""How many lines of a new file are shown."""

_SETTINGS: dict[str, object] = {
    "EXTENSIONS": {},
    "ITEM_PIPELINES": {},
    "SEEDS_URL_KEY": "source_url",
    "SEEDS_STAMP_KEY": "fetched_at",
    "SEEDS_LINKS": "",
    "REFRESH_BRAKE_SHARE": 1.0,  # no circuit breaker: a person reviews the pages anyway
}
"""Settings for the trial visits, which run in a temporary folder."""


class Command(Checked, ScrapyCommand):
    """Visits pages as a run does, shows the seeds made from them, and writes these if the user agrees."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] <URL> ..."

    def short_desc(self) -> str:
        return "Make seeds of pages, after their neighbours, and show them before they are written"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-y", "--yes", action="store_true", help="write without asking")
        parser.add_argument("-n", "--dry-run", action="store_true", help="show, and write nothing")
        parser.add_argument("--file", default="", metavar="PATH", help="the file's path in the folder, of one page")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            self.exitcode = self._add([arg.strip() for arg in args], opts)
        except UsageError as error:
            print(f"add: {visible(str(error))}", file=sys.stderr)
            self.exitcode = 2

    def _add(self, urls: list[str], opts: argparse.Namespace) -> int:
        # Scrapy imports all commands to run one of them: what one alone needs is imported where it is needed.
        from fetcher.run import adding  # noqa: PLC0415

        assert self.settings is not None  # set by Scrapy
        keys = arguments.keys(self.settings["SEEDS_URL_KEY"], self.settings["SEEDS_STAMP_KEY"])
        seen = adding.existing_seeds(Path(self.settings["SEEDS_DIR"]), keys)
        _check(urls, opts.file, seen)
        wanted, refused = _split(urls, seen)
        if not wanted:
            raise UsageError("; ".join(refused))
        for sentence in refused:
            print(f"Refused: {visible(sentence)}")
        found = self._visited(wanted, seen, opts.file)
        good = [new for new in found if new.text]
        for new in found:
            _show(new)
        if opts.dry_run or not good or not (opts.yes or _agreed(len(good))):
            print("Nothing was written.")
        elif not _written(good, seen):
            return 1
        return int(bool(refused) or len(good) < len(found))

    def _visited(self, urls: list[str], seen: ExistingSeeds, wanted: str) -> list[NewSeed]:
        from fetcher.run import adding  # noqa: PLC0415  # as above
        from fetcher.spiders.refresh import RefreshSpider  # noqa: PLC0415

        results: list[Result] = []
        with tempfile.TemporaryDirectory(prefix="fetcher-") as place:
            adding.write_blank_seeds(urls, Path(place))
            crawled(self.crawler_process, RefreshSpider, {**_SETTINGS, "SEEDS_DIR": place}, on_item=results.append)
        if len(results) < len(urls):
            raise UsageError("stopped before all pages were visited; nothing was written")
        return list(adding.new_seeds(urls, results, seen, wanted))


def _check(urls: Sequence[str], file: str, seen: ExistingSeeds) -> None:
    """Raises UsageError if no URL is given, or if the file cannot be a seed."""
    if not urls:
        raise UsageError("takes the URL of a page, or several: scrapy add https://example.org/page")
    if file and len(urls) > 1:
        raise UsageError("--file is for one URL")
    if file and not is_found_by_name(PurePosixPath(file)):
        raise UsageError(f"--file={file} would be no seed: give a visible .md, .markdown or .txt file")
    if file and (seen.home / file).exists():
        raise UsageError(f"there is a file {file} already")


def _split(urls: Sequence[str], seen: ExistingSeeds) -> tuple[list[str], list[str]]:
    """The URLs to visit, without repeats, and for each URL left out a sentence that says why."""
    wanted: dict[str, str] = {}
    refused = []
    for url in urls:
        try:
            seen.refuse(url)
        except UsageError as error:
            refused.append(str(error))
        else:
            wanted.setdefault(url.rstrip("/"), url)
    return list(wanted.values()), refused


def _show(new: NewSeed) -> None:
    record = new.result.record
    if not new.text:
        print(printable(f"{record.outcome} {record.url}: {record.detail} {record.mend}", 900))
        return
    lines = new.text.split("\n")
    print(f"{visible(new.path)}:\n")
    print("\n".join(f"    {visible(line)}" for line in lines[:_SHOWN]))
    if len(lines) > _SHOWN:
        print(f"    … and {len(lines) - _SHOWN:,} more lines")
    if record.redirected_to:
        print(f"The page has moved for good, to {visible(record.redirected_to)}: give that address to store it.")


def _agreed(count: int) -> bool:
    """Asks whether to write the files; False if there is no terminal to ask at."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        print("To write it, run again with --yes." if count == 1 else "To write them, run again with --yes.")
        return False
    try:
        return input(f"Write {counted(count, 'file')}? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def _written(found: Sequence[NewSeed], seen: ExistingSeeds) -> bool:
    """Writes the files, and prints those that could not be written; returns whether all were."""
    from fetcher.seeds import lock, writing  # noqa: PLC0415  # as above
    from fetcher.seeds.lock import LockedError  # noqa: PLC0415
    from fetcher.terms.failures import SeedError  # noqa: PLC0415

    whole = True
    try:
        with lock.hold(seen.home):
            for new in found:
                try:
                    writing.create(seen.home, new.path, new.text)
                    print(f"Written: {visible(new.path)}")
                except SeedError as error:
                    whole = False
                    print(visible(f"Not written: {new.path}: {error.detail} {error.mend}"))
    except LockedError as error:
        raise UsageError(str(error)) from error
    return whole
