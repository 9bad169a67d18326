"""Collects the report of a run seed by seed, and writes it as `REPORT_DIR/latest/` at the end.

`report.json`, version 1, is an object with these keys; every seed is on a line of its own:

    version      1; a later version may rename or drop keys, within a version keys are only added
    started_at   finished_at   RFC 3339, UTC
    folder       the seeds folder as the run was given it
    dry_run      whether it wrote nothing but this report
    found        seeds found; equals the sum of `counts`, or a note says that it does not
    counts       outcome to number, all outcomes
    writing      how well writing works: see `digest.writing_figures`
    classes      what changes are about (`changes.CLASSES`) to the number of seeds
    notes        sentences about the run as a whole
    groups       changes that many pages share, those on most pages first, one object each:
                   summary in words; keys of their edits (as in `changes.py`); number of pages, and of places of the
                   first edit in them; paths of the first pages; folders, each with its number of pages
    attention    sentences on what needs a person; none if no seed is blocked, broken or failed, no change conflicts
                 with what a person edited, and the run came to its end
    seeds        one object for each seed, by path (if there was no room for all, for those that were written or need
                 a person, and a note says so): the fields of `outcomes.Record`, `held` as `held_back`, and
                 `summary`, what changed in words ("" if nothing did), and `classes`, what that is about, the most
                 important first ([] if no body changed): those of `changes.CLASSES`;
                 `title` is the page's, and `page` has what else it says of itself, {} if it was not read:
                 canonical (an address), description, language (`en`, `pt-BR`), published and modified (`2026-03-01` or
                 `2026-03-01T04:05:06Z`), each left out if it is not known
                 announced, only where the site announces the change: title, when, url, path (`Announcement`)
    part         only in the report of a shard: which `shard` it is, the `code` that made it, whether a `dry_run`.
                 `changes.jsonl` beside it has what else merging needs: per line [path, *`ReportEntry`] without classes
"""

import json
import string
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from fetcher.memory.serialization import RunSummary
from fetcher.report import files, groups, summary
from fetcher.report.announcements import Announcement, ChangedPage, find_announcements
from fetcher.report.changes import CLASSES, Edit, ReportEntry, rank
from fetcher.report.digest import WRITING, Digest, Page, changed_pages, course_sentence, miscount, writing_figures
from fetcher.report.files import Spool
from fetcher.report.groups import FrequentKeys, HeldBack, Troubles, group_edits
from fetcher.report.markdown import SizeBudget, markdown
from fetcher.report.summary import Summary
from fetcher.terms.outcomes import Noise, Outcome, Record, as_json

VERSION = 1
_FIRST = string.ascii_lowercase  # prefixes that sort the names of seeds by the importance of their changes


