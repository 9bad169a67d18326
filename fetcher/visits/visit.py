"""Turns the answer to one request into a result for each seed that stores the page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from fetcher.markdown.reading.rendering import render
from fetcher.memory.memory import Doubt
from fetcher.merge.refresh import Refreshed, refresh_by_data, refresh_page
from fetcher.page.metadata import front_metadata, markdown_title, metadata
from fetcher.page.word_spans import page_words
from fetcher.page.words import split_words
from fetcher.seeds.seeds import page_url
from fetcher.sites.rules import NO_RULES, Use
from fetcher.sites.trimming import ignored_by, trimmed
from fetcher.source.local import Neighbours, unknown_target, with_links_to_seeds
from fetcher.source.refresh import SourceContext, refresh_markdown
from fetcher.source.words import refresh_document
from fetcher.terms import addresses, failures
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import Reason, Record
from fetcher.verdict.embedded import judge_with_data
from fetcher.verdict.verdict import Answer
from fetcher.visits import recall
from fetcher.visits.fetched import HTML, Fetched, names_markdown
from fetcher.visits.first_look import content_digest_of, open_answer, parsed, rejoin_words
from fetcher.visits.results import (
    Result,
    Visited,
    answer_fields,
    edited,
    naming_siblings,
    outcome_of,
    refused,
    troubled,
    with_move_note,
    with_page_fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fetcher.memory.memory import Base
    from fetcher.merge.held_back import Past
    from fetcher.page.page import Page
    from fetcher.seeds.seeds import Seed
    from fetcher.sites.rules import PageRules
    from fetcher.sites.trimming import Trimmed
    from fetcher.terms.failures import Trouble
    from fetcher.terms.outcomes import Metadata
    from fetcher.verdict.verdict import Verdict
    from fetcher.visits.recall import Stored
    from fetcher.visits.results import VisitOptions


def visit(fetched: Fetched, stored: Stored, options: VisitOptions) -> Visited:
    """The results of reading an answer: a verdict for each stored seed and, where it is good, its new text."""
    answer = open_answer(fetched, options.rules)
    if not isinstance(answer, Fetched):
        return refused(stored.urls, answer, fetched)
    fetched = rejoin_words(answer, (seed.body for seed in stored.seeds.values()))
    whole = parsed(fetched)
    # Selectors of a user's rules are written for HTML as it was served.
    trim = trimmed(whole, options.rules if fetched.kind in HTML and not fetched.made_of else NO_RULES)
    seen = fetched.shown or content_digest_of(fetched, trim.page, options.rules)
    about = {**metadata(whole, fetched.headers), **front_metadata(fetched.front)}
    if options.rules.canonical:
        fetched = _at_its_own_address(fetched, about)
    reading = _ReadAnswer(fetched, trim.page, whole, trim.missed, about, stored, options, seen)
    seed_visits = [_visit_seed(path, reading) for path in stored.seeds]
    page_words.cache_clear()  # a page takes up much memory
    verdicts = [seed_visit.verdict for seed_visit in seed_visits]
    return Visited(
        naming_siblings((seed_visit.result for seed_visit in seed_visits), stored.seeds),
        digest=verdicts[0].digest if verdicts else "",
        doubt=next((Doubt(one.reason, one.sketch, fetched.when) for one in verdicts if one.doubted), None),
        weak=any(verdict.weak for verdict in verdicts),
        # The digest covers the visible text only, not the data for scripts that the seed was compared with.
        shown=b"" if any(seed_visit.by_data for seed_visit in seed_visits) else seen,
        used=_used(trim, options, (seed_visit.ignored for seed_visit in seed_visits)),
    )


def _used(trim: Trimmed, options: VisitOptions, ignored: Iterable[Mapping[str, int]]) -> Mapping[Use, int]:
    """How often each of the user's rules applied: selectors once a page, `ignore` once for each difference."""
    counts = sum(map(Counter, ignored), Counter[str]())
    by_line = {Use(line, "ignore", text): counts[text] for line, text in options.rules.ignore if counts[text]}
    return {**dict.fromkeys(trim.used, 1), **by_line}


def _at_its_own_address(fetched: Fetched, about: Metadata) -> Fetched:
    """The answer, as if permanently redirected to the canonical address that the page names on its own host."""
    own = about.get("canonical", "")
    if not own or fetched.redirected_to or urlsplit(own)[:2] != urlsplit(fetched.final_url)[:2]:
        return fetched
    return fetched if own == page_url(fetched.url) or addresses.fault(own) else replace(fetched, redirected_to=own)


