"""Removes the characters that XML does not allow, as lxml refuses to put them into a tree."""

import re

# Compiling takes as long as there are characters in the class, so the few that are illegal are named.
_ILLEGAL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """The text without characters that XML does not allow; a parsed page may have some from character references.

    >>> xml_text("a\\x1cb")
    'ab'
    """
    return _ILLEGAL.sub("", text)
