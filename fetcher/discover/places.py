"""Normalises addresses for comparison, and recognises sections, files, language variants and versions in them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from fetcher.page import links
from fetcher.visits.fetched import names_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Section = tuple[str, ...]
"""The steps of a path that lead to a page, without its own."""

_INDEX = re.compile(r"/(?:index|default|home)\.\w+$|/index$", re.IGNORECASE)
_ENDING = re.compile(r"(?<=[^/])(?:\.(?:md|mdx|markdown|x?html?|php|aspx?|txt))+$", re.IGNORECASE)
_FILE = re.compile(
    r"""\.(?: png | jpe?g | gif | svg | webp | avif | ico | bmp | tiff? | css | js\.map | json | xml | xsl | rss
    | atom | zip | t?gz | tar | bz2 | xz | 7z | rar | pdf | docx? | xlsx? | pptx? | csv | mp[34] | webm | og[gv]
    | wav | mov | avi | woff2? | ttf | eot | exe | dmg | deb | rpm | msi | apk | jar | whl | iso | ics | epub )$""",
    re.IGNORECASE | re.VERBOSE,
)
# Codes of languages as steps of paths have them, alone or with a region or a script; which of them are languages on a
# site is then for its pages to say, as `it` and `is` are words, too.
_LANGUAGE = re.compile(
    r"""(?: ar|az|be|bg|bn|ca|cs|da|de|el|en|es|et|eu|fa|fi|fr|gl|he|hi|hr|hu|hy|id|is|it|ja|jp|ka|kk|kn|ko|kr|lt|lv|mk
    | ml|mr|ms|nb|nl|nn|no|pa|pl|pt|ro|ru|sk|sl|sq|sr|sv|sw|ta|te|th|tl|tr|uk|ur|uz|vi|zh|cn|tw
    )(?:[-_][a-z]{2,4})?""",
    re.IGNORECASE | re.VERBOSE,
)
_VERSION = re.compile(
    r"v\d+(?:[._-]\d+)*(?:[._-]x)? | \d+(?:\.\d+)+(?:\.x)? | \d+\.x | v?\d{1,2}"
    r"| latest | stable | current | next | dev | devel | main | master | canary | nightly | edge | unstable",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_CODE = 8  # signs of such a code
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHARE = 0.1  # of the held pages in a language or of a version, from which on that is one that the user keeps;
_PART, _SEVERAL = 0.25, 2  # or of all pages in it, if there are so many: of some sites all versions are kept


class Place(NamedTuple):
    """A page's address, normalised: without scheme, `www.`, trailing slash, suffix and tracking parameters."""

    site: str
    steps: tuple[str, ...]
    query: str = ""

    @property
    def section(self) -> Section:
        """The steps of the path without the last one."""
        return self.steps[:-1]


@lru_cache(maxsize=300_000)
def place(url: str) -> Place:
    """The place of a valid address.

    >>> place("http://www.example.org/docs/a/") == place("https://example.org/docs/a/index.html?utm_source=b")
    True
    >>> place("https://example.org/docs/a.md").steps
    ('docs', 'a')
    """
    parts = urlsplit(url)
    path = _ENDING.sub("", _INDEX.sub("/", unquote(parts.path)).rstrip("/"))
    return Place(site_of(url), tuple(filter(None, _INDEX.sub("", path).split("/"))), links.query(parts.query))


