"""A first look at an answer: whether it can be read at all, and what it shows, which is enough where that is known.

It needs few of the libraries that reading a page takes.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from fetcher.documents.markup import settled, unmarked, words
from fetcher.documents.opening import DOCUMENTS, Document, read
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
    """Why there is no page in the answer; None where there is one."""
    if fetched.kind in HTML | TEXT and fetched.body.strip():
        if fetched.front and not fetched.markdown.strip():
            return failures.of_status(fetched.status) or failures.EMPTY
        return failures.OVERGROWN if fetched.is_overgrown else None
    if trouble := failures.of_status(fetched.status):
        return trouble
    return failures.not_text(fetched.kind) if fetched.body.strip() else failures.EMPTY


def open_answer(fetched: Fetched, rules: PageRules = NO_RULES) -> Fetched | Trouble:
    """The answer as one that has a page, or why there is none: a document as the HTML that it makes.

    What a document shows by some rules is noted: where its lines part words makes no difference to that.
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
    plain = _made(fetched, document._replace(html=unmarked(document.html)))
    seen = fetched.shown or content_digest_of(made, parsed(plain), rules)
    return unreadable(made) or replace(made, shown=seen)


def _made(fetched: Fetched, document: Document) -> Fetched:
    """The answer of a document as one of the HTML that it makes."""
    sent = {name: value for name, value in fetched.headers.items() if not name.startswith("content-")}
    headers = {**sent, "content-type": "text/html; charset=utf-8"}
    return replace(fetched, body=document.html.encode("utf-8", "replace"), headers=headers, made_of=document)


def rejoin_words(fetched: Fetched, stored: Iterable[str]) -> Fetched:
    """The opened answer, in which words that the lines of a document part are written as they are `stored`."""
    if not fetched.made_of:
        return fetched
    return replace(fetched, body=settled(fetched.text, words(stored)).encode("utf-8", "replace"))


def parsed(fetched: Fetched) -> Page:
    """The page in a readable answer; all that a document holds is content."""
    found = page.parse(fetched.markup, fetched.final_url)
    return replace(found, selected=True) if fetched.made_of else found


def content_digest(fetched: Fetched, rules: PageRules = NO_RULES) -> bytes:
    """The digest of what the answer shows (`flow.digest`) by some rules; empty where there is no page in it."""
    answer = open_answer(fetched, rules)
    if not isinstance(answer, Fetched):
        return b""
    if answer.made_of:
        return answer.shown
    if answer.kind in HTML:
        return content_digest_of(answer, trimmed(parsed(answer), rules).page, rules)
    return _digest(answer.markdown, rules)


def content_digest_of(fetched: Fetched, page: Page, rules: PageRules = NO_RULES) -> bytes:
    """As `content_digest`, of an answer that was parsed and trimmed: every sign of Markdown counts, white space too."""
    if fetched.kind not in HTML:
        return _digest(fetched.markdown, rules)
    seen = word_spans.digest(page)
    # With other rules the same is another page.
    return hashlib.blake2b(seen + rules.mark, digest_size=16).digest() if rules.mark else seen


def _digest(text: str, rules: PageRules) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass") + rules.mark, digest_size=16).digest()
