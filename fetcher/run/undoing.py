"""Undoes what the last run wrote, by reversing its own patch; files that were edited since are left alone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetcher.report import files, patch
from fetcher.report.screen import visible
from fetcher.seeds import folder, writing
from fetcher.seeds.folder import matches_pattern
from fetcher.seeds.seeds import page_url
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import WRITTEN, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fetcher.memory.memory import Memory
    from fetcher.memory.state import State

_FILE = re.compile(r"^diff --git ", re.MULTILINE)
_GOOD = WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED}


class Written(NamedTuple):
    """A file that the run wrote: its page's URL, and git's object IDs of its contents before and after."""

    path: str
    url: str
    before: str
    after: str


class Run(NamedTuple):
    """A run: its seeds folder, when it began, what it wrote, and the patch of each file by its header line.

    `wrote` is False for a dry run; `is_last` tells whether it is the latest run of all.
    """

    folder: Path
    began: datetime
    written: Sequence[Written]
    patches: Mapping[str, str]
    wrote: bool = True
    is_last: bool = True


class Undone(NamedTuple):
    """The result for a file: `why` it is left as it is; empty if it now has the text from before the run."""

    written: Written
    why: str = ""
    was_changed: bool = False


def last_run(reports: Path, of: Path | None = None) -> Run:
    """The last run over a folder of seeds that wrote, or the last dry run if none did.

    `reports` is the setting REPORT_DIR; `of` is the seeds folder, by default that of the latest report. Raises
    UsageError if a report cannot be read, or none is of this folder.
    """
    dry = None
    for place in files.report_folders(reports):
        run = _run(place)._replace(is_last=place.name == "latest")
        of = of or run.folder
        if run.folder.resolve() == of.resolve():
            if run.wrote:
                return run
            dry = dry or run
    if dry is None:
        raise UsageError(f"none of the reports in {reports} is of a run over SEEDS_DIR={of}")
    return dry


def _run(report: Path) -> Run:
    try:
        told = json.loads((report / "report.json").read_bytes())
        began = datetime.strptime(told["started_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        wrote = not told.get("dry_run")
        rows = [Written(*map(seed.get, Written._fields)) for seed in told["seeds"] if seed["after"] and wrote]
        patches = _patches(report / "changes.patch") if rows else {}
        return Run(Path(told["folder"]), began, rows, patches, wrote)
    except FileNotFoundError as error:
        raise UsageError(f"{error.filename} is missing: only a run with a complete report can be taken back") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"the report in {report} cannot be read: {visible(repr(error))}") from error


def undo(run: Run, patterns: Sequence[str] = (), *, dry_run: bool = False) -> Iterator[Undone]:
    """Undoes each file that the run wrote and that a pattern matches, if any is given. Hold the seeds' lock."""
    for written in run.written:
        if not patterns or any(matches_pattern(written.path, pattern) for pattern in patterns):
            yield _undone(run, written, dry_run=dry_run)


def _undone(run: Run, written: Written, *, dry_run: bool) -> Undone:
    try:
        text, old = _texts(run, written)
        if text != old and not dry_run:
            writing.write(run.folder, written.path, text, old)
    except SeedError as error:
        return Undone(written, error.detail.rstrip("."))
    except FileNotFoundError:
        return Undone(written, "it is not there any more")
    except (OSError, ValueError) as error:
        return Undone(written, str(error))
    return Undone(written, was_changed=text != old)


def _texts(run: Run, written: Written) -> tuple[str, str]:
    """The current text of a file and the one before the run; raises ValueError if it was edited since."""
    raw = folder.read_bytes(folder.resolve_inside(run.folder, written.path))
    name, text = writing.blob_name(raw), raw.decode()
    if name == written.before:
        return text, text
    if name != written.after:
        raise ValueError("it was edited since")
    old = patch.reverse_patch(text, run.patches.get(patch.header(written.path), ""))
    if old is None or writing.blob_name(old.encode()) != written.before:
        raise ValueError("changes.patch does not have its change")
    return text, old


def forget(state: State, run: Run, undone: Sequence[Undone]) -> None:
    """Resets the memory of undone pages, so that the next run reads them again as if the undone run had not.

    The bases stay, so that the next run can still tell the page's changes from edits by hand.
    """
    for url in {page_url(one.written.url) for one in undone if one.was_changed}:
        state.keep(_before(state.recall(url), run.began))


def _before(memory: Memory, began: datetime) -> Memory:
    """The memory as if the visits since that time had failed."""
    good = [visit.when for visit in memory.visits if visit.outcome in _GOOD and visit.when < began]
    return replace(memory, fingerprint=b"", verified=max(good, default=None), good=max(good, default=None))


def _patches(place: Path) -> dict[str, str]:
    """The patch of each file, by its header line."""
    text = place.read_bytes().decode("utf-8", "surrogateescape")
    starts = [found.start() for found in _FILE.finditer(text)]
    parts = (text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True))
    return {part.partition("\n")[0] + "\n": part for part in parts}
