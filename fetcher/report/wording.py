"""Puts the edits of a page into words, as a reviewer would: `+2 rows under ‘Prices’; ‘$4’ → ‘$5’ in 3 places`."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category

from fetcher.report.changes import ADDED, CHANGED, HEADING, KINDS, LINKED, MARKUP, MOVED, REMOVED, REPLACED
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fetcher.report.changes import Change, Edit
    from fetcher.report.outline import Token
    from fetcher.report.pairing import BlockPart, Gap, Side

    Quote = Callable[[str], str]

MOST_PHRASES = 3
"""Replaced phrases that are quoted, the most frequent first; for the others, their blocks are counted."""
MOST_FACTS = 6
LAYOUT = "blank lines and rules only"
"""The wording of a change without any edit."""
LONGEST_QUOTE = 80

_SIGNS = {ADDED: "+", REMOVED: "−"}
_VERBS = {MOVED: "moved", CHANGED: "reworded"}
_MOST_HEADINGS = 2


def plain(text: str) -> str:
    """A text from a page in quotes, for plain text."""
    return f"‘{text}’"


def in_words(edits: Sequence[Edit], quote: Quote = plain) -> str:
    """The edits in words, whole blocks first; all text of the page passes through `quote`.

    A heading above all of them is named once instead of repeatedly.

    >>> from fetcher.report.changes import Edit
    >>> rows = [Edit("added", "row", "Prices", "", f"Row {n}", "", n) for n in range(2)]
    >>> in_words(rows), in_words([*rows, Edit("removed", "paragraph", "Prices", "None.", "", "", 3)])
    ('+2 rows under ‘Prices’', 'under ‘Prices’: +2 rows; −1 paragraph: ‘None.’')
    """
    sections, rest = _sections(edits)
    facts = [_section(title, inside, quote) for title, inside in sections.items()]
    facts += _facts(rest, quote)
    headings = {edit.under for edit in edits}
    start = ""
    if not sections and len(headings) == 1 and (heading := headings.pop()):
        short = _facts([edit._replace(under="") for edit in rest], quote)
        if sum(one != other for one, other in zip(facts, short, strict=True)) > 1:
            facts, start = short, f"under {quote(heading)}: "
    left = len(facts) - MOST_FACTS
    return start + "; ".join(facts if left <= 1 else [*facts[:MOST_FACTS], f"and {left} more"])


def _facts(edits: Sequence[Edit], quote: Quote) -> list[str]:
    phrases, rest = _phrases(edits)
    links = Counter((edit.old, edit.new) for edit in rest if edit.what == LINKED)
    return [
        *_blocks((edit for edit in rest if edit.what in (ADDED, REMOVED)), quote),
        *(_replaced(phrase, places, quote) for phrase, places in phrases.items()),
        *_blocks((edit for edit in rest if edit.what in (CHANGED, MOVED)), quote),
        *(_linked(old, new, times, quote) for (old, new), times in links.most_common()),
        *_recast(edit for edit in rest if edit.what == MARKUP),
    ]


def summary(change: Change, *, filled: bool = False) -> str:
    """The change of a seed as plain text; `filled` tells that it had no body before."""
    if not change.hunks:
        keys = {line.text.partition(":")[0] for line in change.front if not line.text.startswith((" ", "-", "#"))}
        return f"front matter: {', '.join(sorted(keys))}" if keys else ""
    return contents(change.edits) if filled else in_words(change.edits) or LAYOUT


def contents(edits: Iterable[Edit]) -> str:
    """The number of added blocks of each kind: what a page has that was empty before.

    >>> from fetcher.report.changes import Edit
    >>> contents([Edit("added", kind, "", "", "", "", 0) for kind in ("row", "heading", "row")])
    '1 heading and 2 rows'
    """
    counts: Counter[str] = Counter()
    for edit in edits:
        counts[edit.kind] += edit.times
    return _and([counted(counts[kind], kind) for kind in KINDS if counts[kind]])


def _sections(edits: Sequence[Edit]) -> tuple[dict[str, list[Edit]], list[Edit]]:
    """The new headings, each with the edits that add something under it; and all other edits."""
    titles = Counter(edit.new for edit in edits if edit.what == ADDED and edit.kind == HEADING)
    inside: dict[str, list[Edit]] = {}
    rest = []
    for edit in edits:
        if edit.what == ADDED and edit.kind != HEADING and titles.get(edit.under) == 1:
            inside.setdefault(edit.under, []).append(edit)
        else:
            rest.append(edit)
    return inside, [edit for edit in rest if not (edit.kind == HEADING and edit.what == ADDED and edit.new in inside)]


def _phrases(edits: Sequence[Edit]) -> tuple[Counter[tuple[str, str]], list[Edit]]:
    """The phrases to quote, with the number of places; and all other edits, the other phrases as changed blocks."""
    places = Counter((edit.old, edit.new) for edit in edits if edit.what == REPLACED)
    quoted = Counter(dict(places.most_common(MOST_PHRASES)))
    rest, counted = [], set()
    for edit in edits:
        if edit.what != REPLACED:
            rest.append(edit)
        elif (edit.old, edit.new) not in quoted and edit.block not in counted:
            counted.add(edit.block)
            rest.append(edit._replace(what=CHANGED))
    return quoted, rest


def _blocks(edits: Iterable[Edit], quote: Quote) -> Iterator[str]:
    kinds: defaultdict[tuple[str, str], list[Edit]] = defaultdict(list)
    for edit in edits:
        kinds[edit.what, edit.kind].append(edit)
    for (what, kind), found in sorted(kinds.items(), key=lambda item: -_times(item[1])):
        yield from _of_kind(what, kind, found, quote)


def _of_kind(what: str, kind: str, edits: Sequence[Edit], quote: Quote) -> Iterator[str]:
    """What happened to blocks of a kind, by the heading above; one sum if there are many headings."""
    under: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        under["" if kind == HEADING else edit.under].append(edit)
    if len(under) > _MOST_HEADINGS:
        yield f"{_happened(what, kind, _times(edits))} under {len(under)} headings"
        return
    for heading, found in under.items():
        place = f" under {quote(heading)}" if heading else ""
        yield _happened(what, kind, _times(found), place) + _sample(found, quote)


def _happened(what: str, kind: str, times: int, place: str = "") -> str:
    """The number of blocks of a kind, and what happened to them.

    >>> _happened("added", "row", 2), _happened("moved", "list item", 1, " under A")
    ('+2 rows', '1 list item under A moved')
    """
    if what in _SIGNS:
        return f"{_SIGNS[what]}{counted(times, kind)}{place}"
    return f"{counted(times, kind)}{place} {_VERBS[what]}"


def _sample(edits: Sequence[Edit], quote: Quote) -> str:
    """The text of a single block, before and after; empty for several blocks."""
    edit = edits[0]
    if len(edits) > 1 or edit.times > 1:
        return ""
    texts = [edit.new] if edit.what == MOVED else [edit.old, edit.new]
    shown = " → ".join(quote(_short(text)) for text in texts if text)
    return f": {shown}" if shown else ""


def _section(title: str, inside: Sequence[Edit], quote: Quote) -> str:
    return f"+section {quote(_short(title))} ({contents(inside)})"


def _replaced(phrase: tuple[str, str], places: int, quote: Quote) -> str:
    old, new = phrase
    text = f"{quote(old)} → {quote(new)}" if old and new else f"+{quote(new)}" if new else f"−{quote(old)}"
    return text + (f" in {places:,} places" if places > 1 else "")


def _linked(old: str, new: str, times: int, quote: Quote) -> str:
    places = f" in {times:,} places" if times > 1 else ""
    if old and new:
        return f"link {quote(_short(old))} → {quote(_short(new))}{places}"
    return f"{'+' if new else '−'}link {quote(_short(new or old))}{places}"


def _recast(edits: Iterable[Edit]) -> Iterator[str]:
    """The blocks whose words are the same, and what they have become."""
    for (old, new), times in Counter((edit.old, edit.new) for edit in edits).items():
        if old == new:
            yield f"markup of {counted(times, new)}"
        else:
            yield f"{counted(times, old)} now {counted(times, new) if times > 1 else f'a {new}'}"


def _short(text: str) -> str:
    """The text, cut between words if it is long.

    >>> _short("word " * 30)[-10:]
    'word word…'
    """
    if len(text) <= LONGEST_QUOTE:
        return text
    return text[:LONGEST_QUOTE].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def _times(edits: Iterable[Edit]) -> int:
    return sum(edit.times for edit in edits)


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


LONGEST = 60
"""Characters of a phrase that is quoted as a whole."""

_REACH = 3
"""Tokens in which to look for a word to quote together with a small difference."""


class Phrase(NamedTuple):
    """The old and the new text of a gap, one of which may be empty; `link` tells that they are link targets."""

    old: str
    new: str
    link: bool = False


def phrase_of(old: Side, one: BlockPart, new: Side, other: BlockPart, gap: Gap) -> Phrase | None:
    """A gap as a phrase, with a neighbouring word if it says little by itself; None if it is too long to quote."""
    gone, come = one.tokens[gap.start : gap.end], other.tokens[gap.new_start : gap.new_end]
    if all(token.link for token in (*gone, *come)):
        return Phrase(_target(gone), _target(come), link=True)
    before, after = _beside(one.tokens, gap, gone, come)
    phrase = Phrase(
        old.text(one, gap.start - before, gap.end + after),
        new.text(other, gap.new_start - before, gap.new_end + after),
    )
    return phrase if max(map(len, phrase[:2])) <= LONGEST else None


def _target(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _beside(tokens: Sequence[Token], gap: Gap, gone: Sequence[Token], come: Sequence[Token]) -> tuple[int, int]:
    """How many unchanged tokens before and after the gap to quote with it.

    '2' → '3' says little, 'Claude 2' → 'Claude 3' is clear; a short insertion is quoted between its neighbours.
    """
    least, most = sorted((_letters(gone), _letters(come)))
    one_sided = not (gone and come)
    if not (one_sided and most < 12) and (least >= 3 or (one_sided and most >= 12)):
        return 0, 0
    before = _reach(tokens[max(0, gap.start - _REACH) : gap.start][::-1])
    after = _reach(tokens[gap.end : gap.end + _REACH])
    return (before, after) if one_sided else (before, _currency(tokens, gap.end) if before else after)


def _currency(tokens: Sequence[Token], at: int) -> int:
    """1 if the token at `at` is a currency sign, which is quoted with its amount ('12 €'); else 0."""
    return int(at < len(tokens) and category(tokens[at].text[0]) == "Sc")


def _letters(tokens: Sequence[Token]) -> int:
    return sum(sign.isalpha() for token in tokens for sign in token.text if not token.link)


def _reach(tokens: Sequence[Token]) -> int:
    """How many tokens there are up to and including the next word; 0 if there is none near."""
    return next((k + 1 for k, token in enumerate(tokens) if _is_telling(token.text[0]) and not token.link), 0)


def _is_telling(sign: str) -> bool:
    return sign.isalnum() or category(sign) in ("So", "Sc")  # a symbol such as ©, a currency sign
