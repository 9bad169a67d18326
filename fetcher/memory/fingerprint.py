"""With which eyes a page was looked at: the code that reads it, and the seeds that it is read for."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# The packages whose versions decide what a page reads as.
_READERS = ("cmarkgfm", "lxml", "markdownify", "rapidfuzz", "w3lib")


@cache
def of_code() -> bytes:
    """Sixteen bytes that differ between versions of this program and of the packages that it reads pages with.

    Taken from the sources themselves: a number that somebody has to raise is forgotten once.
    """
    hashed = hashlib.blake2b(digest_size=16)
    for name in _READERS:
        hashed.update(f"{name} {metadata.version(name)}\n".encode())
    root = Path(__file__).parents[1]
    for source in sorted(root.rglob("*.py")):
        hashed.update(f"{source.relative_to(root).as_posix()}\n".encode())
        hashed.update(source.read_bytes())
    return hashed.digest()


def of_page(seeds: Iterable[tuple[str, bytes]], accept: Iterable[str] = ()) -> bytes:
    """Sixteen bytes for this code, the reasons that a run accepts, and the path and the text's digest of each seed.

    A visit with the same fingerprint, to a page with the same bytes, ends as the last one did.
    """
    hashed = hashlib.blake2b(of_code(), digest_size=16)
    hashed.update(f"{' '.join(sorted(accept))}\n".encode())
    for path, digest in sorted(seeds):
        hashed.update(f"{len(path)} {path} ".encode("utf-8", "surrogateescape"))
        hashed.update(digest)
    return hashed.digest()
