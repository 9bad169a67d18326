"""New seeds for pages: each visited as a run visits it, and nothing of it written before a person has seen it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from posixpath import dirname
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fetcher.seeds import folder, frontmatter_edit, seeds
from fetcher.seeds.adding import NEAREST, Neighbour, file_name, folder_of, home_for, like, nearest
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import page_url
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from fetcher.seeds.keys import Keys
    from fetcher.seeds.seeds import Seed
    from fetcher.visits.results import Result

_TAIL = re.compile(r"\s+[-–—|·»]\s")  # before the name of a site


@dataclass(frozen=True, slots=True)
class Known:
    """The seeds that there are in the folder `home`, by the address of their page."""

    home: Path
    keys: Keys
    pages: Mapping[str, Entry]

    def refuse(self, url: str) -> None:
        """Raise UsageError where a page has a seed already, or an address is none."""
        try:
            seeds.parse(_text(url))
        except SeedError as error:
            raise UsageError(f"{url}: {error.detail}") from error
        if found := self.pages.get(_same(url)):
            raise UsageError(f"{url} has a seed already: {found.path}")

    def neighbours(self, url: str, home: str | None = None) -> list[Neighbour]:
        """The seeds of pages near to one, as far as they can be read; if `home` is given, those in that folder."""
        entries = list(self.pages.values())
        if home is not None:
            entries = [entry for entry in entries if folder_of([entry]) == home][:NEAREST]
        found = []
        for entry in nearest(url, entries) if home is None else entries:
            try:
                seed = folder.load(self.home, entry.path, self.keys)
            except SeedError:
                continue
            found += [Neighbour(entry.path, seed)] if seed else []
        return found


@dataclass(frozen=True, slots=True)
class New:
    """What came of a page: the `text` for a file at `path`; empty where the visit, as `result` has it, brought none."""

    path: str
    text: str
    result: Result


def known(home: Path, keys: Keys) -> Known:
    """The seeds of a folder; UsageError where there is none."""
    if not home.is_dir():
        raise UsageError(f"SEEDS_DIR={home} is no folder")
    entries = (found for _, found in folder.survey(home, keys=keys) if isinstance(found, Entry))
    return Known(home, keys, {_same(entry.url): entry for entry in entries})


def prepare(urls: Sequence[str], place: Path) -> None:
    """Put a seed without a body for each page into a folder of their own, in which a run can fill them."""
    for number, url in enumerate(urls):
        (place / _name(number)).write_text(_text(url), encoding="utf-8")


def made(urls: Sequence[str], results: Sequence[Result], seen: Known, wanted: str = "") -> Iterator[New]:
    """What came of each page that was prepared, in order; `wanted` is the file's path, if a person gave one."""
    by_path = {result.record.path: result for result in results}
    for number, url in enumerate(urls):
        result = by_path[_name(number)]
        is_filled = result.record.outcome is Outcome.FILLED
        yield _made(url, result, seen, wanted) if is_filled else New("", "", result)


def _made(url: str, result: Result, seen: Known, wanted: str) -> New:
    if elsewhere := seen.pages.get(_same(result.record.redirected_to or url)):
        detail = f"It leads to a page that has a seed already: {elsewhere.path}."
        return New("", "", replace(result, record=replace(result.record, detail=detail, mend="")))
    filled = seeds.parse(result.new)
    title = _as_theirs((result.record.title or "").strip(), filled.body if filled else "", seen.neighbours(url))
    path, seed = placed(url, title, (filled and filled.fetched_at) or datetime.now(UTC), seen, wanted)
    if (seen.home / path).exists():
        detail, mend = f"There is a file {path} already.", "Name another one with --file."
        return New("", "", replace(result, record=replace(result.record, detail=detail, mend=mend)))
    return New(path, seeds.render(seed, filled.body if filled else ""), result)


def _as_theirs(title: str, body: str, neighbours: Sequence[Neighbour]) -> str:
    """The page's title, without the site's name behind the heading of its body if no neighbour has it there."""
    heading = next((line[2:].strip() for line in body.splitlines() if line.startswith("# ")), "")
    tail = title.removeprefix(heading) if heading and title.startswith(heading) else ""
    theirs = [neighbour.seed.title for neighbour in neighbours if neighbour.seed.title]
    is_site = bool(_TAIL.match(tail)) and bool(theirs) and not any(one.endswith(tail) for one in theirs)
    return heading if is_site else title


def placed(url: str, title: str, when: datetime | None, seen: Known, wanted: str = "") -> tuple[str, Seed]:
    """The path of a new seed and the seed, without a body, both after its neighbours; `wanted` is a path as in `made`.

    One that was never fetched has no stamp: `when` is None.
    """
    neighbours = seen.neighbours(url, dirname(wanted) if wanted else None)
    title = title or urlsplit(url).path.rstrip("/").rpartition("/")[2] or url
    home = dirname(wanted) if wanted else home_for(url, neighbours)
    alike = [neighbour for neighbour in neighbours if dirname(neighbour.path) == home] or neighbours
    path = wanted or "/".join(filter(None, [home, file_name(url, title, alike)]))
    return path, like(url, title, when, alike, seen.keys)


def _name(number: int) -> str:
    return f"{number}.md"


def _same(url: str) -> str:
    """The address as pages are told apart here: a slash at its end makes no other one."""
    return page_url(url).rstrip("/")


def _text(url: str) -> str:
    return f"---\nsource_url: {frontmatter_edit.double_quoted(url)}\n---\n"
