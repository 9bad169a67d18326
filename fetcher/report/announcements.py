"""Finds where a site announces the changes of its pages: in its feeds, or in new sections of its changelog."""

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

# In the address or the title of a changelog, in the languages of most of them.
_CHANGELOG = re.compile(
    r"""change[-_ ]?log | release[-_ ]?notes? | releases | what.?s[-_ ]?new | (?:^|[/_. -])(?:news|updates)(?:[/_. -]|$)
    | änderungen | neuigkeiten | nouveautés | novedades | novità | novidades | journal[-_ ]des[-_ ]modifications
    | 更新日志 | 變更記錄 | 変更履歴 | リリースノート | 변경[ ]?사항 | список[ ]изменений""",
    re.IGNORECASE | re.VERBOSE,
)
_SUFFIX = re.compile(r"\s[|·•»–—-]\s")  # between a page's title and the site's name
_WORD = re.compile(r"\w+(?:[.,:/_-]\w+)*")
_SHORT = 3  # letters: words up to this length, without a digit, say little (prepositions and the like)
_COMMON = 0.2  # share of the entries above which a word is ignored, if there are ...
_SEVERAL = 5  # ... so many entries
_YEAR = re.compile(r"(?:19|20)\d\d")  # ignored: whatever is edited this year may mention it
_ENOUGH = 5  # common words that are needed where neither address nor title shows that both are about the same
_HALF = 0.5  # the share of all changed words that is needed there, too
_AGE = timedelta(days=60)  # of an entry: earlier visits have seen older ones
_LONGEST = 200  # characters of a title
_AHEAD = timedelta(days=1)


class Announcement(NamedTuple):
    """An entry of a feed or a section of a changelog; `when` is its date or time in ISO 8601, "" if unknown.

    `links` are the addresses that it links to; `path` is that of the seed of the changelog, "" for a feed.
    """

    title: str
    when: str
    text: str
    url: str
    links: tuple[str, ...] = ()
    path: str = ""

    @property
    def named(self) -> str:
        """Its title, its date if that is known, and its path or address."""
        return " · ".join(filter(None, [self.title[:_LONGEST], self.when[:10], self.path or self.url]))

    def as_json(self) -> dict[str, str]:
        """Its values for `report.json`."""
        return {"title": self.title[:_LONGEST], "when": self.when, "url": self.url, "path": self.path}


class ChangedPage(NamedTuple):
    """A changed page; `path` is that of its seed."""

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
    """The best announcement of each changed page that has one, by path.

    An announcement is of the page's own site and recent as of `now`. It must have a changed word, and be the page, link
    to it or name its title; or it must have half of the changed words.
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
    """The sections of a changelog that have something new; none if the page is no changelog."""
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
        with suppress(ValueError):  # not an address
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
    """Whether an entry has a page's title: as consecutive words anywhere, or a single word in its own title."""
    return bool(title) and (f" {title} " in one.line if " " in title else title in _line(one.entry.title).split())


def _changed(edits: Iterable[Edit]) -> frozenset[str]:
    """The words that were added or removed."""
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
    """The words that many entries have, whatever they are about."""
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
