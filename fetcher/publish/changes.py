"""Reads from the last report what the run wrote, and selects what of it may be published.

A file is left out if it was edited after the run, or had edits before it that nobody has committed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from fetcher.publish.repository import Change, Changes, Entry
from fetcher.seeds import folder, seeds
from fetcher.seeds.writing import blob_name
from fetcher.terms.failures import PublishError, SeedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from fetcher.publish.repository import Repository

_NO_REPORT = "Run `scrapy crawl refresh` first, in this folder and with the same REPORT_DIR."


class WrittenFile(NamedTuple):
    """A file's content before and after the run, as git's name for it (`blob_name`), and what changed in words."""

    before: str
    after: str
    summary: str
    words_added: int
    words_removed: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """What a report says of its run.

    folder      of the seeds, as the run was given it
    finished    when it ended
    written     the files that it wrote, by path within the folder
    settled     the paths of files that still match their page
    attention   sentences on what needs a person
    text        the report in Markdown
    """

    folder: str
    finished: datetime
    written: dict[str, WrittenFile]
    settled: frozenset[str]
    attention: tuple[str, ...]
    text: str


def last_run(report: Path) -> LastRun:
    """The run of the report in a folder (`REPORT_DIR/latest`); raises PublishError if that cannot be read."""
    try:
        data = json.loads((report / "report.json").read_bytes())
        text = (report / "report.md").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PublishError(f"There is no report in {report}.", _NO_REPORT) from error
    except (OSError, ValueError) as error:
        raise PublishError(f"The report in {report} cannot be read: {error}.", _NO_REPORT) from error
    try:
        return _last_run(data, text)
    except (KeyError, TypeError, ValueError) as error:
        raise PublishError(f"The report in {report} is not one of this version ({error!r}).", "Run again.") from error


def _last_run(data: dict[str, Any], text: str) -> LastRun:
    written = {
        seed["path"]: WrittenFile(*map(seed.get, WrittenFile._fields)) for seed in data["seeds"] if seed["after"]
    }
    settled = {seed["path"] for seed in data["seeds"] if seed["outcome"] == "unchanged" and not seed["after"]}
    finished = datetime.strptime(data["finished_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return LastRun(data["folder"], finished, written, frozenset(settled), tuple(data["attention"]), text)


def still_open(earlier: Changes, base: Mapping[str, Entry], settled: Collection[str]) -> Changes:
    """The earlier changes that can still be merged into the base.

    Left out are those of files that the base has changed since, perhaps by merging them, and those at the paths
    `settled`, whose pages show again what the base has.
    """
    return {
        path: change
        for path, change in earlier.items()
        if path not in settled and (base[path].name if path in base else "") == change.old
    }


def select_changes(
    repository: Repository, run: LastRun, tip: str, base: Mapping[str, Entry], earlier: Changes
) -> tuple[Changes, list[str]]:
    """The run's changes to the commit `tip`, and a sentence for each file that is left out.

    A file's content before the run must be that of the base, or what an `earlier` run has made of it: otherwise it has
    uncommitted edits by a person, which are not ours to publish. A file that nobody has committed yet is a new seed
    and published as a whole.
    """
    taken, left_out = [], []
    absent = [place for path in run.written if (place := repository.prefix + path) not in base]
    unwanted = repository.unwanted(absent, tip)
    for path, file in run.written.items():
        place = repository.prefix + path
        now = content(repository, place)
        if now == file.before:
            continue  # a dry run, or undone since
        origins = list(_origins(place, base, earlier))
        if reason := _reason(repository, place, file, now, origins) or unwanted.get(place, ""):
            left_out.append(f"{place} {reason}")
        else:
            taken.append(place)
    kept = repository.taken_in(tip, taken) if taken else {}
    # The mode is that of the base: a change of it would be an uncommitted edit.
    fresh = {
        path: Change(base[path].name, Entry(base[path].mode, entry.name)) if path in base else Change("", entry)
        for path, entry in kept.items()
    }
    fresh = {path: change for path, change in fresh.items() if change.old != change.new.name}
    return {**fresh, **_as_before(repository, fresh, earlier)}, left_out


def reverted(repository: Repository, run: LastRun, base: Mapping[str, Entry], earlier: Changes) -> set[str]:
    """The paths of earlier changes whose file is that of the base again and matches its page."""
    places = (repository.prefix + path for path in run.settled)
    return {
        place
        for place in places
        if place in earlier and place in base and repository.holds(base[place].name, place, content(repository, place))
    }


def content(repository: Repository, place: str) -> str:
    """The `blob_name` of a file in the working tree; empty if there is none."""
    try:
        return blob_name(folder.read_bytes(repository.top / place))
    except OSError:
        return ""


def _origins(place: str, base: Mapping[str, Entry], earlier: Changes) -> Iterator[str]:
    if place in base:
        yield base[place].name
        if place in earlier and earlier[place].old == base[place].name:
            yield earlier[place].new.name


def _reason(repository: Repository, place: str, file: WrittenFile, now: str, origins: list[str]) -> str:
    if now != file.after:
        return "was edited after the run: run again, then publish."
    if origins and not any(repository.holds(origin, place, file.before) for origin in origins):
        return "was not what the branch holds when the run began: commit and push it (or pull), then publish again."
    return ""


def _as_before(repository: Repository, fresh: Changes, earlier: Changes) -> Changes:
    """The earlier changes from which the fresh ones differ only in the stamp."""
    both = {path: earlier[path] for path in fresh.keys() & earlier.keys() if earlier[path].old == fresh[path].old}
    texts = repository.texts({change.new.name for path, was in both.items() for change in (was, fresh[path])})
    return {
        path: was for path, was in both.items() if _differ_in_stamp(texts[was.new.name], texts[fresh[path].new.name])
    }


def _differ_in_stamp(before: str, after: str) -> bool:
    try:
        old, new = seeds.parse(before), seeds.parse(after)
        return bool(old and new and old.fetched_at and seeds.stamp(new, old.fetched_at).text == before)
    except SeedError:
        return False
