"""`scrapy status`: lists the ages of seeds and the outcomes of their last visits, without visiting anything."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from fetcher.commands.given import Checked
from fetcher.report.screen import visible
from fetcher.run import arguments
from fetcher.terms.arguments import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from fetcher.seeds.folder import Entry
    from fetcher.seeds.seeds import Keys
    from fetcher.terms.arguments import Arguments
    from fetcher.terms.failures import SeedError

    Surveyed = tuple[str, Entry | SeedError | None]

_TAKEN = ("path", "url", "older_than", "limit", "shard")


class Command(Checked, ScrapyCommand):
    """Reads the seeds folder and the state, even during a run, and changes nothing."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "List the seeds by age, by the outcome of the last visit and by site"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        choice = f"only some of the seeds, as for `crawl refresh`: {', '.join(_TAKEN)} (may be repeated)"
        parser.add_argument("-a", dest="given", action="append", default=[], metavar="NAME=VALUE", help=choice)
        parser.add_argument("--site", default="", metavar="HOST", help="only the seeds of this host")
        parser.add_argument("--json", action="store_true", help="all of it, for programs")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # set by Scrapy
        folder, state = Path(self.settings["SEEDS_DIR"]), Path(self.settings["REFRESH_STATE"])
        try:
            given = _arguments(args, opts.given)
            keys = arguments.keys(self.settings["SEEDS_URL_KEY"], self.settings["SEEDS_STAMP_KEY"])
            if not folder.is_dir():
                raise UsageError(f"SEEDS_DIR={folder} is no folder")
        except UsageError as error:
            print(f"status: {visible(str(error))}", file=sys.stderr)
            self.exitcode = 2
            return
        _show(folder, state, given, opts, keys)


def _arguments(args: list[str], given: list[str]) -> Arguments:
    if args:
        raise UsageError(f"takes no {' '.join(args)}")
    return arguments.parse(arguments.split_arguments(given, _TAKEN), datetime.now(UTC))


def _with_others(surveyed: Iterable[Surveyed], others: list[str]) -> Iterator[Surveyed]:
    """The seeds that were found; files that are no seeds are added to the others."""
    for path, found in surveyed:
        if found is None:
            others.append(path)
        yield path, found


def _show(folder: Path, path: Path, given: Arguments, opts: argparse.Namespace, keys: Keys) -> None:
    # Scrapy imports all commands to run one of them: what one alone needs is imported where it is needed.
    from fetcher.memory.state import State  # noqa: PLC0415
    from fetcher.report import seed_status, status_tables  # noqa: PLC0415
    from fetcher.report.screen import screen_of  # noqa: PLC0415
    from fetcher.run.plan import about_non_seeds, why_no_seeds  # noqa: PLC0415
    from fetcher.seeds import folder as files  # noqa: PLC0415

    now, others = datetime.now(UTC), list[str]()
    with State(path, keeps=False) as state:
        surveyed = _with_others(files.scan(folder, given.path, keys), others)
        found = seed_status.folder_status(surveyed, state, given, opts.site)
        notes = state.troubles if path.exists() else [f"{path} is not there: no visit is remembered."]
    beside = about_non_seeds(folder, others, keys) if found.seeds else why_no_seeds(folder, given, keys)
    notes = [*notes, beside] if beside else notes
    try:
        if opts.json:
            sys.stdout.writelines(seed_status.as_json(found, str(folder), notes, now))
        else:
            status_tables.show(found, notes, now, sys.stdout, screen_of(sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads, such as `head`, has enough; Python would complain at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
