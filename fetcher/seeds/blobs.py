"""The name under which git keeps a file's content."""

import hashlib


def name(content: bytes) -> str:
    """What `git hash-object` says of the content where no filter (line ends, large files) changes it on its way in.

    >>> name(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
