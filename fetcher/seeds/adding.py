"""A new seed after its neighbours: those of pages near to its own say where it goes, and what its file looks like."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile
from posixpath import dirname, splitext
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

import yaml

from fetcher.seeds import frontmatter_edit, seeds
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from fetcher.seeds.folder import Entry
    from fetcher.seeds.keys import Keys
    from fetcher.seeds.seeds import Seed

NEAREST = 20
"""Neighbours that are looked into."""

_INDEX = "index"
_INDEX_PAGE = re.compile(r"/(?:index|default)\.\w+$", re.IGNORECASE)
_SIGNS = re.compile(r"[^\w.]+")
_PLAIN = re.compile(r"\w[\w.-]{0,60}")  # a name that any disk takes, and that hides nothing
_LONGEST = 100  # characters of a name, without its end
_CATEGORY = "category"


class Neighbour(NamedTuple):
    """A seed of a page near by, and the path of its file."""

    path: str
    seed: Seed


def nearest(url: str, entries: Iterable[Entry]) -> list[Entry]:
    """The seeds of the same site whose addresses have the longest beginning in common with one, at most `NEAREST`.

    Of those only they are given that are equally near: a page of the same section says more than one of another.
    """
    wanted = _steps(url)
    ranked = [(common, entry) for entry in entries if (common := _common(wanted, _steps(entry.url)))]
    best = max((common for common, _ in ranked), default=0)
    return [entry for common, entry in ranked if common == best][:NEAREST]


def commonest_folder(neighbours: Sequence[Entry] | Sequence[Neighbour]) -> str:
    """The folder that most of the neighbours lie in; "" for the top, and where there are none."""
    counts = Counter(dirname(neighbour.path) for neighbour in neighbours)
    return min(counts, key=lambda name: (-counts[name], name), default="")


def folder_for(url: str, neighbours: Sequence[Neighbour]) -> str:
    """The folder that a new seed goes into: that of most neighbours, or one beside theirs.

    Where the folders of most are the steps of their addresses, so is the new one's, even if it is not there yet.
    """
    counts = Counter(_mirrored(neighbour, url) for neighbour in neighbours)
    best = max(counts, key=lambda name: counts[name], default=None)
    return best if best is not None and counts[best] * 2 > len(neighbours) else commonest_folder(neighbours)


def _mirrored(neighbour: Neighbour, url: str) -> str | None:
    """The folder of a page, if a neighbour's is named after the steps to its own; else None."""
    # Where an index has a folder of its own, those of the page have one, too.
    with_index = _is_index(neighbour.path)
    its, steps = (_steps(one, with_index=with_index)[1:-1] for one in (neighbour.seed.url, url))
    folders = dirname(neighbour.path).split("/")
    pairs = zip(reversed(its), reversed(folders), strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0].casefold() == pair[1].casefold(), pairs))
    before = len(its) - same  # steps that no folder stands for
    if not same or its[:before] != steps[:before] or not all(map(_PLAIN.fullmatch, steps[before:])):
        return None
    shared = _common(its, steps) - before
    return "/".join([*folders[: len(folders) - same + shared], *steps[before + shared :]])


def file_name(url: str, title: str, neighbours: Sequence[Neighbour]) -> str:
    """The name of the file, made of address or title as most neighbours' names are; of the address's end else.

    >>> file_name("https://a.example/help/fees", "Our fees", [])
    'fees.md'
    """
    ends = Counter(splitext(path)[1] for path, _ in neighbours)
    end = ends.most_common(1)[0][0] if ends else ".md"
    indices = [_is_index(path) for path, seed in neighbours if _is_index(seed.url)]
    if _is_index(url) and sum(indices) * 2 > len(indices):
        return _INDEX + end
    counts = Counter(
        name
        for path, seed in neighbours
        for name, made in _NAMES.items()
        if _named_as(made, seed.url, seed.title or "") == splitext(path.rpartition("/")[2])[0]
    )
    order = sorted(_NAMES, key=lambda name: -counts[name])  # of those that fit equally well, the first
    stems = (_named_as(_NAMES[name], url, title) for name in order)
    return next(filter(None, stems), _INDEX) + end


