"""Text of pages, paths and servers as a browser may show it."""

import re

# Controls, of which tab and line feed alone mean something; signs that turn the direction of what follows, in which
# a text can pretend to be another; halves of signs, which no file can hold; and what is no sign at all.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def visible(text: str) -> str:
    """The text with � for each sign that would not be seen or would change how others are seen.

    >>> visible("a\\x1bb\\u202ec")
    'a�b�c'
    """
    return text if text.isascii() and text.isprintable() else _UNSHOWN.sub("�", text)
