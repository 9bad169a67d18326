"""Defines how a seed can end (`Outcome`, `Record`), why an answer is not the page, and why a change is held back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

METADATA_DATES = ("published", "modified")
METADATA_NAMES = ("canonical", "description", "language", *METADATA_DATES)
Metadata = Mapping[str, str]
"""A page's metadata by the names in `METADATA_NAMES`; unknown values are missing."""


class Outcome(StrEnum):
    """How a seed ended. Reports list outcomes in this order."""

    CHANGED = "changed"
    FILLED = "filled"
    UNCHANGED = "unchanged"
    MOVED = "moved"
    GONE = "gone"
    BLOCKED = "blocked"
    BROKEN = "broken"
    FAILED = "failed"
    SKIPPED = "skipped"


WRITTEN = frozenset({Outcome.CHANGED, Outcome.FILLED})
"""Outcomes that change the file (or would, in a dry run)."""

TROUBLES = frozenset({Outcome.BLOCKED, Outcome.BROKEN, Outcome.FAILED})
"""Outcomes that make a run exit with status 1."""

ABSENT = frozenset({404, 410})
"""HTTP statuses that say that a page does not exist."""


def is_lost(outcome: Outcome, status: int | None) -> bool:
    """Whether a seed lost its page: it is missing, or the answer is not the page any more."""
    return outcome in (Outcome.BROKEN, Outcome.GONE) or status in ABSENT


class Reason(StrEnum):
    """Why an answer is not the page. The values are what users write after `-a accept=`."""

    CHALLENGE = "bot-challenge"
    DENIED = "access-denied"
    LIMITED = "rate-limited"
    LOGIN = "login-wall"
    CONSENT = "consent-wall"
    PAYWALL = "paywall"
    NOT_FOUND = "soft-404"
    MAINTENANCE = "maintenance"
    ERROR = "error-page"
    REDIRECT = "redirect-page"
    DEFAULT = "default-page"
    SHELL = "script-shell"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    GARBLED = "garbled"
    LANGUAGE = "other-language"
    OTHER = "other-page"
    SHRUNK = "shrunk"
    REWRITTEN = "rewritten"
    STATUS = "http-error"


DOUBTS = frozenset({Reason.SHRUNK, Reason.REWRITTEN})
"""Reasons that may also be a real change: it is believed once a later visit shows the same text (`Verdict.sketch`)."""


class Noise(StrEnum):
    """Why a change is held back. `-a accept=` takes those in `ACCEPTABLE`."""

    TIME = "time"  # relative times, and dates in their place
    COUNTER = "counter"  # numbers of views, likes, comments
    LETTERS = "letters"  # only capitals, quotes, dashes or full stops of prose change in the block
    EDGES = "edges"  # menus before the text, lists of other pages after it
    CHURN = "churn"  # changes by itself, as earlier visits show: rotating lists, values that come back
    LINK = "link"  # a link has a new target, but cannot be found in the stored source
    CONFLICT = "conflict"  # a person edited this, and the page changed it too
    IMPORTER = "importer"  # the importer wrote this differently from the page; the page did not change
    UNWRITABLE = "unwritable"  # cannot be written without breaking the Markdown around it
    UNCONFIRMED = "unconfirmed"  # only one of two fetches showed it
    REPRESENTATION = "representation"  # only one of a page's HTML and its Markdown shows it
    AGENT_NOTE = "agent-note"  # text that a host adds to Markdown for programs that read it
    WAVE = "wave"  # the same change on many pages of a host in one run, until a second run confirms it
    RULE = "rule"  # ignored by a rule of sites.yaml


_SETTLED_OTHERWISE = frozenset({Noise.CONFLICT, Noise.UNWRITABLE, Noise.UNCONFIRMED, Noise.REPRESENTATION})

ACCEPTABLE = frozenset[str]({*Reason, *Noise} - _SETTLED_OTHERWISE)
"""What `-a accept=` takes.

Not among them: conflicts have an argument of their own, two kinds have settings, and the unwritable needs a person.
"""


_BY_ITSELF = frozenset({Noise.TIME, Noise.COUNTER, Noise.CHURN})


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A change that was not written, and why (`reason`, a `Noise`). `removed` and `added` are its text.

    `place` names where it is, if known: the same words may be held back in two places.
    """

    reason: str
    removed: str
    added: str
    place: str = ""

    @property
    def id(self) -> str:
        """A short name, the same at every visit that finds the change; `scrapy accept` and `scrapy refuse` take it.

        For places that change by themselves it does not depend on what the page shows there this time.

        >>> HeldBack("importer", "Source: x", "").id
        '029476d3'
        """
        added = "" if self.place and self.reason in _BY_ITSELF else self.added
        texts = (" ".join(text.split()) for text in (self.reason, self.place, self.removed, added))
        return hashlib.blake2b("\n".join(texts).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How one seed ended.

    `path` is relative to the seeds folder, with forward slashes. `reason` is a short stable code for programs,
    `detail` the same in one sentence, `mend` what a person can do about it. `redirected_to` is the target of a
    permanent redirect, `final_url` the URL that answered. `since` says when a page was first found moved or gone.
    `page` is the metadata of a page that was read. `changes` counts the changes written; if there are any,
    `unchanged_blocks` counts the blocks without one, and `reproduced_blocks` those of them that would be written
    byte for byte as they are stored: how well the body's dialect is known. `before` and `after` are the file's git
    blob names, empty if the run leaves it as it is.
    """

    path: str
    outcome: Outcome
    url: str = ""
    reason: str = ""
    detail: str = ""
    mend: str = ""
    status: int | None = None
    final_url: str | None = None
    redirected_to: str | None = None
    since: datetime | None = None
    title: str | None = None
    page: Metadata = field(default_factory=dict)
    words_added: int = 0
    words_removed: int = 0
    changes: int = 0
    unchanged_blocks: int = 0
    reproduced_blocks: int = 0
    before: str = ""
    after: str = ""
    held: tuple[HeldBack, ...] = field(default=(), repr=False)
    shares_page_with: tuple[str, ...] = ()
    seconds: float = 0.0


_FIELDS = tuple(one.name for one in fields(Record) if one.name != "held")


def as_json(record: Record) -> dict[str, object]:
    """The record as in `report.json`: plain values only, and `held` under its public name `held_back`."""
    values = {name: getattr(record, name) for name in _FIELDS}  # asdict would copy all values, at eight times the cost
    values["page"] = dict(record.page)
    values["held_back"] = [
        {"id": held.id, "reason": held.reason, "removed": held.removed, "added": held.added} for held in record.held
    ]
    values["shares_page_with"] = list(record.shares_page_with)
    values["since"] = record.since and record.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values["outcome"] = record.outcome.value
    values["seconds"] = round(record.seconds, 3)
    return values


def counted(number: int, thing: str) -> str:
    """A number with its noun, in the plural where needed.

    >>> counted(1, "page"), counted(1200, "page")
    ('1 page', '1,200 pages')
    """
    return f"{number:,} {thing}{'s' * (number != 1)}"
