"""Explains a visit: what was seen of the page, and each decision in a sentence.

The decisions are computed by the same functions that the visit uses.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fetcher.markdown.reading import blocks
from fetcher.memory import fingerprint
from fetcher.merge.pairing import UNKNOWN
from fetcher.merge.refresh import reproduced
from fetcher.region.choice import compared_runs
from fetcher.region.region import Part, parts, region
from fetcher.report.groups import MEANINGS, remedy
from fetcher.seeds import seeds
from fetcher.sites.rules import NO_RULES, Use
from fetcher.sites.trimming import trimmed
from fetcher.terms.failures import Trouble
from fetcher.terms.outcomes import DOUBTS, WRITTEN, Noise, Outcome, Reason, counted
from fetcher.verdict.embedded import Judged, judge_with_data
from fetcher.visits import recall
from fetcher.visits.fetched import HTML, Fetched
from fetcher.visits.first_look import open_answer, parsed, rejoin_words
from fetcher.visits.inspection import PROBE
from fetcher.visits.visit import answer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fetcher.page.page import Page
    from fetcher.seeds.seeds import Seed
    from fetcher.terms.outcomes import HeldBack, Record
    from fetcher.visits.recall import Known, Stored
    from fetcher.visits.results import Result, Visited, VisitOptions


@dataclass(frozen=True, slots=True)
class Look:
    """A visit that brought an answer.

    `fetched` is the first answer, after the redirects `hops` (status and target of each), and `asked` are the further
    requests with their answers. `known` is the memory that a run would have used, and `conditions` are the headers that
    it would have sent. `rules` are the user's rules for the page, a sentence each; `rendered` is the rendered answer.
    """

    fetched: Fetched
    hops: tuple[tuple[int, str], ...]
    stored: Stored
    known: Known
    conditions: Mapping[str, str]
    options: VisitOptions
    visited: Visited
    asked: tuple[tuple[str, Fetched | Trouble], ...] = ()
    saved: bool = False
    rules: tuple[str, ...] = ()
    rendered: Fetched | None = None

    @property
    def again(self) -> Fetched | Trouble | None:
        """The answer to the second request for the page; None if there was none."""
        return next((answer for url, answer in self.asked if url == self.fetched.url), None)

    @property
    def last(self) -> Fetched:
        """The answer on which the results are based."""
        if self.rendered:
            return self.rendered
        return self.again if isinstance(self.again, Fetched) else self.fetched


_SEEN = WRITTEN | {Outcome.UNCHANGED, Outcome.MOVED}
_LISTED = 8  # parts of a page, and differences of a kind

# Reasons for which the region leaves out an element, in words for a user.
_WHY = {
    "like its siblings": "most of its siblings are left out",
    "stands alone": "stands alone and does not look like content",
    "part of a line": "stands at the edge of the stored text",
}


class Decision(NamedTuple):
    """A decision on a matter, as a sentence, with details, a line each."""

    matter: str
    said: str
    details: tuple[str, ...] = ()


def explained(look: Look, robots: str) -> tuple[list[Decision], dict[str, list[Decision]]]:
    """The decisions on a page, and those on each of its seeds by path; `robots` is what robots.txt says of it."""
    return of_page(look, robots), {result.record.path: of_seed(look, result) for result in look.visited.results}


def of_record(record: Record) -> list[Decision]:
    """The decisions on a seed whose page was not seen."""
    return [_outcome(record)]


def of_page(look: Look, robots: str) -> list[Decision]:
    """The decisions made before the page was read; `robots` is what robots.txt says of it."""
    fetched = look.fetched
    took = "" if look.saved else f" in {fetched.seconds * 1000:,.0f} ms"
    said = f"HTTP {fetched.status}, {len(fetched.body):,} bytes of {fetched.kind}{took}"
    hops = tuple(f"HTTP {status}, to {url}" for status, url in look.hops)
    if fetched.redirected_to:
        hops += (f"has moved for good to {fetched.redirected_to}: -a follow_moves=true writes that",)
    return [
        Decision("robots.txt", robots),
        Decision("answer", "from a file: " * look.saved + said, hops),
        Decision("memory", _remembered(look), tuple(_without_reading(look))),
        *_rules(look),
        *_browser(look),
        *_other_requests(look),
    ]


def of_seed(look: Look, result: Result) -> list[Decision]:
    """The decisions on one of the seeds that store the page."""
    record, seed = result.record, look.stored.seeds.get(result.record.path)
    is_seen = record.outcome in _SEEN
    said: list[Decision] = []
    if seed and (is_seen or record.reason in set(Reason)):
        answer = _opened(look, seed.body)
        whole = parsed(answer)
        part = trimmed(whole, NO_RULES if answer.made_of else look.options.rules).page
        found = judge_with_data(answer_of(answer), part, whole, seed.body, look.options.accept, look.options.rules)
        said.append(_verdict(found, record))
        if is_seen and answer.kind in HTML:
            stored = seed.body.replace("\r\n", "\n")
            said += [*_region(found.page, stored), *_spelling(found.page, stored)]
    if is_seen:
        said += [_title(result, seed), *_held_back(record.held)]
    return [*said, _outcome(record)]


def _opened(look: Look, stored: str) -> Fetched:
    """The answer on which the results are based, with a document converted to HTML."""
    answer = open_answer(look.last)
    return rejoin_words(answer, [stored]) if isinstance(answer, Fetched) else look.last


def _remembered(look: Look) -> str:
    memory = look.known.memory
    if not memory.visits:
        return "nothing is remembered of this page"
    last = memory.visits[-1]
    good = f", last found good on {memory.verified:%Y-%m-%d}" if memory.verified else ""
    return f"last visited on {last.when:%Y-%m-%d} ({last.outcome}){good}"


def _without_reading(look: Look) -> Iterator[str]:
    """Sentences on what a run would not have downloaded or read, thanks to memory."""
    if look.saved or not look.known.memory.visits:
        return
    if look.conditions:
        is_same = fingerprint.validators_of(look.fetched.headers) == look.known.memory.validators
        told = ", and its server names the same version" if is_same else ""
        yield f"a run asks for the page only if it changed since ({', '.join(look.conditions)}){told}"
    answer = look.fetched
    if recall.why_unread(look.known, answer.status, answer.final_url, answer.digest, conditional=False):
        yield "the answer is the last one to the byte: a run does not read it"
    elif not look.conditions:
        yield "a run reads the page in full, too"


def _rules(look: Look) -> Iterator[Decision]:
    """The user's rules for the page, and which of them applied."""
    if not look.rules:
        return
    rules, used = look.options.rules, look.visited.used
    uses = [Use(line, key, one.css) for key in ("select", "remove") for line, one in getattr(rules, key)]
    uses += [Use(line, "ignore", text) for line, text in rules.ignore]
    uses += [Use(line, "steps", step.text) for line, step in rules.steps if look.rendered]
    found = tuple(f"{use.key} {use.text!r}: {_of_use(use.key, used.get(use, 0))}" for use in uses)
    yield Decision("rules", "; ".join(look.rules), found)


