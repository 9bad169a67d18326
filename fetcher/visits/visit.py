"""One visit: the answer to one request becomes one result for each seed that stores its page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from fetcher.memory.memory import Base, Doubt, bodies, moved
from fetcher.memory.recall import SAME_WORDS
from fetcher.merge.churn import Noise
from fetcher.merge.refresh import Refreshed, refresh_page, refresh_text
from fetcher.merge.threeway import conflict
from fetcher.page import page, shown
from fetcher.page.metadata import metadata
from fetcher.run import failures
from fetcher.run.outcomes import Outcome, Record
from fetcher.seeds.seeds import SeedError
from fetcher.verdict.verdict import Answer, Reason, judge
from fetcher.visits.editing import edited, noted
from fetcher.visits.fetched import HTML, TEXT
from fetcher.visits.titles import followed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fetcher.memory.memory import Memory
    from fetcher.memory.rotation import Difference
    from fetcher.page.metadata import Metadata
    from fetcher.page.page import Page
    from fetcher.run.failures import Trouble
    from fetcher.seeds.seeds import Seed
    from fetcher.verdict.verdict import Verdict
    from fetcher.visits.editing import Manner
    from fetcher.visits.fetched import Fetched
    from fetcher.visits.stored import Stored


_REFUSED = 64  # conflicts that are remembered of a seed


@dataclass(frozen=True, slots=True)
class Result:
    """How one seed ended, and the file's text before and after; equal where there is nothing to write.

    `base` is what is to be remembered of the page once the file holds the new text, None where that is known.
    `differences` are those between page and seed, by place.
    """

    record: Record
    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)
    base: Base | None = None
    differences: Mapping[str, Difference] = field(default_factory=dict, repr=False)

    @property
    def writes(self) -> bool:
        """Whether the file's text changes."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class Visited:
    """What came of a visit: `results`, one for each seed of the page, each naming the others.

    `digest` is that of the text which the answer showed (`Verdict.digest`). `doubt` is one that a later visit may
    settle, and `weak` tells that the answer was believed on little evidence. `shown` is the digest of what the page
    shows (`page.shown`), and `is_same` that it is as it has been, so that no more of it was read.
    """

    results: tuple[Result, ...]
    digest: str = ""
    doubt: Doubt | None = None
    weak: bool = False
    shown: bytes = b""
    is_same: bool = False

    @property
    def differences(self) -> Mapping[str, Difference]:
        """Those of all seeds, by place."""
        return dict(chain.from_iterable(result.differences.items() for result in self.results))


def visit(fetched: Fetched, stored: Stored, manner: Manner) -> Visited:
    """What the answer makes of the stored seeds."""
    if trouble := _unreadable(fetched):
        return refused(fetched, stored, trouble)
    parsed = page.parse(fetched.html, fetched.final_url)
    seen = shown.digest(parsed)
    if seen == stored.shown:
        return replace(reedited(fetched, stored, manner, SAME_WORDS), shown=seen, is_same=True)
    reading = _Reading(fetched, parsed, metadata(parsed, fetched.headers), stored, manner)
    answer = _answer(fetched)
    verdicts = {path: judge(answer, reading.page, seed.body, manner.accept) for path, seed in stored.seeds.items()}
    return Visited(
        _sharing((_result(path, verdict, reading) for path, verdict in verdicts.items()), stored.seeds),
        digest=next((verdict.digest for verdict in verdicts.values()), ""),
        doubt=next((Doubt(one.reason, one.sketch, fetched.when) for one in verdicts.values() if one.doubted), None),
        weak=any(verdict.weak for verdict in verdicts.values()),
        shown=seen,
    )


def refused(fetched: Fetched, stored: Stored, trouble: Trouble) -> Visited:
    """The visit as one with the same trouble for every seed."""
    results = (troubled(path, seed.url, trouble, fetched) for path, seed in stored.seeds.items())
    return Visited(_sharing(results, stored.seeds))


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
            **(_traces(fetched) if fetched else {}),
        )
    )


def renewed(
    path: str, stored: Stored, fetched: Fetched, manner: Manner, bring_up: Callable[[str], Refreshed]
) -> Result:
    """The result of a seed whose page was seen; `bring_up` makes of its stored body, in LF, what it is now."""
    seed = stored.seeds[path]
    refreshed = _in_line_ends_of(seed, bring_up)
    if not refreshed.body.strip():
        return troubled(path, seed.url, failures.EMPTY, fetched)
    before = stored.bases.get(path)
    names = bodies(before, seed.body, refreshed.body)
    base = Base(refreshed.given, refreshed.title, names, _refused(before, refreshed))
    try:
        kept = seed if refreshed.body == seed.body else noted(seed, _about(refreshed), manner.fields)
        new = edited(kept, refreshed.body, fetched, manner, _followed(seed, before, refreshed.title, refreshed.body))
    except SeedError as error:
        return troubled(path, seed.url, failures.of_seed_error(error), fetched)
    known = None if base == before else base
    record = _noting_a_move(_record(path, seed, refreshed, fetched), stored.memory, fetched)
    return Result(record, seed.text, new, known, refreshed.differences)


def unread(fetched: Fetched, urls: Mapping[str, str], memory: Memory, reason: str) -> Visited:
    """The visit to a page that is as it was when it was last read; `urls` are the addresses of its seeds, by path."""
    outcome = _outcome("", "", fetched)
    records = (
        _noting_a_move(Record(path=path, url=url, outcome=outcome, reason=reason, **_traces(fetched)), memory, fetched)
        for path, url in urls.items()
    )
    return Visited(_sharing(map(Result, records), urls))


