"""Judges whether an answer is the page: good, or a named reason with its evidence.

The strongest evidence is the stored text: a page that shows most of it is good, whatever else it contains. Only if the
stored text is missing, or nothing is stored yet, do the marks of walls, notices and shells count. A loss of text alone
is a doubt, which a second visit can settle.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from fetcher.markdown.reading.blocks import parse
from fetcher.page.page import Page
from fetcher.page.word_spans import page_words
from fetcher.region.main_content import main_content
from fetcher.terms.outcomes import DOUBTS, Outcome, Reason
from fetcher.verdict import shells, walls
from fetcher.verdict.coverage import (
    ENOUGH,
    Coverage,
    coverage,
    ends_within,
    garbled,
    letters,
    shown_beginning,
    shown_text,
    stops_within,
    visible_text,
)
from fetcher.verdict.page_summary import Notice, PageSummary, byte_size, mentioning_line, notice_line, summarise
from fetcher.verdict.resemblance import minhash_sketch

_BLOCKED = frozenset({Reason.CHALLENGE, Reason.DENIED, Reason.LIMITED})
_STATUS = {401: Reason.DENIED, 403: Reason.DENIED, 429: Reason.LIMITED, 451: Reason.DENIED}
# The order matters: a refusal explains more than the look of the refusing page.
_NOTICES = (Notice.LIMITED, Notice.DENIED, Notice.DEFAULT, Notice.NOT_FOUND, Notice.MAINTENANCE, Notice.ERROR)

# A page that shows this share of the stored body is the page.
_MOST = 0.5
# Below this share it may be another page: thorough rewrites of real pages kept a quarter of the probes; other pages of
# the same site, with the same frame and phrases, mostly a tenth or less.
_FEW = 0.18
# From this share on nothing that matters was cut off; below the other, an answer without an end is not believed.
_ALL = 0.995
_NEARLY_ALL = 0.9
# A main part with more letters than this is not a notice: error pages have at most a few sentences.
_LITTLE = 1500
# A page with so few letters is one sentence, and about whatever it mentions.
_SENTENCE = 150
# A page that lost its text and has fewer letters than this is a remnant, not a shorter version.
_STUB = 300
# Text in place of lost text is a notice if it is shorter than that by a quarter.
_SHORTER = 0.75
# A page with less of the stored text than this is another page.
_TEASER = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer: `headers` by lower-case name, `html` the decoded text, `size` the number of bytes received."""

    status: int
    url: str
    final_url: str
    headers: Mapping[str, str]
    html: str
    size: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of `judge`: `outcome` is None for a good page. Pages that show the same text have the same `digest`.

    `weak`: little speaks for a good page; it shows less than half of the stored text, or nothing is stored and it is
    as short as a notice. `sketch` recognises the main text of a doubted page (`resemblance`). `share` is the share of
    the stored text that the page shows, None if too little is stored to tell.
    """

    outcome: Outcome | None
    reason: str
    evidence: str
    digest: str = ""
    weak: bool = False
    sketch: str = ""
    share: float | None = None

    @property
    def doubted(self) -> bool:
        """Whether a later visit may still confirm the page."""
        return self.reason in DOUBTS


_Finding = tuple[Reason, str]


@dataclass(frozen=True, slots=True)
class _Case:
    """An answer beside the stored body: its text, the letters of both, the coverage (None if too little is stored)."""

    answer: Answer
    page: Page
    text: str
    stored: str
    body: str
    shown: str
    kept: Coverage | None

    def summary(self) -> PageSummary:
        return summarise(self.page, self.answer.html, self.answer.final_url, self.shown)


def judge(answer: Answer, page: Page, stored: str, accept: frozenset[str] = frozenset()) -> Verdict:
    """The verdict on an answer for a seed with the body `stored`, blank if it has none yet.

    Reasons in `accept` do not count against the page: the user's for this run, or a doubt that a later visit settled.
    """
    text = shown_text(page_words(page.root))
    shown = letters(text)
    seen = _digest(shown)
    body = letters(visible_text(stored)) if stored.strip() else ""
    case = _Case(answer, page, text, stored, body, shown, coverage(body, shown) if byte_size(body) >= ENOUGH else None)
    share = case.kept.share if case.kept else None
    for reason, evidence in _findings(case):
        if reason not in accept:
            main = minhash_sketch(letters(case.summary().text)) if reason in DOUBTS else ""
            return Verdict(_outcome(reason), reason, evidence, seen, sketch=main, share=share)
    return Verdict(None, "", "", seen, _is_weak(case), share=share)


def judge_trimmed(
    answer: Answer, page: Page, whole: Page, stored: str, accept: frozenset[str] = frozenset()
) -> Verdict:
    """As `judge`, for the `page` that is left of the `whole` one after the user's rules.

    If only the whole page is good, the rules have cut the stored text. What `remove` cuts is meant to go; but what
    `select` finds may have become another part of the page, which is doubted.
    """
    verdict = judge(answer, page, stored, accept)
    if page is whole:
        return verdict
    came = judge(answer, whole, stored, accept)
    if verdict.outcome is None or came.outcome is not None:
        return replace(verdict, digest=came.digest)
    if not page.selected or came.share is None or Reason.SHRUNK in accept:
        return came
    share = verdict.share or 0.0
    evidence = f"what the rules select has {share:.0%} of the stored text, and the whole page {came.share:.0%}"
    main = minhash_sketch(letters(shown_text(page_words(page.root))))
    return Verdict(Outcome.BROKEN, Reason.SHRUNK, evidence, came.digest, sketch=main, share=share)


def digest(page: Page) -> str:
    """The `Verdict.digest` of a page."""
    return _digest(letters(shown_text(page_words(page.root))))


def _digest(shown: str) -> str:
    return blake2b(shown.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _is_weak(case: _Case) -> bool:
    return case.kept.share < _MOST if case.kept else case.summary().main_size <= _LITTLE


def _outcome(reason: Reason) -> Outcome:
    if reason is Reason.STATUS:
        return Outcome.FAILED
    return Outcome.BLOCKED if reason in _BLOCKED else Outcome.BROKEN


def _findings(case: _Case) -> Iterator[_Finding]:
    """All evidence against the page, the clearest first; nothing for a good page."""
    if case.answer.status >= 400:
        yield _refused(case)
        return
    if cut := _cut(case):
        yield Reason.TRUNCATED, cut
    if case.body and (signs := garbled(case.text, case.stored)):
        yield Reason.GARBLED, f"{signs} signs are not those that are stored but what a wrong encoding makes of them"
    if case.kept and case.kept.share >= _MOST:
        yield from _stub(case)
        return
    summary = case.summary()
    yield from _marks(case, summary)
    if case.kept and (lock := _only_begins(case)):
        yield Reason.PAYWALL, lock
    if case.kept and (loss := _loss(case, case.kept, summary)):
        yield loss


def _refused(case: _Case) -> _Finding:
    answer, summary = case.answer, case.summary()
    if found := walls.challenged_by_header(answer.headers) or walls.challenged(summary):
        return Reason.CHALLENGE, f"status {answer.status}, {found}"
    return _STATUS.get(answer.status, Reason.STATUS), f"status {answer.status}"


def _cut(case: _Case) -> str | None:
    """The evidence that the answer was cut short before the end of the stored text."""
    headers = case.answer.headers
    length = None if "content-encoding" in headers else headers.get("content-length")
    missing = case.kept is None or case.kept.end <= _MOST
    if missing and (evidence := shells.fewer_bytes(length, case.answer.size)):
        return evidence
    left = shells.unclosed_elements(case.answer.html)
    if left is None or (case.kept and case.kept.share >= _ALL):
        return None
    if case.body and stops_within(case.body, case.shown):
        return "the document has no end and stops within the stored text"
    if case.body and _breaks_off(case, is_open=bool(left)):
        return "the document has no end and stops within a sentence"
    held = case.kept.share if case.kept else 0.0
    if "<" in left or (left and missing and case.kept) or (len(left) >= 2 and held < _NEARLY_ALL):
        return f"the document has no end and leaves open {', '.join(left)}"
    return None


def _breaks_off(case: _Case, *, is_open: bool) -> bool:
    """Whether the page ends inside of a stored word or, with elements left open, of a stored block."""
    if not case.text.rstrip()[-1:].isalnum():  # a complete sentence
        return False
    blocks = [" ".join(block.words) for block in parse(case.stored).blocks]
    parts = blocks if is_open else [word for block in blocks for word in block.split()]
    return ends_within(case.body, case.shown, parts)


def _stub(case: _Case) -> Iterator[_Finding]:
    """The evidence against a page that shows most of the stored body: a paywall before its end."""
    if case.kept and case.kept.end == 0:
        summary = case.summary()
        if (found := walls.paywall(summary)) and _is_shorter(case):
            yield Reason.PAYWALL, f"{found}, and the end of the stored text is missing"


def _only_begins(case: _Case) -> str | None:
    """The evidence of a paywall in any language: only the beginning, and a few new words in place of the rest."""
    main = _main(case)
    held, instead = shown_beginning(case.body, main)
    new, lost = byte_size(instead), (1 - held) * byte_size(case.body)
    if not _TEASER <= held <= _MOST or not 0 < new < lost * _SHORTER or new > _LITTLE:
        return None
    return f"only the first {held:.0%} of the stored text are there, and a few words in the place of the rest"


def _main(case: _Case) -> str:
    return letters(" ".join((found := page_words(case.page.root)).only(main_content(found)).words))


def _is_shorter(case: _Case) -> bool:
    """Whether the page, or its main content, has fewer letters than the stored body."""
    return len(case.shown) < len(case.body) or byte_size(_main(case)) < byte_size(case.body)


def _marks(case: _Case, summary: PageSummary) -> Iterator[_Finding]:
    """The evidence of walls, notices, shells and redirects on a page that does not show the stored text."""
    asked = case.answer.url
    found = walls.challenged_by_header(case.answer.headers) or walls.challenged(summary)
    looks = (
        (Reason.CHALLENGE, found),
        (Reason.EMPTY, "no text and no scripts" if not case.shown and "<script" not in summary.source else None),
        (Reason.CONSENT, walls.consent(summary, asked)),
        (Reason.LOGIN, walls.login(summary, asked)),
        *((Reason[notice.name], _notice(notice, case, summary)) for notice in _NOTICES),
        (Reason.REDIRECT, shells.redirect(summary)),
        (Reason.PAYWALL, walls.paywall(summary) if not case.kept or _is_shorter(case) else None),
        (Reason.SHELL, shells.shell(summary)),
        (Reason.OTHER, shells.redirected_home(asked, case.answer.final_url)),
    )
    yield from ((reason, evidence) for reason, evidence in looks if evidence)


def _notice(notice: Notice, case: _Case, summary: PageSummary) -> str | None:
    """The evidence that the page is a notice: a headline says so, or any line if text is lost or hardly any is left."""
    if summary.main_size > _LITTLE:
        return None
    line = notice_line(notice, summary.headlines)
    if line is None and (case.kept or (summary.size <= _SENTENCE and len(summary.lines) <= 2)):
        line = mentioning_line(notice, summary.lines)
    return f"the page says “{line}”" if line else None


def _loss(case: _Case, known: Coverage, summary: PageSummary) -> _Finding | None:
    """The finding if stored text is lost and nothing else speaks against the page; None if it is a rewrite."""
    lost = f"{1 - known.share:.0%} of the stored text is missing"
    comparable = len(case.shown) >= len(case.body) * _MOST
    few, same = known.below(_FEW), _same_heading(case, summary)
    if not few and comparable and (same or not shells.redirected_to_other_path(case.answer.url, case.answer.final_url)):
        return None  # it says as much as before
    if few and coverage(case.body, letters(summary.source)).share >= _MOST / 2:
        return Reason.SHELL, f"{lost} from the page, and is in its scripts"
    was, now = walls.language(visible_text(case.stored)), walls.language(case.text)
    if few and was and now and was != now:
        return Reason.LANGUAGE, f"the stored text is {was}, the page {now}"
    if ((few or comparable) and not same) or summary.main_size < _STUB:
        return Reason.OTHER, f"{lost}, and the page has another heading or next to no text"
    return (Reason.REWRITTEN if comparable else Reason.SHRUNK), lost


def _same_heading(case: _Case, summary: PageSummary) -> bool:
    return any(letters(heading) in case.body for heading in summary.headings[:1])
