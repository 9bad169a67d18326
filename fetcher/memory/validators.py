"""Whether a page has to be looked at again: what to ask the server, and when its answer can be believed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from fetcher.memory.memory import Look, Memory

# Apache's tag of what it compresses, and then does not know itself: it looks for that of the file.
_COMPRESSED = re.compile(r'(.+)-(?:gzip|br|deflate|zstd)"')
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


def conditions(memory: Memory, mark: bytes, url: str, now: datetime, recheck: timedelta) -> dict[str, str]:
    """The headers that make a request conditional; none where the page has to be seen whatever the server says.

    `mark` is the fingerprint of the page's seeds, and `url` the address that is about to be asked. Only the one that
    answered the last time may be asked in this way: behind a redirect that leads elsewhere by now, an old
    `Last-Modified` is true of another page.
    """
    asked = url == memory.final_url and same_eyes(memory, mark) and memory.trusted
    if not asked or memory.good is None or now - memory.good >= _patience(url, recheck):
        return {}
    headers = {"If-None-Match": _tags(memory.validators.etag), "If-Modified-Since": memory.validators.last_modified}
    return {name: value for name, value in headers.items() if value}


def same_bytes(memory: Memory, digest: bytes, mark: bytes) -> bool:
    """Whether an answer is byte for byte the one that was last read, and would be read in the same way."""
    return same_eyes(memory, mark) and memory.digest == digest


def same_eyes(memory: Memory, mark: bytes) -> bool:
    """Whether looking at the same page again would show nothing new: same code, same seeds, nothing left open."""
    return memory.fingerprint == mark != b"" and not memory.unsettled


def trusted(memory: Memory, look: Look) -> bool:
    """Whether a server's validators tell versions of a page apart, after a look at it.

    A page that changed under the validators that it had before proves that they do not; one that changed together
    with them that they do.
    """
    if not look.changed or look.final_url != memory.final_url or look.digest == memory.digest:
        return memory.trusted
    return look.validators != memory.validators


def digest(body: bytes, coding: bytes = b"") -> bytes:
    """Sixteen bytes that differ where two answers do: of the body as it was sent, and its `Content-Encoding`.

    Compressed it has a fifth of the size, and one that is known need not even be unpacked: that is half of what it
    costs to download a page. A server that compresses the same page otherwise each time costs a look at it.
    """
    hashed = hashlib.blake2b(coding + b"\n", digest_size=16)
    hashed.update(body)
    return hashed.digest()


def _tags(etag: str) -> str:
    compressed = _COMPRESSED.fullmatch(etag)
    return f'{etag}, {compressed[1]}"' if compressed else etag


def _sendable(value: str) -> str:
    return value if _SENDABLE.fullmatch(value) else ""


def _patience(url: str, recheck: timedelta) -> timedelta:
    # Pages that were first seen in the same run would all be asked for in full in the same later one: each has its
    # own share of the time, between half and all of it.
    share = hashlib.blake2b(url.encode(), digest_size=1).digest()[0] / 255
    return recheck * (0.5 + share / 2)
