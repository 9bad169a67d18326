"""New pages as seeds without a body, in a folder for review: those that a person removes there are not made again."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from posixpath import splitext
from typing import TYPE_CHECKING, Any

from fetcher.discover.found import OPEN, REFUSED, Held, Past
from fetcher.discover.places import place
from fetcher.run import adding
from fetcher.seeds import folder, writing
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import page_url
from fetcher.terms import addresses
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path

    from fetcher.discover.found import New
    from fetcher.discover.places import Place
    from fetcher.run.adding import Known

VERSION = 1
FOLDER = "proposals"
ACCOUNT = "proposals.json"
"""In REPORT_DIR: the seeds, and what the last survey came to, from which the next one knows what was proposed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A seed that was proposed: the address of its page, its path in the folder, and the digest of its text."""

    url: str
    path: str
    digest: str
    is_refused: bool = False


@dataclass(slots=True)
class Proposals:
    """The seeds that are proposed, in the folder `home`, and those that were and that a person has removed."""

    home: Path
    made: dict[Place, Proposal] = field(default_factory=dict)
    looked: frozenset[Place] = frozenset()
    notes: list[str] = field(default_factory=list)

    def past(self, listed: Iterable[str], *, again: bool) -> Past:
        """What a survey is to know; `again` has it propose what was refused."""
        proposed = {
            one: REFUSED if proposal.is_refused else OPEN
            for one, proposal in self.made.items()
            if not (again and proposal.is_refused)
        }
        return Past(frozenset(map(place, listed)), proposed, self.looked)

    def add(self, new: Iterable[New], seen: Known) -> Iterator[tuple[New, str]]:
        """Write a seed for each page; gives each with its path in the folder, empty where it cannot be written."""
        for page in new:
            try:
                wanted, seed = adding.placed(page.url, page.title, None, seen)
                path = next(name for name in _names(wanted) if not self._is_taken(name, seen))
                writing.create(self.home, path, seed.text)
            except SeedError as error:
                self.notes.append(f"{page.url} has no proposal: {error.detail}")
                yield page, ""
                continue
            self.made[place(page.url)] = Proposal(page.url, path, _digest(seed.text))
            yield page, path

    def _is_taken(self, path: str, seen: Known) -> bool:
        return any((home / path).exists() for home in (self.home, seen.home))

    def as_data(self) -> list[dict[str, Any]]:
        """The proposals for the account."""
        return [
            {"url": one.url, "path": one.path, "digest": one.digest, "state": REFUSED if one.is_refused else OPEN}
            for one in self.made.values()
        ]


def opened(reports: Path, seen: Known, stored: Container[Place], *, keeps: bool) -> Proposals:
    """The proposals in a folder of reports, as a person has left them; UsageError where they would be among the seeds.

    One whose file is not there any more was refused, unless its page is `stored` by now. Where that is, the file
    goes, if it is as it was made and if this survey `keeps` anything.
    """
    home = reports / FOLDER
    if seen.home.resolve() in (home.resolve(), *home.resolve().parents):
        said = f"REPORT_DIR={reports} is in SEEDS_DIR={seen.home}: proposals there would be seeds; name another one"
        raise UsageError(said)
    found = Proposals(home)
    proposals, looked = _read(reports / ACCOUNT, found.notes)
    found.looked = frozenset(map(place, looked))
    surveyed = folder.survey(home, keys=seen.keys) if home.is_dir() else ()
    there = {place(one.url): one for _, one in surveyed if isinstance(one, Entry)}
    for proposal in proposals:
        one = place(proposal.url)
        if one in stored and keeps and one in there:
            _remove_if(home, proposal)
        elif one not in stored:
            found.made[one] = replace(proposal, is_refused=one not in there)
    for one, entry in there.items():
        if one not in stored:
            found.made.setdefault(one, Proposal(entry.url, entry.path, ""))
    return found


def by_site(seen: Known) -> list[Held]:
    """What is held of each site."""
    sites: dict[str, Held] = {}
    for entry in seen.pages.values():
        one = place(entry.url)
        held = sites.setdefault(one.site, Held(one.site, {}, {}))
        held.pages.setdefault(one, entry.path)
        held.urls.setdefault(one, page_url(entry.url))
    return list(sites.values())


def _read(account: Path, notes: list[str]) -> tuple[list[Proposal], list[str]]:
    """What the last account has: the proposals, and the addresses of pages that were looked at and left out."""
    try:
        data = json.loads(account.read_text(encoding="utf-8"))
        proposals = [
            Proposal(_address(one["url"]), str(one["path"]), str(one["digest"]), one["state"] == REFUSED)
            for one in data["proposals"]
        ]
        return proposals, [_address(url) for site in data["sites"] for url in site["looked"]]
    except FileNotFoundError:
        return [], []
    except (OSError, ValueError, KeyError, TypeError):
        notes.append(f"{account} cannot be read: what was proposed before is not known.")
        return [], []


def _address(text: object) -> str:
    """An address of the account; ValueError where somebody has made it into none."""
    if not isinstance(text, str) or addresses.fault(text):
        raise ValueError(text)
    return text


def _remove_if(home: Path, proposal: Proposal) -> None:
    """Remove a proposal's file, if it is as it was made."""
    with suppress(OSError, SeedError):
        place = folder.inside(home, proposal.path)
        if _digest(folder.read_bytes(place).decode("utf-8", "replace")) == proposal.digest:
            place.unlink()


def _digest(text: str) -> str:
    return folder.digest(text).hex()


def _names(path: str) -> Iterator[str]:
    stem, end = splitext(path)
    yield path
    for number in range(2, 10_000):
        yield f"{stem}-{number}{end}"
