"""Plans the order in which a run visits pages, site by site in turn; and tells why there is nothing to visit.

The seeds are kept in a temporary database on disk, so that folders of any size fit into memory.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import weakref
from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby, islice
from typing import TYPE_CHECKING

from fetcher.seeds import folder, frontmatter
from fetcher.seeds.folder import Entry
from fetcher.seeds.frontmatter import FrontMatterError
from fetcher.seeds.seeds import DEFAULT_KEYS, page_url
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence
    from pathlib import Path

    from fetcher.seeds.folder import Found
    from fetcher.seeds.seeds import Keys
    from fetcher.terms.arguments import Arguments


_SITE = re.compile(r"[^/?#]*//([^/?#]*)")
_TABLES = """
    CREATE TABLE seeds (path BLOB, url BLOB, page BLOB, site BLOB, fetched_at TEXT, digest BLOB, seen REAL);
    CREATE TABLE unusable (path BLOB, reason TEXT, detail TEXT, mend TEXT);
"""
# Round robin over the sites; within a site, pages that were seen longest ago come first, then in the order found. So
# every page gets its turn, even if a site allows only one request per run.
_TURNS = """
    CREATE TABLE turns AS WITH pages AS (
        SELECT rowid AS number, site, min(rowid) OVER (PARTITION BY page) AS first,
            min(seen) OVER (PARTITION BY page) AS age FROM seeds
    ),
    line AS (
        SELECT number, dense_rank() OVER (PARTITION BY site ORDER BY age, first) AS turn,
            min(number) OVER (PARTITION BY site) AS site_first FROM pages
    )
    SELECT number FROM line ORDER BY turn, site_first, number
"""
# As a table, because a query that sorts keeps some 10 MB until its last row is read, which takes the whole run.
_IN_TURNS = """
    SELECT page, path, url, fetched_at, digest FROM turns JOIN seeds ON seeds.rowid = number ORDER BY turns.rowid
"""


class Plan:
    """The seeds found in a folder, in an anonymous temporary database that is deleted with the plan.

    `asked_at` gives the time of the last request for a page, if known; the stamp of a seed may be later. Raises OSError
    if the disk is full.
    """

    def __init__(
        self, found: Iterable[Found] = (), asked_at: Callable[[str], datetime | None] = lambda _: None
    ) -> None:
        self._asked_at = asked_at
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._database.close)
        self._database.executescript(_TABLES)
        with _disk_full_as_oserror():
            self._database.execute("BEGIN")  # never committed: nobody else reads this database
            self._database.executemany("INSERT INTO seeds VALUES (?, ?, ?, ?, ?, ?, ?)", self._rows(found))

    def _rows(self, found: Iterable[Found]) -> Iterator[tuple[object, ...]]:
        """Yields the rows of the seeds, and stores the files that cannot be used on the way."""
        for path, seed in _in_batches(found):
            if isinstance(seed, SeedError):
                row = (os.fsencode(path), seed.reason, seed.detail, seed.mend)
                self._database.execute("INSERT INTO unusable VALUES (?, ?, ?, ?)", row)
                continue
            page = page_url(seed.url)
            stamp = seed.fetched_at.isoformat() if seed.fetched_at else None
            seen = max([moment.timestamp() for moment in (seed.fetched_at, self._asked_at(page)) if moment], default=0)
            names = (os.fsencode(path), _packed(seed.url), _packed(page), _packed(site_of(page)))
            yield *names, stamp, seed.digest, seen

    def __len__(self) -> int:
        """The number of files: seeds and those that cannot be used."""
        rows = self._database.execute("SELECT (SELECT count(*) FROM seeds) + (SELECT count(*) FROM unusable)")
        return int(rows.fetchone()[0])

    def pages(self) -> Iterator[tuple[str, list[Entry]]]:
        """Each page's address and seeds: the sites in turn, the pages of each site longest unseen first.

        In this order a run never has to wait for one site while others are free.
        """
        with _disk_full_as_oserror():
            self._database.execute("DROP TABLE IF EXISTS turns")
            self._database.execute(_TURNS)
            for page, rows in groupby(self._database.execute(_IN_TURNS), lambda row: row[0]):
                yield _unpacked(page), [_entry(*row[1:]) for row in rows]

    def unusable(self) -> Iterator[tuple[str, SeedError]]:
        """The files that are meant to be seeds but cannot be used, with the reasons."""
        for path, *error in self._database.execute("SELECT * FROM unusable"):
            yield os.fsdecode(path), SeedError(*error)

    def pages_by_site(self) -> dict[str, int]:
        """The number of pages of each site."""
        return self._by_site("SELECT site, count(DISTINCT page) FROM seeds GROUP BY site")

    def seeds_by_site(self) -> dict[str, int]:
        """The number of seeds of each site; files that cannot be used are counted under ""."""
        return self._by_site(
            "SELECT site, count(*) FROM (SELECT site FROM seeds UNION ALL SELECT x'' FROM unusable) GROUP BY site"
        )

    def without(self, ended: Container[str]) -> Iterator[tuple[str, str]]:
        """The path and URL ("" if unknown) of each file that is not among the ended."""
        for path, url in self._database.execute("SELECT path, url FROM seeds UNION ALL SELECT path, x'' FROM unusable"):
            if (name := os.fsdecode(path)) not in ended:
                yield name, _unpacked(url)

    def _by_site(self, question: str) -> dict[str, int]:
        return {_unpacked(site): number for site, number in self._database.execute(question)}


def _in_batches(found: Iterable[Found]) -> Iterator[Found]:
    """The same, a thousand read before the first is given: reading files and filling a table in turn is slower."""
    rest = iter(found)
    while batch := list(islice(rest, 1000)):
        yield from batch


def site_of(url: str) -> str:
    """The host of an address with its port, if any; the same as `netloc` of `urlsplit`, ten times as fast."""
    found = _SITE.match(url)
    return found[1] if found else ""


def _entry(path: bytes, url: bytes, fetched_at: str | None, digest: bytes) -> Entry:
    stamp = datetime.fromisoformat(fetched_at) if fetched_at else None
    return Entry(os.fsdecode(path), _unpacked(url), stamp, digest)


def _packed(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # SQLite does not take lone surrogates as text


def _unpacked(data: bytes) -> str:
    return data.decode(errors="surrogatepass")


@contextmanager
def _disk_full_as_oserror() -> Iterator[None]:
    """Turns SQLite's error for a full disk into an OSError with advice: beyond 2 MB it writes to a temporary file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        detail = "There is no room for the list of seeds: let TMPDIR name another folder for temporary files"
        raise OSError(errno.ENOSPC, detail) from error


