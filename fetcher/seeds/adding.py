"""Makes a new seed like the seeds of neighbouring pages: in the same folder, named and laid out alike."""

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
    from fetcher.seeds.seeds import Keys, Seed

NEAREST = 20
"""The most neighbours to look at."""

_INDEX = "index"
_INDEX_PAGE = re.compile(r"/(?:index|default)\.\w+$", re.IGNORECASE)
_SIGNS = re.compile(r"[^\w.]+")
_PLAIN = re.compile(r"\w[\w.-]{0,60}")  # a folder name that every file system takes, and not a hidden one
_LONGEST = 100  # characters of a file name, without its suffix
_CATEGORY = "category"


class Neighbour(NamedTuple):
    """The seed of a neighbouring page, with the path of its file."""

    path: str
    seed: Seed


def nearest(url: str, entries: Iterable[Entry]) -> list[Entry]:
    """The seeds of the same site that share the longest beginning of the URL's path, at most `NEAREST`.

    Only those that are equally near: a page of the same section says more than one of another.
    """
    wanted = _steps(url)
    ranked = [(common, entry) for entry in entries if (common := _common(wanted, _steps(entry.url)))]
    best = max((common for common, _ in ranked), default=0)
    return [entry for common, entry in ranked if common == best][:NEAREST]


def commonest_folder(neighbours: Sequence[Entry] | Sequence[Neighbour]) -> str:
    """The folder that most of the neighbours are in; "" for the top folder, and if there are none."""
    counts = Counter(dirname(neighbour.path) for neighbour in neighbours)
    return min(counts, key=lambda name: (-counts[name], name), default="")


def folder_for(url: str, neighbours: Sequence[Neighbour]) -> str:
    """The folder for a new seed: that of most neighbours, or a new one beside theirs.

    A new one where most neighbours' folders mirror the paths of their URLs: the new seed's folder then does, too.
    """
    counts = Counter(_mirrored(neighbour, url) for neighbour in neighbours)
    best = max(counts, key=lambda name: counts[name], default=None)
    return best if best is not None and counts[best] * 2 > len(neighbours) else commonest_folder(neighbours)


def _mirrored(neighbour: Neighbour, url: str) -> str | None:
    """The folder of a page, if the neighbour's folder mirrors the path of its URL; else None."""
    # If the neighbour is an index file in a folder of its own, the new page gets such a folder, too.
    with_index = _is_index(neighbour.path)
    its, steps = (_steps(one, with_index=with_index)[1:-1] for one in (neighbour.seed.url, url))
    folders = dirname(neighbour.path).split("/")
    pairs = zip(reversed(its), reversed(folders), strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0].casefold() == pair[1].casefold(), pairs))
    before = len(its) - same  # path segments without a folder
    if not same or its[:before] != steps[:before] or not all(map(_PLAIN.fullmatch, steps[before:])):
        return None
    shared = _common(its, steps) - before
    return "/".join([*folders[: len(folders) - same + shared], *steps[before + shared :]])


def file_name(url: str, title: str, neighbours: Sequence[Neighbour]) -> str:
    """The file name, made from the URL or the title in the way most neighbours' names are; else from the URL's end.

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
    order = sorted(_NAMES, key=lambda name: -counts[name])  # stable: the first of those that fit equally well
    stems = (_named_as(_NAMES[name], url, title) for name in order)
    return next(filter(None, stems), _INDEX) + end


def new_seed(url: str, title: str, when: datetime | None, neighbours: Sequence[Neighbour], keys: Keys) -> Seed:
    """A seed without a body whose front matter is like that of the neighbours: their keys in their order and quotes.

    Besides URL, stamp and title it has the one-line keys on whose values all neighbours agree, and the commonest
    category. Without `when` it has no stamp. Raises SeedError if the URL is not one.
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
    """The keys on whose values all agree; for the category, the commonest value."""
    first = all_fields[0] if all_fields else {}
    shared = {key: value for key, value in first.items() if all(fields.get(key) == value for fields in all_fields)}
    said = Counter(value for fields in all_fields if isinstance(value := fields.get(_CATEGORY), str))
    return shared | ({_CATEGORY: said.most_common(1)[0][0]} if said else {})


def _lines(model: Seed, shared: Mapping[str, object], *, stamped: bool) -> list[str]:
    """The lines of the model's front matter for the keys that the new seed gets."""
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
    """The host and the path segments of a URL; an index page is its folder, or if `with_index` a segment of its own."""
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
"""Ways to name a file after host, path segments and title."""