def reedited(fetched: Fetched, stored: Stored, manner: Manner, reason: str) -> Visited:
    """The visit to a page that is as it was when it was last read, with what the manner writes all the same."""
    visited = unread(fetched, {path: seed.url for path, seed in stored.seeds.items()}, stored.memory, reason)
    return replace(visited, results=tuple(_reedited(result, fetched, stored, manner) for result in visited.results))


def _reedited(result: Result, fetched: Fetched, stored: Stored, manner: Manner) -> Result:
    seed = stored.seeds[result.record.path]
    try:
        return replace(result, old=seed.text, new=edited(seed, seed.body, fetched, manner))
    except SeedError as error:
        return troubled(result.record.path, seed.url, failures.of_seed_error(error), fetched)


def _in_line_ends_of(seed: Seed, bring_up: Callable[[str], Refreshed]) -> Refreshed:
    if not 0 < seed.text.count("\r\n") == seed.text.count("\n"):
        return bring_up(seed.body)
    refreshed = bring_up(seed.body.replace("\r\n", "\n"))
    return replace(refreshed, body=refreshed.body.replace("\n", "\r\n"))


def _noting_a_move(record: Record, memory: Memory, fetched: Fetched) -> Record:
    if record.outcome is not Outcome.MOVED or not fetched.redirected_to:
        return record
    note = failures.moved(fetched.redirected_to, moved(memory, fetched.when))
    return replace(record, detail=note.detail, mend=note.mend, since=note.since)


def _followed(seed: Seed, before: Base | None, title: str | None, body: str) -> str | None:
    """The page's title for a seed whose own was the page's until now; None where the seed keeps its own."""
    return followed(seed.title, before.title if before else None, title, seed.body, body) if seed.title else None


def _refused(before: Base | None, refreshed: Refreshed) -> tuple[str, ...]:
    """The last conflicts in which a person's edit stayed, with those of this visit."""
    new = [conflict(held.removed, held.added) for held in refreshed.held if held.reason == Noise.CONFLICT]
    return tuple(dict.fromkeys([*(before.refused if before else ()), *new]))[-_REFUSED:]


def _about(refreshed: Refreshed) -> Metadata:
    return {**refreshed.about, "title": refreshed.title} if refreshed.title else refreshed.about


def _sharing(results: Iterable[Result], paths: Iterable[str]) -> tuple[Result, ...]:
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


def _traces(fetched: Fetched) -> dict[str, Any]:
    return {
        "status": fetched.status,
        "final_url": fetched.final_url,
        "redirected_to": fetched.redirected_to,
        "seconds": fetched.seconds,
    }


def _answer(fetched: Fetched) -> Answer:
    return Answer(
        status=fetched.status,
        url=fetched.url,
        final_url=fetched.final_url,
        headers=fetched.headers,
        html=fetched.html,
        size=len(fetched.body),
    )


def _unreadable(fetched: Fetched) -> Trouble | None:
    if fetched.kind in HTML | TEXT and fetched.body.strip():
        return failures.OVERGROWN if fetched.is_overgrown else None
    if trouble := failures.of_status(fetched.status):
        return trouble
    return failures.not_text(fetched.kind) if fetched.body.strip() else failures.EMPTY


@dataclass(frozen=True, slots=True)
class _Reading:
    """A visit whose answer could be parsed."""

    fetched: Fetched
    page: Page
    about: Metadata
    stored: Stored
    manner: Manner

    def bring_up(self, path: str, body: str) -> Refreshed:
        """The stored body of a seed brought up to the answer."""
        past, accept = self.stored.past(path), self.manner.accept
        if self.fetched.kind in HTML:
            refreshed = refresh_page(self.page, body, accept, past)
        else:
            url = self.fetched.final_url
            refreshed = refresh_text(self.fetched.text, url=url, stored=body, accept=accept, past=past)
        return replace(refreshed, about=self.about)


def _result(path: str, verdict: Verdict, reading: _Reading) -> Result:
    fetched, stored = reading.fetched, reading.stored
    if trouble := _refusal(fetched.status, verdict):
        return troubled(path, stored.seeds[path].url, trouble, fetched)
    return renewed(path, stored, fetched, reading.manner, partial(reading.bring_up, path))


def _refusal(status: int, verdict: Verdict) -> Trouble | None:
    """Why the answer is not the seed's page; None where it is."""
    by_status = failures.of_status(status)
    if verdict.outcome is None or (by_status and verdict.reason != Reason.CHALLENGE):
        return by_status
    return failures.of_verdict(verdict)


def _record(path: str, seed: Seed, refreshed: Refreshed, fetched: Fetched) -> Record:
    return Record(
        path=path,
        url=seed.url,
        outcome=_outcome(seed.body, refreshed.body, fetched),
        title=refreshed.title,
        page=refreshed.about,
        words_added=refreshed.words_added,
        words_removed=refreshed.words_removed,
        held=refreshed.held,
        **_traces(fetched),
    )


def _outcome(before: str, after: str, fetched: Fetched) -> Outcome:
    # A page that moved and changed is `changed`: what became of its content matters more, and the record names the
    # new address all the same.
    if before == after:
        return Outcome.MOVED if fetched.redirected_to else Outcome.UNCHANGED
    return Outcome.CHANGED if before.strip() else Outcome.FILLED
