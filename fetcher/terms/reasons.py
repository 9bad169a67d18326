"""Why an answer is not the page, and why a difference is not written."""

from enum import StrEnum


class Reason(StrEnum):
    """Why an answer is not the page; the values are what a user writes after `-a accept=`."""

    CHALLENGE = "bot-challenge"
    DENIED = "access-denied"
    LIMITED = "rate-limited"
    LOGIN = "login-wall"
    CONSENT = "consent-wall"
    PAYWALL = "paywall"
    NOT_FOUND = "soft-404"
    MAINTENANCE = "maintenance"
    ERROR = "error-page"
    REDIRECT = "redirect-page"
    DEFAULT = "default-page"
    SHELL = "script-shell"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    GARBLED = "garbled"
    LANGUAGE = "other-language"
    OTHER = "other-page"
    SHRUNK = "shrunk"
    REWRITTEN = "rewritten"
    STATUS = "http-error"


DOUBTS = frozenset({Reason.SHRUNK, Reason.REWRITTEN})
"""Reasons that may as well be a true change: a later visit that shows the same text (`Verdict.sketch`) settles them."""


class Noise(StrEnum):
    """Kinds of differences that are held back.

    `-a accept=` takes those of `ACCEPTABLE`.
    """

    TIME = "time"  # relative times, and dates in their place
    COUNTER = "counter"  # numbers of views, likes, comments
    LETTERS = "letters"  # capitals, quotes, dashes and stops of prose, where nothing else in the block changes
    EDGES = "edges"  # menus before the text, lists of other pages after it
    CHURN = "churn"  # what memory knows to change by itself: lists that rotate, values that come back
    LINK = "link"  # a link that leads elsewhere, which cannot be found in the stored source
    CONFLICT = "conflict"  # what a person edited, and the page changed too
    IMPORTER = "importer"  # what an importer wrote otherwise than the page has it, and that tells of no change
    UNWRITABLE = "unwritable"  # what cannot be written without breaking what stands around it
    UNCONFIRMED = "unconfirmed"  # what only one of two fetches showed
    REPRESENTATION = "representation"  # what only one of a page's HTML and its Markdown shows
    AGENT_NOTE = "agent-note"  # text that a host puts into Markdown for programs that read it
    WAVE = "wave"  # what came, went or changed alike on many pages of a host in one run, until it lasts
    RULE = "rule"  # what a rule of sites.yaml ignores


_SETTLED_OTHERWISE = frozenset({Noise.CONFLICT, Noise.UNWRITABLE, Noise.UNCONFIRMED, Noise.REPRESENTATION})

ACCEPTABLE = frozenset[str]({*Reason, *Noise} - _SETTLED_OTHERWISE)
"""What `-a accept=` takes.

Whose text wins a conflict is an argument of its own, two others are settings, and what cannot be written needs a hand.
"""
