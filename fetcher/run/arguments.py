"""The arguments of a run, as they stand on the command line, and the settings that have a form of their own."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from fetcher.page.metadata import NAMES
from fetcher.report.changes import CLASSES
from fetcher.run.circuit_breaker import Gates
from fetcher.run.waves import Size
from fetcher.seeds import stamps
from fetcher.seeds.keys import USUAL, Keys
from fetcher.terms.arguments import KNOWN, Arguments, UsageError, parse_shard
from fetcher.terms.outcomes import ACCEPTABLE

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.terms.arguments import Shard

_SIDES = ("mine", "theirs")
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0", ""})
_FIELDS = ("title", *NAMES)
_WAVE = re.compile(r"\s*(\d{1,9})\s*,\s*(\d{1,3}(?:\.\d+)?)\s*%\s*")
_KEY = re.compile(r"[A-Za-z_][\w.-]*")


def named(words: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    """The values of words such as `limit=5`, by name; raises UsageError for another word, and for an unknown name.

    >>> named(["limit=5"], KNOWN)
    {'limit': '5'}
    """
    try:
        given = dict(word.split("=", 1) for word in words)
    except ValueError as error:
        raise UsageError("-a takes NAME=VALUE") from error
    _check_names(given, known)
    return given


def parse(given: Mapping[str, str], now: datetime) -> Arguments:
    """The arguments that `-a name=value` gave; raises UsageError for an unknown name and for a value of no sense.

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
    """The keys that the settings SEEDS_URL_KEY and SEEDS_STAMP_KEY name, in order of preference; or UsageError.

    >>> keys("source_url, link", "created").url
    ('source_url', 'link')
    """
    found = Keys(
        USUAL.url if url is None else _names("SEEDS_URL_KEY", url),
        USUAL.stamp if stamp is None else _names("SEEDS_STAMP_KEY", stamp),
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
    """The keys of the front matter, by what a page says of itself, that the setting SEEDS_FIELDS names.

    Takes a mapping, or text with commas in which a name without a key is its own. Raises UsageError for an unknown
    name, and for a key that is none of the user's.

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
    """The number of processes that the setting REFRESH_WORKERS asks for, `auto` being that of cores."""
    if given == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not str(given).isdecimal():
        raise UsageError(f"REFRESH_WORKERS={given} is neither auto nor a number of processes")
    return int(str(given))


def wave(given: object) -> Size | None:
    """From when on the setting REFRESH_WAVE takes a change for a wave; None where nothing is one. Or UsageError.

    >>> wave("20,20%"), wave("")
    (Size(pages=20, share=0.2), None)
    """
    text = ",".join(map(str, given)) if isinstance(given, list | tuple) else str(given or "")
    if not text.strip():
        return None
    found = _WAVE.fullmatch(text)
    if not found or int(found[1]) < 2 or float(found[2]) > 100:
        wanted = "a number of pages, 2 or more, and a share of a host's pages, as in REFRESH_WAVE=20,20%"
        raise UsageError(f"REFRESH_WAVE={text} cannot be used: give it {wanted}, or leave it empty for no waves")
    return Size(int(found[1]), float(found[2]) / 100)


def gates(brake: object, size: object) -> Gates:
    """When results may be written, by the settings REFRESH_BRAKE_SHARE and REFRESH_WAVE; or UsageError."""
    return Gates(share("REFRESH_BRAKE_SHARE", brake), wave(size))


def bound(name: str, given: object) -> float:
    """The value of a setting that bounds something; UsageError where it is no number above 0."""
    try:
        value = float(str(given))
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise UsageError(f"{name}={given} is no number above 0")
    return value


def one_of(name: str, given: object, known: Sequence[str]) -> str:
    """The value of a setting that is one of those known, or empty; UsageError where it is none."""
    value = str(given)
    if value not in known:
        raise UsageError(f"{name}={value} is none of {', '.join(filter(None, known))}, nor empty")
    return value


def share(name: str, given: object) -> float:
    """The value of a setting that is a share; UsageError where it is none."""
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