def _browser(look: Look) -> Iterator[Decision]:
    if look.rendered and look.rendered.rendered:
        yield Decision("browser", look.rendered.rendered.said)


def _of_use(key: str, count: int) -> str:
    if key == "ignore":
        return f"holds {counted(count, 'change')} back" if count else "nothing to ignore"
    if key == "steps":
        return "done" if count else "could not be done"
    return "found" if count else "not found on the page"


def _other_requests(look: Look) -> Iterator[Decision]:
    for url, answer in look.asked:
        came = answer.detail if isinstance(answer, Trouble) else f"HTTP {answer.status}"
        if url == look.fetched.url:
            yield Decision("second look", f"{came}: only what both answers show is a change")
        elif PROBE in url:
            yield Decision("probe", f"{came} for a page that cannot exist; this one says little, and might be none")
        else:
            yield Decision("old address", f"{came} where the page was last seen: {url}")


def _verdict(found: Judged, record: Record) -> Decision:
    verdict = found.verdict
    share = verdict.share
    shows = "too little is stored to compare" if share is None else f"{share:.0%} of the stored text is there"
    details = [f"what was seen: {verdict.evidence}"] if verdict.evidence else []
    if found.by_data:
        details.append("the text is not in the page's HTML, but in the data for its scripts")
    if record.outcome in _SEEN:
        if verdict.reason:  # the visit accepted it nevertheless
            details.append(f"{verdict.reason} was a doubt, but an earlier run saw the same page")
        return Decision("verdict", f"good: {shows}", tuple(details))
    if verdict.reason in DOUBTS:
        details.append("this is a doubt: the next run believes the page if it is the same then")
    return Decision("verdict", f"not the page ({record.reason}): {shows}", tuple(details))


