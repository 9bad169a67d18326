"""How seeds end: the nine outcomes, why an answer is not the page, and why a difference is not written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

Metadata = Mapping[str, str]
"""What a page says of itself, by `metadata.NAMES`; what is not known is left out."""


class Outcome(StrEnum):
    """The one way in which a seed ended; the order is the one in which reports list them."""

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
"""Outcomes after which the file holds another text than before (in a dry run: would hold)."""

TROUBLES = frozenset({Outcome.BLOCKED, Outcome.BROKEN, Outcome.FAILED})
"""Outcomes that make a run end with status 1."""

ABSENT = frozenset({404, 410})
"""Statuses by which a server says that a page is not there."""


def is_lost(outcome: Outcome, status: int | None) -> bool:
    """Whether the page of a seed that ended so was lost: not there, or not the page any more."""
    return outcome in (Outcome.BROKEN, Outcome.GONE) or status in ABSENT


class Reason(StrEnum):
    """Why an answer is not the page; the values are what a user writes after `-a accept=`."""

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
"""Reasons that may as well be a true change: a later visit that shows the same text (`Verdict.sketch`) settles them."""


class Noise(StrEnum):
    """Kinds of differences that are held back.

    `-a accept=` takes those of `ACCEPTABLE`.
    """

    TIME = "time"  # relative times, and dates in their place
    COUNTER = "counter"  # numbers of views, likes, comments
    LETTERS = "letters"  # capitals, quotes, dashes and stops of prose, where nothing else in the block changes
    EDGES = "edges"  # menus before the text, lists of other pages after it
    CHURN = "churn"  # what memory knows to change by itself: lists that rotate, values that come back
    LINK = "link"  # a link that leads elsewhere, which cannot be found in the stored source
    CONFLICT = "conflict"  # what a person edited, and the page changed too
    IMPORTER = "importer"  # what an importer wrote otherwise than the page has it, and that tells of no change
    UNWRITABLE = "unwritable"  # what cannot be written without breaking what stands around it
    UNCONFIRMED = "unconfirmed"  # what only one of two fetches showed
    REPRESENTATION = "representation"  # what only one of a page's HTML and its Markdown shows
    AGENT_NOTE = "agent-note"  # text that a host puts into Markdown for programs that read it
    WAVE = "wave"  # what came, went or changed alike on many pages of a host in one run, until it lasts
    RULE = "rule"  # what a rule of sites.yaml ignores


_SETTLED_OTHERWISE = frozenset({Noise.CONFLICT, Noise.UNWRITABLE, Noise.UNCONFIRMED, Noise.REPRESENTATION})

ACCEPTABLE = frozenset[str]({*Reason, *Noise} - _SETTLED_OTHERWISE)
"""What `-a accept=` takes.

Whose text wins a conflict is an argument of its own, two others are settings, and what cannot be written needs a hand.
"""


_BY_ITSELF = frozenset({Noise.TIME, Noise.COUNTER, Noise.CHURN})


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A difference that was not written, with the reason (`Noise`); `removed` and `added` are its text.

    `place` names where it stands, as far as that is known: the same words may be held back in two places.
    """

    reason: str
    removed: str
    added: str
    place: str = ""

    @property
    def id(self) -> str:
        """A short name, the same at each visit that finds the difference: `scrapy accept` and `scrapy refuse` take it.

        What changes by itself has one name for its place, whatever the page shows there this time.

        >>> HeldBack("importer", "Source: x", "").id
        '029476d3'
        """
        added = "" if self.place and self.reason in _BY_ITSELF else self.added
        texts = (" ".join(text.split()) for text in (self.reason, self.place, self.removed, added))
        return hashlib.blake2b("\n".join(texts).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of one seed.

    `path` is relative to the seeds folder with forward slashes. `reason` is a short stable code for programs,
    `detail` says the same to a person in one sentence, and `mend` is what that person can do about it.
    `redirected_to` is the address that a permanent redirect gave; `final_url` the one that answered. `since` tells
    when a page that moved or is gone was first found so. `page` is what a page that was read says of itself
    (`metadata.metadata`), as far as it is known. `changes` counts the differences that were written; of a body that has
    any, `unchanged_blocks` counts the blocks without one, and `reproduced_blocks` those of them that would have been
    written as they are stored, to the byte: how well the dialect of the body is known. `before` and `after` name the
    file's content as git does (`git hash-object`); empty where the run leaves the file as it is.
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
    """The record as `report.json` holds it: plain values only, and `held` under its public name `held_back`."""
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
    """How many things there are.

    >>> counted(1, "page"), counted(1200, "page")
    ('1 page', '1,200 pages')
    """
    return f"{number:,} {thing}{'s' * (number != 1)}"
