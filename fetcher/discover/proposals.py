"""Writes new pages as seeds without a body to a folder for review, and the results of a survey as text and JSON.

A proposal that a person deletes is not made again: the next survey reads the JSON to see what was proposed.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from posixpath import splitext
from typing import TYPE_CHECKING, Any

from fetcher.discover.looking import OPEN, REASONS, REFUSED, Held, Past
from fetcher.discover.places import place
from fetcher.report.screen import printable
from fetcher.run import adding
from fetcher.seeds import folder, writing
from fetcher.seeds.folder import Entry
from fetcher.seeds.seeds import page_url
from fetcher.terms import addresses
from fetcher.terms.arguments import UsageError
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from fetcher.discover.looking import Found, New
    from fetcher.discover.places import Place, Section
    from fetcher.run.adding import ExistingSeeds

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
    """The proposed seeds in the folder `home`, and those that a person has removed."""

    home: Path
    made: dict[Place, Proposal] = field(default_factory=dict)
    looked: frozenset[Place] = frozenset()
    notes: list[str] = field(default_factory=list)

    def past(self, listed: Iterable[str], *, again: bool) -> Past:
        """The results of earlier surveys; with `again`, refused proposals are forgotten."""
        proposed = {
            one: REFUSED if proposal.is_refused else OPEN
            for one, proposal in self.made.items()
            if not (again and proposal.is_refused)
        }
        return Past(frozenset(map(place, listed)), proposed, self.looked)

    def add(self, new: Iterable[New], seen: ExistingSeeds) -> Iterator[tuple[New, str]]:
        """Writes a seed for each page, and yields the page with the path, which is empty if that failed."""
        for page in new:
            try:
                wanted, seed = adding.place_seed(page.url, page.title, None, seen)
                path = next(name for name in _names(wanted) if not self._is_taken(name, seen))
                writing.create(self.home, path, seed.text)
            except SeedError as error:
                self.notes.append(f"{page.url} has no proposal: {error.detail}")
                yield page, ""
                continue
            self.made[place(page.url)] = Proposal(page.url, path, _digest(seed.text))
            yield page, path

    def _is_taken(self, path: str, seen: ExistingSeeds) -> bool:
        return any((home / path).exists() for home in (self.home, seen.home))

    def as_data(self) -> list[dict[str, Any]]:
        """The proposals for the account."""
        return [
            {"url": one.url, "path": one.path, "digest": one.digest, "state": REFUSED if one.is_refused else OPEN}
            for one in self.made.values()
        ]


def opened(reports: Path, seen: ExistingSeeds, stored: Container[Place], *, keeps: bool) -> Proposals:
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
    surveyed = folder.scan(home, keys=seen.keys) if home.is_dir() else ()
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


def by_site(seen: ExistingSeeds) -> list[Held]:
    """The stored pages, grouped by site."""
    sites: dict[str, Held] = {}
    for entry in seen.pages.values():
        one = place(entry.url)
        held = sites.setdefault(one.site, Held(one.site, {}, {}))
        held.pages.setdefault(one, entry.path)
        held.urls.setdefault(one, page_url(entry.url))
    return list(sites.values())


def _read(account: Path, notes: list[str]) -> tuple[list[Proposal], list[str]]:
    """Reads the last account: its proposals, and the addresses of pages that were looked at and left out."""
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
    """An address from the account; raises ValueError if it is not one (the file may have been edited)."""
    if not isinstance(text, str) or addresses.fault(text):
        raise ValueError(text)
    return text


def _remove_if(home: Path, proposal: Proposal) -> None:
    """Removes the file of a proposal, unless somebody has edited it."""
    with suppress(OSError, SeedError):
        place = folder.resolve_inside(home, proposal.path)
        if _digest(folder.read_bytes(place).decode("utf-8", "replace")) == proposal.digest:
            place.unlink()


def _digest(text: str) -> str:
    return folder.digest(text).hex()


def _names(path: str) -> Iterator[str]:
    stem, end = splitext(path)
    yield path
    for number in range(2, 10_000):
        yield f"{stem}-{number}{end}"


_SHOWN = 12  # entries of a list


def account_lines(found: Found) -> Iterator[str]:
    """A survey of one site as lines to print: pages that are new, have moved or are gone, and what was left out."""
    if found.trouble:
        yield f"{found.site}: {printable(found.trouble)}"
        return
    sections = Counter(page.section for page in found.new)
    yield f"{printable(found.site)}: {counted(len(found.new), 'new page') if found.new else 'nothing new'}"
    yield from _some(_new(sections))
    yield from _some(f"moved: {one.path}, to {one.to} (by its {one.by})" for one in found.moved)
    yield from _some(f"not in the sitemap, and {_there(one.is_there)}: {one.path}, {one.url}" for one in found.left)
    for reason, count in found.left_out.most_common():
        if count:
            yield f"  left out: {count:,} {REASONS[reason]}"
    yield from _some(
        f"under {_name(section)} {stored:,} of {stored + others:,} are stored"
        for section, (stored, others) in _largest(found.few)
    )
    yield from _some(f"different: {count:,} under {_name(section)}" for section, count in _largest(found.unlike))
    yield from _some(found.notes)


def survey_data(found: Found, paths: Mapping[str, str]) -> dict[str, Any]:
    """A survey as data for programs; `paths` are the paths of the proposals by address."""
    return {
        "site": found.site,
        "requests": found.requests,
        "trouble": found.trouble,
        "new": [
            {"url": page.url, "title": page.title, "section": _name(page.section), "path": paths.get(page.url, "")}
            for page in found.new
        ],
        "moved": [one._asdict() for one in found.moved],
        "left": [one._asdict() for one in found.left],
        "left_out": {reason: count for reason, count in found.left_out.items() if count},
        "looked": found.looked,
        "few": {_name(section): list(counts) for section, counts in found.few.items()},
        "unlike": {_name(section): count for section, count in found.unlike.items()},
        "notes": found.notes,
    }


def write_account(reports: Path, surveys: Sequence[Mapping[str, Any]], proposals: Proposals, when: datetime) -> None:
    """Replaces the last account atomically; raises OSError if that fails."""
    reports.mkdir(parents=True, exist_ok=True)
    data = {"version": VERSION, "made_at": when.isoformat(timespec="seconds"), "sites": surveys}
    fresh = reports / f".{ACCOUNT}.new"
    text = json.dumps({**data, "proposals": proposals.as_data()}, ensure_ascii=False, indent=1)
    fresh.write_bytes(text.encode("utf-8", "backslashreplace"))
    fresh.replace(reports / ACCOUNT)


def _new(sections: Counter[Section]) -> Iterator[str]:
    """
    >>> list(_new(Counter({("docs", "hooks"): 8, (): 1})))
    ['8 new pages under /docs/hooks', '1 new page at the top']
    """
    for section, count in sections.most_common():
        yield f"{counted(count, 'new page')} {f'under {_name(section)}' if section else 'at the top'}"


def _name(section: Section) -> str:
    return printable("/" + "/".join(section))


def _largest(counts: Mapping[Section, Any]) -> list[tuple[Section, Any]]:
    return sorted(counts.items(), key=lambda item: (-sum(item[1]) if isinstance(item[1], tuple) else -item[1], item[0]))


def _there(is_there: bool) -> str:
    return "still there" if is_there else "not there any more"


def _some(entries: Iterable[str]) -> Iterator[str]:
    """The first entries as lines, then a line that says how many more there are."""
    listed = list(entries)
    yield from (f"  {printable(entry)}" for entry in listed[:_SHOWN])
    if len(listed) > _SHOWN:
        yield f"  … and {len(listed) - _SHOWN:,} more"
