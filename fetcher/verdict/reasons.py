"""Why an answer is not the page."""

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
