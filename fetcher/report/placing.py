"""A report put in place as a whole, and those before it kept beside it."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

KEPT = 10
"""Earlier reports that are kept beside the latest one."""

_EARLIER = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z")


def put(folder: Path, fill: Callable[[Path], object]) -> None:
    """Puts what `fill` writes into a new folder in the place of `latest`, whatever is there; that gets another name.

    OSError where that cannot be done: then nothing is left of it, and the room that it took is free again.
    """
    fresh, latest = folder / ".new", folder / "latest"
    _remove(fresh)  # of a run that was killed just here
    try:
        fresh.mkdir()
        fill(fresh)
        if os.path.lexists(latest):  # even a link that leads nowhere
            latest.rename(_name(latest))
        fresh.rename(latest)
    except OSError:
        _remove(fresh)
        raise
    for place in kept(folder)[1 + KEPT :]:
        _remove(place)


def kept(folder: Path) -> list[Path]:
    """The folders of the reports that are there, the latest first."""
    earlier = (place for place in folder.iterdir() if _EARLIER.fullmatch(place.name)) if folder.is_dir() else ()
    return [folder / "latest", *sorted(earlier, reverse=True)]


def write(place: Path, texts: Iterable[str]) -> None:
    """Writes texts into a file, their line ends as they are."""
    with place.open("w", encoding="utf-8", newline="") as file:
        file.writelines(texts)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    elif os.path.lexists(place):
        place.unlink()


def _name(report: Path) -> Path:
    """A free name: the time at which the report was written, which sorts by it on any system."""
    moment = datetime.fromtimestamp(report.lstat().st_mtime, UTC)
    while os.path.lexists(place := report.with_name(moment.strftime("%Y-%m-%dT%H%M%S.%fZ"))):
        moment += timedelta(microseconds=1)
    return place


def stamp(moment: datetime) -> str:
    """A moment as reports have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