NOTHING_DUE = "No seed is due: all were fetched or verified recently enough for `older_than` or a rule's `max_age`."
"""Of a run that found seeds, and none that it was to visit."""

_MOST = 200  # files that are read to find a hint
_NAMED = 5  # files that are listed by name


def why_no_seeds(seeds: Path, given: Arguments, keys: Keys = DEFAULT_KEYS) -> str:
    """Why a run found no seeds, in a sentence; empty if an age, a limit or a shard excluded all of them."""
    if given.shard:
        return ""  # other shards may have them
    pages: set[str] = set()
    others: list[str] = []
    for path, found in folder.scan(seeds, given.path, keys):
        if isinstance(found, Entry):
            pages.add(page_url(found.url))
        elif found is None:
            others.append(path)
    if pages:
        is_missing = bool(given.url) and page_url(given.url) not in pages
        return f"No seed in {seeds} has the address {given.url}." if is_missing else ""
    if given.path and not others:
        return f"No file in {seeds} is meant by path={given.path}: paths are relative to that folder."
    if not others:
        return f"{seeds} holds no Markdown file: `scrapy add URL` makes a seed of a page."
    hint = _hint(seeds, others) or f" Give each file the address of its page, as `{keys.url[0]}: https://…`."
    count = f"{len(others)} Markdown files have" if len(others) > 1 else "The only Markdown file has"
    return f"{seeds} holds no seed: {count} no {' or '.join(keys.url)} in front matter.{hint}"


def about_non_seeds(seeds: Path, paths: Sequence[str], keys: Keys = DEFAULT_KEYS) -> str:
    """A sentence on the Markdown files (`paths`) that are no seeds; empty if there are none."""
    if not paths:
        return ""
    more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
    verb = "is no seed" if len(paths) == 1 else "are no seeds"
    said = f"{counted(len(paths), 'Markdown file')} {verb}, without {' or '.join(keys.url)} in front matter"
    return f"{said}: {', '.join(paths[:_NAMED])}{more}.{_hint(seeds, paths, keys.url)}"


def _hint(seeds: Path, paths: Sequence[str], known: Sequence[str] = ()) -> str:
    """A hint at the key of front matter that most often holds a URL, if any does; starts with a space."""
    keys = Counter(key for path in islice(paths, _MOST) for key in _addresses(seeds, path))
    if not keys:
        return ""
    ((key, _),) = keys.most_common(1)
    named = ",".join([*known, key])
    return f" An address stands under {key}: run with -s SEEDS_URL_KEY={named}, or call that key source_url."


def _addresses(seeds: Path, path: str) -> Iterator[str]:
    """The keys of a file's front matter that hold a URL."""
    try:
        front = frontmatter.read(folder.read_bytes(folder.resolve_inside(seeds, path)).decode())
    except (SeedError, FrontMatterError, OSError, UnicodeDecodeError):
        return
    for key, value in front.fields.items() if front else ():
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            yield key
