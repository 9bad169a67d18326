"""Decides how a page is read: from its first answer, or from further requests where one answer is not enough.

Further requests are for the page rendered by a browser, its Markdown version, a second fetch that confirms a change,
the old address of a missing page, and an address that cannot exist, to tell soft 404s.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from fetcher.memory.memory import Memory
from fetcher.seeds.folder import Entry
from fetcher.sites.rules import NO_RULES, PageRules
from fetcher.terms import failures
from fetcher.terms.failures import Trouble
from fetcher.terms.outcomes import ABSENT, Outcome, Reason
from fetcher.visits import recall, tasks
from fetcher.visits.fetched import HTML, Fetched
from fetcher.visits.recall import Known, Stored
from fetcher.visits.representations import Representation, accept_header, choose_representation
from fetcher.visits.results import (
    Visited,
    refused,
    troubled,
    unread,
    with_front_matter_edits,
    with_rendering,
    with_unusable,
)

if TYPE_CHECKING:
    from datetime import datetime

    from fetcher.sites.rules import Sites
    from fetcher.visits.results import VisitOptions
    from fetcher.workers.workers import Workers

Ask = Callable[..., Awaitable[Fetched | Trouble]]
"""Fetches an address, subject to robots.txt and pace; the optional second argument is the Accept header."""

Load = Callable[[Sequence[Entry], Memory], tuple[Stored, Mapping[str, tuple[str, Trouble]]]]
"""Loads the seeds of a page, and why some of them cannot be used (`recall.load`)."""

Render = Callable[[Fetched, Stored, PageRules], Awaitable[Fetched | Trouble]]
"""Renders an answer in a browser, until it shows the stored text or nothing changes any more."""

PROBE = "/no-such-page-"
"""The start of a random path that no site has, requested to see how a site answers for missing pages."""


# Reasons that may mean that scripts have yet to add the text.
_MAY_LACK_TEXT = frozenset({Reason.SHELL, Reason.EMPTY, Reason.REDIRECT, Reason.SHRUNK, Reason.OTHER})


class _ErrorPage(NamedTuple):
    """A site's answer for an address that cannot exist: its text digest (empty for an honest 404) and its address."""

    digest: str
    final_url: str


