"""`scrapy merge`: merges the reports and states of all shards of a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from fetcher.commands.given import Checked
from fetcher.memory.state import State
from fetcher.report import summary
from fetcher.report.report import Report
from fetcher.report.screen import screen_of
from fetcher.run import ending
from fetcher.run.ending import Ending
from fetcher.terms.arguments import SHARD_FOLDERS, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from fetcher.report.summary import Summary


class Command(Checked, ScrapyCommand):
    """Merges what `scrapy crawl refresh -a shard=k/N` left for each k, and exits as a run without shards would."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[FOLDER ...] [--state FILE ...]"

    def short_desc(self) -> str:
        return "Make one report, and one state, of those of all shards"

    def long_desc(self) -> str:
        return (
            "Each FOLDER has the report of one shard; without any, those in REPORT_DIR are taken."
            " The result goes to REPORT_DIR/latest, and what the state files remember to REFRESH_STATE."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--state", nargs="+", action="extend", default=[], type=Path, metavar="FILE", help="a shard's REFRESH_STATE"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from fetcher.report import merging  # noqa: PLC0415  # other commands do without it

        assert self.settings is not None  # set by Scrapy
        reports = Path(self.settings["REPORT_DIR"])
        folders = list(map(Path, args)) or sorted(reports.glob(SHARD_FOLDERS))
        try:
            address = summary.checked(self.settings["REPORT_WEBHOOK"])
            done, self.exitcode = _merged(folders, reports, opts.state, Path(self.settings["REFRESH_STATE"]))
        except (merging.MergeError, merging.StateError, UsageError, OSError) as error:
            print(f"merge: {error}", file=sys.stderr)
            self.exitcode = 2
        else:
            print(summary.terminal(done, screen_of(sys.stdout)), flush=True)
            summary.notify(address, done, self.exitcode)


def _merged(folders: Sequence[Path], reports: Path, from_states: Sequence[Path], state: Path) -> tuple[Summary, int]:
    from fetcher.report import merging  # noqa: PLC0415  # as above

    parts = sorted(map(merging.ShardReport.open, folders), key=lambda part: part.shard)
    merging.check(parts, before=merging.finished_at(reports / "latest"))
    started = min(part.started for part in parts)
    report = Report(reports, parts[0].of, started, dry_run=parts[0].dry_run)
    merging.merge(parts, report)
    if from_states and not parts[0].dry_run:
        merging.merge_states(from_states, state)
    notes, alarms = merging.notes_and_alarms(parts)
    run = Ending(
        started=started,
        finished=max(part.finished for part in parts),
        found=sum(part.found for part in parts),
        notes=notes,
        alarms=alarms,
    )
    with State(state, keeps=not parts[0].dry_run) as memory:
        return ending.finish_run(report, memory, run)
