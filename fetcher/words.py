"""Canonical words: what a reader sees of a text, whatever dialect or markup wrote it."""

import re
import unicodedata

# What has no width or shows only where a line breaks: it comes and goes with a converter's version.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
# Typographic signs that importers write as plain ones, and the other way round. NFKC folds the rest
# (ligatures, full width, no-break spaces, the ellipsis).
# Stands for a "<" that CommonMark must not read as the start of a tag.
LESS_THAN = "\ue000"
_PLAIN = str.maketrans({LESS_THAN: "<", **dict.fromkeys("‘’‚‛′`´", "'"), **dict.fromkeys("“”„‟″", '"'), **dict.fromkeys("‐‑‒–—―−", "-")})
_PIECE = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
# Scripts written without spaces: every sign is a piece of its own.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
# A word is also cut where a small letter meets a capital: markup that separates two words (`<a>One</a><a>Two</a>`)
# may be lost by one converter and written as a space by another.
_CASE = re.compile(rf"[{_UNSPACED}]|[^{_UNSPACED}]+")


def fold(text: str) -> str:
    """The text with signs that look alike made equal; white space is left alone."""
    if text.isascii():
        return text.replace("`", "'")
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_PLAIN)


def pieces(text: str) -> list[str]:
    """The words and signs of a text, in order, white space left out.

    Joined, they are the text without white space: two texts read the same if these joins are equal.

    >>> pieces("It’s 2025previous OneTwo")
    ['It', "'", 's', '2025', 'previous', 'One', 'Two']
    """
    return read(text)[0]


def read(text: str) -> tuple[list[str], bytearray]:
    """The words and signs of a text, and for each whether it touches the one before, no white space between.

    The first touches if no white space is before it.
    """
    found: list[str] = []
    touching = bytearray()
    end = 0
    for match in _PIECE.finditer(fold(text)):
        piece = match[0]
        touching.append(match.start() == end)
        end = match.end()
        if len(piece) == 1 or (piece.isascii() and piece[1:].islower()) or piece.isdigit():
            found.append(piece)
        else:
            parts = _cut(piece)
            found.extend(parts)
            touching.extend(b"\1" * (len(parts) - 1))
    return found, touching


def _cut(piece: str) -> list[str]:
    """A run of letters cut at small-to-capital borders, and into signs where the script has no spaces."""
    found = []
    for part in _CASE.findall(piece):
        start = 0
        for at in range(1, len(part)):
            if part[at].isupper() and (not part[at - 1].isupper() or part[at + 1 : at + 2].islower()):
                found.append(part[start:at])
                start = at
        found.append(part[start:])
    return found
