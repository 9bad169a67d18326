"""`scrapy fleet`: distributes a refresh over many machines, with one report and exit status."""

from __future__ import annotations

import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError as ScrapyUsageError
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.conf import arglist_to_dict

from fetcher.commands.given import Checked
from fetcher.report import summary
from fetcher.report.screen import screen_of
from fetcher.run import arguments
from fetcher.seeds.lock import LockedError
from fetcher.spiders.refresh import RefreshSpider
from fetcher.terms.arguments import MOST_SHARDS, UsageError

if TYPE_CHECKING:
    import argparse
    from types import ModuleType

    from fetcher.report.summary import Summary

# What the coordinator does itself: it chooses the seeds, knows where things lie, and tells others.
_OWN_ARGUMENTS = frozenset({"path", "url", "older_than", "limit", "shard"})
_OWN_SETTINGS = frozenset({"SEEDS_DIR", "REPORT_DIR", "REFRESH_STATE", "REPORT_WEBHOOK", "LOG_FILE"})
_FILES = frozenset({"REFRESH_SITES", "REFRESH_NETRC"})  # which each machine has at the same place
_TLS = {"tls_ca_file": "tls_ca_file", "tls_cert": "tls_client_cert", "tls_key": "tls_client_key"}


class Command(Checked, ScrapyCommand):
    """Distributes the shards of a run over workers of dask.distributed; only this process writes the seeds."""

    requires_project = True
    requires_crawler_process = False  # each shard is a process of its own, on a worker

    def short_desc(self) -> str:
        return "Refresh the seeds with many workers of dask.distributed"

    def long_desc(self) -> str:
        return (
            "Takes the arguments and settings of `scrapy crawl refresh`, and ends as that does. On each machine that"
            " is to work, start `python -m dask worker ADDRESS` in the folder of this program."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="as of crawl")
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help="tcp://… or tls://…; without it, workers are started here"
        )
        parser.add_argument("--workers", type=int, default=arguments.workers("auto"), help="that are started here")
        parser.add_argument("--shards", type=int, default=64, help="parts of the run, many more than workers")
        parser.add_argument("--copy", metavar="FOLDER", help="where workers find the seeds, which they only read")
        for name in _TLS:
            parser.add_argument(f"--{name.replace('_', '-')}", metavar="FILE", help="for a scheduler at tls://…")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        try:
            opts.spargs = arglist_to_dict(opts.spargs)
        except ValueError as error:
            raise ScrapyUsageError("Invalid -a value, use -a NAME=VALUE", print_help=False) from error

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise ScrapyUsageError(f"fleet takes no {' '.join(args)}")
        assert self.settings is not None  # set by Scrapy
        try:
            address = summary.checked(self.settings["REPORT_WEBHOOK"])
            done, self.exitcode = self._refresh(opts)
        except (UsageError, LockedError, OSError) as error:
            print(f"fleet: {error}", file=sys.stderr)
            self.exitcode = 2
        else:
            print(summary.terminal(done, screen_of(sys.stdout)), flush=True)
            summary.notify(address, done, self.exitcode)

    def _refresh(self, opts: argparse.Namespace) -> tuple[Summary, int]:
        from fetcher.fleet import fleet  # noqa: PLC0415  # other commands do without it

        cluster = _cluster()
        assert self.settings is not None  # set by Scrapy
        # Made for its checks: it refuses what a run would refuse, before any worker is asked.
        spider = RefreshSpider.from_crawler(Crawler(RefreshSpider, self.settings), **opts.spargs)
        if spider.given.shard:
            raise UsageError("shard is what a fleet hands out itself")
        orders = fleet.Orders(
            _number("shards", opts.shards),
            opts.copy or str(spider.seeds.resolve()),
            self._words(opts),
            spider.given.dry_run,
            self.settings.getfloat("REFRESH_BRAKE_SHARE"),
        )
        places = fleet.Places(
            seeds=spider.seeds,
            reports=Path(self.settings["REPORT_DIR"]),
            state=Path(self.settings["REFRESH_STATE"]),
            keys=spider.keys,
        )
        tls = {name: value for option, name in _TLS.items() if (value := getattr(opts, option))}
        try:
            with (
                cluster.remote(opts.scheduler, tls)
                if opts.scheduler
                else cluster.local(_number("workers", opts.workers)) as client
            ):
                cluster.check(client)
                return fleet.refresh(places, spider.given, orders, partial(cluster.results, client), _tell)
        except cluster.FleetError as error:
            raise UsageError(str(error)) from error

    def _words(self, opts: argparse.Namespace) -> tuple[str, ...]:
        """The arguments and settings with which each shard runs, as on a command line."""
        assert self.settings is not None
        settings = {"REFRESH_WORKERS": "1"} | {  # beside the other shards of the machine
            name: _absolute(attribute.value) if name in _FILES else attribute.value
            for name, attribute in self.settings.attributes.items()
            if attribute.priority == SETTINGS_PRIORITIES["cmdline"] and name not in _OWN_SETTINGS
        }
        given = [(name, value) for name, value in opts.spargs.items() if name not in _OWN_ARGUMENTS]
        pairs = [*(("-a", *pair) for pair in given), *(("-s", *pair) for pair in settings.items())]
        return tuple(word for switch, name, value in pairs for word in (switch, f"{name}={value}"))


def _absolute(place: object) -> str:
    """The absolute path of a file, which has to be the same on all machines."""
    return str(Path(str(place)).resolve()) if place else ""


def _cluster() -> ModuleType:
    try:
        from fetcher.fleet import cluster  # noqa: PLC0415  # dask is needed for this command alone, and takes its time
    except ImportError as error:
        raise UsageError(
            f"dask.distributed is missing ({error}): pip install -r fetcher/fleet/requirements.txt"
        ) from error
    return cluster


def _number(name: str, count: int) -> int:
    if not 1 <= count <= MOST_SHARDS:
        raise UsageError(f"--{name} {count} is not from 1 to {MOST_SHARDS:,}")
    return count


def _tell(progress: str) -> None:
    print(f"{datetime.now():%Y-%m-%d %H:%M:%S} [fleet] {progress}", file=sys.stderr, flush=True)
