"""`report.md`: what a run came to, as the body of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetcher.report.digest import course, needs
from fetcher.report.facts import LAYOUT, contents, told
from fetcher.report.fitting import Section, fitted
from fetcher.report.screen import cell, code
from fetcher.report.tallies import MEANINGS, MOST_GROUP_PATHS
from fetcher.terms.outcomes import Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fetcher.report.digest import Digest, Page, Table
    from fetcher.report.tallies import Group, HeldBack, Kind, Trouble

LONGEST = 60_000
"""Bytes: GitHub takes 65,536 characters, and whoever makes the pull request may have something to add."""

_HEADS = {
    Outcome.MOVED: "Moved for good",
    Outcome.GONE: "Gone",
    Outcome.BLOCKED: "Blocked",
    Outcome.BROKEN: "Came back as something else",
    Outcome.FAILED: "Failed",
    Outcome.SKIPPED: "Not visited, or not written",
}


def markdown(digest: Digest) -> str:
    """The run in Markdown, at most `LONGEST` bytes of it, in which all text from elsewhere stands in code spans."""
    return fitted([*_sections(digest)], LONGEST)


def _sections(digest: Digest) -> Iterator[Section]:
    yield _top(digest)
    if digest.groups:
        items = [_group(group) for group in digest.groups]
        yield Section("\n## The same on many pages\n\n", items, len(items), _more_in("report.json"))
    if digest.changed.pages:
        yield _table(
            "Changed", "about | what changed", digest.changed, [_changed(page) for page in digest.changed.rows]
        )
    if digest.filled.pages:
        yield _table(
            "Filled for the first time", "what it holds", digest.filled, [_filled(p) for p in digest.filled.rows]
        )
    for outcome, head in _HEADS.items():
        if troubles := digest.troubles.of(outcome):
            items = [line for trouble in troubles for line in _trouble(trouble)]
            yield Section(f"\n## {head}\n\n", items, len(items), _cut)
    if digest.held.differences:
        yield _held_back(digest.held)
    yield Section(f"\n{_END}", [], 0, _cut)


_END = (
    "`changes.patch` has every changed line, `report.html` shows the pages side by side, and `report.json` is for"
    " programs.\n"
)


def _top(digest: Digest) -> Section:
    """The paragraph that says it all, and what a person has to see to."""
    notes = [f"{code(note)}\n\n" for note in digest.notes]
    said = [course(digest), *_further(digest)]
    wanted = [*map(code, digest.alarms), *needs(digest.counts, digest.held)]
    said.append("**This needs a person:**" if wanted else "Nothing needs a person.")
    head = f"# Refresh of {code(digest.seeds)}\n\n{''.join(notes[:_MOST_NOTES])}{' '.join(said)}\n"
    items = [f"- {sentence}\n" for sentence in wanted]
    return Section(head + "\n" * bool(items), items, len(items), _more_in("report.json"))


_MOST_NOTES = 10


def _further(digest: Digest) -> Iterator[str]:
    if digest.changed.shared:
        yield f"{counted(digest.changed.shared, 'page')} changed only in what many pages share."
    if digest.front_only:
        yield f"In {counted(digest.front_only, 'more file')} only the front matter changed."
    if differences := digest.held.differences:
        was = "differences were" if differences > 1 else "difference was"
        yield f"{differences:,} {was} held back as noise."


def _group(group: Group) -> str:
    """An item: what changed, and under it the pages, folded."""
    places = f", in {group.places:,} places" if group.places > group.pages else ""
    paths = ", ".join(map(code, group.paths))
    left = group.pages - len(group.paths)
    if left:
        folders = [f"{code(folder + '/')} ({pages:,})" for folder, pages in group.folders.most_common(MOST_GROUP_PATHS)]
        paths += f" and {left:,} more; by folder: {', '.join(folders)}"
    return (
        f"- on **{counted(group.pages, 'page')}**{places}: {told(group.edits, code)}\n"
        f"  <details><summary>the pages</summary>\n\n  {paths}\n\n  </details>\n"
    )


def _table(head: str, column: str, found: Table, items: Sequence[str]) -> Section:
    rules = "|---" * (2 + column.count("|"))
    top = f"\n## {head}\n\n| page | {column} | words |\n{rules}|---:|\n"
    return Section(top, items, found.pages, _more_in("report.html"))


def _changed(page: Page) -> str:
    said = told(page.edits, cell) or LAYOUT
    if page.shares:
        said += "; and what many pages share"
    if page.announced:
        said += f"; announced: {cell(page.announced.named)}"
    about = ", ".join(page.classes)
    return f"| {cell(page.path)} | {about} | {said} | +{page.words_added:,} −{page.words_removed:,} |\n"


def _filled(page: Page) -> str:
    return f"| {cell(page.path)} | {contents(page.edits)} | +{page.words_added:,} |\n"


def _trouble(trouble: Trouble) -> Iterator[str]:
    """The lines of a trouble: what happened and what to do where that is the same, then each seed."""
    mend = f" → {code(trouble.mend)}" if trouble.mend else ""
    if trouble.seeds == 1:
        ((path, detail),) = trouble.details.items()
        yield f"- {_seed(path, detail)}{mend}\n"
        return
    details = set(trouble.details.values())
    same = details.pop() if len(details) == 1 else ""
    yield f"- **{counted(trouble.seeds, 'page')}**{f': {code(same)}' if same else ''}{mend}\n"
    for path, detail in sorted(trouble.details.items()):
        yield f"  - {_seed(path, '' if same else detail)}\n"
    if trouble.seeds > len(trouble.details):
        yield f"  - and {trouble.seeds - len(trouble.details):,} more, which `report.json` lists\n"


def _seed(path: str, detail: str) -> str:
    return f"{code(path)}: {code(detail)}" if detail else code(path)


def _held_back(held: HeldBack) -> Section:
    top = (
        "\n## Held back as noise\n\n| differences | pages | what | such as | to let it through |\n"
        "|---:|---:|---|---|---|\n"
    )
    kinds = held.kinds()
    return Section(top, [_kind(kind) for kind in kinds], len(kinds), _more_in("report.json"))


def _kind(kind: Kind) -> str:
    old, new = map(cell, kind.example)
    example = f"{old} → {new}" if old and new else f"+{new}" if new else f"−{old}" if old else ""
    meaning = MEANINGS.get(kind.kind, "")
    alone = f"; this one: {cell(kind.alone)}" if kind.alone else ""
    return f"| {kind.differences:,} | {kind.pages:,} | {meaning} | {example} | {cell(kind.remedy)}{alone} |\n"


def _more_in(file: str) -> Callable[[int], str]:
    return lambda left: f"\n… and {left:,} more: see `{file}`.\n"


def _cut(_: int) -> str:
    return "\n… and more: see `report.json`.\n"
