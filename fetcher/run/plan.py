"""The seeds that a run takes on, page by page in the order of their turns, and why there are none.

They are on disk, so that memory holds few.
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
from fetcher.seeds.keys import USUAL
from fetcher.seeds.seeds import page_url
from fetcher.terms.failures import SeedError
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence
    from pathlib import Path

    from fetcher.seeds.folder import Found
    from fetcher.seeds.keys import Keys
    from fetcher.terms.arguments import Arguments


_SITE = re.compile(r"[^/?#]*//([^/?#]*)")
_TABLES = """
    CREATE TABLE seeds (path BLOB, url BLOB, page BLOB, site BLOB, fetched_at TEXT, digest BLOB, seen REAL);
    CREATE TABLE unusable (path BLOB, reason TEXT, detail TEXT, mend TEXT);
"""
# The pages of each site stand in line by when they were last seen, else as they were found, and the sites take turns:
# where a site gives no more than a page a run, none of its pages waits for ever.
_IN_TURNS = """
    WITH pages AS (
        SELECT *, rowid AS number, min(rowid) OVER (PARTITION BY page) AS first,
            min(seen) OVER (PARTITION BY page) AS age FROM seeds
    ),
    line AS (
        SELECT *, dense_rank() OVER (PARTITION BY site ORDER BY age, first) AS turn,
            min(number) OVER (PARTITION BY site) AS site_first FROM pages
    )
    SELECT page, path, url, fetched_at, digest FROM line ORDER BY turn, site_first, number
