"""What tells versions of an answer apart: what the server says of them, and a digest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Sent back as it came, so it must be one line of what a header can carry; real ones have under a hundred characters.
_SENDABLE = re.compile(r"[\x20-\x7e\x80-\xff]{1,1000}")


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to tell versions of a page apart: `ETag` and `Last-Modified`, as they stood in the answer."""

    etag: str = ""
    last_modified: str = ""


def of(headers: Mapping[str, str]) -> Validators:
    """The validators among the headers of an answer, which have lower-case names.

    >>> of({"etag": 'W/"1a"', "content-type": "text/html"})
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
