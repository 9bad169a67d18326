"""Whether two texts resemble each other, told by small sketches of them that a memory can hold."""

import hashlib
from heapq import nsmallest

# Two texts rarely share so many letters in a row by chance.
_RUN = 12
# Of all runs of a text those with the smallest hashes, which are a fair sample that two texts take alike (Broder,
# On the resemblance and containment of documents, 1997): with a hundred of them, the share is right within a twentieth.
_SIZE = 100
_DIGITS = 8
# The share of all their runs that two texts have in common when three quarters of either are in the other. A list that
# rotates is a smaller part of a page's text than the fourth; pages that are broken in two ways share their frame only.
_ALIKE = 0.6


def sketch(letters: str) -> str:
    """A text, given as its letters, in so few signs that it can be remembered."""
    runs = {letters[at : at + _RUN] for at in range(len(letters) - _RUN + 1)}
    return "".join(nsmallest(_SIZE, {_hashed(run) for run in runs}))


def alike(one: str, other: str) -> bool:
    """Whether the texts of two sketches are the same in most of what they say.

    >>> text = "".join(f"line{number}says{number * 7919}" for number in range(100))
    >>> alike(sketch(text), sketch(text + "andthisisnew")), alike(sketch(text), sketch(text[:600]))
    (True, False)
    """
    first, second = _hashes(one), _hashes(other)
    together = sorted(first | second)[:_SIZE]
    return len(first & second & {*together}) >= _ALIKE * len(together)


def _hashed(run: str) -> str:
    return hashlib.blake2b(run.encode("utf-8", "replace"), digest_size=_DIGITS // 2).hexdigest()


def _hashes(sketch: str) -> set[str]:
    return {sketch[at : at + _DIGITS] for at in range(0, len(sketch), _DIGITS)}
