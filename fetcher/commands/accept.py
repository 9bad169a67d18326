"""`scrapy accept`: lists the held-back differences of a seed, and marks some for the next run to write."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from scrapy.commands import ScrapyCommand

from fetcher.commands.given import Checked
from fetcher.report.screen import visible
from fetcher.run import arguments
from fetcher.seeds import folder, lock
from fetcher.seeds.lock import LockedError
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from fetcher.seeds.seeds import Keys

_ID = re.compile(r"[0-9a-f]{8}")


class Command(Checked, ScrapyCommand):
    """Records that held-back differences of a seed are accepted; without IDs, lists those that are pending.

    The IDs of a wave alone stand for all pages that have it.
    """

    requires_project = True
    requires_crawler_process = False
    word: ClassVar[str] = "accept"
    done: ClassVar[str] = "Accepted"

    def syntax(self) -> str:
        return "<seed's path, as in the report> [ID ...] | <ID of a wave> ..."

    def short_desc(self) -> str:
        return f"{self.word.capitalize()} changes that were held back, by their IDs in the reports"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. With a path alone, lists what is to be decided of that seed. The ID of a wave"
            " stands for all pages that have it."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  # Scrapy calls it so
        try:
            self._decide(args)
        except (UsageError, SeedError, LockedError) as error:
            print(f"{self.word}: {visible(str(error))}", file=sys.stderr)
            self.exitcode = 2

    def _decide(self, args: list[str]) -> None:
        # Scrapy imports all commands to run one of them: what one alone needs is imported where it is needed.
        from fetcher.visits import overrides  # noqa: PLC0415

        assert self.settings is not None  # set by Scrapy
        if not args:
            usage = (
                f"`scrapy {self.word} PATH ID...` for one seed, or `scrapy {self.word} ID...` for a wave on many pages"
            )
            raise UsageError(f"use {usage}; the reports show the IDs, and `scrapy accept PATH` lists them")
        reports, seeds = Path(self.settings["REPORT_DIR"]), self._places()[0]
        if all(map(_ID.fullmatch, args)):
            wanted = overrides.waves(reports, seeds, args)
            done = self._note(wanted)
            print(f"{self.done} on {done:,} of {counted(len(wanted), 'page')}.")
            return
        pending = overrides.pending(reports, seeds, args[0])
        if not args[1:]:
            self._list(args[0], pending)
            return
        ids = overrides.require_known(args[1:], pending)
        if self.word == "accept":
            overrides.require_writable(ids, pending)
        if not self._note({args[0]: ids}):
            remedy = "run `scrapy crawl refresh` first (a dry run remembers nothing)"
            raise UsageError(f"nothing is remembered of {visible(args[0])}; {remedy}")
        print(f"{self.done} {len(ids)} of {len(pending)}.")

    def _list(self, path: str, pending: Mapping[str, str]) -> None:
        """Lists the differences that are still undecided, neither refused nor accepted."""
        from fetcher.memory.state import State  # noqa: PLC0415  # as above
        from fetcher.visits import overrides  # noqa: PLC0415  # as above

        seeds, keys, place = self._places()
        with State(place, keeps=False) as state:
            done = overrides.decided(folder.load(seeds, path, keys), state, path)
        left = {one: said for one, said in pending.items() if one not in done}
        print("\n".join(f"{one}  {said}" for one, said in left.items()) or "Nothing is pending.")

    def _note(self, wanted: Mapping[str, Sequence[str]]) -> int:
        """For how many seeds the IDs were recorded; the state does not know the others."""
        from fetcher.memory.state import State  # noqa: PLC0415  # as above
        from fetcher.visits import overrides  # noqa: PLC0415  # as above

        seeds, keys, place = self._places()
        when, is_accepted = datetime.now(UTC), self.word == "accept"
        with lock.hold(seeds), State(place) as state:
            found = ((folder.load(seeds, path, keys), path, ids) for path, ids in wanted.items())
            return sum(
                overrides.decide(seed, state, path, ids, accept=is_accepted, when=when) for seed, path, ids in found
            )

    def _places(self) -> tuple[Path, Keys, Path]:
        """The seeds folder, the keys of URLs and stamps in front matter, and the file of the state."""
        assert self.settings is not None  # set by Scrapy
        keys = arguments.keys(self.settings["SEEDS_URL_KEY"], self.settings["SEEDS_STAMP_KEY"])
        return Path(self.settings["SEEDS_DIR"]), keys, Path(self.settings["REFRESH_STATE"])
