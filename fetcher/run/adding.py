"""Creates seeds for new pages, named and laid out like the seeds of similar pages, from the results of a trial run."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from posixpath import dirname
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fetcher.seeds import folder, frontmatter_edit, seeds
from fetcher.seeds.adding import NEAREST, Neighbour, commonest_folder, file_name, folder_for, nearest, new_seed
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import page_url
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from fetcher.seeds.seeds import Keys, Seed
    from fetcher.visits.results import Result

_TAIL = re.compile(r"\s+[-–—|·»]\s")  # between a page's title and the name of its site


@dataclass(frozen=True, slots=True)
class ExistingSeeds:
    """The seeds of the folder `home`, by the address of their page."""

    home: Path
    keys: Keys
    pages: Mapping[str, Entry]

    def refuse(self, url: str) -> None:
        """Raises UsageError if the page has a seed already, or the address is invalid."""
        try:
            seeds.parse(_blank_seed(url))
        except SeedError as error:
            raise UsageError(f"{url}: {error.detail}") from error
        if found := self.pages.get(_page_key(url)):
            raise UsageError(f"{url} has a seed already: {found.path}")

    def neighbours(self, url: str, home: str | None = None) -> list[Neighbour]:
        """The readable seeds of pages with similar addresses or, if `home` is given, of that folder."""
        entries = list(self.pages.values())
        if home is not None:
            entries = [entry for entry in entries if commonest_folder([entry]) == home][:NEAREST]
        found = []
        for entry in nearest(url, entries) if home is None else entries:
            try:
                seed = folder.load(self.home, entry.path, self.keys)
            except SeedError:
                continue
            found += [Neighbour(entry.path, seed)] if seed else []
        return found


@dataclass(frozen=True, slots=True)
class NewSeed:
    """A new seed, the `text` for a file at `path`; both are empty if the visit failed (`result`)."""

    path: str
    text: str
    result: Result


def existing_seeds(home: Path, keys: Keys) -> ExistingSeeds:
    """The seeds of a folder; raises UsageError if there is no such folder."""
    if not home.is_dir():
        raise UsageError(f"SEEDS_DIR={home} is no folder")
    entries = (found for _, found in folder.scan(home, keys=keys) if isinstance(found, Entry))
    return ExistingSeeds(home, keys, {_page_key(entry.url): entry for entry in entries})


def write_blank_seeds(urls: Sequence[str], place: Path) -> None:
    """Writes a seed without a body for each page into the folder `place`, for a run to fill."""
    for number, url in enumerate(urls):
        (place / _name(number)).write_text(_blank_seed(url), encoding="utf-8")


def new_seeds(
    urls: Sequence[str], results: Sequence[Result], seen: ExistingSeeds, wanted: str = ""
) -> Iterator[NewSeed]:
    """The new seed for each page, in order, from the results of the run; `wanted` is the path that a person chose."""
    by_path = {result.record.path: result for result in results}
    for number, url in enumerate(urls):
        result = by_path[_name(number)]
        is_filled = result.record.outcome is Outcome.FILLED
        yield _new_seed(url, result, seen, wanted) if is_filled else NewSeed("", "", result)


def _new_seed(url: str, result: Result, seen: ExistingSeeds, wanted: str) -> NewSeed:
    if elsewhere := seen.pages.get(_page_key(result.record.redirected_to or url)):
        detail = f"It leads to a page that has a seed already: {elsewhere.path}."
        return NewSeed("", "", replace(result, record=replace(result.record, detail=detail, mend="")))
    filled = seeds.parse(result.new)
    title = _title_like_neighbours(
        (result.record.title or "").strip(), filled.body if filled else "", seen.neighbours(url)
    )
    path, seed = place_seed(url, title, (filled and filled.fetched_at) or datetime.now(UTC), seen, wanted)
    if (seen.home / path).exists():
        detail, mend = f"There is a file {path} already.", "Name another one with --file."
        return NewSeed("", "", replace(result, record=replace(result.record, detail=detail, mend=mend)))
    return NewSeed(path, seeds.render(seed, filled.body if filled else ""), result)


def _title_like_neighbours(title: str, body: str, neighbours: Sequence[Neighbour]) -> str:
    """The page's title, without the site's name after its heading if no neighbour's title ends with that name."""
    heading = next((line[2:].strip() for line in body.splitlines() if line.startswith("# ")), "")
    tail = title.removeprefix(heading) if heading and title.startswith(heading) else ""
    theirs = [neighbour.seed.title for neighbour in neighbours if neighbour.seed.title]
    is_site = bool(_TAIL.match(tail)) and bool(theirs) and not any(one.endswith(tail) for one in theirs)
    return heading if is_site else title


def place_seed(url: str, title: str, when: datetime | None, seen: ExistingSeeds, wanted: str = "") -> tuple[str, Seed]:
    """The path of a new seed and the seed without a body, both in the style of its neighbours.

    `wanted` is as in `new_seeds`; `when` is None for a page that was never fetched, whose seed has no stamp.
    """
    neighbours = seen.neighbours(url, dirname(wanted) if wanted else None)
    title = title or urlsplit(url).path.rstrip("/").rpartition("/")[2] or url
    home = dirname(wanted) if wanted else folder_for(url, neighbours)
    alike = [neighbour for neighbour in neighbours if dirname(neighbour.path) == home] or neighbours
    path = wanted or "/".join(filter(None, [home, file_name(url, title, alike)]))
    return path, new_seed(url, title, when, alike, seen.keys)


def _name(number: int) -> str:
    return f"{number}.md"


def _page_key(url: str) -> str:
    """The address of a page without its fragment and trailing slash, for comparison."""
    return page_url(url).rstrip("/")


def _blank_seed(url: str) -> str:
    return f"---\nsource_url: {frontmatter_edit.double_quoted(url)}\n---\n"
