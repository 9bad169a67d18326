"""Collects the status of each seed in a folder without visiting its page: its age, its last visit, why it is due.

As JSON (`as_json`), version 1, it is an object with these keys; every seed is on a line of its own:

    version    1; a later version may rename or drop keys, within a version keys are only added
    at         when this was written; RFC 3339, UTC, as are all dates
    folder     the seeds folder as it was given
    notes      sentences about what could not be read, and files that are not seeds
    found      number of seeds; equals the sum of `outcomes` and that of `ages`
    outcomes   number of seeds by the outcome of the last visit, `never` for those without one
    ages       number of seeds by their age: `day`, `week`, `month` (30 days at most), `older`, `never`
    seeds      one object for each, by path (with a limit by age), unusable files last:
      path, url, site
      fetched_at    the stamp in its file, null without one
      verified_at   when its page was last found good, if that is remembered
      age           that of the later of both, as in `ages`
      visited_at    when its page was last visited; null for never, and so are the next three
      outcome, reason, status   how that ended (as in `report.json`); "" if there is no reason
      changes_every days from one change of its page to the next, estimated from visits to it and to pages near it
      basis         whose visits those are: `own`; for a page without two visits those to its `section`, its `host` or
                    to `others`; `nothing`: it is a guess
      intervals, changed   intervals between visits to the page itself, and in how many of these it had changed
      stale         the chance that it has changed since it was last seen, from 0 to 1; 1 where it never was
      hints         what indicates that it has: objects with `kind`, `lastmod` (the sitemap's date), `feed` (an entry
                    links to it) or `left` (the sitemap no longer has it), and `when` that was
      gain          the days of freshness that a visit would gain; a run with a limit visits those with the highest
                    gain, and before them those without a stamp (null)
      fault         what is wrong with the file, a sentence; null for a seed that can be used
    hints      one object for each host and kind of hints that visits have tested:
      site, kind
      intervals     between visits: with a hint and a change, a hint alone, a change alone, and neither
      precision, recall   the share of hints that were right, and of changes that had a hint: [most likely, least,
                    most], between the last two with a probability of 90 %
"""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from fetcher.memory import hints
from fetcher.memory.freshness import Rates
from fetcher.memory.serialization import unpack_visits
from fetcher.memory.state import as_text
from fetcher.report import files
from fetcher.seeds import folder
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import page_url
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import TROUBLES, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fetcher.memory.freshness import Due
    from fetcher.memory.hints import Trust
    from fetcher.memory.memory import Visit
    from fetcher.memory.state import State
    from fetcher.terms.arguments import Arguments

VERSION = 1
NEVER = "never"
OLDER = "older"
_BOUNDS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
AGES = (*_BOUNDS, OLDER, NEVER)
"""The names of ages, the youngest first."""


