"""Compares the text in a line that opens a box, its argument or title, with what the page makes of it."""

import re

from fetcher.align import align, hunks_between

_WORD = re.compile(r"\d+|[^\W\d]+")
_VALUE = re.compile(r"\S*\d\S*")  # that a page shows in a sentence, as a version
_SENTENCE = re.compile(r"[:：。]\s*\w|\.\s+\w")  # that follows another one


def exchanged(text: str, other: str) -> str | None:
    """A text with the words of another one, if they are the same but for changes; None if they share too few.

    Signs stay as they are. Words that only one text has before all others, or behind a value, are a generator's; but
    no sentence behind a value is.

    >>> exchanged("3.2", "Added in version 3.3:")
    '3.3'
    >>> exchanged("Added in version 3.3:", "3.2")
    'Added in version 3.2:'
    >>> exchanged("2.5 The lid of the *old* pot.", "Changed in version 2.5: The lid of the new pot.")
    '2.5 The lid of the *new* pot.'
    """
    spans, others = [*_WORD.finditer(text)], [*_WORD.finditer(other)]
    one, two = [each[0] for each in spans], [each[0] for each in others]
    matches, of_value = align(one, two), is_value(text) or is_value(other)
    if not matches or sum(match.size for match in matches) * 2 < min(len(one), len(two)):
        return None
    last = matches[-1]
    tails = text[spans[last.end_a - 1].end() :], other[others[last.end_b - 1].end() :]
    if of_value and any(map(_SENTENCE.search, tails)):
        return None
    out, end = list[str](), 0
    for hunk in hunks_between(matches, len(one), len(two)):
        old, new = spans[hunk.start_a : hunk.end_a], others[hunk.start_b : hunk.end_b]
        both = min(len(old), len(new))
        if hunk.start_a == 0 or hunk.start_b == 0:
            old, new = old[len(old) - both :], new[len(new) - both :]
        elif of_value and (hunk.end_a == len(one) or hunk.end_b == len(two)):
            old, new = old[:both], new[:both]
        if old or new:
            start = old[0].start() if old and new else spans[hunk.start_a - 1].end()
            added = other[new[0].start() : new[-1].end()] if new else ""
            out += [text[end:start], "" if old or not new else " ", added]
            end = old[-1].end() if old else start
    return "".join([*out, text[end:]])


def is_value(text: str) -> bool:
    """Whether a text is a value, which a page shows in a sentence, as a version.

    >>> is_value("3.2"), is_value("A lid")
    (True, False)
    """
    return _VALUE.fullmatch(text) is not None


def unprefixed(line: str, text: str) -> str | None:
    """A line without the text that it begins with, whatever emphasis that has; None if it does not begin with it."""
    marks = r"[*_\\]*"
    words = rf"{marks}\s*".join(map(re.escape, text.replace(" ", "")))
    found = re.match(rf"([ \t>]*){marks}{words}{marks}\s*", line)
    return found[1] + line[found.end() :] if found else None
