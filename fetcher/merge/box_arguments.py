"""Compares the text in a line that opens a box, the argument of a directive, with what the page makes of it."""

import re

from fetcher.align import align, hunks_between

_WORD = re.compile(r"\d+|[^\W\d]+")
_TELLING = 4  # words that make a text; fewer are a value, as a version is


def exchanged(text: str, other: str) -> str | None:
    """A text with the words of another one, if they are the same but for changes; None if they share too few.

    Signs stay as they are. Words that only one text has before all others, or behind a value, are a generator's.

    >>> exchanged("3.2", "Added in version 3.3:")
    '3.3'
    >>> exchanged("Added in version 3.3:", "3.2")
    'Added in version 3.2:'
    >>> exchanged("2.5 The lid of the *old* pot.", "Changed in version 2.5: The lid of the new pot.")
    '2.5 The lid of the *new* pot.'
    """
    spans, others = [*_WORD.finditer(text)], [*_WORD.finditer(other)]
    one, two = [each[0] for each in spans], [each[0] for each in others]
    matches, size = align(one, two), min(len(one), len(two))
    if not matches or sum(match.size for match in matches) * 2 < size:
        return None
    out, end = list[str](), 0
    for hunk in hunks_between(matches, len(one), len(two)):
        old, new = spans[hunk.start_a : hunk.end_a], others[hunk.start_b : hunk.end_b]
        both = min(len(old), len(new))
        if hunk.start_a == 0 or hunk.start_b == 0:
            old, new = old[len(old) - both :], new[len(new) - both :]
        elif size < _TELLING and (hunk.end_a == len(one) or hunk.end_b == len(two)):
            old, new = old[:both], new[:both]
        if old or new:
            start = old[0].start() if old and new else spans[hunk.start_a - 1].end()
            added = other[new[0].start() : new[-1].end()] if new else ""
            out += [text[end:start], "" if old or not new else " ", added]
            end = old[-1].end() if old else start
    return "".join([*out, text[end:]])
