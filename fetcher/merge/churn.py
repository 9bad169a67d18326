"""What changes by itself: told by its form, without memory."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fetcher.merge.times import is_date, is_phrase, is_time, words_of
from fetcher.terms.outcomes import Noise

# What pages count by themselves. A number beside such a name is a counter where the two stand alone.
_COUNTED = frozenset(
    """
    view views like likes comment comments reply replies star stars fork forks watching download downloads
    follower followers clap claps share shares review reviews rating ratings vote votes upvotes visit visits online
    subscriber subscribers reaction reactions play plays answer answers
    vues commentaires avis aufrufe kommentare bewertungen vistas comentarios visualizzazioni commenti
    visualizações weergaven reacties просмотров visningar kommentarer wyświetleń komentarzy görüntülenme yorum
    """.split()
)


class Side(NamedTuple):
    """One side of an edit: its text, and what stands before and after it in its block."""

    text: str
    before: str = ""
    after: str = ""


def churn(old: Side, new: Side) -> str:
    """Why an edit is what changes by itself; empty where it is none.

    >>> str(churn(Side("2", "Posted ", " hours ago"), Side("5", "Posted ", " hours ago")))
    'time'
    >>> churn(Side("a week", "Cancel within ", "."), Side("a month", "Cancel within ", "."))
    ''
    """
    if not (old.text or new.text):
        return ""
    if _is_letters(old, new):
        return Noise.LETTERS
    if not (old.before or old.after) and (why := _alone(old.text, new.text)):
        return why
    if is_phrase(*old) and (is_phrase(*new) or is_date(new.text)):
        return Noise.TIME
    if _numeric(old.text) and _numeric(new.text) and _is_counter(old) and _is_counter(new):
        return Noise.COUNTER
    return ""


def _alone(old: str, new: str) -> str:
    """Why two texts are what changes by itself that stand alone."""
    if is_time(old, new):
        return Noise.TIME
    return Noise.COUNTER if _is_tally(old) and _is_tally(new) else ""


def _is_tally(text: str) -> bool:
    """Whether a text is empty, or says when, and how often, and nothing else: "Updated 3 days ago · 1,204 views"."""
    parts = [part.split() for part in _SEPARATOR.split(text) if part.strip()]
    counts = [_is_count(words) for words in parts]
    times = (is_time("", " ".join(words)) for words, is_count in zip(parts, counts, strict=True) if not is_count)
    return not parts or (any(counts) and not all(counts) and all(times))


def _is_count(words: Sequence[str]) -> bool:
    names = [word.lower().rstrip(":") for word in words if not _numeric(word)]
    return 0 < len(names) == len(words) - 1 and _COUNTED.issuperset(names)


def _is_counter(side: Side) -> bool:
    """Whether nothing but the name of what is counted stands beside a number, up to the next bar or dot."""
    before, after = _SEPARATOR.split(side.before)[-1], _SEPARATOR.split(_THOUSANDS.sub("", side.after))[0]
    words = [word for word in words_of(f"{before} {after}") if not word.isdigit()]
    return bool(words) and _COUNTED.issuperset(words)


_THOUSANDS = re.compile(r"^[kKmM]\b")
_SEPARATOR = re.compile(r"[·•|/;–—]|\s-\s|,\s")


def _is_letters(old: Side, new: Side) -> bool:
    """Whether only capitals of words of prose, and signs between its words, are others."""
    if _joined(old).lower() != _joined(new).lower():  # not folded: "Maße" and "Masse" are two words
        return False
    if _joined(old) != _joined(new) and not (_is_plain_word(old) and _is_plain_word(new)):
        return False
    return all(_is_betweenwords_of(*each) for side in (old, new) for each in _signs(side))


def _joined(side: Side) -> str:
    """The words of a text with the one before and the one after it: parts of words may go on there."""
    before, after = side.before.rstrip().rpartition(" "), side.after.lstrip().partition(" ")
    space_before, space_after = " " * side.before.endswith(" "), " " * side.after.startswith(" ")
    return " ".join(_WORD.findall(before[2] + space_before + side.text + space_after + after[0]))


_WORD = re.compile(r"[^\W_]+")


def _glued(side: Side) -> str:
    """The text with what touches it on both sides."""
    before = "" if side.text[:1].isspace() else side.before.rpartition(" ")[2]
    return before + side.text + ("" if side.text[-1:].isspace() else side.after.partition(" ")[0])


def _is_plain_word(side: Side) -> bool:
    """Whether a text begins and ends in words of letters, not in a part of a name such as `Dock.open` or `v2`."""
    return not _NAME.search(_glued(side))


_NAME = re.compile(r"\w[.:/@\\_#]\w|\d[^\W\d_]|[^\W\d_]\d|_|(?:^|\s)[-./@:]+\w|\w\(")


def _signs(side: Side) -> Iterator[tuple[str, str, str]]:
    """Each sign of a text, with the signs that stand beside it: a space where there is none, nothing at the end."""
    text, start = side.before + side.text + side.after, len(side.before)
    raised = {at for match in _RAISED.finditer(text) for at in (match.start(1), match.start(2))}
    for at in range(start, start + len(side.text)):
        sign = "" if at in raised else text[at]
        if sign and not (sign.isalnum() or sign.isspace()):
            yield sign, text[max(0, at - 1) : at], text[at + 1 : at + 2]


_RAISED = re.compile(r"\^(\()[^()]*(\))")  # as some dialects write what stands above the line


# Signs that a text can do with or without.
_QUOTES, _DASHES, _STOPS, _BULLETS = "'\"«»‹›", "-", ".,;:!…¡、。・", "·•"
_PLACES = "¶§#↩↵⤴↑🔗⚓∞\ufe0e\ufe0f"  # that lead to a place of the page, at the end of a block
_SLIPS = "*\\_^`|[]"  # of dialects


def _is_betweenwords_of(sign: str, before: str, after: str) -> bool:
    """Whether a sign only parts or ends words of prose, and is no part of a number, a name or code."""
    inside = before.isalnum() and after.isalnum()
    if sign in _QUOTES:
        return not (before.isdigit() and after.isdigit())
    if sign in _DASHES:
        opens = after.isalnum() and not before.isalnum()
        return not (opens or before in _DASHES or after in _DASHES) and not (
            inside and (before.isdigit() or after.isdigit())
        )
    if sign in _STOPS:
        return not after.isalnum() or sign == "¡"
    if sign in _PLACES:
        return not (after or before.isalnum())
    return sign in _BULLETS or sign in _SLIPS


def _numeric(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text.strip()))


_NUMBER = re.compile(r"[\d.,'\s]*\d[\d.,'\s]*[kKmM+]?")
