"""Fetches what a site publishes, within limits: its llms.txt, sitemaps, feeds, and the links of some pages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from fetcher.discover import published
from fetcher.discover.places import place
from fetcher.discover.published import Listed
from fetcher.terms.failures import Trouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from fetcher.discover.looking import Found, Held, Looked
    from fetcher.discover.places import Place, Section
    from fetcher.discover.published import Published
    from fetcher.seeds.seeds import Seed
    from fetcher.visits.fetched import Fetched

_SITEMAPS = 200  # files of one site
_ADDRESSES = 100_000  # of one site
_FEEDS = 5
_SECTIONS = 12  # sections whose index page is fetched: those with most stored pages
_STORED = 5  # stored pages that are fetched, to recognise similar ones


class Tools(NamedTuple):
    """The functions that a survey needs: `ask` fetches an address, `look` and `read` analyse an answer in a worker.

    `named` gives the sitemaps in a host's robots.txt, after the first request to the host; `load` the seed in a file;
    `is_late` tells whether the time is up.
    """

    ask: Callable[[str], Awaitable[Fetched | Trouble]]
    look: Callable[[Fetched], Awaitable[Looked | Trouble]]
    read: Callable[[Fetched], Awaitable[Published | Trouble]]
    named: Callable[[str], Sequence[str]]
    load: Callable[[str], Seed | None]
    is_late: Callable[[], bool]


class Asker:
    """Sends the requests to a site; fetches each page once, and at most so many `pages`."""

    def __init__(self, tools: Tools, pages: int) -> None:
        self.requests = 0
        """The number of answers."""
        self.trouble = ""
        """Why the last request failed."""
        self.tools = tools
        self._room = pages
        self._looked: dict[Place, Looked | None] = {}

    def may_look(self, one: Place) -> bool:
        """Whether a page was fetched already, or the limits allow to fetch it."""
        return one in self._looked or (self._room > 0 and not self.tools.is_late())

    async def look(self, url: str) -> Looked | None:
        """The analysed page; None if it cannot be fetched or the limits are reached."""
        one = place(url)
        if one not in self._looked and self.may_look(one):
            self._room -= 1
            answer = await self.ask(url)
            looked = await self.tools.look(answer) if answer else None
            self._looked[one] = None if isinstance(looked, Trouble) else looked
        return self._looked.get(one)

    def has_looked(self, url: str) -> bool:
        """Whether a page was fetched."""
        return place(url) in self._looked

    def forget(self, url: str) -> None:
        """Allows a page to be fetched again, from another address of it."""
        self._looked.pop(place(url), None)

    def spend(self, url: str) -> None:
        """Frees the memory of an analysed page, which is not fetched again."""
        self._looked[place(url)] = None

    async def ask(self, url: str) -> Fetched | None:
        """The answer at an address; None if there is none."""
        answer = await self.tools.ask(url)
        if isinstance(answer, Trouble):
            self.trouble = answer.detail
            return None
        self.requests += 1
        return answer


class Gathering:
    """Collects what a site publishes; `sitemap` are the pages in its sitemaps.

    `forms` and `digests` are the structures and text digests of some stored pages. `named` are addresses of pages whose
    links the user wants to be followed.
    """

    def __init__(self, held: Held, named: Sequence[str], asker: Asker, found: Found) -> None:
        self.sitemap: list[Listed] = []
        self.forms: list[frozenset[str]] = []
        self.digests: set[str] = set()
        self._held = held
        self._wanted = [url for url in named if place(url).site == held.site]
        self._asker = asker
        self._found = found
        self._origin = _origin(held.urls.values())

    async def all(self) -> list[Listed]:
        """All pages that are listed anywhere or linked from the index pages of sections."""
        homes = self._homes()
        listed: list[Listed] = []
        for home in homes:
            answer = await self._asker.ask(urljoin(home, "llms.txt"))
            if answer and answer.status == 200:
                listed += self._heeded(answer.url, published.llms(answer))
        self.sitemap = await self._sitemaps(homes)
        return [*listed, *self.sitemap, *await self._indices()]

    def own(self, links: Iterable[str]) -> Iterator[Listed]:
        """The links that lead to pages of this site."""
        return (Listed(url) for url in links if place(url).site == self._held.site)

    async def _sitemaps(self, homes: Sequence[str]) -> list[Listed]:
        said = self._asker.tools.named(urlsplit(self._origin).netloc)
        named = list(filter(None, (published.absolute(url, self._origin) for url in said)))
        waiting = list(dict.fromkeys(named or [urljoin(home, "sitemap.xml") for home in homes]))
        known = set(waiting)
        pages: list[Listed] = []
        whole = True
        for number, url in enumerate(waiting):  # grows during the loop
            if number >= _SITEMAPS or len(pages) >= _ADDRESSES or self._asker.tools.is_late():
                self._found.notes.append(f"Only {number:,} sitemaps were read, with {len(pages):,} pages.")
                whole = False
                break
            is_guess = not named and number < len(homes)
            read = await self._sitemap(url, is_guess=is_guess)
            if read is None:
                whole = whole and is_guess
                continue
            whole = whole and not read.fault
            pages += read.pages
            waiting += [one for one in dict.fromkeys(read.sitemaps) if one not in known]
            known.update(read.sitemaps)
        self._found.is_whole = whole and bool(pages)
        return pages[:_ADDRESSES]

    async def _sitemap(self, url: str, *, is_guess: bool) -> Published | None:
        """The content of a sitemap; None if there is none, with a note if the site names it."""
        answer = await self._asker.ask(url)
        if answer is None or answer.status != 200:
            if not is_guess:
                self._found.notes.append(f"{url}: {f'HTTP {answer.status}' if answer else self._asker.trouble}")
            return None
        read = await self._asker.tools.read(answer)
        if isinstance(read, Trouble):
            self._found.notes.append(f"{url}: {read.detail}")
            return None
        self._heeded(url, read)
        return read

    def _heeded(self, url: str, read: Published) -> tuple[Listed, ...]:
        if read.fault:
            self._found.notes.append(f"{url}: {read.fault}.")
        return read.pages

    def _homes(self) -> list[str]:
        """The addresses of the site's home page, and of the innermost folder with all stored pages, if different."""
        sections = [one.section for one in self._held.pages]
        shared = min(sections, key=len, default=())
        while any(section[: len(shared)] != shared for section in sections):
            shared = shared[:-1]
        folder = self._address(shared) if shared else ""
        return list(dict.fromkeys(filter(None, [urljoin(self._origin, "/"), folder])))

    def _address(self, section: Section) -> str:
        """The address of a section's index page, derived from stored pages in it; empty if there are none."""
        for one, url in self._held.urls.items():
            if one.steps[: len(section)] == section and len(one.steps) > len(section):
                parts = urlsplit(url)
                steps = [step for step in parts.path.split("/") if step][: len(section)]
                return f"{parts.scheme}://{parts.netloc}/{'/'.join([*steps, ''])}"
        return ""

    async def _indices(self) -> list[Listed]:
        """The links of sections' index pages and of some stored pages, and the entries of their feeds."""
        counts = Counter(one.section for one in self._held.pages)
        sections = [section for section, _ in counts.most_common(_SECTIONS)]
        stored = {one.section: url for one, url in self._held.urls.items() if one.section in sections}
        wanted = [*self._wanted, *list(stored.values())[:_STORED], *filter(None, map(self._index, sections))]
        links: dict[str, None] = {}
        feeds: dict[str, None] = {}
        for url in dict.fromkeys(wanted):
            if page := await self._asker.look(url):
                links.update(dict.fromkeys(page.links))
                feeds.update(dict.fromkeys(page.feeds))
                if not page.trouble and place(url) in self._held.pages:
                    self.forms.append(page.form)
                    self.digests.add(page.digest)
        await self._feeds(list(feeds)[:_FEEDS])
        return [*self._found.entries, *self.own(links)]

    def _index(self, section: Section) -> str:
        one = next((one for one in self._held.urls if one.steps == section), None)
        return self._held.urls[one] if one else self._address(section)

    async def _feeds(self, urls: Iterable[str]) -> None:
        for url in urls:
            answer = await self._asker.ask(url)
            if answer and answer.status == 200:
                read = await self._asker.tools.read(answer)
                if not isinstance(read, Trouble) and read.is_feed:
                    self._found.entries += read.pages


def _origin(urls: Iterable[str]) -> str:
    """The scheme and host that most addresses have."""
    counts = Counter("{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in urls)
    return counts.most_common(1)[0][0]