def _region(reading: Page, stored: str) -> Iterator[Decision]:
    """Which part of the page is compared, and which is left out."""
    found, keep = compared_runs(reading, stored)
    text = blocks.parse(stored)
    learned = region(found, text) if text.words else None
    reasons = {element: _WHY.get(why, why) for element, why in learned.left_out} if learned else {}
    own, left_out, outside = parts(found, keep, reasons)
    by = "where the stored text stands" if learned and learned.keep == keep else "its main content"
    yield Decision("region", f"{own.name}: {own.size:,} of the page's {len(found.words):,} words, {by}")
    yield from _listed("left out", left_out, "inside of the region")
    yield from _listed("outside", outside, "around the region")


def _listed(matter: str, found: Sequence[Part], where: str) -> Iterator[Decision]:
    if found:
        words = sum(part.size for part in found)
        largest = sorted(found, key=lambda part: -part.size)[:_LISTED]
        lines = [f"{part.name}, {counted(part.size, 'word')}: {part.text}{_because(part)}" for part in largest]
        if len(found) > _LISTED:
            lines.append(f"… and {counted(len(found) - _LISTED, 'smaller element')}")
        said = f"{counted(words, 'word')} in {counted(len(found), 'element')} {where}"
        yield Decision(matter, said, tuple(lines))


def _because(part: Part) -> str:
    return f" ({part.why})" if part.why else ""


def _spelling(reading: Page, stored: str) -> Iterator[Decision]:
    """How well the dialect of the body is known, by how many unchanged blocks it would reproduce."""
    known = reproduced(reading, stored) if stored.strip() else UNKNOWN
    if known.unchanged:
        shown = counted(known.unchanged, "unchanged block")
        yield Decision(
            "spelling", f"{known.exact / known.unchanged:.0%} of {shown} would be written as they are stored"
        )


def _title(result: Result, seed: Seed | None) -> Decision:
    theirs = result.record.title
    new = seeds.parse(result.new, seed.keys) if seed else None
    if seed is None or seed.title is None:
        return Decision("title", f"the seed has none; the page's is “{theirs}”" if theirs else "none")
    if new and new.title != seed.title:
        return Decision("title", f"“{seed.title}” becomes “{new.title}”: it has followed the page's")
    if not theirs or theirs == seed.title:
        return Decision("title", f"“{seed.title}” stays")
    return Decision("title", f"“{seed.title}” stays; the page's is “{theirs}”")


def _held_back(held: Sequence[HeldBack]) -> Iterator[Decision]:
    """The differences that were held back, by kind."""
    for kind, count in Counter(one.reason for one in held).most_common():
        examples = [one for one in held if one.reason == kind][:_LISTED]
        lines = [
            f"{one.id} {sign} {text}"
            for one in examples
            for sign, text in (("-", one.removed), ("+", one.added))
            if text
        ]
        if count > _LISTED:
            lines.append(f"… and {count - _LISTED:,} more")
        noise = Noise(kind)
        yield Decision("held back", f"{kind}: {MEANINGS[noise]}; {remedy(noise)} writes it", tuple(lines))


def _outcome(record: Record) -> Decision:
    words = f": {counted(record.words_added, 'word')} added, {record.words_removed:,} removed"
    said = tuple(filter(None, (record.detail, record.mend)))
    others = (f"the page is stored in {', '.join(record.shares_page_with)} too",) if record.shares_page_with else ()
    return Decision("outcome", f"{record.outcome}{words if record.outcome in WRITTEN else ''}", said + others)
