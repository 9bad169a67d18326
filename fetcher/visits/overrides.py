"""Records what a person says of a held-back difference: to be written at the next visit, or not to be told of again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fetcher.report import files
from fetcher.report.screen import visible
from fetcher.seeds.seeds import Seed, page_url
from fetcher.terms.arguments import UsageError
from fetcher.terms.outcomes import WRITTEN, Noise, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from fetcher.memory.state import State

_SEEN = frozenset[str](WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED})
_MOST = 512  # that are remembered of a seed


def pending(reports: Path, seeds: Path, path: str) -> dict[str, str]:
    """What was held back of a seed when its page was last seen: the kind and the texts, by ID.

    `reports` is the folder of the reports on `seeds`: the latest that has the seed is meant. Raises UsageError.
    """
    for rows in _reports(reports, seeds):
        if (held := rows.get(path)) is not None:
            return {one["id"]: visible(f"{one['reason']}: {_texts(one['removed'], one['added'])}") for one in held}
    remedy = f"run `scrapy crawl refresh -a path={visible(path)}` first"
    raise UsageError(f"no report in {reports} has {visible(path)} as a page that was seen; {remedy}")


def require_writable(ids: Sequence[str], pending: Mapping[str, str]) -> None:
    """Raises UsageError where one of the IDs is of what no run can write, whoever accepts it."""
    mark = f"{Noise.UNWRITABLE}: "
    if stuck := [one for one in ids if pending[one].startswith(mark)]:
        what = "breaks what stands around it in the body, so that no run writes it; edit the file by hand"
        raise UsageError(f"{', '.join(stuck)} {what}")


def waves(reports: Path, seeds: Path, ids: Sequence[str]) -> dict[str, list[str]]:
    """Those of the IDs that each seed has among what waits as part of a wave, by path; `reports` is as above.

    The latest report that has one of them is meant. Raises UsageError, for an ID that no seed has there, too.
    """
    found: dict[str, list[str]] = {}
    for rows in _reports(reports, seeds):
        for path, held in rows.items():
            waiting = {one["id"] for one in held if one["reason"] == Noise.WAVE}
            if here := [one for one in dict.fromkeys(ids) if one in waiting]:
                found[path] = here
        if found:
            break
    require_known(ids, (one for here in found.values() for one in here))
    return found


def _reports(reports: Path, seeds: Path) -> Iterator[dict[str, list[dict[str, str]]]]:
    """What each report on the seeds has as held back, by path, of those whose page was seen; the latest first."""
    are_there = False
    for place in files.kept(reports):
        try:
            told = json.loads((place / "report.json").read_text(encoding="utf-8"))
            if Path(told["folder"]).resolve() == seeds.resolve():
                yield {seed["path"]: seed["held_back"] for seed in told["seeds"] if seed["outcome"] in _SEEN}
                are_there = True
        except (OSError, ValueError, KeyError, TypeError):  # there is none, or somebody has edited it
            continue
    if not are_there:
        raise UsageError(f"there is no report on {seeds} in {reports}; run `scrapy crawl refresh` first")


def _texts(removed: str, added: str) -> str:
    return " ".join(f"{sign}{text}" for sign, text in (("-", removed), ("+", added)) if text)


def require_known(wanted: Sequence[str], found: Iterable[str]) -> tuple[str, ...]:
    """The wanted IDs, each once; UsageError where one is not among those found."""
    unknown = sorted({*wanted} - {*found})
    if unknown:
        raise UsageError(f"nothing that was held back has the ID {visible(', '.join(unknown))}")
    return tuple(dict.fromkeys(wanted))


def decided(seed: Seed | None, state: State, path: str) -> frozenset[str]:
    """The IDs that a person has accepted, or refused, since a run saw the seed's page."""
    base = state.base(page_url(seed.url), path) if isinstance(seed, Seed) else None
    return frozenset((*base.accepted, *base.declined)) if base else frozenset()


def decide(seed: Seed | None, state: State, path: str, ids: Sequence[str], *, accept: bool, when: datetime) -> bool:
    """Remember that differences are accepted, or refused, so that the next run looks again.

    False where nothing is remembered of the seed that could be brought up to date.
    """
    base = state.base(page_url(seed.url), path) if isinstance(seed, Seed) else None
    if seed is None or base is None:
        return False
    new, old = (base.accepted, base.declined) if accept else (base.declined, base.accepted)
    new, old = (*(one for one in new if one not in ids), *ids)[-_MOST:], tuple(one for one in old if one not in ids)
    accepted, declined = (new, old) if accept else (old, new)
    state.keep_base(page_url(seed.url), path, replace(base, accepted=accepted, declined=declined), when)
    state.keep(replace(state.recall(page_url(seed.url)), fingerprint=b""))
    return True