"""


class Plan:
    """Takes in what was found of the seeds folder; in a file without a name, which is gone with the plan.

    `asked_at` tells when a page was last asked for, if that is known; a seed's stamp may be later. Raises OSError where
    there is no room for that file.
    """

    def __init__(
        self, found: Iterable[Found] = (), asked_at: Callable[[str], datetime | None] = lambda _: None
    ) -> None:
        self._asked_at = asked_at
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._database.close)
        self._database.executescript(_TABLES)
        with _room():
            self._database.execute("BEGIN")  # to which nobody waits for an end
            self._database.executemany("INSERT INTO seeds VALUES (?, ?, ?, ?, ?, ?, ?)", self._rows(found))

    def _rows(self, found: Iterable[Found]) -> Iterator[tuple[object, ...]]:
        """The rows of the seeds; files that cannot be used are noted on the way."""
        for path, seed in found:
            if isinstance(seed, SeedError):
                row = (os.fsencode(path), seed.reason, seed.detail, seed.mend)
                self._database.execute("INSERT INTO unusable VALUES (?, ?, ?, ?)", row)
                continue
            page = page_url(seed.url)
            stamp = seed.fetched_at.isoformat() if seed.fetched_at else None
            seen = max((moment.timestamp() for moment in (seed.fetched_at, self._asked_at(page)) if moment), default=0)
            names = (os.fsencode(path), _packed(seed.url), _packed(page), _packed(site_of(page)))
            yield *names, stamp, seed.digest, seen

    def __len__(self) -> int:
        """The number of files, of seeds and of those that cannot be used."""
        rows = self._database.execute("SELECT (SELECT count(*) FROM seeds) + (SELECT count(*) FROM unusable)")
        return int(rows.fetchone()[0])

    def pages(self) -> Iterator[tuple[str, list[Entry]]]:
        """The address to ask for of each page, with its seeds: the sites in turn, the pages of each by age.

        A run that keeps to this never waits for one site while others are free.
        """
        with _room():
            for page, rows in groupby(self._database.execute(_IN_TURNS), lambda row: row[0]):
                yield _unpacked(page), [_entry(*row[1:]) for row in rows]

    def unusable(self) -> Iterator[tuple[str, SeedError]]:
        """The files that are meant to be seeds and cannot be used, and why."""
        for path, *error in self._database.execute("SELECT * FROM unusable"):
            yield os.fsdecode(path), SeedError(*error)

    def pages_by_site(self) -> dict[str, int]:
        """How many pages there are of each site."""
        return self._by_site("SELECT site, count(DISTINCT page) FROM seeds GROUP BY site")

    def seeds_by_site(self) -> dict[str, int]:
        """How many files there are of each site; those that cannot be used are of none, "" that is."""
        return self._by_site(
            "SELECT site, count(*) FROM (SELECT site FROM seeds UNION ALL SELECT x'' FROM unusable) GROUP BY site"
        )

    def without(self, ended: Container[str]) -> Iterator[tuple[str, str]]:
        """The path and the URL, "" where there is none, of each file that is not among the ended."""
        for path, url in self._database.execute("SELECT path, url FROM seeds UNION ALL SELECT path, x'' FROM unusable"):
            if (name := os.fsdecode(path)) not in ended:
                yield name, _unpacked(url)

    def _by_site(self, question: str) -> dict[str, int]:
        return {_unpacked(site): number for site, number in self._database.execute(question)}


def site_of(url: str) -> str:
    """The host of an address, and the port where it names one; as `urlsplit` has it, in a tenth of the time."""
    found = _SITE.match(url)
    return found[1] if found else ""


def _entry(path: bytes, url: bytes, fetched_at: str | None, digest: bytes) -> Entry:
    stamp = datetime.fromisoformat(fetched_at) if fetched_at else None
    return Entry(os.fsdecode(path), _unpacked(url), stamp, digest)


def _packed(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # which SQLite takes for no text


def _unpacked(data: bytes) -> str:
    return data.decode(errors="surrogatepass")


@contextmanager
def _room() -> Iterator[None]:
    """Says where there was no room: SQLite keeps what is over two megabytes among the temporary files."""
    try:
        yield
    except sqlite3.OperationalError as error:
        detail = "There is no room for the list of seeds: let TMPDIR name another folder for temporary files"
        raise OSError(errno.ENOSPC, detail) from error


_MOST = 200  # files that are looked into for a hint
_NAMED = 5  # files that are named as no seeds


def why_nothing(seeds: Path, given: Arguments, keys: Keys = USUAL) -> str:
    """Why a run found nothing, in a sentence; empty where an age, a limit or a shard left none of the seeds."""
    if given.shard:
        return ""  # others may have them
    pages: set[str] = set()
    others: list[str] = []
    for path, found in folder.survey(seeds, given.path, keys):
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


def no_seeds(seeds: Path, paths: Sequence[str], keys: Keys = USUAL) -> str:
    """Which of the Markdown files beside seeds are none, in a sentence; empty where `paths` are none."""
    if not paths:
        return ""
    more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
    verb = "is no seed" if len(paths) == 1 else "are no seeds"
    said = f"{counted(len(paths), 'Markdown file')} {verb}, without {' or '.join(keys.url)} in front matter"
    return f"{said}: {', '.join(paths[:_NAMED])}{more}.{_hint(seeds, paths, keys.url)}"


def _hint(seeds: Path, paths: Sequence[str], known: Sequence[str] = ()) -> str:
    """Which key holds an address, where one does, to be named after those known; with a space before it."""
    keys = Counter(key for path in islice(paths, _MOST) for key in _addresses(seeds, path))
    if not keys:
        return ""
    ((key, _),) = keys.most_common(1)
    named = ",".join([*known, key])
    return f" An address stands under {key}: run with -s SEEDS_URL_KEY={named}, or call that key source_url."


def _addresses(seeds: Path, path: str) -> Iterator[str]:
    """The keys of a file's front matter that hold an address of the web."""
    try:
        front = frontmatter.read(folder.read_bytes(folder.inside(seeds, path)).decode())
    except (SeedError, FrontMatterError, OSError, UnicodeDecodeError):
        return
    for key, value in front.fields.items() if front else ():
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            yield key
