"""Fingerprints: what tells apart versions of an answer, and of those who read it: the code and the seeds."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Sent back as it came, so it must be one line of what a header can carry; real ones have under a hundred characters.
_SENDABLE = re.compile(r"[\x20-\x7e\x80-\xff]{1,1000}")


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to tell versions of a page apart: `ETag` and `Last-Modified`, as they stood in the answer."""

    etag: str = ""
    last_modified: str = ""


def validators_of(headers: Mapping[str, str]) -> Validators:
    """The validators among the headers of an answer, which have lower-case names.

    >>> validators_of({"etag": 'W/"1a"', "content-type": "text/html"})
    Validators(etag='W/"1a"', last_modified='')
    """
    return Validators(_sendable(headers.get("etag", "")), _sendable(headers.get("last-modified", "")))


def digest(body: bytes, coding: bytes = b"") -> bytes:
    """Sixteen bytes that differ where two answers do: of the body as it was sent, and its `Content-Encoding`.

    Compressed it has a fifth of the size, and one that is known need not even be unpacked: that is half of what it
    costs to download a page. A server that compresses the same page otherwise each time costs a look at it.
    Processors compute SHA-256 themselves, in a third of the time that BLAKE2 takes.
    """
    hashed = hashlib.sha256(coding + b"\n")
    hashed.update(body)
    return hashed.digest()[:16]


def _sendable(value: str) -> str:
    return value if _SENDABLE.fullmatch(value) else ""


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