class Report:
    """Collects the record of each seed as it ends, on disk rather than in memory; `finish` writes the report.

    `folder` is the setting REPORT_DIR: raises OSError at once if nothing can be written there. `seeds` is the seeds
    folder as the user named it. `part` is the key `part` of a shard's report.
    """

    def __init__(
        self, folder: Path, seeds: str, started: datetime, part: dict[str, Any] | None = None, *, dry_run: bool = False
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.counts: Counter[Outcome] = Counter()
        self.is_whole = True
        """Whether the whole report could be written."""
        self.unreported: tuple[str, ...] = ()
        """The seed files that were written, if no report at all could be written."""
        self._folder = folder
        self._seeds = seeds
        self._started = started
        self._part = part
        self._dry_run = dry_run
        self._sums: Counter[str] = Counter()
        self._classes: Counter[str] = Counter()
        self._tally = FrequentKeys()
        self._troubles = Troubles()
        self._held = HeldBack()
        self._records = Spool(folder)
        self._patches = Spool(folder)
        self._room = SizeBudget()
        self._views = Spool(folder)  # of the changes for which there may be room
        self._listed = Spool(folder)  # only names: of the seeds that changed, or that a person should look at
        self._edits = Spool(folder)  # apart from the records, as they are read more than once
        self._announced: dict[str, Announcement] = {}

    def add(self, record: Record, old: str = "", new: str = "", told: ReportEntry | None = None) -> None:
        """Adds the record of a seed, its text before and after, and its report entry, if that has been made.

        Raises ValueError if the seed has a record already.
        """
        if old == new:
            told = None
        elif told is None:
            from fetcher.report.compare import describe  # noqa: PLC0415  # else workers have described it

            told = describe(record, old, new)
        said = {"summary": told.summary if told else "", "classes": list(told.classes) if told else []}
        self.take(as_json(record) | said, told)

    def __contains__(self, path: object) -> bool:
        """Whether the seed has a record."""
        return path in self._records

    def take(self, row: dict[str, Any], told: ReportEntry | None = None) -> None:
        """Adds a seed as a report has it: its row, and its report entry if it changed. Otherwise like `add`."""
        path, outcome = row["path"], Outcome(row["outcome"])
        self._records.add(path, json.dumps(row))
        if told:
            self._take_change(row, told)
        if told or outcome in summary.OPEN:
            self._listed.add(f"{_FIRST[rank(row['classes'])]}{path}", "")
        self.counts[outcome] += 1
        self._troubles.add(row)
        self._held.add(path, row["held_back"])
        self._classes.update(row["classes"])
        for number in ("words_added", "words_removed", *WRITING):
            self._sums[number] += row[number]

    def explain(self, feeds: Iterable[Announcement], now: datetime) -> None:
        """Finds where sites announced what changed: in their `feeds`, or in changelogs that are seeds."""
        self._announced = find_announcements(self._changed, feeds, now)

    @property
    def has_unwritable(self) -> bool:
        """Whether a change could not be written, and so needs a person."""
        return bool(self._held[Noise.UNWRITABLE].pages)

    def _take_change(self, row: dict[str, Any], told: ReportEntry) -> None:
        path, outcome = row["path"], row["outcome"]
        self._patches.add(path, told.patch)
        if self._room.takes(path, told.size):
            self._views.add(path, json.dumps([told.view, told.size]))
        counts = row["words_added"], row["words_removed"]
        self._edits.add(path, json.dumps([outcome, *counts, row["classes"], told.edits]))
        if told.edits is None:
            self._sums["front_only"] += 1
        elif outcome == Outcome.CHANGED:
            self._tally.add(edit.key for edit in told.edits)

    def finish(
        self,
        finished: datetime,
        found: int,
        notes: Sequence[str] = (),
        alarms: Sequence[str] = (),
        runs: Sequence[RunSummary] = (),
        only: Collection[str] = (),
    ) -> Summary:
        """Writes the report and returns its summary; the previous report is kept beside it.

        `notes` are sentences for the top of the report, and `alarms` those that need a person; one is added if the
        counts do not add up to `found`. `runs` are all runs so far, the newest first, for the history; `only` is as in
        `Ending`.
        """
        alarms = [*alarms, *filter(None, [miscount(found, self.counts)])]
        digest = self._digest(finished, notes, alarms)
        try:
            files.replace_latest(self._folder, lambda fresh: self._write_all(fresh, digest, found, runs))
        except OSError as error:
            digest = self._put_less(error, finished, notes, alarms)
        done = self._summary(digest, found, only)
        for spool in (self._records, self._patches, self._views, self._listed, self._edits):
            spool.close()
        return done

    def _write_all(self, fresh: Path, digest: Digest, found: int, runs: Sequence[RunSummary]) -> None:
        records = map(self._record, self._records.names()) if self._announced else self._records
        files.write(fresh / "report.json", self._json(digest, found, records))
        files.write(fresh / "changes.patch", self._patches)
        if self._part:
            files.write(fresh / "changes.jsonl", self._lines())
        files.write(fresh / "report.md", [markdown(digest)])
        if self.counts:  # otherwise there is nothing to look at, and loading templates would take time
            self._write_html(fresh, digest, runs)

    def _put_less(self, error: OSError, finished: datetime, notes: Sequence[str], alarms: Sequence[str]) -> Digest:
        """Writes a smaller report, if there is room, after the whole one could not be written; returns its data."""
        self.is_whole = False
        why = f"The report could not be put into REPORT_DIR={self._folder} ({error.strerror or error})"
        less = f"{why}: this one lists only what was written and what needs a person, and has no patch."
        digest = self._digest(finished, notes, [*alarms, less])
        records = map(self._record, sorted(self._listed_paths()))
        try:
            files.replace_latest(self._folder, lambda fresh: self._write_least(fresh, digest, records))
        except OSError:
            self.unreported = tuple(self._edits.names())
            return self._digest(finished, notes, [*alarms, f"{why}: what was written stands on standard error."])
        return digest

    def _write_least(self, fresh: Path, digest: Digest, records: Iterable[str]) -> None:
        files.write(fresh / "report.json", self._json(digest, self.counts.total(), records))
        files.write(fresh / "report.md", [markdown(digest)])

    def _digest(self, finished: datetime, notes: Sequence[str], alarms: Sequence[str]) -> Digest:
        found = group_edits(self._tally.common(), ((page.path, page.edits) for page in self._written(Outcome.CHANGED)))
        common = frozenset(edit.key for group in found for edit in group.edits)
        return Digest(
            self._seeds,
            self._started,
            finished,
            self.counts,
            self._sums["words_added"],
            self._sums["words_removed"],
            notes,
            alarms,
            found,
            changed_pages(self._written(Outcome.CHANGED), common),
            changed_pages(self._written(Outcome.FILLED)),
            self._sums["front_only"],
            self._troubles,
            self._held,
        )

    def _written(self, wanted: Outcome) -> Iterator[Page]:
        """The seeds with an outcome whose body has changed, by path."""
        for path in self._edits.names():
            outcome, added, removed, classes, edits = json.loads(self._edits[path])
            if outcome == wanted and edits is not None:
                said, where = [Edit(*edit) for edit in edits], self._announced.get(path)
                # A page that was empty has no classes: it would be about all that it holds.
                about = classes if wanted is Outcome.CHANGED else ()
                yield Page(path, added, removed, said, announced=where, classes=about)

    def _changed(self) -> Iterator[ChangedPage]:
        rows = ((page, json.loads(self._records[page.path])) for page in self._written(Outcome.CHANGED))
        return (ChangedPage(page.path, row["url"], row["title"] or "", page.edits) for page, row in rows)

    def _record(self, path: str) -> str:
        record, entry = self._records[path], self._announced.get(path)
        return json.dumps(json.loads(record) | {"announced": entry.as_json()}) if entry else record

    def _summary(self, digest: Digest, found: int, only: Collection[str]) -> Summary:
        changed = (record for record, has_changed in self._seeds_listed() if has_changed)
        news, classes = summary.announced(changed, self._classes, only)
        return Summary(
            self._seeds,
            None if self.unreported else self._folder / "latest",
            self.counts,
            digest.words_added,
            digest.words_removed,
            self._held.differences,
            digest.sentences,
            digest.attention,
            course_sentence(digest),
            found,
            summary.open_rows(record for record, _ in self._seeds_listed()),
            news,
            classes,
            is_news=not only or bool(classes or digest.attention),
        )

    def _json(self, digest: Digest, found: int, records: Iterable[str]) -> Iterator[str]:
        head = {
            "version": VERSION,
            "started_at": files.timestamp(self._started),
            "finished_at": files.timestamp(digest.finished),
            "folder": self._seeds,
            "dry_run": self._dry_run,
            "found": found,
            "counts": {outcome.value: self.counts[outcome] for outcome in Outcome},
            "writing": writing_figures(self._sums, self._held),
            "classes": {name: self._classes[name] for name in CLASSES},
            "notes": digest.sentences,
            "attention": digest.attention,
            "groups": [groups.as_json(group) for group in digest.groups],
        } | ({"part": self._part} if self._part else {})
        return files.json_with_seeds(head, records)

    def _lines(self) -> Iterator[str]:
        for path in self._edits.names():
            said, edits = json.loads(self._records[path])["summary"], json.loads(self._edits[path])[-1]
            yield json.dumps([path, *ReportEntry(said, self._patches[path], edits, *self._view(path))[:-1]]) + "\n"

    def _write_html(self, fresh: Path, digest: Digest, runs: Sequence[RunSummary]) -> None:
        from fetcher.report.html import document, history  # noqa: PLC0415  # only the end of a run needs templates

        page = document.report(digest, self._seeds_listed, self._change, has_history=bool(runs))
        files.write(fresh / "report.html", page)
        if runs:
            files.write(fresh / "history.html", history.history(self._seeds, runs))
            (fresh / "history.html").replace(self._folder / "history.html")

    def _seeds_listed(self) -> Iterator[tuple[dict[str, Any], bool]]:
        for path in self._listed_paths():
            yield json.loads(self._record(path)), path in self._edits

    def _listed_paths(self) -> Iterator[str]:  # by the importance of their changes, then by path
        return (name[1:] for name in self._listed.names())

    def _change(self, path: str) -> tuple[Sequence[Edit], str, int]:
        edits = json.loads(self._edits[path])[-1] or ()
        return [Edit(*edit) for edit in edits], *self._view(path)

    def _view(self, path: str) -> tuple[str, int]:
        view, size = json.loads(self._views[path]) if path in self._views else ("", 0)
        return view, size
