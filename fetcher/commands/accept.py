"""`scrapy accept`: held-back differences that the next run is to write."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from scrapy.commands import ScrapyCommand

from fetcher.report.harmless import visible
from fetcher.run import arguments
from fetcher.seeds import folder, lock
from fetcher.seeds.lock import LockedError
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Takes note that held-back differences of a seed are accepted; without IDs, lists those that are pending."""

    requires_project = True
    requires_crawler_process = False
    word: ClassVar[str] = "accept"
    done: ClassVar[str] = "Accepted"

    def syntax(self) -> str:
        return "<seed's path, as in the report> [ID ...]"

    def short_desc(self) -> str:
        return f"{self.word.capitalize()} changes that were held back, by their IDs in the last report"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  # Scrapy calls it so
        try:
            self._decide(args)
        except (UsageError, SeedError, LockedError) as error:
            print(f"{self.word}: {visible(str(error))}", file=sys.stderr)
            self.exitcode = 2

    def _decide(self, args: list[str]) -> None:
        # Scrapy imports all commands to run one of them: what one alone needs is imported where it is needed.
        from fetcher.memory.state import State  # noqa: PLC0415
        from fetcher.visits import decided  # noqa: PLC0415

        assert self.settings is not None  # set by Scrapy
        if not args:
            raise UsageError("takes the path of a seed, and IDs")
        seeds, path = Path(self.settings["SEEDS_DIR"]), args[0]
        pending = decided.pending(Path(self.settings["REPORT_DIR"]) / "latest" / "report.json", path)
        if not args[1:]:
            print("\n".join(f"{id_}  {said}" for id_, said in pending.items()) or "Nothing is pending.")
            return
        keys = arguments.keys(self.settings["SEEDS_URL_KEY"], self.settings["SEEDS_STAMP_KEY"])
        ids = decided.known(args[1:], pending)
        with lock.hold(seeds), State(Path(self.settings["REFRESH_STATE"])) as state:
            when = datetime.now(UTC)
            seed = folder.load(seeds, path, keys)
            decided.decide(seed, state, path, ids, accept=self.word == "accept", when=when)
        print(f"{self.done} {len(ids)} of {len(pending)}.")