class Inspector:
    """Inspects the pages of a run that started at `began`; parsing and merging happen in `workers`."""

    def __init__(
        self, ask: Ask, load: Load, render: Render, workers: Workers, options: VisitOptions, began: datetime
    ) -> None:
        self._ask = ask
        self._load = load
        self._render = render
        self._workers = workers
        self._options = options
        self._began = began
        self._error_pages: dict[str, asyncio.Task[_ErrorPage]] = {}

    async def visit(
        self, fetched: Fetched, known: Known, entries: Sequence[Entry], sites: Sites, why_unread: str
    ) -> tuple[Visited, Fetched]:
        """The results of a visit, and the answer they are based on, which is not read for the reason `why_unread`."""
        if why_unread:
            return self._visited_unread(fetched, known, entries, why_unread), fetched
        rules = sites.page(fetched.url)
        if rules.render == "always" and _is_page(fetched):
            rendered = await self._render(fetched, self._load(entries, known.memory)[0], rules)
            if isinstance(rendered, Trouble):
                return Visited(tuple(troubled(entry.path, entry.url, rendered, fetched) for entry in entries)), fetched
            fetched = rendered
        wanted = recall.digest_if_unchanged(known, fetched)
        seen = await self.shows(fetched, rules) if wanted else b""
        if isinstance(seen, Trouble):
            return Visited(tuple(troubled(entry.path, entry.url, seen, fetched) for entry in entries)), fetched
        if wanted and seen == wanted:
            return replace(self._visited_unread(fetched, known, entries, recall.SAME_WORDS), shown=seen), fetched
        stored, unusable = self._load(entries, known.memory)
        visited, answer = await self.inspect(replace(fetched, shown=seen), stored, rules)
        visited = with_rendering(visited, answer.rendered)
        sites.count_read(fetched.url, visited.used)
        return with_unusable(visited, unusable), answer

    def _visited_unread(self, fetched: Fetched, known: Known, entries: Sequence[Entry], why: str) -> Visited:
        """The results of a visit to a page that need not be read."""
        since = recall.moved_since(known.memory, fetched.when)
        if not self._options.edits_front_matter:
            return unread(fetched, {entry.path: entry.url for entry in entries}, since, why)
        stored, unusable = self._load(entries, known.memory)
        visited = with_front_matter_edits(
            unread(fetched, stored.urls, since, why), fetched, stored.seeds, self._options
        )
        return with_unusable(visited, unusable)

    async def inspect(self, fetched: Fetched, stored: Stored, rules: PageRules = NO_RULES) -> tuple[Visited, Fetched]:
        """The results of reading an answer by the user's rules, and the answer they are based on."""
        options = self._options.by(rules)
        if since := await self._gone(fetched, stored.memory):
            return refused(stored.urls, failures.gone(fetched.status, since), fetched), fetched
        page = await choose_representation(fetched, stored, self._ask) if options.prefer else Representation(fetched)
        came = await self._read(page, stored, options)
        if rules.render == "auto" and not isinstance(came, Trouble) and _may_lack_text(fetched, came[0]):
            came, page = await self._read_rendered(fetched, stored, options)
            fetched = page.answer
        if isinstance(came, Trouble):
            return refused(stored.urls, came, fetched), fetched
        visited, options = came
        if visited.weak and Reason.NOT_FOUND not in options.accept and await self._is_soft_404(fetched, visited, rules):
            return refused(stored.urls, failures.SOFT_404, fetched), fetched
        if options.confirm and visited.has_changed and not page.html:
            visited, answer = await self._confirmed(visited, page.answer, stored, options)
            fetched = fetched if page.answer is not fetched else answer
        return await self._with_own_digest(visited, fetched, page, options), fetched

    async def _read(
        self, page: Representation, stored: Stored, options: VisitOptions
    ) -> tuple[Visited, VisitOptions] | Trouble:
        size = _size(page.answer, stored)
        if not page.html:
            return await self._workers(size, tasks.read, page.answer, stored, options, self._began)
        both = (page.html, page.answer)
        return await self._workers(size + len(page.html.body), tasks.read_both, *both, stored, options, self._began)

    async def _read_rendered(
        self, fetched: Fetched, stored: Stored, options: VisitOptions
    ) -> tuple[tuple[Visited, VisitOptions] | Trouble, Representation]:
        """As `_read`, for the answer as rendered by a browser, and the rendered answer."""
        rendered = await self._render(fetched, stored, options.rules)
        if isinstance(rendered, Trouble):
            return rendered, Representation(fetched)
        return await self._read(Representation(rendered), stored, options), Representation(rendered)

    async def _with_own_digest(
        self, visited: Visited, fetched: Fetched, page: Representation, options: VisitOptions
    ) -> Visited:
        """The visit with the content digest of the page's own address, if its Markdown came from another one."""
        if page.answer.url == fetched.url or page.html:
            return visited
        shown = fetched.shown or await self.shows(fetched, options.rules)
        return visited if isinstance(shown, Trouble) else replace(visited, shown=shown)

    async def shows(self, fetched: Fetched, rules: PageRules = NO_RULES) -> bytes | Trouble:
        """The content digest of an answer (`first_look.content_digest`); empty if it is not a readable page."""
        return await self._workers(fetched.work, tasks.content_digest, fetched, rules)

    async def _gone(self, fetched: Fetched, memory: Memory) -> datetime | None:
        """Since when the page is known to be gone. Asks the address at which it was last seen too, if that differs."""
        since, other = recall.gone_since(memory, fetched.status, fetched.when), memory.final_url
        if since or fetched.status not in ABSENT or not other or other in (fetched.url, fetched.final_url):
            return since
        answer = await self._ask(other)
        missing = isinstance(answer, Fetched) and answer.status in ABSENT
        return recall.gone_since(memory, fetched.status, fetched.when, elsewhere=missing)

    async def _confirmed(
        self, visited: Visited, fetched: Fetched, stored: Stored, options: VisitOptions
    ) -> tuple[Visited, Fetched]:
        accept = accept_header(options.prefer)
        again = await (self._ask(fetched.url, accept) if accept else self._ask(fetched.url))
        if fetched.rendered and isinstance(again, Fetched) and _is_page(again):
            again = await self._render(again, stored, options.rules)
        if isinstance(again, Trouble):
            return _unconfirmed(visited, again), fetched
        if again.shows_the_same_as(fetched):
            return visited, fetched
        shown = await self.shows(again, options.rules)
        if isinstance(shown, Trouble):
            return _unconfirmed(visited, shown), fetched
        if shown == visited.shown:
            return visited, again
        again = replace(again, shown=shown)
        both = await self._workers(_size(again, stored), tasks.confirm, visited, again, stored, options)
        return (_unconfirmed(visited, both), fetched) if isinstance(both, Trouble) else (both, again)

    async def _is_soft_404(self, fetched: Fetched, visited: Visited, rules: PageRules) -> bool:
        """Whether the site answers with the same page, without a redirect to it, for an address that cannot exist."""
        if urlsplit(fetched.url).path in ("", "/"):
            return False  # every site has a home page
        site = urljoin(fetched.final_url, "/")
        key = f"{site} rendered" if fetched.rendered else site
        if key not in self._error_pages:
            self._error_pages[key] = asyncio.ensure_future(self._probe(site, rules if fetched.rendered else NO_RULES))
        absent = await self._error_pages[key]
        return absent.digest == visited.digest and absent.final_url != fetched.url

    async def _probe(self, site: str, rules: PageRules) -> _ErrorPage:
        answer = await self._ask(urljoin(site, f"{PROBE}{secrets.token_hex(8)}"))
        if isinstance(answer, Trouble) or failures.of_status(answer.status) or answer.kind not in HTML:
            return _ErrorPage("", "")
        if rules.render:
            rendered = await self._render(answer, Stored({}, Memory(url=answer.url)), rules)
            answer = answer if isinstance(rendered, Trouble) else rendered
        digest = await self._workers(len(answer.body), tasks.text_digest, answer)
        return _ErrorPage("" if isinstance(digest, Trouble) else digest, answer.final_url)


def _is_page(fetched: Fetched) -> bool:
    """Whether an answer is a page that a browser can render."""
    return fetched.kind in HTML and failures.of_status(fetched.status) is None


def _may_lack_text(fetched: Fetched, visited: Visited) -> bool:
    """Whether an answer lacks text that scripts may add."""
    return _is_page(fetched) and any(result.record.reason in _MAY_LACK_TEXT for result in visited.results)


def _size(fetched: Fetched, stored: Stored) -> int:
    return fetched.work + sum(len(seed.text) for seed in stored.seeds.values())


def _unconfirmed(visited: Visited, trouble: Trouble) -> Visited:
    """The visit after the second fetch failed: seeds that it would have changed fail too."""
    results = (
        troubled(result.record.path, result.record.url, trouble) if result.record.outcome is Outcome.CHANGED else result
        for result in visited.results
    )
    return Visited(tuple(results))
