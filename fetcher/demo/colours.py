"""A patch in the colours that reviewers are used to."""

_COLOURS = {"+++": "1", "---": "1", "diff": "1", "@@": "36", "+": "32", "-": "31"}
"""The beginning of a line, the longest first, and its colour as terminals count them; 1 is bold."""


def coloured(patch: str) -> str:
    """The patch with each line coloured by its first sign.

    >>> coloured("+new").encode()
    b'\\x1b[32m+new\\x1b[m'
    """
    return "\n".join(map(_coloured, patch.split("\n")))


def _coloured(line: str) -> str:
    colour = next((colour for start, colour in _COLOURS.items() if line.startswith(start)), "")
    return f"\x1b[{colour}m{line}\x1b[m" if colour else line
