"""Reads from the last report what the run wrote, and tells what of that may be published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from fetcher.publish.changes import Change, Changes, Entry
from fetcher.seeds import folder, seeds
from fetcher.seeds.writing import blob_name
from fetcher.terms.failures import PublishError, SeedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fetcher.publish.repository import Repository

_NO_REPORT = "Run `scrapy crawl refresh` first, in this folder and with the same REPORT_DIR."


class Writing(NamedTuple):
    """A file's content before and after the run, as `blob_name` names it, and in words what changed."""

    before: str
    after: str
    summary: str
    words_added: int
    words_removed: int


@dataclass(frozen=True, slots=True)
class Account:
    """The last run: over the seeds in `folder` (as the run was given it), ended at `finished`.

    `written` has the files that it wrote, by path within the folder, and `settled` the paths whose page shows what the
    file holds. `attention` says, sentence by sentence, what needs a person; `text` is the report for whoever reviews.
    """

    folder: str
    finished: datetime
    written: dict[str, Writing]
    settled: frozenset[str]
    attention: tuple[str, ...]
    text: str


def read(report: Path) -> Account:
    """The run that a report folder (`REPORT_DIR/latest`) tells of; PublishError where there is none to read."""
    try:
        data = json.loads((report / "report.json").read_bytes())
        text = (report / "report.md").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PublishError(f"There is no report in {report}.", _NO_REPORT) from error
    except (OSError, ValueError) as error:
        raise PublishError(f"The report in {report} cannot be read: {error}.", _NO_REPORT) from error
    try:
        return _account(data, text)
    except (KeyError, TypeError, ValueError) as error:
        raise PublishError(f"The report in {report} is not one of this version ({error!r}).", "Run again.") from error


def _account(data: dict[str, Any], text: str) -> Account:
    written = {seed["path"]: Writing(*map(seed.get, Writing._fields)) for seed in data["seeds"] if seed["after"]}
    settled = {seed["path"] for seed in data["seeds"] if seed["outcome"] == "unchanged" and not seed["after"]}
    finished = datetime.strptime(data["finished_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return Account(data["folder"], finished, written, frozenset(settled), tuple(data["attention"]), text)


def published(
    repository: Repository, account: Account, tip: str, base: Mapping[str, Entry], earlier: Changes
) -> tuple[Changes, list[str]]:
    """The changes that the run made to the commit `tip`, and a sentence for each file that has to be left out.

    A file's content before the run must be the base's, or what an `earlier` run made of it: else it has edits of a
    person's that are not committed, and these are not for us to publish. A file that nobody has committed yet is a new
    seed: all of it is published.
    """
    taken, left_out = [], []
    absent = [place for path in account.written if (place := repository.prefix + path) not in base]
    unwanted = repository.unwanted(absent, tip)
    for path, writing in account.written.items():
        place = repository.prefix + path
        now = content(repository, place)
        if now == writing.before:
            continue  # a dry run, or undone since
        origins = list(_origins(place, base, earlier))
        if reason := _reason(repository, place, writing, now, origins) or unwanted.get(place, ""):
            left_out.append(f"{place} {reason}")
        else:
            taken.append(place)
    kept = repository.taken_in(tip, taken) if taken else {}
    # The mode is the base's: whoever has changed it has not committed that.
    fresh = {
        path: Change(base[path].name, Entry(base[path].mode, entry.name)) if path in base else Change("", entry)
        for path, entry in kept.items()
    }
    fresh = {path: change for path, change in fresh.items() if change.old != change.new.name}
    return {**fresh, **_as_before(repository, fresh, earlier)}, left_out


def taken_back(repository: Repository, account: Account, base: Mapping[str, Entry], earlier: Changes) -> set[str]:
    """Of the earlier changes' paths those whose file is the base's, and whose page shows what the file holds."""
    places = (repository.prefix + path for path in account.settled)
    return {
        place
        for place in places
        if place in earlier and place in base and repository.holds(base[place].name, place, content(repository, place))
    }


def content(repository: Repository, place: str) -> str:
    """What a file of the working tree holds, by `blob_name`; empty where there is none."""
    try:
        return blob_name(folder.read_bytes(repository.top / place))
    except OSError:
        return ""


def _origins(place: str, base: Mapping[str, Entry], earlier: Changes) -> Iterator[str]:
    if place in base:
        yield base[place].name
        if place in earlier and earlier[place].old == base[place].name:
            yield earlier[place].new.name


def _reason(repository: Repository, place: str, writing: Writing, now: str, origins: list[str]) -> str:
    if now != writing.after:
        return "was edited after the run: run again, then publish."
    if origins and not any(repository.holds(origin, place, writing.before) for origin in origins):
        return "was not what the branch holds when the run began: commit and push it (or pull), then publish again."
    return ""


def _as_before(repository: Repository, fresh: Changes, earlier: Changes) -> Changes:
    """The earlier changes from which fresh ones differ in nothing but the time of fetching."""
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
