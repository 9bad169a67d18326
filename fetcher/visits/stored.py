"""What is stored of a page before a visit: the seeds that hold it, and what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fetcher.seeds import folder, selection
from fetcher.seeds.keys import USUAL
from fetcher.terms import failures
from fetcher.terms.failures import SeedError, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from fetcher.memory.memory import Base, Memory
    from fetcher.memory.state import State
    from fetcher.merge.holding import Past
    from fetcher.seeds.keys import Keys
    from fetcher.seeds.seeds import Seed
    from fetcher.seeds.selection import Entry


@dataclass(frozen=True, slots=True)
class Stored:
    """The seeds of a page by path, the memory of it, what it gave for each seed if that is known, and their folder."""

    seeds: Mapping[str, Seed]
    memory: Memory
    bases: Mapping[str, Base] = field(default_factory=dict)
    folder: Path | None = None

    def past(self, path: str) -> Past:
        """What is remembered of the page for one seed."""
        from fetcher.merge.holding import Past  # noqa: PLC0415  # only who reads pages has use for that module

        base = self.bases.get(path)
        # A body that is older than the memory is nobody's edit: the page's change is still to come to it.
        if not base or base.is_newer(self.seeds[path].body):
            return Past(places=self.memory.places, accepted=base.accepted if base else ())
        shared = base.text, self.memory.places, base.refused, base.is_source, base.accepted
        return Past(*shared, is_own=base.is_own, pictures=base.pictures)


def load(
    seeds: Path, entries: Iterable[Entry], memory: Memory, state: State, keys: Keys = USUAL
) -> tuple[Stored, dict[str, tuple[str, Trouble]]]:
    """What is stored of a page; and for each path whose seed cannot be used by now, its URL and the trouble."""
    found: dict[str, Seed] = {}
    unusable: dict[str, tuple[str, Trouble]] = {}
    for entry in entries:
        seed = unedited(seeds, entry, keys)
        if isinstance(seed, Trouble):
            unusable[entry.path] = entry.url, seed
        else:
            found[entry.path] = seed
    bases = {path: base for path, seed in found.items() if (base := _base(state, memory.url, path, seed))}
    return Stored(found, memory, bases, seeds), unusable


def _base(state: State, url: str, path: str, seed: Seed) -> Base | None:
    return state.base(url, path) or (state.adopt_base(url, path, seed.body) if seed.body.strip() else None)


def unedited(seeds: Path, entry: Entry, keys: Keys = USUAL) -> Seed | Trouble:
    """The seed as the run found it, or why that is not to be had."""
    try:
        seed = folder.load(seeds, entry.path, keys)
    except SeedError as error:
        return failures.of_seed_error(error)
    return seed if seed and selection.digest(seed.text) == entry.digest else failures.EDITED
