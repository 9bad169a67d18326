"""Compares published pages with the seeds: which are new, why others are left out, and which stored ones moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from fetcher.discover.looking import FEW, FILE, FOREIGN, LANGUAGE, QUERY, Moved
from fetcher.discover.places import Variants, is_file, place
from fetcher.page.words import fold
from fetcher.verdict.coverage import ENOUGH, coverage, letters, visible_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fetcher.discover.looking import Held, New
    from fetcher.discover.places import Place, Section
    from fetcher.discover.published import Listed
    from fetcher.seeds.seeds import Seed

# Of a section with a smaller share of its pages stored, the other pages are not wanted.
_KEPT = 0.25
# Weight of the share of the section above, in pages.
_WEIGHT = 4.0
_MOST = 0.5  # share of the stored words that makes a page the stored one, whatever its title
_SOME = 0.2  # share of the stored words that makes it the stored one if the title is the same


class Wish(NamedTuple):
    """What the user asks for: pages under these addresses; with `all`, also pages unlike those that are stored."""

    urls: tuple[str, ...] = ()
    all: bool = False

    @property
    def under(self) -> list[Place]:
        """The places of these addresses."""
        return list(map(place, self.urls))

    def has(self, one: Place) -> bool:
        """Whether a page is to be compared."""
        return not self.urls or self._names(one)

    def waives(self, one: Place) -> bool:
        """Whether a page is wanted even if no similar one is stored."""
        return self.all or self._names(one)

    def _names(self, one: Place) -> bool:
        return any(part.site == one.site and one.steps[: len(part.steps)] == part.steps for part in self.under)


@dataclass(slots=True)
class Compared:
    """Published pages without a seed: `wanted` ones, those of `strange` sections, and counts of those left out."""

    wanted: list[Listed] = field(default_factory=list)
    strange: dict[Section, list[Listed]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    few: dict[Section, tuple[int, int]] = field(default_factory=dict)


def compared(listed: Iterable[Listed], held: Held, wish: Wish, listed_places: Iterable[Place] = ()) -> Compared:
    """Sorts the pages of a site that have no seed, without duplicates: wanted, of a strange section, or left out.

    A section is strange if none of its own pages is stored: its pages have to be fetched to see whether they are like
    stored ones. `listed_places` are those of pages compared earlier, which count as pages of their sections, too.
    """
    found = Compared()
    pages: dict[Place, Listed] = {}
    for page in listed:
        one = place(page.url)
        if one not in pages and one not in held.pages and wish.has(one):
            pages[one] = page
    sight = Sight(held, {*pages, *listed_places})
    fresh: dict[Place, Listed] = {}
    for one, page in pages.items():
        if reason := sight.against(page):
            found.left_out[reason] += 1
        else:
            fresh[one] = page
    _by_section(found, fresh, held, wish)
    return found


class Sight:
    """Decides by addresses alone why pages are left out; `known` are the places of pages besides the stored ones."""

    def __init__(self, held: Held, known: Iterable[Place] = ()) -> None:
        self._held = held
        self._variants = Variants({*known, *held.pages}, list(held.pages))
        self._has_query = any(one.query for one in held.pages)

    def against(self, page: Listed) -> str:
        """Why a page without a seed is left out by its address; empty if it is not."""
        one = place(page.url)
        if one.site != self._held.site:
            return FOREIGN
        if is_file(page.url):
            return FILE
        if one.query and not self._has_query:
            return QUERY
        if reason := self._variants.of_kept(one):
            return reason
        others = {place(url) for url in page.alternates} - {one}
        return LANGUAGE if not self._variants.is_kept(one) and others & self._held.pages.keys() else ""


def _by_section(found: Compared, fresh: Mapping[Place, Listed], held: Held, wish: Wish) -> None:
    sections = Sections(held.pages, fresh)
    groups: defaultdict[Section, list[Listed]] = defaultdict(list)
    for one, page in fresh.items():
        if wish.waives(one):
            found.wanted.append(page)
        elif strange := sections.strange(one.section):
            groups[strange].append(page)
        elif sections.share(one.section) >= _KEPT:
            found.wanted.append(page)
        else:
            found.left_out[FEW] += 1
            stored, others = found.few.get(one.section, (sections.stored(one.section), 0))
            found.few[one.section] = stored, others + 1
    found.strange = dict(groups)


class Sections:
    """How much of each section of a site is stored, of its own pages and of all pages beneath it."""

    def __init__(self, held: Iterable[Place], others: Iterable[Place]) -> None:
        self._own: tuple[Counter[Section], Counter[Section]] = (Counter(), Counter())
        self._all: tuple[Counter[Section], Counter[Section]] = (Counter(), Counter())
        for number, places in enumerate((held, others)):
            for one in places:
                self._own[number][one.section] += 1
                self._all[number].update(one.section[:depth] for depth in range(len(one.section) + 1))

    def stored(self, section: Section) -> int:
        """The number of a section's own pages that are stored."""
        return self._own[0][section]

    def strange(self, section: Section) -> Section | None:
        """The outermost section, down to this one, with nothing stored; None if some of its own pages are stored.

        If only pages beneath it are stored, the section's own pages are returned as a section with an empty last step.
        """
        if self._own[0][section]:
            return None
        depths = (depth for depth in range(len(section) + 1) if not self._all[0][section[:depth]])
        depth = next(depths, None)
        return (*section, "") if depth is None else section[:depth]

    def share(self, section: Section) -> float:
        """The share of a section's own pages that is stored; with few pages, it leans to the share of those above."""
        share = 1.0
        for depth in range(len(section) + 1):
            share = _blended(self._all, section[:depth], share)
        return _blended(self._own, section, share)


def _blended(counts: tuple[Counter[Section], Counter[Section]], section: Section, above: float) -> float:
    stored, others = counts[0][section], counts[1][section]
    return (stored + _WEIGHT * above) / (stored + others + _WEIGHT)


def paired(away: Iterable[tuple[str, str]], new: Sequence[New], load: Callable[[str], Seed | None]) -> list[Moved]:
    """Stored pages that are found at new addresses; `away` are the paths and addresses of those no longer listed.

    Only pages with the same title or the same last step of the address are compared. Each page is in one pair at most.
    """
    by_name: defaultdict[str, list[New]] = defaultdict(list)
    for page in new:
        for name in _names(page.url, page.title):
            by_name[name].append(page)
    found: list[tuple[float, Moved]] = []
    for path, url in away:
        seed = load(path)
        names = _names(url, (seed and seed.title) or "")
        pages = {page.url: page for name in names for page in by_name.get(name, ())}
        if not pages or seed is None:
            continue
        body = letters(visible_text(seed.body))
        for page in pages.values():
            share = coverage(body, page.letters).share if len(body) >= ENOUGH else 0.0
            same_title = fold(page.title).casefold() == fold(seed.title or "").casefold() != ""
            if share >= (_SOME if same_title else _MOST):
                found.append((share, Moved(path, url, page.url, "title and words" if same_title else "words")))
    return _best(found)


def _names(url: str, title: str) -> set[str]:
    steps = place(url).steps
    return set(filter(None, [fold(title).strip().casefold(), f"/{steps[-1].casefold()}" if steps else ""]))


def _best(found: list[tuple[float, Moved]]) -> list[Moved]:
    """The best pairs, with each page in at most one."""
    pairs: list[Moved] = []
    for _, moved in sorted(found, key=lambda item: -item[0]):
        if all(moved.path != other.path and moved.to != other.to for other in pairs):
            pairs.append(moved)
    return pairs
