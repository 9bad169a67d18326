"""Which of the pages that a site publishes are new to the seeds, and why the others are left out."""

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

# Of a section of which less than this share is stored, the rest is not wanted.
_KEPT = 0.25
# What is known of the section above weighs as much as this many pages of its own.
_WEIGHT = 4.0
_MOST = 0.5  # of the stored words: with so many a page is the stored one, whatever it is called now
_SOME = 0.2  # with so many it is if it has the same title


class Wish(NamedTuple):
    """Which pages are asked for by name: those under these addresses; `all`, whatever else is stored."""

    urls: tuple[str, ...] = ()
    all: bool = False

    @property
    def under(self) -> list[Place]:
        """The places of these addresses."""
        return list(map(place, self.urls))

    def has(self, one: Place) -> bool:
        """Whether a page is among those that are to be compared."""
        return not self.urls or self._names(one)

    def waives(self, one: Place) -> bool:
        """Whether a page is wanted although none near it is stored."""
        return self.all or self._names(one)

    def _names(self, one: Place) -> bool:
        return any(part.site == one.site and one.steps[: len(part.steps)] == part.steps for part in self.under)


@dataclass(slots=True)
class Compared:
    """What came of the pages that are published: `wanted` ones, those of `strange` sections, and the others."""

    wanted: list[Listed] = field(default_factory=list)
    strange: dict[Section, list[Listed]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    few: dict[Section, tuple[int, int]] = field(default_factory=dict)


def compared(listed: Iterable[Listed], held: Held, wish: Wish, listed_places: Iterable[Place] = ()) -> Compared:
    """The pages of a site that have no seed, each place once: wanted, of a strange section, or left out.

    A section is strange where no page directly in it is stored: whether its pages are like those that are takes a look.
    `listed_places` are of pages that were compared before, which say what there is of each section, too.
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
    """What the addresses of pages alone say against them; `known` are the places of pages besides the stored ones."""

    def __init__(self, held: Held, known: Iterable[Place] = ()) -> None:
        self._held = held
        self._variants = Variants({*known, *held.pages}, list(held.pages))
        self._has_query = any(one.query for one in held.pages)

    def against(self, page: Listed) -> str:
        """Why a page without a seed is left out; empty where its addresses say nothing against it."""
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
    """How much of each section of a site is stored: of its own pages, and of all beneath it."""

    def __init__(self, held: Iterable[Place], others: Iterable[Place]) -> None:
        self._own: tuple[Counter[Section], Counter[Section]] = (Counter(), Counter())
        self._all: tuple[Counter[Section], Counter[Section]] = (Counter(), Counter())
        for number, places in enumerate((held, others)):
            for one in places:
                self._own[number][one.section] += 1
                self._all[number].update(one.section[:depth] for depth in range(len(one.section) + 1))

    def stored(self, section: Section) -> int:
        """How many of a section's own pages are stored."""
        return self._own[0][section]

    def strange(self, section: Section) -> Section | None:
        """The outermost section, down to this one, of which nothing is stored; None where some of its own pages are.

        Of one of which only what is beneath is stored, it is its own pages, as which it ends with an empty step.
        """
        if self._own[0][section]:
            return None
        depths = (depth for depth in range(len(section) + 1) if not self._all[0][section[:depth]])
        depth = next(depths, None)
        return (*section, "") if depth is None else section[:depth]

    def share(self, section: Section) -> float:
        """The share of a section's own pages that is stored, the fewer there are the nearer to that of those above."""
        share = 1.0
        for depth in range(len(section) + 1):
            share = _blended(self._all, section[:depth], share)
        return _blended(self._own, section, share)


def _blended(counts: tuple[Counter[Section], Counter[Section]], section: Section, above: float) -> float:
    stored, others = counts[0][section], counts[1][section]
    return (stored + _WEIGHT * above) / (stored + others + _WEIGHT)


def paired(away: Iterable[tuple[str, str]], new: Sequence[New], load: Callable[[str], Seed | None]) -> list[Moved]:
    """The new pages that are stored ones, each once; `away` are paths and addresses of those that are not listed.

    Only pages with the same title, or the same last step of their address, are compared: of a page whose title, place
    and address have all changed nobody would say that it has moved.
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
    """The best pairs, in which each page stands once."""
    pairs: list[Moved] = []
    for _, moved in sorted(found, key=lambda item: -item[0]):
        if all(moved.path != other.path and moved.to != other.to for other in pairs):
            pairs.append(moved)
    return pairs
