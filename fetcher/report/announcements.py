"""Where a site announces what changed on its pages: entries of its feeds, and sections that its changelog got."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from fetcher.report.changes import ADDED, CHANGED, MOVED, REPLACED
from fetcher.seeds import stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from fetcher.report.changes import Edit

# Of an address or a title, in the languages of most changelogs.
_CHANGELOG = re.compile(
    r"""change[-_ ]?log | release[-_ ]?notes? | releases | what.?s[-_ ]?new | (?:^|[/_. -])(?:news|updates)(?:[/_. -]|$)
    | änderungen | neuigkeiten | nouveautés | novedades | novità | novidades | journal[-_ ]des[-_ ]modifications
    | 更新日志 | 變更記錄 | 変更履歴 | リリースノート | 변경[ ]?사항 | список[ ]изменений""",
    re.IGNORECASE | re.VERBOSE,
)
_SUFFIX = re.compile(r"\s[|·•»–—-]\s")  # what parts a page's title from that of its site
_WORD = re.compile(r"\w+(?:[.,:/_-]\w+)*")
_SHORT = 3  # letters up to which a word is rather a preposition; one with a digit in it tells something
_COMMON = 0.2  # share of the entries, of several, from which on a word is in any of them
_SEVERAL = 5
_YEAR = re.compile(r"(?:19|20)\d\d")  # which all that was edited this year has
_ENOUGH = 5  # words in common, where neither address nor title says that both are about the same
_HALF = 0.5  # and that share of all that changed
_AGE = timedelta(days=60)  # of an entry: what is older was seen by an earlier visit
_LONGEST = 200  # characters of a title
_AHEAD = timedelta(days=1)


class Announcement(NamedTuple):
    """An announcement: its title, its day or moment in ISO 8601 ("" for none), its words, and its address.

    `links` are the addresses that it leads to, and `path` is that of the seed in which it stands, "" for a feed.
    """

    title: str
    when: str
    text: str
    url: str
    links: tuple[str, ...] = ()
    path: str = ""

    @property
    def named(self) -> str:
        """Its title, its day if that is known, and where it stands."""
        return " · ".join(filter(None, [self.title[:_LONGEST], self.when[:10], self.path or self.url]))

    def as_json(self) -> dict[str, str]:
        """What `report.json` has of it."""
        return {"title": self.title[:_LONGEST], "when": self.when, "url": self.url, "path": self.path}


class ChangedPage(NamedTuple):
    """A page that changed: the path of its seed, its address, its title and what changed."""

    path: str
    url: str
    title: str
    edits: Sequence[Edit]


class _Read(NamedTuple):
    entry: Announcement
    words: frozenset[str]
    line: str
    leads_to: frozenset[str]


def find_announcements(
    pages: Callable[[], Iterable[ChangedPage]], feeds: Iterable[Announcement], now: datetime
) -> dict[str, Announcement]:
    """For each changed page that an entry explains, by path, the one that does so best.

    An entry explains a change if it has a changed word and is the page, leads to it or names its title; or if it has
    half of what changed. It is of the page's own site, and of the weeks before `now`.
    """
    by_site: defaultdict[str, list[_Read]] = defaultdict(list)
    recent = (entry for entry in feeds if _is_recent(entry.when, now))
    for entry in (*recent, *(entry for page in pages() for entry in _announced(page))):
        by_site[_site(entry.url)].append(_read(entry))
    common = {site: _common(entries) for site, entries in by_site.items()}
    found: dict[str, Announcement] = {}
    for page in pages() if by_site else ():
        entries = [one for one in by_site.get(_site(page.url), ()) if one.entry.path != page.path]
        if entries and (best := _best(page, entries, common[_site(page.url)])):
            found[page.path] = best
    return found


def _announced(page: ChangedPage) -> Iterator[Announcement]:
    """What came to the sections of a changelog."""
    if not _CHANGELOG.search(f"{urlsplit(page.url).path} {page.title}"):
        return
    sections: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in page.edits:
        if edit.new and edit.what in (ADDED, REPLACED, CHANGED):
            sections[edit.under].append(edit)
    for heading, edits in sections.items():
        text, links = " ".join(edit.new for edit in edits), tuple(_absolute(page.url, edits))
        yield Announcement(heading or page.title, "", text, page.url, links, page.path)


def _absolute(base: str, edits: Iterable[Edit]) -> Iterator[str]:
    for link in (link for edit in edits for link in edit.links):
        with suppress(ValueError):  # no address
            yield urljoin(base, link)


def _best(page: ChangedPage, entries: Sequence[_Read], common: frozenset[str]) -> Announcement | None:
    changed = _changed(page.edits) - common
    title = _line(_SUFFIX.split(page.title, maxsplit=1)[0])
    ranked = []
    for number, one in enumerate(entries):
        shared = len(changed & one.words)
        is_direct = _same(page.url) in one.leads_to
        is_named = _names(title, one)
        is_alike = shared >= max(_ENOUGH, _HALF * len(changed))
        if shared and (is_direct or is_named or is_alike):
            ranked.append(((is_direct, is_named, shared, -number), one.entry))
    return max(ranked)[1] if ranked else None


def _names(title: str, one: _Read) -> bool:
    """Whether an entry has a page's title: as a row of words, or a single word in its own title."""
    return bool(title) and (f" {title} " in one.line if " " in title else title in _line(one.entry.title).split())


def _changed(edits: Iterable[Edit]) -> frozenset[str]:
    """The words that came or went."""
    found: set[str] = set()
    for edit in edits:
        if edit.what != MOVED:
            found |= _words(edit.old) ^ _words(edit.new)
    return frozenset(found)


def _words(text: str) -> frozenset[str]:
    found = _WORD.findall(text.casefold())
    told = (word for word in found if len(word) > _SHORT or any(map(str.isdigit, word)))
    return frozenset(word for word in told if not _YEAR.fullmatch(word))


def _line(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _read(entry: Announcement) -> _Read:
    whole = f"{entry.title} {entry.text}"
    leads_to = frozenset(map(_same, entry.links if entry.path else (entry.url, *entry.links)))
    return _Read(entry, _words(whole), f" {_line(whole)} ", leads_to)


def _common(entries: Sequence[_Read]) -> frozenset[str]:
    """The words that most entries have, whatever they are about."""
    counts = Counter(word for one in entries for word in one.words)
    if len(entries) < _SEVERAL:
        return frozenset()
    return frozenset(word for word, count in counts.items() if count > max(1, _COMMON * len(entries)))


def _is_recent(when: str, now: datetime) -> bool:
    moment = stamps.read(when)
    return moment is None or now - _AGE <= moment <= now + _AHEAD


def _site(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")


def _same(url: str) -> str:
    parts = urlsplit(url)
    return f"{_site(url)}{parts.path.rstrip('/')}?{parts.query}"
