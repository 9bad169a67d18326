"""Judges an answer, and where its text is missing, the pages that can be made of the data embedded in its scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from fetcher.page.embedded_data import embedded
from fetcher.page.word_spans import page_words
from fetcher.region.main_content import main_content
from fetcher.sites.rules import NO_RULES, PageRules
from fetcher.sites.trimming import trimmed
from fetcher.terms.outcomes import Reason
from fetcher.verdict.shells import redirected_to_other_path
from fetcher.verdict.verdict import Answer, Verdict, judge, judge_trimmed

if TYPE_CHECKING:
    from fetcher.page.page import Page

# For these reasons the text may be in the data. Not for others: a rewritten page may still have its old text there,
# and a paywalled page the text for those who paid.
_WANTING = frozenset({Reason.SHELL, Reason.EMPTY})
_LOST = frozenset({Reason.SHRUNK, Reason.OTHER})
_FEW = 30  # words (and punctuation marks) of a text
_SENTENCE = 12  # of a sentence


class Judged(NamedTuple):
    """A verdict and the page that it is about; `by_data`: made of embedded data; `plain`: without links and markup."""

    verdict: Verdict
    page: Page
    by_data: bool = False
    plain: bool = False


def judge_with_data(
    answer: Answer,
    page: Page,
    whole: Page,
    stored: str,
    accept: frozenset[str] = frozenset(),
    rules: PageRules = NO_RULES,
) -> Judged:
    """The verdict on an answer for a stored body, as by `judge_trimmed`.

    If the `page` lacks the text, pages made of its embedded data are judged by the same rules, and the best good one
    is taken instead.
    """
    verdict = judge_trimmed(answer, page, whole, stored, accept)
    if not _may_have_data(answer, verdict, stored) or rules.select:
        return Judged(verdict, page)
    best = Judged(verdict, page)
    for one in embedded(whole):
        made = trimmed(one.page, rules).page
        if not stored.strip() and not _is_text(made):
            continue
        other = judge(replace(answer, html="", headers={}), made, stored, accept)
        if other.outcome is None and (not best.by_data or (other.share or 0.0) > (best.verdict.share or 0.0)):
            best = Judged(replace(other, digest=verdict.digest), made, by_data=True, plain=one.plain)
    return best


def _is_text(page: Page) -> bool:
    """Whether a page has sentences; for a seed without a body, labels and settings are not a page."""
    spans = page_words(page.root)
    kept = main_content(spans)
    sizes = [run.end - run.start for run, wanted in zip(spans.runs, kept, strict=True) if wanted]
    return sum(sizes) >= _FEW and max(sizes) >= _SENTENCE


def _may_have_data(answer: Answer, verdict: Verdict, stored: str) -> bool:
    if answer.status >= 400 or verdict.reason in _WANTING:
        return answer.status < 400
    return (
        verdict.reason in _LOST and bool(stored.strip()) and not redirected_to_other_path(answer.url, answer.final_url)
    )
