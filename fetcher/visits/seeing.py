"""A first look at an answer: whether it can be read at all, and what it shows, which is enough where that is known.

It needs few of the libraries that reading a page takes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fetcher.page import page, shown
from fetcher.sites.rules import NO_RULES, PageRules
from fetcher.sites.trimming import trimmed
from fetcher.terms import failures
from fetcher.visits.fetched import HTML, TEXT

if TYPE_CHECKING:
    from fetcher.page.page import Page
    from fetcher.terms.failures import Trouble
    from fetcher.visits.fetched import Fetched


def unreadable(fetched: Fetched) -> Trouble | None:
    """Why there is no page in the answer; None where there is one."""
    if fetched.kind in HTML | TEXT and fetched.body.strip():
        if fetched.front and not fetched.markdown.strip():
            return failures.of_status(fetched.status) or failures.EMPTY
        return failures.OVERGROWN if fetched.is_overgrown else None
    if trouble := failures.of_status(fetched.status):
        return trouble
    return failures.not_text(fetched.kind) if fetched.body.strip() else failures.EMPTY


def parsed(fetched: Fetched) -> Page:
    """The page in a readable answer."""
    return page.parse(fetched.markup, fetched.final_url)


def shows(fetched: Fetched, rules: PageRules = NO_RULES) -> bytes:
    """The digest of what the answer shows (`page.shown`) by some rules; empty where there is no page in it."""
    if unreadable(fetched):
        return b""
    if fetched.kind in HTML:
        return shown_by(fetched, trimmed(parsed(fetched), rules).page, rules)
    return _digest(fetched.markdown, rules)


def shown_by(fetched: Fetched, page: Page, rules: PageRules = NO_RULES) -> bytes:
    """As `shows`, of an answer that was parsed and trimmed: every sign of Markdown counts, white space too."""
    if fetched.kind not in HTML:
        return _digest(fetched.markdown, rules)
    seen = shown.digest(page)
    # With other rules the same is another page.
    return hashlib.blake2b(seen + rules.mark, digest_size=16).digest() if rules.mark else seen


def _digest(text: str, rules: PageRules) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass") + rules.mark, digest_size=16).digest()
