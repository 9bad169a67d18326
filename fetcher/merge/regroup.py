"""Regroups blocks and hunks where an importer cuts or orders its blocks otherwise than the page."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from fetcher.markdown.reading.blocks import Block, Text, parse
from fetcher.markdown.reading.wording import wording
from fetcher.merge.pairing import Hunk
from fetcher.merge.plain_text import is_plain
from fetcher.page.words import fold, letters_of

_NOTE = re.compile(r"\[\^[^\]\n]+\]:|(?:Table)?:[ \t]")  # a footnote, or the caption of a table
_END_OF_LINK = re.compile(r"\]\([^()\s]*\)\s*$")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_BLOCKS = 12  # blocks at most that an importer makes one of
_WHOLE = 2  # cuts around a paragraph that is one block
_LONGEST = 40  # words at most by which a block runs on into the next


def by_lines(text: Text, fresh: Text) -> Text:
    """The text with its paragraphs cut where lines of them are whole blocks of the fresh text.

    Importers may leave out blank lines between blocks. Rows of tables that are drawn as text stay together. In plain
    text, indented lines that are blocks other than code are cut, too.

    >>> by_lines(parse("Soup\\nHot, with\\nbread\\n"), parse("# Soup\\n\\nHot, with bread\\n")).blocks[1].words
    ['Hot', ',', 'with', 'bread']
    """
    if not any(_may_be_cut(block, text) for block in text.blocks):
        return text
    letters = [(block.kind, _letters([block])) for block in fresh.blocks if block.kind != "tr"]
    known = {
        "p": {shown for _, shown in letters} - {""},
        "pre": {shown for kind, shown in letters if kind != "pre"} - {""} if is_plain(text, fresh) else (),
        "joined": {_letters([block]) for block in fresh.blocks if block.joined},
    }
    parts = [part for block in text.blocks for part in _parts(block, text, known)]
    return text if parts == text.blocks else Text(text.lines, parts)


def _may_be_cut(block: Block, text: Text) -> bool:
    if block.end - block.start == 1 or block.kind not in ("p", "pre") or block.boxes or block.joined:
        return False
    return block.kind == "p" or not _FENCE.match(text.lines[block.start])


def _parts(block: Block, text: Text, known: Mapping[str, Collection[str]]) -> list[Block]:
    """A block, or the blocks that its lines make, where some of these are known by their letters."""
    if not _may_be_cut(block, text):
        return [block]
    lines = text.lines[block.start : block.end]
    letters = [letters_of(fold(line)).casefold() for line in lines]
    cuts, at = {0, len(lines)}, 0
    while at < len(lines):
        runs = enumerate(accumulate(letters[at:]), 1) if letters[at] else ()
        size = next((size for size, run in runs if run in known[block.kind]), 0)
        cuts |= {at, at + size} if size else set()
        at += size or 1
    cuts = {next((at for at in range(cut, len(lines)) if lines[at].strip()), len(lines)) for cut in cuts}
    cuts -= {at for at in range(1, len(lines)) if not any(letters[at:])}  # rules that a table ends with
    parts = []
    for start, end in pairwise(sorted(cuts) if len(cuts) > _WHOLE else ()):
        content = parse("".join(lines[start:end])).blocks[0].content
        column = len(lines[start]) - len(lines[start].lstrip())
        joined = start > 0 and block.kind == "p" and "".join(letters[start:end]) in known["joined"]
        part = replace(
            block, start=block.start + start, end=block.start + end, column=column, content=content, joined=joined
        )
        parts.append(part)
    return parts if [word for part in parts for word in part.words] == block.words else [block]


def regrouped(hunks: Sequence[Hunk], stored: Text, fresh: Text) -> list[Hunk]:
    """The hunks, with footnotes paired wherever they stand, and hunks joined where a block runs on into the next."""
    found: list[Hunk] = []
    for hunk in _with_capitals(_with_notes(hunks, stored, fresh), stored.blocks, fresh.blocks):
        last = found[-1] if found else None
        if last and last.linked and hunk.linked and _runs_on(last, hunk, stored.blocks, fresh.blocks):
            found[-1] = Hunk(last.start_a, hunk.end_a, last.start_b, hunk.end_b, linked=True)
        elif last and last.linked != hunk.linked:
            found[-1:] = _continued(last, hunk, stored.blocks, fresh.blocks)
        else:
            found.append(hunk)
    return found


def _with_capitals(hunks: Iterable[Hunk], stored: Sequence[Block], fresh: Sequence[Block]) -> Iterator[Hunk]:
    """The hunks, with blocks paired that only differ in capitals, as headings of plain text do."""
    for hunk in hunks:
        letters = {} if hunk.linked else {_letters([fresh[b]]): b for b in range(hunk.start_b, hunk.end_b)}
        pairs = [(a, letters.get(_letters([stored[a]]), -1)) for a in range(hunk.start_a, hunk.end_a) if letters]
        a, b = hunk.start_a, hunk.start_b
        for at, known in pairs:
            if known >= b and _letters([stored[at]]):
                if at > a or known > b:
                    yield Hunk(a, at, b, known, linked=False)
                yield Hunk(at, at + 1, known, known + 1, linked=True)
                a, b = at + 1, known + 1
        if a < hunk.end_a or b < hunk.end_b:
            yield Hunk(a, hunk.end_a, b, hunk.end_b, hunk.linked)


def _runs_on(one: Hunk, other: Hunk, stored: Sequence[Block], fresh: Sequence[Block]) -> bool:
    """Whether words at the end of one hunk, on one side, begin the next hunk on the other side."""
    before = stored[one.end_a - 1].words, fresh[one.end_b - 1].words
    after = stored[other.start_a].words, fresh[other.start_b].words
    if before[0][-1:] == before[1][-1:] or after[0][:1] == after[1][:1]:
        return False
    return _overlap(before[0], after[1]) or _overlap(before[1], after[0])


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    return any(one[-size:] == other[:size] for size in range(2, min(len(one), len(other), _LONGEST) + 1))


def _continued(one: Hunk, other: Hunk, stored: Sequence[Block], fresh: Sequence[Block]) -> list[Hunk]:
    """A linked hunk and the unlinked one beside it; blocks of the latter that belong to the former are moved to it.

    Where the page has one block an importer may write two, one of which is too short to be paired by its words.
    """
    pair, lone = (one, other) if one.linked else (other, one)
    before, now = pair.old(stored), pair.new(fresh)
    size_a = _size(lone.old(stored), now, before, at_end=one.linked)
    size_b = _size(lone.new(fresh), before, now, at_end=one.linked)
    if not size_a and not size_b:
        return [one, other]
    if one.linked:
        rest = lone._replace(start_a=lone.start_a + size_a, start_b=lone.start_b + size_b)
        joined = [pair._replace(end_a=rest.start_a, end_b=rest.start_b), rest]
    else:
        rest = lone._replace(end_a=lone.end_a - size_a, end_b=lone.end_b - size_b)
        joined = [rest, pair._replace(start_a=rest.end_a, start_b=rest.end_b)]
    return joined if rest.start_a < rest.end_a or rest.start_b < rest.end_b else [max(joined, key=lambda h: h.linked)]


def _size(lone: Sequence[Block], there: Sequence[Block], here: Sequence[Block], *, at_end: bool) -> int:
    """How many of the `lone` blocks are the end, or the beginning, of the text `there`, and not `here`."""
    all_of_it, known = _letters(there), _letters(here)
    for size in range(min(len(lone), _BLOCKS), 0, -1):
        text = _letters(lone[:size] if at_end else lone[-size:])
        if at_end and text and all_of_it.endswith(text) and not known.endswith(text):
            return size
        if not at_end and text and all_of_it.startswith(text) and not known.startswith(text):
            return size
    return 0


def _letters(blocks: Sequence[Block]) -> str:
    """The letters and digits of blocks, without the address of a link that ends there."""
    last = next((block.words[-1] for block in reversed(blocks) if block.words), "")
    if last == ")" and "](" in (text := wording(blocks).text()):
        return letters_of(_END_OF_LINK.sub("", text)).casefold()
    return "".join(block.content.letters for block in blocks)


def _with_notes(hunks: Sequence[Hunk], stored: Text, fresh: Text) -> list[Hunk]:
    """The hunks, with unpaired stored footnotes moved to where the page has them."""

    def defines(hunk: Hunk) -> bool:
        blocks = hunk.old(stored.blocks)
        return hunk.only_removes and all(_NOTE.match(stored.source(block)) for block in blocks)

    shown = [hunk for hunk in hunks if hunk.only_adds]
    pairs: dict[Hunk, Hunk] = {}
    for hunk in filter(defines, hunks if shown else ()):
        words = wording(hunk.old(stored.blocks)).words
        alike = (other for other in shown if _likeness(words, wording(other.new(fresh.blocks)).words) > 1 / 2)
        if other := next(alike, None):
            shown.remove(other)
            pairs[hunk] = other
    taken = {*pairs.values()}
    return [
        pairs[hunk]._replace(start_a=hunk.start_a, end_a=hunk.end_a, linked=True) if hunk in pairs else hunk
        for hunk in hunks
        if hunk not in taken
    ]


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of words that two texts have in common."""
    return 2 * (Counter(one) & Counter(other)).total() / max(1, len(one) + len(other))


