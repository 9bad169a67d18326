"""What comes of a visit: one result for each seed that stores the page, and the text of its file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

from fetcher.page.metadata import DATES
from fetcher.seeds import seeds, writing
from fetcher.seeds.seeds import page_url
from fetcher.sites.rules import NO_RULES, PageRules
from fetcher.terms import failures
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import Outcome, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from fetcher.memory.memory import Base, Doubt
    from fetcher.memory.state import State
    from fetcher.merge.rotation import Difference
    from fetcher.report.changes import Swap
    from fetcher.report.entry import Told
    from fetcher.seeds.seeds import Seed
    from fetcher.sites.rules import Use
    from fetcher.terms.failures import Trouble
    from fetcher.terms.outcomes import Metadata
    from fetcher.visits.fetched import Fetched, Rendering


@dataclass(frozen=True, slots=True)
class Result:
    """How one seed ended, and the file's text before and after; equal where there is nothing to write.

    `base` is what is to be remembered of the page once the file holds the new text, None where that is known.
    `differences` are those between page and seed, by place. `told` is what the report says of the texts, where that
    is made already.

    Of a body that changed, `swaps` are the blocks that did, `candidates` the IDs of those that may be part of a wave,
    and `waiting` of those that are held back as one; `still` is the text that is written where all of it is held back,
    if that is another than `old`.
    """

    record: Record
    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)
    base: Base | None = None
    differences: Mapping[str, Difference] = field(default_factory=dict, repr=False)
    told: Told | None = field(default=None, repr=False)
    swaps: tuple[Swap, ...] = field(default=(), repr=False)
    candidates: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    still: str = field(default="", repr=False)

    @property
    def writes(self) -> bool:
        """Whether the file's text changes."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class Visited:
    """The result of a visit: one `Result` for each seed of the page, each naming the others.

    `digest` is the digest of the text of the answer (`Verdict.digest`), `shown` that of everything the page shows
    (`word_spans.digest`). `doubt` is set where the page was rejected but a later visit may find it right; `weak` is
    true where it was accepted on little evidence. `why_unread` says why the page was not read (`recall`) and is empty
    where it was. `used` counts how often each of the user's rules applied.
    """

    results: tuple[Result, ...]
    digest: str = ""
    doubt: Doubt | None = None
    weak: bool = False
    shown: bytes = b""
    why_unread: str = ""
    used: Mapping[Use, int] = field(default_factory=dict)

    @property
    def has_changed(self) -> bool:
        """Whether a seed that had a body has another one now."""
        return any(result.record.outcome is Outcome.CHANGED for result in self.results)

    @property
    def differences(self) -> Mapping[str, Difference]:
        """Those of all seeds, by place."""
        return dict(chain.from_iterable(result.differences.items() for result in self.results))


def refused(urls: Mapping[str, str], trouble: Trouble, fetched: Fetched) -> Visited:
    """The visit as one with the same trouble for every seed; `urls` are the addresses of these, by path."""
    return Visited(naming_siblings((troubled(path, url, trouble, fetched) for path, url in urls.items()), urls))


def troubled(path: str, url: str, trouble: Trouble, fetched: Fetched | None = None) -> Result:
    """The result of a seed whose page was not seen: nothing to write."""
    return Result(
        Record(
            path=path,
            url=url,
            outcome=trouble.outcome,
            reason=trouble.reason,
            detail=trouble.detail,
            mend=trouble.mend,
            since=trouble.since,
            **(answer_fields(fetched) if fetched else {}),
        )
    )


def with_unusable(visited: Visited, unusable: Mapping[str, tuple[str, Trouble]]) -> Visited:
    """The visit, with the seeds that could not be used by then."""
    lost = (troubled(path, url, trouble) for path, (url, trouble) in unusable.items())
    return replace(visited, results=(*visited.results, *lost))


def with_rendering(visited: Visited, rendering: Rendering | None) -> Visited:
    """The visit, with what the browser did: which steps could be done, and for pages that are broken all the same."""
    if rendering is None:
        return visited
    results = (
        replace(result, record=replace(result.record, detail=f"{result.record.detail} {rendering.said}"))
        if result.record.outcome is Outcome.BROKEN
        else result
        for result in visited.results
    )
    return replace(visited, results=tuple(results), used={**visited.used, **dict.fromkeys(rendering.used, 1)})


def unread(fetched: Fetched, urls: Mapping[str, str], since: datetime, reason: str) -> Visited:
    """The visit to a page that is as it was when it was last read; `urls` are the addresses of its seeds, by path.

    Where it answers from another address, it has done so `since` then.
    """
    outcome = outcome_of("", "", fetched)
    records = (
        with_move_note(
            Record(path=path, url=url, outcome=outcome, reason=reason, **answer_fields(fetched)), since, fetched
        )
        for path, url in urls.items()
    )
    return Visited(naming_siblings(map(Result, records), urls), why_unread=reason)


def with_front_matter_edits(
    visited: Visited, fetched: Fetched, seeds: Mapping[str, Seed], options: VisitOptions
) -> Visited:
    """The visit to a page that was not read (`unread`), with what the manner writes all the same."""
    results = (
        _with_front_matter_edits(result, fetched, seeds[result.record.path], options) for result in visited.results
    )
    return replace(visited, results=tuple(results))