class SeedStatus(NamedTuple):
    """The status of a seed: its stamp, when its page was last verified, its last visit, what is wrong with its file.

    `due` says why its page should be visited; None if the file cannot be used.
    """

    path: str
    url: str
    fetched_at: datetime | None
    verified_at: datetime | None
    visit: Visit | None
    fault: str = ""
    due: Due | None = None

    @property
    def site(self) -> str:
        """The host, with a port if the address has one."""
        return urlsplit(self.url).netloc

    @property
    def current(self) -> datetime | None:
        """When the body was last known to match the page."""
        return max(filter(None, (self.fetched_at, self.verified_at)), default=None)

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of the last visit, None without one."""
        return self.visit.outcome if self.visit else None

    @property
    def is_troubled(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.fault) or self.outcome in TROUBLES | {Outcome.GONE}

    def age(self, now: datetime) -> str:
        """The name of its age: one of AGES."""
        if self.current is None:
            return NEVER
        passed = now - self.current
        return next((name for name, bound in _BOUNDS.items() if passed <= bound), OLDER)


class FolderStatus(NamedTuple):
    """The status of all seeds, and how reliable the hints of each host and kind have proved."""

    seeds: list[SeedStatus]
    trust: Mapping[tuple[str, str], Trust]


def folder_status(
    found: Iterable[tuple[str, Entry | SeedError | None]], state: State, given: Arguments, site: str = ""
) -> FolderStatus:
    """Where the seeds stand that were found and that a run with these arguments would take on, in its order.

    `site` is the host that they are on, if given, with or without its port; files that cannot be used are on none.
    """
    verified, now, rates = state.verified(), datetime.now(UTC), Rates(hints.read(state))
    visits: dict[str, Visit] = {}
    for page, (course, last) in state.each(unpack_visits):
        rates.take(page, course)
        visits[page] = last
    wanted = [(path, seed) for path, seed in found if seed and (not site or _is_on(site, seed))]
    as_found = dict(wanted)  # with its stamp as it stands
    chosen = folder.select_for_run(wanted, given, verified.get, now, gain=rates.ranking(now))
    seeds = [_due(_standing(path, as_found[path], verified, visits), rates, now) for path, _ in chosen]
    return FolderStatus(
        seeds, {name: trust for name, trust in rates.hints.trust.items() if not site or name[0] == site}
    )


def _is_on(site: str, seed: Entry | SeedError) -> bool:
    if not isinstance(seed, Entry):
        return False
    address = urlsplit(seed.url)
    return site in (address.netloc, address.hostname)


def _standing(
    path: str, seed: Entry | SeedError, verified: Mapping[str, datetime], visits: Mapping[str, Visit]
) -> SeedStatus:
    if isinstance(seed, SeedError):
        return SeedStatus(path, "", None, None, None, seed.detail)
    page = as_text(page_url(seed.url))
    return SeedStatus(path, seed.url, seed.fetched_at, verified.get(page), visits.get(page))


def _due(seed: SeedStatus, rates: Rates, now: datetime) -> SeedStatus:
    if seed.fault:
        return seed
    page = as_text(page_url(seed.url))
    return seed._replace(due=rates.due(page, seed.current, now))


def by_gain(seeds: Iterable[SeedStatus]) -> list[SeedStatus]:
    """The seeds that can be visited, those with the highest gain first."""
    return sorted((seed for seed in seeds if seed.due), key=lambda seed: (-seed.due.gain if seed.due else 0, seed.path))


def by_age(seeds: Iterable[SeedStatus]) -> list[SeedStatus]:
    """The seeds that were never current, then the others, the oldest first; those of the same age by path."""
    return sorted(seeds, key=lambda seed: (seed.current is not None, seed.current or datetime.min, seed.path))


def as_json(found: FolderStatus, folder: str, notes: Sequence[str], now: datetime) -> Iterator[str]:
    """The status as JSON, piece by piece."""
    seeds = found.seeds
    outcomes, ages = Counter(seed.outcome for seed in seeds), Counter(seed.age(now) for seed in seeds)
    head = {
        "version": VERSION,
        "at": _time(now),
        "folder": folder,
        "notes": notes,
        "found": len(seeds),
        "outcomes": {**{outcome.value: outcomes[outcome] for outcome in Outcome}, NEVER: outcomes[None]},
        "ages": {age: ages[age] for age in AGES},
        "hints": [_trust(*name, trust) for name, trust in sorted(found.trust.items())],
    }
    return files.json_with_seeds(head, (json.dumps(_values(seed, now)) for seed in seeds))


def _values(seed: SeedStatus, now: datetime) -> dict[str, object]:
    visit = seed.visit
    return {
        "path": seed.path,
        "url": seed.url,
        "site": seed.site,
        "fetched_at": _time(seed.fetched_at),
        "verified_at": _time(seed.verified_at),
        "age": seed.age(now),
        "visited_at": _time(visit.when if visit else None),
        "outcome": visit and visit.outcome.value,
        "reason": visit and visit.reason,
        "status": visit and visit.status,
        **_reasons(seed.due),
        "fault": seed.fault or None,
    }


def _reasons(due: Due | None) -> dict[str, object]:
    if due is None:
        return dict.fromkeys(("changes_every", "basis", "intervals", "changed", "stale", "gain", "hints"))
    return {
        "changes_every": round(1 / due.changes, 1),
        "basis": due.basis,
        "intervals": due.intervals,
        "changed": due.changed,
        "stale": round(due.stale, 3),
        "gain": round(due.gain, 3) if due.gain < math.inf else None,
        "hints": [{"kind": hint.kind, "when": _time(hint.latest)} for hint in due.hints],
    }


def _trust(site: str, kind: str, trust: Trust) -> dict[str, object]:
    shares = {"precision": trust.precision, "recall": trust.recall}
    told = {name: [round(part, 3) for part in share] for name, share in shares.items()}
    return {"site": site, "kind": kind, "intervals": trust.counts, **told}


def _time(moment: datetime | None) -> str | None:
    return files.timestamp(moment) if moment else None
