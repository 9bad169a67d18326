"""A first look at an answer: whether it can be read at all, and what it shows, which is enough where that is known.

It needs few of the libraries that reading a page takes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fetcher.page import page, shown
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


def shows(fetched: Fetched) -> bytes:
    """The digest of what the answer shows (`page.shown`); empty where there is no page in it."""
    if unreadable(fetched):
        return b""
    return shown.digest(parsed(fetched)) if fetched.kind in HTML else _digest(fetched.markdown)


def shown_by(fetched: Fetched, page: Page) -> bytes:
    """As `shows`, of an answer that was parsed: every sign of Markdown counts, white space too."""
    return shown.digest(page) if fetched.kind in HTML else _digest(fetched.markdown)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
