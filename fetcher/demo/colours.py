"""A patch in the colours that reviewers are used to."""

from fetcher.report.colours import painted

_COLOURS = {"+++": "bold", "---": "bold", "diff": "bold", "@@": "cyan", "+": "green", "-": "red"}
"""The beginning of a line, the longest first, and its colour."""


def coloured(patch: str) -> str:
    """The patch with each line coloured by its first sign.

    >>> coloured("+new").encode()
    b'\\x1b[32m+new\\x1b[m'
    """
    return "\n".join(map(_coloured, patch.split("\n")))


def _coloured(line: str) -> str:
    return painted(line, next((colour for start, colour in _COLOURS.items() if line.startswith(start)), "none"))