def new_seed(url: str, title: str, when: datetime | None, neighbours: Sequence[Neighbour], keys: Keys) -> Seed:
    """A seed without a body whose front matter is like that of the neighbours: their keys in their order and quotes.

    Of other keys than address, stamp and title it has those on one line of which all neighbours say the same, and the
    category that most of them have. One that was never fetched has no stamp. Raises SeedError for an address that is
    none.
    """
    shared = _shared([neighbour.seed.front.fields for neighbour in neighbours])
    model = next((neighbour.seed for neighbour in neighbours if neighbour.seed.front.pairs), None)
    made = model and seeds.parse("---\n" + "".join(_lines(model, shared, stamped=bool(when))) + "---\n", keys)
    if not made:
        address = frontmatter_edit.double_quoted(url)
        stamp = f'{keys.stamp[0]}: ""\n' if when else ""
        made = seeds.parse(f'---\n{stamp}{keys.url[0]}: {address}\ntitle: ""\n---\n', keys)
    if not made:
        raise SeedError("source_url", f"{url} is no address of a page.", "Give an address as https://host/path.")
    made = seeds.set_url(made, url)
    made = seeds.set_text(seeds.stamp(made, when) if when else made, "title", title)
    category = shared.get(_CATEGORY)
    return seeds.set_text(made, _CATEGORY, category) if isinstance(category, str) else made


def _shared(all_fields: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What all say under a key; of the category, what most say."""
    first = all_fields[0] if all_fields else {}
    shared = {key: value for key, value in first.items() if all(fields.get(key) == value for fields in all_fields)}
    said = Counter(value for fields in all_fields if isinstance(value := fields.get(_CATEGORY), str))
    return shared | ({_CATEGORY: said.most_common(1)[0][0]} if said else {})


def _lines(model: Seed, shared: Mapping[str, object], *, stamped: bool) -> list[str]:
    """The model's lines of those keys that a new seed is to have."""
    keys, fields = model.keys, model.front.fields
    ours = {keys.url_in(fields), keys.stamp_in(fields), "title"}
    never = set() if stamped else {keys.stamp_in(fields)}
    lines = []
    for key, value in model.front.pairs:
        if key.value in never or (key.value not in ours and key.value not in shared):
            continue
        if isinstance(value, yaml.ScalarNode) and key.start_mark.line == value.end_mark.line:
            lines.append(model.front.inner[key.start_mark.index : value.end_mark.index] + "\n")
    return lines


def _is_index(path: str) -> bool:
    return splitext(path.rpartition("/")[2])[0].lower() in ("", _INDEX, "default")


def _steps(url: str, *, with_index: bool = False) -> list[str]:
    """The host and the steps of an address; the index of a folder is the folder, or else a step by itself."""
    parts = urlsplit(_INDEX_PAGE.sub("/", url))
    last = _INDEX if with_index and parts.path.endswith("/") else ""
    return [parts.netloc.lower().removeprefix("www."), *filter(None, [*parts.path.split("/"), last])]


def _common(one: list[str], other: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _named_as(name: Callable[[str, list[str], str], str], url: str, title: str) -> str:
    host, *steps = _steps(url)
    steps = [unquote(step) for step in steps]
    if steps:
        steps[-1] = re.sub(r"\.(?:html?|php|aspx?|md|txt)$", "", steps[-1])
    return name(host, steps, title)[:_LONGEST].strip("-_. ")


def _slug(text: str, sign: str = "-") -> str:
    return _SIGNS.sub(sign, text.lower()).strip(f"{sign}.")


_NAMES: dict[str, Callable[[str, list[str], str], str]] = {
    "end": lambda _, steps, title: _slug(steps[-1]) if steps else _slug(title),
    "end as it is": lambda _, steps, __: _SIGNS.sub("-", steps[-1]) if steps else "",
    "path": lambda _, steps, __: _slug("-".join(steps)),
    "path_": lambda _, steps, __: "_".join(_slug(step, "_") for step in steps),
    "site and path": lambda host, steps, __: _slug("-".join([host, *steps])),
    "title": lambda _, __, title: _slug(title),
    "title_": lambda _, __, title: _slug(title, "_"),
    "title as it is": lambda _, __, title: re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', " ", title).strip(),
}
"""Ways in which files are named: after the address or the title, in words."""
