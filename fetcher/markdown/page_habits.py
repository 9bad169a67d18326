"""Refines the dialect of a body by comparing it with its page: how links, tables, code and so on were stored.

The body alone does not show, for instance, whether its links are written as on the page, or whether cells of tables
were stored as paragraphs.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

from fetcher.markdown.code_blocks import FENCE, indented_at_left, may_be_fenced, without_fenced
from fetcher.markdown.detection import most_common
from fetcher.markdown.dialect import Definitions, Dialect, Raised, raised
from fetcher.markdown.grid import cells, find_tables
from fetcher.page.words import letters_of


def _is_relative(link: str) -> bool:
    """Whether a link is relative to its page (`../rules`, not `/rules`)."""
    return not _NOT_RELATIVE.match(link)


_NOT_RELATIVE = re.compile(r"[a-z][a-z0-9+.-]*:|#|/", re.IGNORECASE)


NO_BREAK = "\u00a0"
_MARKDOWN_FILE = re.compile(r"\.(?:md|mdx|markdown)(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class PageTraits:
    """What a page has that importers store in different ways.

    hrefs         targets of links
    linked        texts of links that are compared
    classes, languages   of code blocks
    underlined    texts
    raised        superscripts and subscripts: the text before each, its tag, its own text
    coded         first lines of the code blocks that have a language; `uncoded` counts the others
    spaced        texts around no-break spaces, with plain spaces in their place
    terms         of definition lists
    pictured      the letters around pictures
    rows          of tables, as the texts of their cells
    keys          texts of `kbd`, `samp` and `tt`
    spans         if any cell spans several columns or rows: how many cells repeat their left or upper neighbour, and
                  how many are empty
    """

    hrefs: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    underlined: frozenset[str] = frozenset()
    raised: tuple[tuple[str, str, str], ...] = ()
    coded: frozenset[str] = frozenset()
    uncoded: int = 0
    spaced: tuple[str, ...] = ()
    terms: frozenset[str] = frozenset()
    pictured: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    keys: frozenset[str] = frozenset()
    spans: tuple[int, int] | None = None


def adapt_to_page(dialect: Dialect, body: str, traits: PageTraits) -> Dialect:
    """The dialect with the habits that only a comparison of the body with its page shows."""
    dialect = _with_links(dialect, body, traits)
    fences = without_fenced(body)[1] if may_be_fenced(body) else []
    infos = [fence.info.split()[0] for fence in fences if fence.info.strip()]
    if sum(info in traits.classes for info in infos) > sum(info in traits.languages for info in infos):
        dialect = replace(dialect, info="class")
    elif dialect.info != "told" and (
        sum(told := [*_told(body, traits.coded)]) * 2 < len(told) or _is_all_indented(body, traits)
    ):
        dialect = replace(dialect, info="none")
    if any(f"{sign}{text}{sign}" in body for text in traits.underlined for sign in "*_"):
        dialect = replace(dialect, underlined=True)
    # Most importers keep such spaces. A body without any may be of a page that had none.
    if traits.spaced and NO_BREAK not in body and 2 * sum(text in body for text in traits.spaced) <= len(traits.spaced):
        dialect = replace(dialect, spaces=dialect.spaces + NO_BREAK)
    dialect = replace(dialect, tabled=not _are_paragraphs(body, traits.rows), keys=_keys(body, traits.keys))
    if traits.spans is not None and _repeats(body, traits.spans):
        dialect = replace(dialect, repeats=True)
    if notation := most_common(_notations(body, traits)):
        dialect = replace(dialect, raised=notation)
    if (
        traits.pictured
        and not dialect.images
        and not any(map(letters_of(_TARGET.sub("", body)).count, traits.pictured))
    ):
        dialect = replace(dialect, images=True)  # the images are as new as the text around them
    if definitions := most_common(_definitions(body, traits.terms)):
        dialect = replace(dialect, definitions=definitions)
    return dialect


def _with_links(dialect: Dialect, body: str, traits: PageTraits) -> Dialect:
    """The dialect with the form in which the body stores the page's links."""
    relative = set(filter(_is_relative, traits.hrefs))
    targets = set(filter(_is_relative, re.findall(r"\]\(<?([^\s)>]+)", body))) if relative else set[str]()
    # A link to a Markdown file may lead to another seed and have been made by a person.
    if targets & relative or not all(_MARKDOWN_FILE.search(each) for each in targets):
        dialect = replace(dialect, links="page")
    elif dialect.links == "page" and _has_joined(body, traits.hrefs):
        dialect = replace(dialect, links="absolute")
    if traits.linked and _has_plain_links(body, traits.linked):
        dialect = replace(dialect, linked=False)
    return dialect


def _has_joined(body: str, hrefs: Collection[str]) -> bool:
    """Whether a body has a full address where the page has a relative one."""
    ends = tuple(end for href in hrefs if not _SCHEME.match(href) and (end := href.lstrip("./")))
    return any(target.endswith(ends) for target in re.findall(r"\]\(<?(https?:[^\s)>]+)", body))


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)


