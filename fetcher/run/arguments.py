"""Parses the arguments of a run (`-a name=value`) and the settings that need more than Scrapy's own types."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from fetcher.report.changes import CLASSES
from fetcher.run.circuit_breaker import WriteLimits
from fetcher.run.waves import WaveSize
from fetcher.seeds import stamps
from fetcher.seeds.seeds import DEFAULT_KEYS, Keys
from fetcher.terms.arguments import KNOWN, Arguments, UsageError, parse_shard
from fetcher.terms.outcomes import ACCEPTABLE, METADATA_NAMES

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.terms.arguments import Shard

_SIDES = ("mine", "theirs")
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0", ""})
_FIELDS = ("title", *METADATA_NAMES)
_WAVE = re.compile(r"\s*(\d{1,9})\s*,\s*(\d{1,3}(?:\.\d+)?)\s*%\s*")
_KEY = re.compile(r"[A-Za-z_][\w.-]*")


def split_arguments(words: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    """The values of words such as `limit=5`, by name; raises UsageError for words of another form and unknown names.

    >>> split_arguments(["limit=5"], KNOWN)
    {'limit': '5'}
    """
    try:
        given = dict(word.split("=", 1) for word in words)
    except ValueError as error:
        raise UsageError("-a takes NAME=VALUE") from error
    _check_names(given, known)
    return given


def parse(given: Mapping[str, str], now: datetime) -> Arguments:
    """The arguments given with `-a name=value`; raises UsageError for unknown names and invalid values.

    >>> from datetime import UTC, datetime
    >>> parse({"limit": "5", "dry_run": "true"}, datetime.now(UTC)).limit
    5
    """
    _check_names(given, KNOWN)
    return Arguments(
        path=given.get("path", ""),
        url=given.get("url", ""),
        older_than=_age(given["older_than"], now) if "older_than" in given else None,
        limit=_count(given["limit"]) if "limit" in given else None,
        dry_run=_switch("dry_run", given),
        shard=_shard(given["shard"]) if "shard" in given else None,
        follow_moves=_switch("follow_moves", given),
        localise=_switch("localise", given),
        accept=_reasons(given["accept"]) if "accept" in given else frozenset(),
        conflicts=_side(given.get("conflicts", "mine")),
        only=_classes(given["only"]) if "only" in given else frozenset(),
    )


def _check_names(given: Mapping[str, str], known: Sequence[str]) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise UsageError(f"unknown argument {', '.join(unknown)}; known ones are {', '.join(known)}")


def keys(url: object, stamp: object) -> Keys:
    """The keys named by the settings SEEDS_URL_KEY and SEEDS_STAMP_KEY, in order of preference; raises UsageError.

    >>> keys("source_url, link", "created").url
    ('source_url', 'link')
    """
    found = Keys(
        DEFAULT_KEYS.url if url is None else _names("SEEDS_URL_KEY", url),
        DEFAULT_KEYS.stamp if stamp is None else _names("SEEDS_STAMP_KEY", stamp),
    )
    if both := sorted({*found.url} & {*found.stamp} | {*found.url, *found.stamp} & {"title"}):
        raise UsageError(f"SEEDS_URL_KEY and SEEDS_STAMP_KEY have {', '.join(both)}, which is of another kind")
    return found


def _names(setting: str, given: object) -> tuple[str, ...]:
    text = ",".join(map(str, given)) if isinstance(given, list | tuple) else str(given or "")
    names = tuple(filter(None, map(str.strip, text.split(","))))
    if not names or not all(map(_KEY.fullmatch, names)):
        raise UsageError(f"{setting}={text} names no keys of front matter: give source_url,link or the like")
    return names


def fields(given: object, ours: Keys) -> dict[str, str]:
    """The key of the front matter for each field of page metadata, from the setting SEEDS_FIELDS.

    `given` is a mapping, or text with commas, in which a name without a key stands for both. Raises UsageError for
    unknown names, and for keys that are invalid or in use for the address or the stamp.

    >>> fields("language, published=date", Keys())
    {'language': 'language', 'published': 'date'}
    """
    pairs = given.items() if isinstance(given, Mapping) else map(_pair, filter(str.strip, str(given or "").split(",")))
    found = {str(name): str(key) for name, key in pairs}
    if unknown := sorted(set(found) - set(_FIELDS)):
        raise UsageError(f"SEEDS_FIELDS={', '.join(unknown)} is no field; known ones are {', '.join(_FIELDS)}")
    for key in found.values():
        if not _KEY.fullmatch(key) or key in {*ours.url, *ours.stamp}:
            raise UsageError(f"SEEDS_FIELDS has the key {key!r}, which is not one to write a field into")
    return found


def workers(given: object) -> int:
    """The number of processes from the setting REFRESH_WORKERS; `auto` is the number of cores. Raises UsageError."""
    if given == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not str(given).isdecimal():
        raise UsageError(f"REFRESH_WORKERS={given} is neither auto nor a number of processes")
    return int(str(given))


def wave(given: object) -> WaveSize | None:
    """The size of a wave from the setting REFRESH_WAVE; None if it is empty. Raises UsageError.

    >>> wave("20,20%"), wave("")
    (WaveSize(pages=20, share=0.2), None)
    """
    text = ",".join(map(str, given)) if isinstance(given, list | tuple) else str(given or "")
    if not text.strip():
        return None
    found = _WAVE.fullmatch(text)
    if not found or int(found[1]) < 2 or float(found[2]) > 100:
        wanted = "a number of pages, 2 or more, and a share of a host's pages, as in REFRESH_WAVE=20,20%"
        raise UsageError(f"REFRESH_WAVE={text} cannot be used: give it {wanted}, or leave it empty for no waves")
    return WaveSize(int(found[1]), float(found[2]) / 100)


def write_limits(brake: object, size: object) -> WriteLimits:
    """The limits from the settings REFRESH_BRAKE_SHARE and REFRESH_WAVE; raises UsageError."""
    return WriteLimits(share("REFRESH_BRAKE_SHARE", brake), wave(size))


def positive_number(name: str, given: object) -> float:
    """The value of a setting as a finite number above 0; raises UsageError if it is not one."""
    try:
        value = float(str(given))
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise UsageError(f"{name}={given} is no number above 0")
    return value


def one_of(name: str, given: object, known: Sequence[str]) -> str:
    """The value of a setting, if it is among those known; raises UsageError otherwise."""
    value = str(given)
    if value not in known:
        raise UsageError(f"{name}={value} is none of {', '.join(filter(None, known))}, nor empty")
    return value


def share(name: str, given: object) -> float:
    """The value of a setting as a number from 0 to 1; raises UsageError if it is not one."""
    try:
        value = float(str(given))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"{name}={given} is no share between 0 and 1")
    return value


def _pair(entry: str) -> tuple[str, str]:
    name, sign, key = entry.partition("=")
    return name.strip(), (key if sign else name).strip()


def _age(value: str, now: datetime) -> datetime:
    try:
        return stamps.parse_age(value, now)
    except ValueError as error:
        raise UsageError(f"older_than={value} is neither an age such as 30d or 2w nor a date") from error


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise UsageError(f"limit={value} is no number of seeds")
    return int(value)


def _shard(value: str) -> Shard:
    try:
        return parse_shard(value)
    except ValueError as error:
        raise UsageError(f"shard={error}") from error


def _switch(name: str, given: Mapping[str, str]) -> bool:
    value = given.get(name, "false")
    word = value.strip().lower()
    if word not in _TRUE | _FALSE:
        raise UsageError(f"{name}={value} is neither true nor false")
    return word in _TRUE


def _side(value: str) -> str:
    if value not in _SIDES:
        raise UsageError(f"conflicts={value} is neither {' nor '.join(_SIDES)}")
    return value


def _classes(value: str) -> frozenset[str]:
    names = frozenset(word.strip().replace("-", " ") for word in value.split(","))
    if unknown := sorted(names - {*CLASSES}):
        known = ", ".join(name.replace(" ", "-") for name in CLASSES)
        raise UsageError(f"only={', '.join(unknown)} is no class of changes; known ones are {known}")
    return names


def _reasons(value: str) -> frozenset[str]:
    reasons = frozenset(word.strip() for word in value.split(","))
    if unknown := sorted(reasons - ACCEPTABLE):
        raise UsageError(f"accept={', '.join(unknown)} is no reason; known ones are {', '.join(sorted(ACCEPTABLE))}")
    return reasons
