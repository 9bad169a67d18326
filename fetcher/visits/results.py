"""The results of a visit: how each seed ended and the new text of its file; and the options for what is written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

from fetcher.seeds import seeds, writing
from fetcher.seeds.seeds import page_url
from fetcher.sites.rules import NO_RULES, PageRules
from fetcher.terms import failures
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import METADATA_DATES, Outcome, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from fetcher.memory.memory import Base, Doubt
    from fetcher.memory.state import State
    from fetcher.merge.place_history import Difference
    from fetcher.report.changes import BlockChange, ReportEntry
    from fetcher.seeds.seeds import Seed
    from fetcher.sites.rules import Use
    from fetcher.terms.failures import Trouble
    from fetcher.terms.outcomes import Metadata
    from fetcher.visits.fetched import Fetched, Rendering


@dataclass(frozen=True, slots=True)
class Result:
    """How one seed ended, with the file's text before and after (equal if there is nothing to write).

    `base` is to be remembered once the new text is written; None if it is the remembered one. `differences` are those
    between page and seed, by place. `told` is the report entry of the seed, if it is made already.

    For a body that changed, `swaps` are the changed blocks, `candidates` the IDs of those that may be part of a wave,
    and `waiting` the IDs of those held back as part of one. `still` is the text to write if the whole change is held
    back, where it differs from `old` (a new stamp, say).
    """

    record: Record
    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)
    base: Base | None = None
    differences: Mapping[str, Difference] = field(default_factory=dict, repr=False)
    told: ReportEntry | None = field(default=None, repr=False)
    swaps: tuple[BlockChange, ...] = field(default=(), repr=False)
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
        """The differences of all seeds, by place."""
        return dict(chain.from_iterable(result.differences.items() for result in self.results))


def refused(urls: Mapping[str, str], trouble: Trouble, fetched: Fetched) -> Visited:
    """A visit with the same trouble for every seed; `urls` are the addresses of the seeds, by path."""
    return Visited(naming_siblings((troubled(path, url, trouble, fetched) for path, url in urls.items()), urls))


def troubled(path: str, url: str, trouble: Trouble, fetched: Fetched | None = None) -> Result:
    """The result of a seed whose page could not be seen: nothing is written."""
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
    """The visit, with results for the seeds that cannot be used."""
    lost = (troubled(path, url, trouble) for path, (url, trouble) in unusable.items())
    return replace(visited, results=(*visited.results, *lost))


def with_rendering(visited: Visited, rendering: Rendering | None) -> Visited:
    """The visit with what the browser did: the user's steps that worked, and a sentence for pages that are broken."""
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
    """A visit to a page that need not be read for a `reason`; `urls` are the addresses of its seeds, by path.

    `since` is when the page moved, if it has.
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
    """A visit to a page that was not read (`unread`), with the edits of front matter that the options ask for."""
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
    """The record; if the page has moved, with a note on that, since when, and whether the new address is written."""
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
    """The fields of a record that describe the answer."""
    return {
        "status": fetched.status,
        "final_url": fetched.final_url,
        "redirected_to": fetched.redirected_to,
        "seconds": fetched.seconds,
    }


def outcome_of(before: str, after: str, fetched: Fetched) -> Outcome:
    """The outcome of a seed whose page is good, by its body before and after."""
    # A page that moved and changed is `changed`: the content matters more, and the record has the new address anyway.
    if before == after:
        return Outcome.MOVED if fetched.redirected_to else Outcome.UNCHANGED
    return Outcome.CHANGED if before.strip() else Outcome.FILLED


def write_seed(seeds: Path, result: Result) -> Result:
    """Writes the new text of a seed to its file. Returns the result, or a failed one if the file cannot be written."""
    record = result.record
    try:
        writing.write(seeds, record.path, result.old, result.new)
    except SeedError as error:
        return troubled(record.path, record.url, failures.of_seed_error(error))
    return result


def keep_base(state: State, result: Result, when: datetime) -> None:
    """Remembers the base of a seed. Call this only after the file is written.

    A base that is newer than its file would make the page's own changes look like edits by hand.
    """
    if result.base:
        state.keep_base(page_url(result.record.url), result.record.path, result.base, when)


@dataclass(frozen=True, slots=True)
class VisitOptions:
    """The options of a visit, from settings, arguments and the user's rules for the page.

    `accept`: reasons and kinds of noise to ignore; `stamp_verified`: `fetched_at` is updated at each good visit;
    `follow_moves`: `source_url` follows permanent redirects; `fields`: the key of the front matter that holds each
    field of the page's metadata; `confirm`: a changed page is fetched a second time, to find what changes by itself;
    `prefer`: the representation asked for, "markdown" or none; `localise`: new links to pages that are seeds become
    paths; `rules`: the user's rules for the page.
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
        """The options for a page with these rules."""
        if not rules.mark:
            return self
        prefer = self.prefer if rules.prefer is None else rules.prefer
        return replace(self, accept=self.accept | rules.accept, prefer=prefer, rules=rules)

    @property
    def reading_options(self) -> frozenset[str]:
        """The options that change how a page is read, as words for a fingerprint."""
        said = {f"prefer={self.prefer}" * bool(self.prefer), f"rules={self.rules.mark.hex()}" * bool(self.rules.mark)}
        return self.accept | said - {""}

    @property
    def edits_front_matter(self) -> bool:
        """Whether a file may change although its body stays."""
        return self.stamp_verified or self.follow_moves


def edited(seed: Seed, body: str, fetched: Fetched, options: VisitOptions, title: str | None = None) -> str:
    """The file's text with another body and the front matter that follows from it; unchanged if nothing differs.

    A new `title` is written only together with a new body, because some pages count unread messages in the title.
    Raises SeedError if the front matter cannot be edited in place.
    """
    new = seed
    if body != seed.body or options.stamp_verified:
        new = seeds.stamp(new, fetched.when)
    if body != seed.body and title:
        new = seeds.set_title(new, title)
    if options.follow_moves and fetched.redirected_to:
        new = seeds.set_url(new, _with_fragment(fetched.redirected_to, seed.url))
    return seeds.render(new, body)


def with_page_fields(seed: Seed, about: Metadata, fields: Mapping[str, str]) -> Seed:
    """The seed with the page's metadata (`about`) in its front matter, under the keys of `fields`.

    An existing `title` stays, as it is updated separately. Raises SeedError if the front matter cannot be edited in
    place.
    """
    for name, key in fields.items():
        if name in about and not (key == "title" and seed.title):
            note = seeds.set_date if name in METADATA_DATES else seeds.set_text
            seed = note(seed, key, about[name])
    return seed


def _with_fragment(address: str, before: str) -> str:
    """The address with the fragment of the one before, unless it has its own."""
    fragment = urldefrag(before).fragment
    return f"{address}#{fragment}" if fragment and "#" not in address else address