def _repeats(body: str, shown: tuple[int, int]) -> bool:
    """Whether the body's tables repeat the text of spanning cells, rather than leaving the other places empty."""
    counts = [repeated([cells(row) for row in table.split("\n")]) for table in find_tables(body)]
    return sum(alike for alike, _ in counts) > shown[0] and sum(empty for _, empty in counts) <= shown[1]


def repeated(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """How many cells repeat their left or upper neighbour, and how many are empty; delimiter rows do not count."""
    said = [row for row in rows if any(cell.strip("-: ") for cell in row)]
    beside = sum(one == other != "" for row in said for one, other in pairwise(row))
    above = (pair for one, other in pairwise(said) for pair in zip(one, other, strict=False))
    return beside + sum(one == other != "" for one, other in above), sum(not cell for row in said for cell in row)


_PLAIN_LINKS = 2  # that show a habit: a single one may not have been a link when it was stored
ANY_LINK = re.compile(r"\](?:\(|\[|:)|<(?:[a-z][a-z0-9+.-]*:|a\s)", re.IGNORECASE)


def _has_plain_links(body: str, texts: Collection[str]) -> bool:
    """Whether a body has texts of links, but no link at all."""
    if ANY_LINK.search(body):
        return False
    line = f" {' '.join(body.split())} "
    return sum(f" {text}" in line for text in texts) >= _PLAIN_LINKS


def _told(body: str, coded: Collection[str]) -> Iterator[bool]:
    """For each code block that has a language on the page, whether the body names it."""
    lines = body.splitlines() if coded else []
    for before, line in pairwise(lines):
        if line.strip() in coded:
            fence = FENCE.match(before)
            if fence or (line.startswith("    ") and not before.strip()):
                yield bool(fence and fence[2].strip())


def _is_all_indented(body: str, traits: PageTraits) -> bool:
    """Whether the body has no fences, but more code blocks than the page has without a language."""
    return bool(traits.coded) and not may_be_fenced(body) and indented_at_left(body) > traits.uncoded


def _definitions(body: str, terms: Collection[str]) -> Iterator[Definitions]:
    """How the body writes each of the page's terms that it has."""
    for line, after in _lines_of(body, terms):
        if _is_definition(after):
            yield "colon"
        elif line.endswith("  ") and after.strip():
            yield "break"
        elif not after.strip():
            yield "strong" if _STRONG_LINE.fullmatch(line.strip()) else "plain"


_TARGET = re.compile(r"\]\([^()\s]*\)")


def _lines_of(body: str, terms: Collection[str]) -> Iterator[tuple[str, str]]:
    """The lines of a body that are only a term, each with the next line, or with a definition below a blank line."""
    letters = set(map(letters_of, terms)) - {""}
    lines = [*body.splitlines(), "", ""] if letters else []
    for line, after, below in zip(lines, lines[1:], lines[2:], strict=False):
        if letters_of(line) in letters:
            yield line, below if not after.strip(" >") and _is_definition(below) else after


def _is_definition(line: str) -> bool:
    return line.lstrip(" \t>").startswith(":   ")


def without_breaks(body: str, terms: Collection[str]) -> str:
    """A body with blank lines for the hard breaks after its terms, which do not show how other breaks are written."""
    for line, _ in _lines_of(body, terms) if "  \n" in body else ():
        body = body.replace(f"{line}\n", f"{line.rstrip()}\n\n") if line.endswith("  ") else body
    return body


_STRONG_LINE = re.compile(r"(\*\*|__)\S.*\1")


def _are_paragraphs(body: str, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the body has the cells of most rows as paragraphs."""
    if not rows:
        return False
    known = {*map(letters_of, re.split(r"\n[ \t]*\n", body))}
    return 2 * sum(all(letters_of(cell) in known for cell in row) for row in rows) > len(rows)


def _keys(body: str, keys: Collection[str]) -> Literal["code", "plain", "tags"]:
    """How the body has most of these texts: as code if one of them is."""
    if any(f"`{key}`" in body for key in keys):
        return "code"
    if keys and _KEY_TAG.search(body):
        return "tags"
    known = sum(re.search(rf"(?<!\w){re.escape(key)}(?!\w)", body) is not None for key in keys)
    return "plain" if 2 * known > len(keys) else "code"


_KEY_TAG = re.compile(r"<(?:kbd|samp|tt)>")


def _notations(body: str, traits: PageTraits) -> Iterator[Raised]:
    """The notations in which the body has the page's superscripts and subscripts, one for each that is found."""
    if "<sup>" in body or "<sub>" in body:
        yield "html"
    for before, tag, text in traits.raised:
        shown = {each: "".join((before, *raised(text, tag, each))) for each in get_args(Raised)}
        if shown["figures"] == shown["plain"]:  # without such figures, these two cannot be told apart
            del shown["figures"], shown["plain"]
        yield from (each for each, written in shown.items() if written in body)
