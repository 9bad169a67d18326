"""A person's word on a difference that was held back: to be written at the next visit, or not to be told of again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from fetcher.report.harmless import visible
from fetcher.seeds.seeds import Seed
from fetcher.terms.arguments import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from fetcher.memory.state import State

_MOST = 512  # that are remembered of a seed


def pending(report: Path, path: str) -> dict[str, str]:
    """What the last report has as held back of a seed: the kind and the texts, by ID. Raises UsageError."""
    try:
        seeds = json.loads(report.read_text(encoding="utf-8"))["seeds"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"there is no report at {report}; run `scrapy crawl refresh` first") from error
    held = next((seed["held_back"] for seed in seeds if seed["path"] == path), None)
    if held is None:
        raise UsageError(f"{visible(path)} is not in the last report, {report}")
    return {one["id"]: visible(f"{one['reason']}: {_texts(one['removed'], one['added'])}") for one in held}


def _texts(removed: str, added: str) -> str:
    return " ".join(f"{sign}{text}" for sign, text in (("-", removed), ("+", added)) if text)


def known(wanted: Sequence[str], found: Iterable[str]) -> tuple[str, ...]:
    """The wanted IDs, each once; UsageError where one is not among those found."""
    unknown = sorted({*wanted} - {*found})
    if unknown:
        raise UsageError(f"nothing that was held back has the ID {visible(', '.join(unknown))}")
    return tuple(dict.fromkeys(wanted))


def decide(seed: Seed | None, state: State, path: str, ids: Sequence[str], *, accept: bool, when: datetime) -> None:
    """Remember that differences are accepted, or refused, so that the next run looks again. Raises UsageError."""
    base = state.base(seed.url, path) if isinstance(seed, Seed) else None
    if seed is None or base is None:
        raise UsageError(f"nothing is remembered of {visible(path)}; run `scrapy crawl refresh` first")
    new, old = (base.accepted, base.declined) if accept else (base.declined, base.accepted)
    new, old = (*(one for one in new if one not in ids), *ids)[-_MOST:], tuple(one for one in old if one not in ids)
    accepted, declined = (new, old) if accept else (old, new)
    state.keep_base(seed.url, path, replace(base, accepted=accepted, declined=declined), when)
    state.keep(replace(state.recall(seed.url), fingerprint=b""))
