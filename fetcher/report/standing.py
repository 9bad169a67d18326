"""Where the seeds of a folder stand, without a visit: how old each is, and how the last visit to its page ended.

As JSON (`as_json`), version 1, it is an object with these keys; every seed stands on a line of its own:

    version    1; a later version may rename or drop keys, within a version keys are only added
    at         when this was said; RFC 3339, UTC, as are all dates
    folder     the seeds folder as it was given
    notes      sentences about what could not be read
    found      number of seeds; equals the sum of `outcomes` and that of `ages`
    outcomes   number of seeds by the outcome of the last visit, `never` for those without one
    ages       number of seeds by their age: `day`, `week`, `month` (30 days at most), `older`, `never`
    seeds      one object for each, by path (with a limit by age), unusable files last:
      path, url, site
      fetched_at    the stamp in its file, null without one
      verified_at   when its page was last found good, as far as is remembered
      age           that of the later of both, as in `ages`
      visited_at    when its page was last visited; null for never, and so are the next three
      outcome, reason, status   how that ended (`report.json` says what they mean); "" where there is no reason
      changes_every days from one change of its page to the next, as visits tell (to it, and to those near by)
      stale         the chance that it has changed since it was last seen, from 0 to 1; 1 where it never was
      gain          the days of freshness that a visit would win; a run with a limit visits those with most of it, and
                    those without a stamp (null) before
      fault         what is wrong with the file, a sentence; null for a seed that can be used
"""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from fetcher.memory.freshness import Rates, gain, history
from fetcher.memory.packing import unpack_course
from fetcher.memory.state import as_text
from fetcher.seeds import folder
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import page_url
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import TROUBLES, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fetcher.memory.memory import Visit
    from fetcher.memory.state import State
    from fetcher.terms.arguments import Arguments

VERSION = 1
NEVER = "never"
OLDER = "older"
_BOUNDS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
AGES = (*_BOUNDS, OLDER, NEVER)
"""The names of ages, the youngest first."""


class Standing(NamedTuple):
    """One seed: its stamp, when its page was last verified, the last visit to it, and what is wrong with its file.

    `changes` are those of its page a day, `days` those since it was last seen, or asked for in vain.
    """

    path: str
    url: str
    fetched_at: datetime | None
    verified_at: datetime | None
    visit: Visit | None
    fault: str = ""
    changes: float = 0.0  # of its page, a day
    days: float = math.inf  # since that was seen, or asked for in vain

    @property
    def site(self) -> str:
        """The host, with a port if the address has one."""
        return urlsplit(self.url).netloc

    @property
    def current(self) -> datetime | None:
        """When the body was last known to be that of the page."""
        return max(filter(None, (self.fetched_at, self.verified_at)), default=None)

    @property
    def outcome(self) -> Outcome | None:
        """How the last visit ended, None without one."""
        return self.visit.outcome if self.visit else None

    @property
    def is_troubled(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.fault) or self.outcome in TROUBLES | {Outcome.GONE}

    @property
    def stale(self) -> float:
        """The chance that its page has changed since then."""
        return -math.expm1(-self.changes * self.days) if self.days < math.inf else 1.0

    @property
    def gain(self) -> float:
        """The freshness that a visit wins (`freshness.gain`)."""
        return gain(self.changes, self.days) if self.days < math.inf else math.inf

    def age(self, now: datetime) -> str:
        """The name of its age: one of AGES."""
        if self.current is None:
            return NEVER
        passed = now - self.current
        return next((name for name, bound in _BOUNDS.items() if passed <= bound), OLDER)


def standings(
    found: Iterable[tuple[str, Entry | SeedError | None]], state: State, given: Arguments, site: str = ""
) -> list[Standing]:
    """Where the seeds stand that were found and that a run with these arguments would take on, in its order.

    `site` is the host that they are on, if given; files that cannot be used are on none.
    """
    verified, now, rates = state.verified(), datetime.now(UTC), Rates()
    visits: dict[str, Visit] = {}
    for page, (course, last) in state.each(unpack_course):
        rates.add(page, history(course))
        visits[page] = last
    wanted = [(path, seed) for path, seed in found if seed and (not site or _is_on(site, seed))]
    as_found = dict(wanted)  # with its stamp as it stands
    chosen = folder.chosen(wanted, given, verified.get, now, gain=rates.ranking(now))
    return [_due(_standing(path, as_found[path], verified, visits), rates, now) for path, _ in chosen]


def _is_on(site: str, seed: Entry | SeedError) -> bool:
    return isinstance(seed, Entry) and urlsplit(seed.url).netloc == site


def _standing(
    path: str, seed: Entry | SeedError, verified: Mapping[str, datetime], visits: Mapping[str, Visit]
) -> Standing:
    if isinstance(seed, SeedError):
        return Standing(path, "", None, None, None, seed.detail)
    page = as_text(page_url(seed.url))
    return Standing(path, seed.url, seed.fetched_at, verified.get(page), visits.get(page))


def _due(seed: Standing, rates: Rates, now: datetime) -> Standing:
    if seed.fault:
        return seed
    page = as_text(page_url(seed.url))
    return seed._replace(changes=rates.changes(page), days=rates.days(page, seed.current, now))


def by_gain(seeds: Iterable[Standing]) -> list[Standing]:
    """The seeds that can be visited, those first of which a visit wins most."""
    return sorted((seed for seed in seeds if not seed.fault), key=lambda seed: (-seed.gain, seed.path))


def by_age(seeds: Iterable[Standing]) -> list[Standing]:
    """The seeds, the oldest first and those that were never current before them; of the same age by path."""
    return sorted(seeds, key=lambda seed: (seed.current is not None, seed.current or datetime.min, seed.path))


def as_json(seeds: Sequence[Standing], folder: str, notes: Sequence[str], now: datetime) -> Iterator[str]:
    """The seeds as JSON, piece by piece."""
    outcomes, ages = Counter(seed.outcome for seed in seeds), Counter(seed.age(now) for seed in seeds)
    head = {
        "version": VERSION,
        "at": _time(now),
        "folder": folder,
        "notes": notes,
        "found": len(seeds),
        "outcomes": {**{outcome.value: outcomes[outcome] for outcome in Outcome}, NEVER: outcomes[None]},
        "ages": {age: ages[age] for age in AGES},
    }
    yield json.dumps(head, indent=1).removesuffix("\n}") + ',\n "seeds": ['
    for number, seed in enumerate(seeds):
        yield (",\n" if number else "\n") + json.dumps(_values(seed, now))
    yield "\n]}\n"


def _values(seed: Standing, now: datetime) -> dict[str, object]:
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
        "changes_every": round(1 / seed.changes, 1) if seed.changes else None,
        "stale": round(seed.stale, 3),
        "gain": round(seed.gain, 3) if seed.gain < math.inf else None,
        "fault": seed.fault or None,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
