"""What a site says, in the big languages, instead of showing the page that was asked for."""

import re
from collections.abc import Iterable
from enum import Enum, auto
from pathlib import Path

from fetcher.verdict.sight import Sight, plain


class Notice(Enum):
    """A kind of notice, named as the section of `wordings.txt` that holds its wordings."""

    NOT_FOUND = auto()
    ERROR = auto()
    MAINTENANCE = auto()
    CHALLENGE = auto()
    SCRIPT = auto()
    LOADING = auto()
    DENIED = auto()
    LIMITED = auto()
    LOGIN = auto()
    CONSENT = auto()
    PAYWALL = auto()
    REDIRECT = auto()
    DEFAULT = auto()


def _read(text: str) -> dict[Notice, tuple[str, ...]]:
    wordings: dict[Notice, list[str]] = {kind: [] for kind in Notice}
    section: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            section = wordings[Notice[line[1 : line.index("]")]]]
        elif line and not line.startswith("#"):
            section.extend(plain(wording) for wording in line.split(" | "))
    return {kind: tuple(found) for kind, found in wordings.items()}


_WORDINGS = _read(Path(__file__).with_name("wordings.txt").read_text(encoding="utf-8"))

# A notice is a sentence of its own or one part of a title.
_SENTENCE = re.compile(r"(?:[.!?|;»«·•…。！？｜]+\s*|\s[-/]\s)+")
# What may stand beside it in the sentence: an "Oops", a "Sorry", a code, a name. "Loading" is said alone.
_BESIDE = 16
_BESIDE_OF = {Notice.LOADING: 2}
# A status said aloud is a sentence of its own.
_STATUS = re.compile(
    r"(?:http |error |erreur |fehler |errore |erro |fout |błąd |ошибка |错误 ?|エラー ?|오류 ?){0,2}([45]\d\d)"
)
_STATUS_KINDS = {
    "401": Notice.DENIED,
    "403": Notice.DENIED,
    "404": Notice.NOT_FOUND,
    "410": Notice.NOT_FOUND,
    "429": Notice.LIMITED,
    "451": Notice.DENIED,
    "500": Notice.ERROR,
    "502": Notice.ERROR,
    "503": Notice.ERROR,
    "504": Notice.ERROR,
}


def said(kind: Notice, lines: Iterable[str]) -> str | None:
    """The first of `lines` with a sentence that is a notice of this kind and hardly anything else; None without one.

    >>> said(Notice.NOT_FOUND, ["Oops! This page isn't available."]) is not None
    True
    >>> said(Notice.NOT_FOUND, ["Page not found?", "A page not found is worse than a slow one"]) is None
    True
    """
    for line in lines:
        if line.endswith(("?", "？", "؟")) and kind is not Notice.CHALLENGE:
            continue  # who asks explains; only a challenge asks the visitor
        for sentence in _SENTENCE.split(line.casefold()):
            if sentence and (_status(sentence) is kind or _is(kind, sentence)):
                return line
    return None


def mentioned(kind: Notice, sight: Sight) -> str | None:
    """The first line of the page's main part that holds a wording of this kind anywhere; None without one."""
    text = "\n".join(sight.lines)
    present = [wording for wording in _WORDINGS[kind] if wording in text]
    return next((line for line in sight.lines for wording in present if wording in line), None)


def _is(kind: Notice, sentence: str) -> bool:
    beside = _BESIDE_OF.get(kind, _BESIDE)
    return any(wording in sentence and len(sentence) - len(wording) <= beside for wording in _WORDINGS[kind])


def _status(sentence: str) -> Notice | None:
    match = _STATUS.fullmatch(sentence)
    return _STATUS_KINDS.get(match[1]) if match else None