def site_of(url: str) -> str:
    """The host of an address without `www.`, and with its port unless that is 80 or 443."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return (parts.hostname or "").removeprefix("www.") + port


def is_file(url: str) -> bool:
    """Whether an address names a file that is not a page.

    >>> is_file("https://example.org/a/logo.png?x=1"), is_file("https://example.org/docs/node.js")
    (True, False)
    """
    return bool(_FILE.search(url.partition("?")[0]))


class Style:
    """Whether the seeds of each section of a site mostly have the addresses of pages or of their Markdown versions."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._counts: defaultdict[Section, Counter[bool]] = defaultdict(Counter)
        for url in urls:
            for section in (place(url).section, ()):
                self._counts[section][names_markdown(url)] += 1

    def is_markdown(self, url: str) -> bool:
        """Whether the pages of an address's section, or else of the site, are mostly stored as Markdown."""
        counts = self._counts.get(place(url).section) or self._counts[()]
        return counts[True] > counts[False]

    def of(self, url: str) -> str:
        """The address of a page in the style of its section: with or without the suffix `.md`."""
        wanted, parts = self.is_markdown(url), urlsplit(url)
        if wanted == names_markdown(url) or not place(url).steps:
            return url
        path = _ENDING.sub("", _INDEX.sub("", parts.path).rstrip("/"))
        return parts._replace(path=f"{path}.md" if wanted else path).geturl()


class Variants:
    """Recognises pages that are other languages or versions of stored ones, by the steps of their paths.

    `known` are the places of all pages, `held` those of stored ones.
    """

    def __init__(self, known: Iterable[Place], held: Sequence[Place]) -> None:
        known = list(known)
        self._codes = _languages(known)
        self._by_shape: dict[str, defaultdict[tuple[str, ...], set[str]]] = {}
        self._kept: dict[str, set[str]] = {}
        for kind in ("language", "version"):
            shapes: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
            for one in known:
                code, shape = self._split(kind, one.steps)
                shapes[shape].add(code)
            counts, published = (Counter(self._split(kind, one.steps)[0] for one in places) for places in (held, known))
            self._by_shape[kind] = shapes
            self._kept[kind] = {
                code
                for code, count in counts.items()
                if count >= _SHARE * len(held) or _SEVERAL <= count >= _PART * published[code]
            }

    def of_kept(self, one: Place) -> str:
        """`language` or `version` if a page is a variant of another one that the user does not keep; otherwise ""."""
        for kind, kept in self._kept.items():
            code, shape = self._split(kind, one.steps)
            if not kept or code in kept:
                continue
            if (code and kind == "language") or self._by_shape[kind][shape] & kept:
                return kind
        return ""

    def is_kept(self, one: Place) -> bool:
        """Whether a page's path names one of several languages that the user keeps."""
        kept = self._kept["language"]
        return len(kept) > 1 and self._split("language", one.steps)[0] in kept

    def _split(self, kind: str, steps: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The code of a language or version in a path ("" if none), and the path without it."""
        for at, step in enumerate(steps):
            if self._is_language(step) if kind == "language" else _is_version(steps, at):
                return step.lower(), steps[:at] + steps[at + 1 :]
        return "", steps

    def _is_language(self, step: str) -> bool:
        return step.lower() in self._codes


def _is_version(steps: tuple[str, ...], at: int) -> bool:
    """Whether a step names a version; the last step never does, nor a bare number in a path with a year."""
    step = steps[at]
    if at == len(steps) - 1 or not _may_be(_VERSION, step):
        return False
    return not step.isdigit() or not any(_YEAR.fullmatch(other) for other in steps)


@lru_cache(maxsize=10_000)  # the steps to most pages are few
def _may_be(kind: re.Pattern[str], step: str) -> bool:
    return bool(kind.fullmatch(step))


def _languages(known: Iterable[Place]) -> frozenset[str]:
    """The steps that are language codes: most pages with one also exist with another code or with none."""
    shapes: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    found: list[tuple[str, tuple[str, ...]]] = []
    for one in known:
        shapes[one.steps].add("")
        for at, step in enumerate(one.steps):
            if len(step) <= _LONGEST_CODE and _may_be(_LANGUAGE, step):
                shape = one.steps[:at] + one.steps[at + 1 :]
                shapes[shape].add(step.lower())
                found.append((step.lower(), shape))
    counts, paired = (
        Counter(code for code, _ in found),
        Counter(code for code, shape in found if len(shapes[shape]) > 1),
    )
    return frozenset(code for code, count in counts.items() if paired[code] * 2 >= count)