class _SeedVisit(NamedTuple):
    """The visit for one of the seeds; `ignored` is as in `Refreshed`, `by_data` as in `embedded.Judged`."""

    verdict: Verdict
    result: Result
    ignored: Mapping[str, int]
    by_data: bool


def _visit_seed(path: str, reading: _ReadAnswer) -> _SeedVisit:
    """Takes the page through all steps for one seed: verdict, region, Markdown, merge, new file."""
    fetched, seed = reading.fetched, reading.stored.seeds[path]
    answer, rules = answer_of(fetched), reading.options.rules
    found = judge_with_data(answer, reading.page, reading.whole, seed.body, reading.options.accept, rules)
    if trouble := _refusal(fetched.status, found.verdict, rules) or reading.misfit:
        return _SeedVisit(found.verdict, troubled(path, seed.url, trouble, fetched), {}, by_data=False)
    refreshed = replace(reading, page=found.page, by_data=found.by_data, plain=found.plain).refreshed(path, in_lf(seed))
    result = seed_result(path, reading.stored, fetched, reading.options, refreshed)
    return _SeedVisit(found.verdict, result, refreshed.ignored, found.by_data)


def seed_result(path: str, stored: Stored, fetched: Fetched, options: VisitOptions, refreshed: Refreshed) -> Result:
    """The result of a seed whose page is good; `refreshed` is its body (with LF) after the merge."""
    seed = stored.seeds[path]
    refreshed = _with_local_links(_in_line_ends_of(seed, refreshed), path, stored, fetched, options)
    if not refreshed.body.strip():
        return troubled(path, seed.url, failures.EMPTY, fetched)
    before, base = stored.bases.get(path), recall.new_base(stored, path, refreshed)
    if base.declined:
        refreshed = replace(refreshed, held=tuple(held for held in refreshed.held if held.id not in base.declined))
    try:
        kept = seed if refreshed.body == seed.body else with_page_fields(seed, _metadata_of(refreshed), options.fields)
        new = edited(kept, refreshed.body, fetched, options, _new_title(seed, before, refreshed.title, refreshed.body))
    except SeedError as error:
        return troubled(path, seed.url, failures.of_seed_error(error), fetched)
    known = None if base == before else base
    since = recall.moved_since(stored.memory, fetched.when)
    record = with_move_note(_record(path, seed, refreshed, fetched), since, fetched, followed=options.follow_moves)
    if not record.detail and fetched.kind in HTML and (before.is_source if before else names_markdown(seed.url)):
        record = replace(record, detail="The address answered Markdown before, and answers HTML now.")
    return Result(record, seed.text, new, known, refreshed.differences)


def _with_local_links(
    refreshed: Refreshed, path: str, stored: Stored, fetched: Fetched, options: VisitOptions
) -> Refreshed:
    """`refreshed`, with new links to pages that are seeds turned into paths, if the options ask for that."""
    before = stored.seeds[path].body
    if not options.localise or stored.folder is None or refreshed.body == before:
        return refreshed
    neighbours = Neighbours(stored.folder, path, fetched.final_url, stored.seeds[path].keys)
    return replace(refreshed, body=with_links_to_seeds(before, refreshed.body, neighbours.relative))


def in_lf(seed: Seed) -> str:
    """The body of a seed with LF line ends, if all lines of the file end in CRLF; otherwise as it is."""
    return seed.body.replace("\r\n", "\n") if _is_in_crlf(seed) else seed.body


def _in_line_ends_of(seed: Seed, refreshed: Refreshed) -> Refreshed:
    return replace(refreshed, body=refreshed.body.replace("\n", "\r\n")) if _is_in_crlf(seed) else refreshed


def _is_in_crlf(seed: Seed) -> bool:
    return 0 < seed.text.count("\r\n") == seed.text.count("\n")


def _new_title(seed: Seed, before: Base | None, title: str | None, body: str) -> str | None:
    """The page's new title, if the title of the seed followed the page's so far; None if the seed keeps its own."""
    return new_title(seed.title, before.title if before else None, title, seed.body, body) if seed.title else None


def new_title(title: str, last: str | None, now: str | None, before: str, after: str) -> str | None:
    """The new title of a seed, or None if it stays. A title that a person chose stays.

    `title` is the seed's; `last` and `now` are the page's at the last visit (None: not remembered) and at this one;
    `before` and `after` are the bodies. Without memory, the title counts as the page's if it is the first heading of
    the old body, the page's title is the first heading of the new one, and the words around it are the same.

    >>> new_title("Old name | Site", None, "New name | Site", "# Old name", "# New name")
    'New name | Site'
    >>> new_title("My own title", "Old name", "New name", "# Old name", "# New name") is None
    True
    """
    if not now or split_words(now) == split_words(title):
        return None
    if last:
        return now if split_words(last) == split_words(title) else None
    old, new = _heading(before), _heading(after)
    if not old or not new or old == new or title.count(old) != 1:
        return None
    return now if split_words(title.replace(old, new)) == split_words(now) else None


