"""Opens an answer: tells whether it can be read, parses it, and computes the digest of its content.

The digest is enough for a page that shows what it showed at the last visit. This module imports few libraries, so that
such visits need not load those that convert and compare.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from fetcher.documents.markup import known_words, resolve_hyphens, without_hyphens
from fetcher.documents.reading import DOCUMENTS, Document, read
from fetcher.page import page, word_spans
from fetcher.sites.rules import NO_RULES, PageRules
from fetcher.sites.trimming import trimmed
from fetcher.terms import failures, reading_failures
from fetcher.terms.reading_failures import DocumentError
from fetcher.visits.fetched import HTML, TEXT, Fetched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetcher.page.page import Page
    from fetcher.terms.failures import Trouble


def unreadable(fetched: Fetched) -> Trouble | None:
    """Why the answer cannot be read as a page; None if it can."""
    if fetched.kind in HTML | TEXT and fetched.body.strip():
        if fetched.front and not fetched.markdown.strip():
            return failures.of_status(fetched.status) or failures.EMPTY
        return failures.OVERGROWN if fetched.is_overgrown else None
    if trouble := failures.of_status(fetched.status):
        return trouble
    return failures.not_text(fetched.kind) if fetched.body.strip() else failures.EMPTY


def open_answer(fetched: Fetched, rules: PageRules = NO_RULES) -> Fetched | Trouble:
    """The answer if it can be read, with a document converted to HTML; otherwise the reason why it cannot.

    For a document, `shown` is set to a digest that ignores where words are broken at line ends.
    """
    if fetched.kind not in DOCUMENTS:
        return unreadable(fetched) or fetched
    if trouble := failures.of_status(fetched.status):
        return trouble
    try:
        document = read(fetched.body, fetched.kind)
    except DocumentError as error:
        return reading_failures.of_document(fetched.kind, error.reason)
    made = _made(fetched, document)
    plain = _made(fetched, document._replace(html=without_hyphens(document.html)))
    seen = fetched.shown or content_digest_of(made, parsed(plain), rules)
    return unreadable(made) or replace(made, shown=seen)


def _made(fetched: Fetched, document: Document) -> Fetched:
    """The answer with a document replaced by the HTML made of it."""
    sent = {name: value for name, value in fetched.headers.items() if not name.startswith("content-")}
    headers = {**sent, "content-type": "text/html; charset=utf-8"}
    return replace(fetched, body=document.html.encode("utf-8", "replace"), headers=headers, made_of=document)


def rejoin_words(fetched: Fetched, stored: Iterable[str]) -> Fetched:
    """The opened answer, its words that are broken at line ends joined or hyphenated as in the `stored` text."""
    if not fetched.made_of:
        return fetched
    return replace(fetched, body=resolve_hyphens(fetched.text, known_words(stored)).encode("utf-8", "replace"))


def parsed(fetched: Fetched) -> Page:
    """The page of a readable answer; everything in a document counts as content."""
    found = page.parse(fetched.markup, fetched.final_url)
    return replace(found, selected=True) if fetched.made_of else found


def content_digest(fetched: Fetched, rules: PageRules = NO_RULES) -> bytes:
    """The digest of everything that the page shows (`word_spans.digest`) by some rules; empty if it is unreadable.

    For Markdown it covers the whole text, white space too.
    """
    answer = open_answer(fetched, rules)
    if not isinstance(answer, Fetched):
        return b""
    if answer.made_of:
        return answer.shown
    if answer.kind in HTML:
        return content_digest_of(answer, trimmed(parsed(answer), rules).page, rules)
    return _digest(answer.markdown, rules)


def content_digest_of(fetched: Fetched, page: Page, rules: PageRules = NO_RULES) -> bytes:
    """As `content_digest`, for an answer that is parsed and trimmed already."""
    if fetched.kind not in HTML:
        return _digest(fetched.markdown, rules)
    seen = word_spans.digest(page)
    # Under other rules the same page counts as a different one.
    return hashlib.blake2b(seen + rules.mark, digest_size=16).digest() if rules.mark else seen


def _digest(text: str, rules: PageRules) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass") + rules.mark, digest_size=16).digest()
