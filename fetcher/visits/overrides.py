"""Records whether a person accepts a held-back difference, to be written at the next visit, or refuses it for good."""

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
_MOST = 512  # decisions that are remembered for a seed


def pending(reports: Path, seeds: Path, path: str) -> dict[str, str]:
    """The differences held back for a seed, by ID, each as its kind and texts, from the latest report that has it.

    `reports` is the folder of the reports on `seeds`. Raises UsageError if no report has the seed.
    """
    for rows in _reports(reports, seeds):
        if (held := rows.get(path)) is not None:
            return {one["id"]: visible(f"{one['reason']}: {_texts(one['removed'], one['added'])}") for one in held}
    remedy = f"run `scrapy crawl refresh -a path={visible(path)}` first"
    raise UsageError(f"no report in {reports} has {visible(path)} as a page that was seen; {remedy}")


def require_writable(ids: Sequence[str], pending: Mapping[str, str]) -> None:
    """Raises UsageError if one of the IDs is of a difference that cannot be written even if accepted."""
    mark = f"{Noise.UNWRITABLE}: "
    if stuck := [one for one in ids if pending[one].startswith(mark)]:
        what = "breaks what stands around it in the body, so that no run writes it; edit the file by hand"
        raise UsageError(f"{', '.join(stuck)} {what}")


def waves(reports: Path, seeds: Path, ids: Sequence[str]) -> dict[str, list[str]]:
    """The given IDs that each seed, by path, has among its changes held back as part of a wave.

    They are from the latest report that has any of them. Raises UsageError if that lacks one of the IDs.
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
    """The held-back differences of seeds whose page was seen, by path, for each report on the folder, latest first."""
    are_there = False
    for place in files.report_folders(reports):
        try:
            told = json.loads((place / "report.json").read_text(encoding="utf-8"))
            if Path(told["folder"]).resolve() == seeds.resolve():
                yield {seed["path"]: seed["held_back"] for seed in told["seeds"] if seed["outcome"] in _SEEN}
                are_there = True
        except (OSError, ValueError, KeyError, TypeError):  # missing, or edited by somebody
            continue
    if not are_there:
        raise UsageError(f"there is no report on {seeds} in {reports}; run `scrapy crawl refresh` first")


def _texts(removed: str, added: str) -> str:
    return " ".join(f"{sign}{text}" for sign, text in (("-", removed), ("+", added)) if text)


def require_known(wanted: Sequence[str], found: Iterable[str]) -> tuple[str, ...]:
    """The wanted IDs without duplicates; raises UsageError if one is not among those found."""
    unknown = sorted({*wanted} - {*found})
    if unknown:
        remedy = "`scrapy accept PATH` lists the IDs of a seed"
        raise UsageError(f"nothing that was held back has the ID {visible(', '.join(unknown))}; {remedy}")
    return tuple(dict.fromkeys(wanted))


def decided(seed: Seed | None, state: State, path: str) -> frozenset[str]:
    """The IDs of the seed's differences that a person has accepted or refused."""
    base = state.base(page_url(seed.url), path) if isinstance(seed, Seed) else None
    return frozenset((*base.accepted, *base.declined)) if base else frozenset()


def decide(seed: Seed | None, state: State, path: str, ids: Sequence[str], *, accept: bool, when: datetime) -> bool:
    """Remembers that differences are accepted or refused, and has the next run read the page again.

    Returns False if nothing is remembered of the seed, so that the decision cannot be stored.
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
