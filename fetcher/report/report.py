"""The report of a run: gathered seed by seed, and put in place at once as `REPORT_DIR/latest/`.

`report.json`, version 1, is an object with these keys; every seed stands on a line of its own:

    version      1; a later version may rename or drop keys, within a version keys are only added
    started_at   finished_at   RFC 3339, UTC
    folder       the seeds folder as the run was given it
    found        seeds found; equals the sum of `counts`, or a note says that it does not
    counts       outcome to number, all outcomes
    notes        sentences about the run as a whole
    attention    sentences that each name something that needs a person; none means that there is nothing: no seed
                 blocked, broken or failed, no conflict with what a person edited, and the run came to its end
    seeds        one object for each seed, by path: the fields of `outcomes.Record`, `held` as `held_back`;
                 `title` is the page's, and `page` has what else it says of itself, {} where it was not read:
                 canonical (an address), language (`en`, `pt-BR`), published and modified (`2026-03-01` or
                 `2026-03-01T04:05:06Z`), each left out where it is not known
    part         only in the report of a shard: which `shard` it is, the `code` that made it, whether a `dry_run`.
                 `changes.jsonl` beside it has what else its merging needs: [path, patch, change] each
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from fetcher.merge.churn import Noise
from fetcher.report import changes, summary
from fetcher.report.changes import Change
from fetcher.report.compare import compare
from fetcher.report.patch import patch
from fetcher.report.spool import Spool
from fetcher.report.summary import Row, Summary
from fetcher.run.outcomes import WRITTEN, Outcome, Record, as_json

VERSION = 1
KEPT = 10
"""Earlier reports that are kept beside the latest one."""

_TROUBLED = {
    Outcome.BLOCKED: "the site refuses us.",
    Outcome.BROKEN: "what came is not the page.",
    Outcome.FAILED: "nothing came.",
}

_EARLIER = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z")


class Report:
    """Takes the record of each seed as it ends, on disk rather than in memory, and `finish`es as a folder of files.

    Raises OSError at once where nothing can be written under `folder`, the setting REPORT_DIR; `seeds` is the seeds
    folder as the user named it. `part` is what tells the report of a shard from those of the others.
    """

    def __init__(self, folder: Path, seeds: str, started: datetime, part: dict[str, Any] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.counts: Counter[Outcome] = Counter()
        self._folder = folder
        self._seeds = seeds
        self._started = started
        self._part = part
        self._sums: Counter[str] = Counter()
        self._records = Spool(folder)
        self._patches = Spool(folder)
        self._changes = Spool(folder)

    def add(self, record: Record, old: str = "", new: str = "") -> None:
        """Takes in how a seed ended, and its text before and after; ValueError for a seed that has ended."""
        if old == new:
            self.take(as_json(record))
        else:
            change = compare(record.path, old, new)
            self.take(as_json(record), patch(record.path, old, new), changes.as_json(change))

    def take(self, row: dict[str, Any], shown: str = "", change: dict[str, Any] | None = None) -> None:
        """Takes in a seed as a report holds it: its row, its patch, and its change as plain values; else as `add`."""
        path = row["path"]
        self._records.add(path, json.dumps(row))
        if change is not None:
            self._patches.add(path, shown)
            self._changes.add(path, json.dumps(change))
        self.counts[Outcome(row["outcome"])] += 1
        self._sums["words_added"] += row["words_added"]
        self._sums["words_removed"] += row["words_removed"]
        self._sums["held_back"] += len(row["held_back"])
        self._sums["conflicts"] += any(held["reason"] == Noise.CONFLICT for held in row["held_back"])

    def pages(self) -> Iterator[tuple[dict[str, Any], Change | None]]:
        """The seeds by path, each as in `report.json`, with what changed in it; None where nothing did."""
        for text in self._records:
            record = json.loads(text)
            path = record["path"]
            yield record, changes.read(json.loads(self._changes[path])) if path in self._changes else None

    def finish(self, finished: datetime, found: int, notes: Sequence[str] = (), alarms: Sequence[str] = ()) -> Summary:
        """Puts the report in place and returns its summary; the report that was there is kept beside it.

        `notes` are sentences for the top of the report, and `alarms` those of them that need a person. One is added
        where the counts do not add up to `found`.
        """
        alarms = [*alarms, *filter(None, [miscount(found, self.counts)])]
        notes = [*alarms, *notes]
        done = self._summary(notes)
        attention = [*alarms, *self._troubles()]
        fresh = self._folder / ".new"
        shutil.rmtree(fresh, ignore_errors=True)  # of a run that was killed just here
        fresh.mkdir()
        _write(fresh / "report.json", self._json(finished, found, notes, attention))
        _write(fresh / "changes.patch", self._patches)
        if self._part:
            _write(fresh / "changes.jsonl", self._lines())
        _write(fresh / "report.md", [summary.markdown(done)])
        for spool in (self._records, self._patches, self._changes):
            spool.close()
        _put_in_place(fresh, self._folder)
        return done

    def _summary(self, notes: Sequence[str]) -> Summary:
        return Summary(
            self._seeds,
            self._folder / "latest",
            self.counts,
            self._sums["words_added"],
            self._sums["words_removed"],
            self._sums["held_back"],
            notes,
            self._rows(WRITTEN),
            self._rows(summary.OPEN),
        )

    def _troubles(self) -> Iterator[str]:
        for outcome, meaning in _TROUBLED.items():
            if count := self.counts[outcome]:
                yield f"{_seeds(count)} ended {outcome}: {meaning}"
        if conflicts := self._sums["conflicts"]:
            yield f"{_seeds(conflicts)} were edited by hand where the page changed too; the hand's text was kept."

    def _json(self, finished: datetime, found: int, notes: Sequence[str], attention: Sequence[str]) -> Iterator[str]:
        head = {
            "version": VERSION,
            "started_at": _time(self._started),
            "finished_at": _time(finished),
            "folder": self._seeds,
            "found": found,
            "counts": {outcome.value: self.counts[outcome] for outcome in Outcome},
            "notes": notes,
            "attention": attention,
        } | ({"part": self._part} if self._part else {})
        yield json.dumps(head, indent=1).removesuffix("\n}") + ',\n "seeds": ['
        for number, record in enumerate(self._records):
            yield (",\n" if number else "\n") + record
        yield "\n]}\n"

    def _lines(self) -> Iterator[str]:
        for path in self._changes.names():
            yield f"[{json.dumps(path)}, {json.dumps(self._patches[path])}, {self._changes[path]}]\n"

    def _rows(self, outcomes: frozenset[Outcome]) -> tuple[Row, ...]:
        rows = (_row(json.loads(record)) for record in self._records)
        return tuple(islice((row for row in rows if row.outcome in outcomes), summary.MOST_ROWS))


def miscount(found: int, counts: Counter[Outcome]) -> str:
    """A sentence that says how the outcomes differ from the number of seeds found; empty where they add up."""
    ended = counts.total()
    if ended == found:
        return ""
    return f"The counts do not add up: {found:,} seeds were found and {ended:,} have an outcome."


def _seeds(count: int) -> str:
    return f"{count:,} seed{'s' * (count != 1)}"


def _row(record: dict[str, Any]) -> Row:
    outcome = Outcome(record["outcome"])
    words = record["words_added"], record["words_removed"]
    return Row(record["path"], outcome, record["detail"], record["mend"], *words)


def _write(place: Path, texts: Iterable[str]) -> None:
    with place.open("w", encoding="utf-8", newline="") as file:  # line ends as they are, on Windows too
        file.writelines(texts)


def _put_in_place(fresh: Path, folder: Path) -> None:
    latest = folder / "latest"
    if latest.exists():
        latest.rename(folder / _name(latest))
    fresh.rename(latest)
    earlier = sorted(place for place in folder.iterdir() if _EARLIER.fullmatch(place.name))
    for place in earlier[:-KEPT]:
        shutil.rmtree(place, ignore_errors=True)


def _name(report: Path) -> str:
    """The time at which a report was written, as the name of a folder that sorts by it on any system."""
    return datetime.fromtimestamp(report.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
