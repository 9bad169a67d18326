"""What changed in a page, in words: the edits summed up as a reviewer would put it, and quoted as somebody would."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category

from fetcher.report.changes import ADDED, CHANGED, LINKED, MARKUP, MOVED, REMOVED, REPLACED
from fetcher.report.outline import HEADING, KINDS
from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fetcher.report.changes import Change, Edit
    from fetcher.report.outline import Token
    from fetcher.report.pairing import BlockPart, Gap, Side

    Quote = Callable[[str], str]

MOST_PHRASES = 3
"""Replaced phrases that are quoted, those in most places first; the blocks of others are counted."""
MOST_FACTS = 6
LAYOUT = "blank lines and rules only"
"""Said of a change in which no word has a part."""
LONGEST_QUOTE = 80

_SIGNS = {ADDED: "+", REMOVED: "−"}
_VERBS = {MOVED: "moved", CHANGED: "reworded"}
_MOST_HEADINGS = 2


def plain(text: str) -> str:
    """A text from a page in quotes, for where nothing is markup."""
    return f"‘{text}’"


def in_words(edits: Sequence[Edit], quote: Quote = plain) -> str:
    """The edits in words, whole blocks first; each word of the page passes through `quote`.

    A heading that all of them stand under is named once, where it would be named more often.

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
    """What changed in a seed, in words without markup; `filled` tells that it had no body before."""
    if not change.hunks:
        keys = {line.text.partition(":")[0] for line in change.front if not line.text.startswith((" ", "-", "#"))}
        return f"front matter: {', '.join(sorted(keys))}" if keys else ""
    return contents(change.edits) if filled else in_words(change.edits) or LAYOUT


def contents(edits: Iterable[Edit]) -> str:
    """How many blocks of each kind were added: what a page holds that was empty.

    >>> from fetcher.report.changes import Edit
    >>> contents([Edit("added", kind, "", "", "", "", 0) for kind in ("row", "heading", "row")])
    '1 heading and 2 rows'
    """
    counts: Counter[str] = Counter()
    for edit in edits:
        counts[edit.kind] += edit.times
    return _and([counted(counts[kind], kind) for kind in KINDS if counts[kind]])


def _sections(edits: Sequence[Edit]) -> tuple[dict[str, list[Edit]], list[Edit]]:
    """New headings with what is new under them, and the other edits."""
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
    """The phrases that are quoted, with their places; all other edits, with blocks in place of other phrases."""
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
    """What happened to blocks of a kind, by the heading above; in one sum where there are many headings."""
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
    """A count of blocks of a kind, and what happened to them.

    >>> _happened("added", "row", 2), _happened("moved", "list item", 1, " under A")
    ('+2 rows', '1 list item under A moved')
    """
    if what in _SIGNS:
        return f"{_SIGNS[what]}{counted(times, kind)}{place}"
    return f"{counted(times, kind)}{place} {_VERBS[what]}"


def _sample(edits: Sequence[Edit], quote: Quote) -> str:
    """The words of a single block that came or went, or gave way to others."""
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
    """Blocks whose words are the same, and what they are now."""
    for (old, new), times in Counter((edit.old, edit.new) for edit in edits).items():
        if old == new:
            yield f"markup of {counted(times, new)}"
        else:
            yield f"{counted(times, old)} now {counted(times, new) if times > 1 else f'a {new}'}"


def _short(text: str) -> str:
    """The text, cut between words where it is long.

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
"""Characters of a phrase that is worth quoting as a whole."""

_REACH = 3
"""Tokens that are looked through for a word to quote with a small difference."""


class Phrase(NamedTuple):
    """What stood there and what does; one of them may be empty. `link` tells that both are targets of a link."""

    old: str
    new: str
    link: bool = False


def phrase_of(old: Side, one: BlockPart, new: Side, other: BlockPart, gap: Gap) -> Phrase | None:
    """A gap as a phrase, with a word beside it where it says little by itself; None where it is too long to quote."""
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
    """How many tokens before and after the gap, which are the same on both sides, are quoted with it.

    '2' that became '3' says little, 'Claude 2' that became 'Claude 3' all; a word that came in is quoted between two.
    """
    least, most = sorted((_letters(gone), _letters(come)))
    one_sided = not (gone and come)
    if not (one_sided and most < 12) and (least >= 3 or (one_sided and most >= 12)):
        return 0, 0
    before = _reach(tokens[max(0, gap.start - _REACH) : gap.start][::-1])
    after = _reach(tokens[gap.end : gap.end + _REACH])
    return (before, after) if one_sided else (before, _currency(tokens, gap.end) if before else after)


def _currency(tokens: Sequence[Token], at: int) -> int:
    """1 where a sign of a currency stands there: an amount is quoted with it ('12 €')."""
    return int(at < len(tokens) and category(tokens[at].text[0]) == "Sc")


def _letters(tokens: Sequence[Token]) -> int:
    return sum(sign.isalpha() for token in tokens for sign in token.text if not token.link)


def _reach(tokens: Sequence[Token]) -> int:
    """How many tokens lie up to the next one that is a word; 0 where there is none near."""
    return next((k + 1 for k, token in enumerate(tokens) if _is_telling(token.text[0]) and not token.link), 0)


def _is_telling(sign: str) -> bool:
    return sign.isalnum() or category(sign) in ("So", "Sc")  # a symbol such as ©, a currency
