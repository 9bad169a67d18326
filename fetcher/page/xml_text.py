"""Removes the characters that XML does not allow, as lxml refuses to put them into a tree."""

import re

_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """The text without characters that XML does not allow; a parsed page may have some from character references.

    >>> xml_text("a\\x1cb")
    'ab'
    """
    return _ILLEGAL.sub("", text)