def _with_front_matter_edits(result: Result, fetched: Fetched, seed: Seed, options: VisitOptions) -> Result:
    try:
        record = with_move_note(
            result.record, result.record.since or fetched.when, fetched, followed=options.follow_moves
        )
        return replace(result, record=record, old=seed.text, new=edited(seed, seed.body, fetched, options))
    except SeedError as error:
        return troubled(result.record.path, seed.url, failures.of_seed_error(error), fetched)


def with_move_note(record: Record, since: datetime, fetched: Fetched, *, followed: bool = False) -> Record:
    """The record, with what a person should know where the page has moved, as it has `since` then.

    Whether the new address is written is `followed`.
    """
    if record.outcome is not Outcome.MOVED or not fetched.redirected_to:
        return record
    note = failures.moved(fetched.redirected_to, since, followed=followed)
    return replace(record, detail=note.detail, mend=note.mend, since=note.since)


def naming_siblings(results: Iterable[Result], paths: Iterable[str]) -> tuple[Result, ...]:
    """The results, each naming the other seeds of its page."""
    others = tuple(paths)
    if len(others) == 1:
        return tuple(results)
    return tuple(
        replace(result, record=replace(result.record, shares_page_with=_without(result.record.path, others)))
        for result in results
    )


def _without(path: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(other for other in paths if other != path)


def answer_fields(fetched: Fetched) -> dict[str, Any]:
    """What a record says of the answer."""
    return {
        "status": fetched.status,
        "final_url": fetched.final_url,
        "redirected_to": fetched.redirected_to,
        "seconds": fetched.seconds,
    }


def outcome_of(before: str, after: str, fetched: Fetched) -> Outcome:
    """How a seed ended whose page was seen, and whose body was and is now as given."""
    # A page that moved and changed is `changed`: what became of its content matters more, and the record names the
    # new address all the same.
    if before == after:
        return Outcome.MOVED if fetched.redirected_to else Outcome.UNCHANGED
    return Outcome.CHANGED if before.strip() else Outcome.FILLED


def write_seed(seeds: Path, result: Result) -> Result:
    """The result, its file holding what it changes now; that of a file which cannot be written, where it cannot."""
    record = result.record
    try:
        writing.write(seeds, record.path, result.old, result.new)
    except SeedError as error:
        return troubled(record.path, record.url, failures.of_seed_error(error))
    return result


def keep_base(state: State, result: Result, when: datetime) -> None:
    """Remember what its page gave for a seed; only once the file holds that.

    One that is newer than its file makes the page's change look like a person's.
    """
    if result.base:
        state.keep_base(page_url(result.record.url), result.record.path, result.base, when)


@dataclass(frozen=True, slots=True)
class VisitOptions:
    """How a run looks at pages: the reasons that it does not hold against them, and what it writes beside bodies.

    `stamp_verified`: `fetched_at` follows each good visit; `follow_moves`: `source_url` follows permanent redirects;
    `fields`: what a page says of itself, by name, to the key of the front matter that holds it; `confirm`: a page that
    changed is fetched a second time, to see what changes by itself; `prefer`: the representation of a page that is
    asked for, "markdown" or none; `localise`: new links to pages that are seeds become paths; `rules`: what a user says
    of reading the very page.
    """

    accept: frozenset[str] = frozenset()
    stamp_verified: bool = False
    follow_moves: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    confirm: bool = False
    prefer: str = ""
    localise: bool = False
    rules: PageRules = NO_RULES

    def by(self, rules: PageRules) -> VisitOptions:
        """The manner for a page that a user has rules for."""
        if not rules.mark:
            return self
        prefer = self.prefer if rules.prefer is None else rules.prefer
        return replace(self, accept=self.accept | rules.accept, prefer=prefer, rules=rules)

    @property
    def reading_options(self) -> frozenset[str]:
        """All of it that decides what a page reads as: memory is of a page that was seen with the same."""
        said = {f"prefer={self.prefer}" * bool(self.prefer), f"rules={self.rules.mark.hex()}" * bool(self.rules.mark)}
        return self.accept | said - {""}

    @property
    def edits_front_matter(self) -> bool:
        """Whether a file may change whose body does not."""
        return self.stamp_verified or self.follow_moves


def edited(seed: Seed, body: str, fetched: Fetched, options: VisitOptions, title: str | None = None) -> str:
    """The file's text with another body; to the byte as it is where neither that nor the manner changes anything.

    A new `title` comes only with a new body: there are pages that count their readers' messages in the title. Raises
    SeedError where the front matter cannot be edited in place.
    """
    new = seed
    if body != seed.body or options.stamp_verified:
        new = seeds.stamp(new, fetched.when)
    if body != seed.body and title:
        new = seeds.retitle(new, title)
    if options.follow_moves and fetched.redirected_to:
        new = seeds.readdress(new, _with_fragment(fetched.redirected_to, seed.url))
    return seeds.render(new, body)


def with_page_fields(seed: Seed, about: Metadata, fields: Mapping[str, str]) -> Seed:
    """The seed whose front matter says what the page says `about` itself, under the keys of `fields`.

    A `title` that is there stays: whether it follows the page's is not a matter of fields. Raises SeedError where the
    front matter cannot be edited in place.
    """
    for name, key in fields.items():
        if name in about and not (key == "title" and seed.title):
            note = seeds.note_date if name in DATES else seeds.note
            seed = note(seed, key, about[name])
    return seed


def _with_fragment(address: str, before: str) -> str:
    """The address with the fragment that it had before, unless it brings its own."""
    fragment = urldefrag(before).fragment
    return f"{address}#{fragment}" if fragment and "#" not in address else address
