"""Fingerprints of answers (digests, ETags), of this program's code, and of seeds, to see whether anything changed."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Validators are sent back as they came, so they have to be valid header values; real ones are below 100 characters.
_SENDABLE = re.compile(r"[\x20-\x7e\x80-\xff]{1,1000}")


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators of an answer: its `ETag` and `Last-Modified` headers, as they were sent."""

    etag: str = ""
    last_modified: str = ""


def validators_of(headers: Mapping[str, str]) -> Validators:
    """The validators among the headers of an answer; header names are in lower case.

    >>> validators_of({"etag": 'W/"1a"', "content-type": "text/html"})
    Validators(etag='W/"1a"', last_modified='')
    """
    return Validators(_sendable(headers.get("etag", "")), _sendable(headers.get("last-modified", "")))


def digest(body: bytes, coding: bytes = b"") -> bytes:
    """A digest (16 bytes) of the body as it was sent, compressed or not, and of its `Content-Encoding`.

    A body with a known digest need not even be decompressed, which is half of the cost of downloading a page. If a
    server compresses the same page differently each time, the page is read again. SHA-256 has hardware support, and
    takes a third of the time of BLAKE2.
    """
    hashed = hashlib.sha256(coding + b"\n")
    hashed.update(body)
    return hashed.digest()[:16]


def _sendable(value: str) -> str:
    return value if _SENDABLE.fullmatch(value) else ""


# The packages whose versions influence how a page is read.
_READERS = ("cmarkgfm", "lxml", "markdownify", "rapidfuzz", "w3lib")


@cache
def of_code() -> bytes:
    """A fingerprint (16 bytes) of the version of this program and of the packages that it reads pages with.

    It is computed from the source files: a version number that has to be raised by hand would be forgotten some day.
    """
    hashed = hashlib.sha256()
    for name in _READERS:
        hashed.update(f"{name} {metadata.version(name)}\n".encode())
    root = Path(__file__).parents[1]
    for source in sorted(_sources(root)):
        hashed.update(f"{source}\n".encode())
        hashed.update((root / source).read_bytes())
    return hashed.digest()[:16]


def _sources(root: Path) -> Iterator[str]:
    """The paths of all modules in a folder, relative to it; `rglob` takes twice as long."""
    before = len(str(root)) + 1
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(".py"):
                yield f"{folder}/{name}"[before:].replace(os.sep, "/")


def of_page(seeds: Iterable[tuple[str, bytes]], accept: Iterable[str] = ()) -> bytes:
    """A fingerprint (16 bytes) of the code, the reasons that a run accepts, and the path and text digest of each seed.

    A visit with the same fingerprint to a page with the same bytes ends as the last one did.
    """
    hashed = hashlib.blake2b(of_code(), digest_size=16)
    hashed.update(f"{' '.join(sorted(accept))}\n".encode())
    for path, digest in sorted(seeds):
        hashed.update(f"{len(path)} {path} ".encode("utf-8", "surrogateescape"))
        hashed.update(digest)
    return hashed.digest()
