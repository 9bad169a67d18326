"""What surveys came to, in a few lines for a person and as data for programs."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from fetcher.discover.found import REASONS
from fetcher.discover.proposals import ACCOUNT, VERSION
from fetcher.report.harmless import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from fetcher.discover.found import Found
    from fetcher.discover.places import Section
    from fetcher.discover.proposals import Proposals

_SHOWN = 12  # entries of a list


def lines(found: Found) -> Iterator[str]:
    """A survey of one site, as lines to print: what is new, has moved or has left, and what was left out."""
    if found.trouble:
        yield f"{found.site}: {printable(found.trouble)}"
        return
    sections = Counter(page.section for page in found.new)
    yield f"{printable(found.site)}: {_pages(len(found.new)) if found.new else 'nothing new'}"
    yield from _some(_new(sections))
    yield from _some(f"moved: {one.path}, to {one.to} (by its {one.by})" for one in found.moved)
    yield from _some(f"not in the sitemap, and {_there(one.is_there)}: {one.path}, {one.url}" for one in found.left)
    for reason, count in found.left_out.most_common():
        if count:
            yield f"  left out: {count:,} that {REASONS[reason]}"
    yield from _some(
        f"under {_name(section)} {stored:,} of {stored + others:,} are stored"
        for section, (stored, others) in _largest(found.few)
    )
    yield from _some(f"unlike: {count:,} under {_name(section)}" for section, count in _largest(found.unlike))
    yield from _some(found.notes)


def as_data(found: Found, paths: Mapping[str, str]) -> dict[str, Any]:
    """A survey for programs; `paths` are those of the proposals, by address."""
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


def write(reports: Path, surveys: Sequence[Mapping[str, Any]], proposals: Proposals, when: datetime) -> None:
    """Put the account in the place of the last one, whole; OSError where that cannot be done."""
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
        yield f"{_pages(count)} {f'under {_name(section)}' if section else 'at the top'}"


def _pages(count: int) -> str:
    return f"{count:,} new page{'s' * (count != 1)}"


def _name(section: Section) -> str:
    return printable("/" + "/".join(section))


def _largest(counts: Mapping[Section, Any]) -> list[tuple[Section, Any]]:
    return sorted(counts.items(), key=lambda item: (-sum(item[1]) if isinstance(item[1], tuple) else -item[1], item[0]))


def _there(is_there: bool) -> str:
    return "still there" if is_there else "not there any more"


def _some(entries: Iterable[str]) -> Iterator[str]:
    """The first entries as lines, and how many more there are."""
    listed = list(entries)
    yield from (f"  {printable(entry)}" for entry in listed[:_SHOWN])
    if len(listed) > _SHOWN:
        yield f"  … and {len(listed) - _SHOWN:,} more"