def _heading(body: str) -> str:
    """The text of the first heading; empty where there is none."""
    for element in render(body).iter("h1", "h2", "h3", "h4", "h5", "h6"):
        return " ".join(element.text_content().split())
    return ""


def _metadata_of(refreshed: Refreshed) -> Metadata:
    return {**refreshed.about, "title": refreshed.title} if refreshed.title else refreshed.about


def answer_of(fetched: Fetched) -> Answer:
    """What `verdict.judge` needs to know of an answer."""
    return Answer(
        status=fetched.status,
        url=fetched.url,
        final_url=fetched.final_url,
        headers=fetched.headers,
        html=fetched.html,
        size=len(fetched.body),
    )


@dataclass(frozen=True, slots=True)
class _ReadAnswer:
    """A parsed answer: `page` as trimmed by the user's rules, and the `whole` page.

    `missed` says how the rules fail to fit the page, `seen` is the digest of its content; `by_data` and `plain` are as
    in `embedded.Judged`.
    """

    fetched: Fetched
    page: Page
    whole: Page
    missed: str
    about: Metadata
    stored: Stored
    options: VisitOptions
    seen: bytes
    by_data: bool = False
    plain: bool = False

    @property
    def misfit(self) -> Trouble | None:
        """Why the user's rules leave nothing of the page; None where they fit."""
        return failures.unselected(self.missed) if self.missed else None

    def refreshed(self, path: str, body: str) -> Refreshed:
        """The body of a seed after the merge: its region of the page is converted to Markdown and merged into it."""
        ignored, accept = ignored_by(self.options.rules, plain=self.plain), self.options.accept
        past = replace(self.stored.past(path), ignored=ignored)
        if recall.is_up_to_date(self.stored, path, self.seen, self.options):
            title, pictures = self.page.title, tuple(past.pictures)
            refreshed = Refreshed(body, title, given=past.text, is_source=past.is_source, pictures=pictures)
        elif self.fetched.made_of and self.fetched.made_of.readings:
            refreshed = refresh_document(self.page, body, self.fetched.made_of.readings, accept, past)
        elif self.fetched.kind in HTML:
            refreshed = (refresh_by_data if self.by_data else refresh_page)(self.page, body, accept, past)
        else:
            return self._by_markdown(path, body, past)
        return replace(refreshed, about=self.about)

    def _by_markdown(self, path: str, body: str, past: Past) -> Refreshed:
        text, likely = self.fetched.markdown, names_markdown(self.stored.seeds[path].url)
        url, folder = self.fetched.final_url, self.stored.folder
        keys = self.stored.seeds[path].keys
        leads = Neighbours(folder, path, url, keys).leads if folder else unknown_target
        source = SourceContext(url, self.options.accept, past, leads, likely)
        title = self.about.get("title") or markdown_title(text)
        return replace(refresh_markdown(text, body, source), about=self.about, title=title)


def _refusal(status: int, verdict: Verdict, rules: PageRules) -> Trouble | None:
    """Why the answer is not the seed's page; None where it is."""
    trouble = _refused_by(status, verdict)
    asks = (verdict.outcome is not None and verdict.reason == Reason.LOGIN) or status in (401, 403)
    return failures.logged_out(trouble, rules.logs_in) if trouble and asks and rules.logs_in else trouble


def _refused_by(status: int, verdict: Verdict) -> Trouble | None:
    by_status = failures.of_status(status)
    if verdict.outcome is None or (by_status and verdict.reason != Reason.CHALLENGE):
        return by_status
    return failures.of_verdict(verdict.outcome, verdict.reason, verdict.evidence)


def _record(path: str, seed: Seed, refreshed: Refreshed, fetched: Fetched) -> Record:
    return Record(
        path=path,
        url=seed.url,
        outcome=outcome_of(seed.body, refreshed.body, fetched),
        title=refreshed.title,
        page=refreshed.about,
        words_added=refreshed.words_added,
        words_removed=refreshed.words_removed,
        changes=refreshed.changes,
        unchanged_blocks=refreshed.reproduction.unchanged,
        reproduced_blocks=refreshed.reproduction.exact,
        held=refreshed.held,
        **answer_fields(fetched),
    )
