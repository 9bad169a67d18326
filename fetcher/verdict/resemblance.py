"""Recognises a text that was seen before by its MinHash sketch of 800 characters."""

import hashlib
from heapq import nsmallest

# Letters of a shingle: two texts rarely share so many in a row by chance.
_RUN = 12
# MinHash: a sketch is the smallest hashes of all shingles, a fair sample that two texts draw alike (Broder, On the
# resemblance and containment of documents, 1997). With a hundred hashes the estimate is right within a twentieth.
_SIZE = 100
_DIGITS = 8
# The share of common shingles if three quarters of each text are in the other. A rotating list is less than a quarter
# of a page's text; pages that are broken in two different ways share only their frame.
_ALIKE = 0.6


def minhash_sketch(letters: str) -> str:
    """The MinHash sketch of a text (given as its letters), by which a later visit can recognise it."""
    runs = {letters[at : at + _RUN] for at in range(len(letters) - _RUN + 1)}
    return "".join(nsmallest(_SIZE, {_hashed(run) for run in runs}))


def similar(one: str, other: str) -> bool:
    """Whether the texts of two sketches are mostly the same.

    >>> text = "".join(f"line{number}says{number * 7919}" for number in range(100))
    >>> texts = text, text + "andthisisnew", text[:600]
    >>> [similar(minhash_sketch(text), minhash_sketch(other)) for other in texts]
    [True, True, False]
    """
    first, second = _hashes(one), _hashes(other)
    together = sorted(first | second)[:_SIZE]
    return len(first & second & {*together}) >= _ALIKE * len(together)


def _hashed(run: str) -> str:
    return hashlib.blake2b(run.encode("utf-8", "replace"), digest_size=_DIGITS // 2).hexdigest()


def _hashes(sketch: str) -> set[str]:
    return {sketch[at : at + _DIGITS] for at in range(0, len(sketch), _DIGITS)}
