"""Surveys one site: finds new pages, stored pages that have moved, and stored pages missing from its sitemap."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from fetcher.discover import looking
from fetcher.discover.compare import Sight, compared, paired
from fetcher.discover.gathering import Asker, Gathering
from fetcher.discover.looking import (
    LEADS,
    MISSING,
    TWICE,
    UNLIKE,
    UNREADABLE,
    UNSEEN,
    Found,
    Left,
    Moved,
    New,
)
from fetcher.discover.places import Style, place
from fetcher.discover.published import Listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetcher.discover.compare import Compared, Wish
    from fetcher.discover.gathering import Tools
    from fetcher.discover.looking import Held, Looked, Past
    from fetcher.discover.places import Place, Section

_SAMPLES = 3  # pages of a strange section that are fetched
_STRANGE = 20  # strange sections examined, the largest first, and at most as many as the site has stored pages
_ROUNDS = 3  # depth to which links are followed
_PART = 4  # one in so many of the pages that may be fetched is reserved for stored pages not in the sitemap


class Job(NamedTuple):
    """The sites to survey, the user's wishes, the results of earlier surveys, and the limits.

    The limits are the `pages` fetched from each site, and the `seconds` for all sites.
    """

    sites: Sequence[Held]
    wish: Wish
    past: Past
    pages: int
    seconds: float


class Survey:
    """The survey of one site, whose stored pages are `held`."""

    def __init__(self, held: Held, job: Job, tools: Tools) -> None:
        self._held = held
        self._wish = job.wish
        self._past = job.past
        self._room_for_left = max(1, job.pages // _PART)
        self._found = Found(held.site)
        self._asker = Asker(tools, job.pages)
        self._gathering = Gathering(held, job.wish.urls, self._asker, self._found)
        self._sight = Sight(held)
        self._strange_room = min(_STRANGE, len(held.pages))
        self._style = Style(held.urls.values())
        self._like: dict[Section, bool | None] = {}
        self._taken: set[Place] = set()
        self._digests: set[str] = set()
        self._away: dict[Place, None] = {}
        self._decided: set[Place] = set()

    async def made(self) -> Found:
        """Does the survey and returns its result."""
        listed = self._undecided(await self._gathering.all())
        self._digests |= self._gathering.digests
        await self._leavers()
        await self._candidates(listed)
        self._pair()
        self._found.left_out.update(self._past.proposed[one] for one in self._decided)
        self._found.requests = self._asker.requests
        if not self._asker.requests:
            self._found.trouble = self._asker.trouble or "Nothing was asked for."
        return self._found

    def _undecided(self, listed: list[Listed]) -> list[Listed]:
        """The pages that were not proposed before."""
        proposed = {one for page in listed if (one := place(page.url)) in self._past.proposed}
        self._decided |= proposed - self._held.pages.keys()
        return [page for page in listed if place(page.url) not in proposed]

    # --- what is new ---

    async def _candidates(self, listed: list[Listed]) -> None:
        """Fetches pages that may be new, and those that they link to."""
        done: set[Place] = set()
        for _ in range(_ROUNDS):
            found = await asyncio.to_thread(compared, listed, self._held, self._wish)  # seconds, of a large site
            wanted = {place(page.url): page for page in (*found.wanted, *await self._strange(found))}
            links: dict[str, None] = {}
            for one, page in sorted(wanted.items(), key=lambda item: item[0] in self._past.looked):
                if one not in done and one not in self._taken and self._asker.may_look(one):
                    done.add(one)
                    looked = await self._candidate(page)
                    links.update(dict.fromkeys(looked.links if looked else ()))
            known = {place(page.url) for page in listed}
            more = [page for page in self._gathering.own(links) if place(page.url) not in known]
            if not more:
                break
            listed = listed + self._undecided(more)
        self._found.left_out += found.left_out
        self._found.left_out[UNSEEN] += len(wanted.keys() - done - self._taken)
        self._found.few = found.few

    async def _strange(self, found: Compared) -> list[Listed]:
        """The pages of strange sections whose pages are mostly like stored ones."""
        pages: list[Listed] = []
        for section, those in sorted(found.strange.items(), key=lambda item: -len(item[1])):
            if section not in self._like and len(self._like) < self._strange_room:
                self._like[section] = await self._is_like(those)
            if self._like.get(section):
                pages += those
            else:
                is_known = self._like.get(section) is not None
                found.left_out[UNLIKE if is_known else UNSEEN] += len(those)
                self._found.unlike |= {section: len(those)} if is_known else {}
        return pages

    async def _is_like(self, pages: Sequence[Listed]) -> bool | None:
        """Whether most pages in a sample of a section have the structure of stored ones; None if none can be fetched.

        If stored pages are missing from the sitemap, a sampled page with the text of one of them is enough.
        """
        sample = [pages[at * (len(pages) - 1) // (_SAMPLES - 1)] for at in range(_SAMPLES)]
        looks = [await self._as_stored(url) for url in dict.fromkeys(page.url for page in sample)]
        if not any(looks):
            return None
        seen = [looked for looked in looks if looked and not looked.trouble]
        likes = sum(looking.is_like(looked.form, self._gathering.forms) for looked in seen)
        return likes * 2 > len(seen) or bool(self._moved([_new(looked, looked.title) for looked in seen]))

    async def _candidate(self, page: Listed) -> Looked | None:
        """Fetches a page that may be new, records it, and returns it if it is."""
        looked = await self._as_stored(page.url)
        self._asker.spend(page.url)
        reason = self._against(page, looked) if looked else UNREADABLE
        if reason or not looked:
            self._found.left_out[reason] += 1
            self._found.looked[page.url] = reason
            return None
        new = _new(looked, looked.title or page.title)
        self._taken.add(place(new.url))
        self._digests.add(looked.digest)
        self._found.new.append(new)
        return looked

    async def _as_stored(self, url: str) -> Looked | None:
        """The analysed page from its address in the style of stored ones or, if that fails, from the listed address."""
        wanted = url if self._asker.has_looked(url) else self._style.of(url)
        looked = await self._asker.look(wanted)
        if wanted != url and (looked is None or looked.trouble or looked.is_markdown != self._style.is_markdown(url)):
            self._asker.forget(url)
            looked = await self._asker.look(url)
        return looked

    def _against(self, page: Listed, looked: Looked) -> str:
        """Why a fetched page does not count as new; empty if it does."""
        if looked.trouble:
            return MISSING if looked.is_absent else UNREADABLE
        url = _own_address(looked)
        one = place(url)
        if one in self._held.pages or place(looked.url) in self._held.pages:
            return LEADS
        if one in self._taken or looked.digest in self._digests:
            return TWICE
        return self._sight.against(Listed(url, (*page.alternates, *looked.alternates)))

    # --- what has left ---

    async def _leavers(self) -> None:
        """Fetches stored pages that the sitemap does not list."""
        listed = {place(page.url): page.when for page in self._gathering.sitemap}
        self._found.listed = {one: (url, listed[one]) for one, url in self._held.urls.items() if one in listed}
        if not listed:
            return
        near = {one.section for one in self._found.listed} if self._found.is_whole else set()
        away = [one for one in self._held.pages if one not in listed and self._wish.has(one)]
        away.sort(key=lambda one: (one not in self._past.listed, one.section not in near))
        self._away = dict.fromkeys(away)
        for one in away[: self._room_for_left]:
            looked = await self._asker.look(self._held.urls[one])
            if looked and (looked.is_absent or not looked.trouble):
                is_hint = self._found.is_whole and (one in self._past.listed or one.section in near)
                self._leaver(one, looked, is_hint=is_hint)

    def _leaver(self, one: Place, looked: Looked, *, is_hint: bool) -> None:
        path, url = self._held.pages[one], self._held.urls[one]
        if not looked.is_absent:
            del self._away[one]
            now = place(looked.redirected_to or looked.url)
            if looked.redirected_to and now not in self._held.pages and now.steps:
                self._found.moved.append(Moved(path, url, looked.redirected_to, "redirect"))
                self._taken |= {now, place(looked.url)}
                return
            is_hint = is_hint and now == one
        if is_hint:
            self._found.left.append(Left(path, url, not looked.is_absent))

    def _pair(self) -> None:
        """Turns new pages with the text of an unlisted stored page into moves of that page."""
        moved = self._moved(self._found.new)
        self._found.moved += moved
        gone, come = {one.path for one in moved}, {one.to for one in moved}
        self._found.left = [one for one in self._found.left if one.path not in gone]
        self._found.new = [one for one in self._found.new if one.url not in come]

    def _moved(self, new: Sequence[New]) -> list[Moved]:
        """The pages that are unlisted stored pages at another address."""
        away = [(self._held.pages[one], self._held.urls[one]) for one in self._away]
        return paired(away, new, self._asker.tools.load) if away else []


def _new(looked: Looked, title: str) -> New:
    url = _own_address(looked)
    return New(url, title, place(url).section, looked.letters)


def _own_address(looked: Looked) -> str:
    """The canonical address of a page, if it is on the same site and not the home page, as some templates have it."""
    own, here = looked.canonical, place(looked.url)
    return own if own and place(own).site == here.site and place(own).steps else looked.url
