"""`scrapy undo`: restores the files that the last run wrote, unless somebody has edited them since."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from fetcher.commands.given import Checked, given
from fetcher.report.screen import visible
from fetcher.seeds import lock
from fetcher.seeds.lock import LockedError
from fetcher.terms.arguments import UsageError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    import argparse

_SHOWN = 50  # files that are named


class Command(Checked, ScrapyCommand):
    """Undoes what the last run wrote; exits with status 1 if some file had to be left alone."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [path ...]"

    def short_desc(self) -> str:
        return "Take back what the last run wrote, where nothing was edited since"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}: all of it, or only the files, folders or patterns that are named. It needs nothing"
            " but the report of that run. The next refresh looks at these pages again, and finds the same changes."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", "--dry-run", action="store_true", help="say what would be taken back")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            self.exitcode = self._undo(args, dry_run=opts.dry_run)
        except (UsageError, LockedError, OSError) as error:
            print(f"undo: {visible(str(error))}", file=sys.stderr)
            self.exitcode = 2

    def _undo(self, args: list[str], *, dry_run: bool) -> int:
        # Scrapy imports all commands to run one of them: what one alone needs is imported where it is needed.
        from fetcher.memory.state import State  # noqa: PLC0415
        from fetcher.run import undoing  # noqa: PLC0415

        assert self.settings is not None  # set by Scrapy
        # A folder that is named is meant; else it is that of the last run, which was named then.
        seeds = given(self.settings, "SEEDS_DIR")
        run = undoing.last_run(Path(self.settings["REPORT_DIR"]), Path(seeds) if seeds else None)
        state = Path(self.settings["REFRESH_STATE"])
        with lock.hold(run.folder):
            undone = list(undoing.undo(run, args, dry_run=dry_run))
            if state.exists() and not dry_run:
                with State(state) as memory:
                    undoing.forget(memory, run, undone)
        if args and not undone:
            raise UsageError(f"the last run wrote nothing at {', '.join(args)}")
        if run.wrote and not run.is_last:
            print(f"What came after the run of {run.began:%Y-%m-%d %H:%M} UTC wrote nothing here: this is about that.")
        for one in undone:
            if one.why:
                print(visible(f"Left as it is: {one.written.path}: {one.why}."))
        back = [one.written.path for one in undone if one.was_changed]
        if not back:
            print("Nothing to take back.")
            return int(any(one.why for one in undone))
        print(f"{'Would take' if dry_run else 'Took'} back {counted(len(back), 'file')}:")
        for path in back[:_SHOWN]:
            print(f"  {visible(path)}")
        if len(back) > _SHOWN:
            print(f"  … and {len(back) - _SHOWN:,} more")
        return int(any(one.why for one in undone))
