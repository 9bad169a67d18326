"""What the last run says that it did, from its report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from fetcher.publish.errors import PublishError

if TYPE_CHECKING:
    from pathlib import Path

_NO_REPORT = "Run `scrapy crawl refresh` first, in this folder and with the same REPORT_DIR."


class Writing(NamedTuple):
    """A file's content before and after the run, as `blobs.name` names it, and in words what changed."""

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