_ABSENT = "[TABLE]"  # what pandoc writes for a table whose cells hold more than a line
_TABULAR = frozenset({"tr", "pre"})  # what the page's table is read as


def with_tables(hunk: Hunk, stored: Text, fresh: Text) -> Iterator[Hunk]:
    """An unlinked hunk, split so that each `[TABLE]` stands against its table and nothing else."""
    start_a, start_b = hunk.start_a, hunk.start_b
    for a in range(hunk.start_a, hunk.end_a):
        if not _is_absent(stored, a):
            continue
        first = next((b for b in range(start_b, hunk.end_b) if fresh.blocks[b].kind in _TABULAR), -1)
        if first < 0:
            break
        last = next((b for b in range(first, hunk.end_b) if fresh.blocks[b].kind not in _TABULAR), hunk.end_b)
        if a > start_a or first > start_b:
            yield Hunk(start_a, a, start_b, first, linked=False)
        yield Hunk(a, a + 1, first, last, linked=False)
        start_a, start_b = a + 1, last
    if start_a < hunk.end_a or start_b < hunk.end_b:
        yield Hunk(start_a, hunk.end_a, start_b, hunk.end_b, linked=False)


def is_absent_table(hunk: Hunk, stored: Text, fresh: Text) -> bool:
    """Whether a hunk is a `[TABLE]` and the table of the page."""
    if hunk.end_a != hunk.start_a + 1 or not _is_absent(stored, hunk.start_a) or hunk.only_removes:
        return False
    return all(block.kind in _TABULAR for block in hunk.new(fresh.blocks))


def _is_absent(stored: Text, at: int) -> bool:
    return stored.source(stored.blocks[at]).strip(" \t\r\n>") == _ABSENT
