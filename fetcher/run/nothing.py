"""Why a run has no seed to look at: something is amiss, or all are younger than it was asked for."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from fetcher.seeds import folder, frontmatter
from fetcher.seeds.folder import Entry
from fetcher.seeds.frontmatter import FrontMatterError
from fetcher.seeds.keys import USUAL
from fetcher.seeds.seeds import page_url
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetcher.seeds.keys import Keys
    from fetcher.terms.arguments import Arguments

_MOST = 200  # files that are looked into for a hint


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
        return f"No file in {seeds} is meant by path={given.path}."
    if not others:
        return f"{seeds} holds no Markdown file."
    count = f"{len(others)} Markdown files have" if len(others) > 1 else "The only Markdown file has"
    return f"{seeds} holds no seed: {count} no {' or '.join(keys.url)} in front matter.{_hint(seeds, others)}"


def _hint(seeds: Path, paths: Sequence[str]) -> str:
    """Which key holds an address, where one does; with a space before it."""
    keys = Counter(key for path in islice(paths, _MOST) for key in _addresses(seeds, path))
    if not keys:
        return ""
    ((key, _),) = keys.most_common(1)
    return f" An address stands under {key}: run with -s SEEDS_URL_KEY={key}, or call that key source_url."


def _addresses(seeds: Path, path: str) -> Iterator[str]:
    """The keys of a file's front matter that hold an address of the web."""
    try:
        front = frontmatter.read(folder.read_bytes(folder.inside(seeds, path)).decode())
    except (SeedError, FrontMatterError, OSError, UnicodeDecodeError):
        return
    for key, value in front.fields.items() if front else ():
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            yield key
