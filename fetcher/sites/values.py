"""Checks and converts single values of `sites.yaml`, one function for each type; a ValueError says what is allowed."""

from __future__ import annotations

import math
import re
from datetime import timedelta

from fetcher.sites.rules import KINDS, RENDERS, Selector, Step
from fetcher.terms.outcomes import ACCEPTABLE

VARIABLE = re.compile(r"\$\{[A-Za-z_]\w*\}")
"""A reference to an environment variable."""

_HOST = re.compile(r"(?:\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:]+\])")
_AUTH = re.compile(r"netrc \S+|bearer \$\{[A-Za-z_]\w*\}|basic \$\{[A-Za-z_]\w*\} \$\{[A-Za-z_]\w*\}")
_PROXY = re.compile(r"https?://(?:(?P<user>[^@/]*)@)?(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?/?")
_AGE = re.compile(r"(\d{1,5}) ?([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_LONGEST_STEP = 200  # characters


def host(text: str) -> str:
    """A host name, or a pattern such as `*.example.org`."""
    if not _HOST.fullmatch(text.lower()):
        raise ValueError(f"{text} is no host, such as docs.example.org, *.example.org or *; paths stand under `path`")
    return text.lower()


def path(text: str) -> str:
    """A shell pattern of paths."""
    if not text.startswith(("/", "*")):
        raise ValueError(f"{text} does not begin with /, as in /guide/*")
    return text


def selector(text: str) -> Selector:
    """A CSS selector."""
    from cssselect import HTMLTranslator, SelectorError  # noqa: PLC0415  # slow to import, rarely needed
    from lxml import etree  # noqa: PLC0415

    try:
        xpath = HTMLTranslator().css_to_xpath(text)
        etree.XPath(xpath)
    except (SelectorError, etree.XPathError, RecursionError) as error:
        raise ValueError(f"{text!r} is no CSS selector: {error}") from error
    return Selector(text, xpath)


def pattern(text: str) -> str:
    """A regular expression of RE2, or a kind of change."""
    from fetcher.sites.trimming import compiled  # noqa: PLC0415  # slow to import, rarely needed

    if text not in KINDS and (compiled(text).search("") or not text.strip()):
        raise ValueError(f"{text!r} is found in an empty text, and so everywhere")
    return text


def reason(text: str) -> str:
    """A reason that `accept` takes."""
    if text not in ACCEPTABLE:
        raise ValueError(f"{text} is no reason; known are {', '.join(sorted(ACCEPTABLE))}")
    return text


def representation(text: str) -> str:
    """The representation to request: `markdown`, or empty for HTML."""
    if text not in ("html", "markdown"):
        raise ValueError(f"{text} is neither html nor markdown")
    return "" if text == "html" else text


def auth(text: str) -> str:
    """How a login is sent."""
    if not _AUTH.fullmatch(text):  # the text is not shown, as it may be a secret
        raise ValueError("takes `netrc NAME`, `bearer ${NAME}` or `basic ${NAME} ${NAME}`, and no secret itself")
    return text


def proxy(text: str) -> str:
    """The URL of a proxy."""
    if VARIABLE.fullmatch(text):
        return text
    found = _PROXY.fullmatch(text)
    if not found:
        raise ValueError("takes an address such as http://proxy.example:3128, or ${NAME}")
    if found["user"] is not None and not re.fullmatch(r"\$\{\w+\}(:\$\{\w+\})?", found["user"]):
        raise ValueError("holds a name or a password: write ${NAME} in their place")
    return text


def seconds(text: str) -> float:
    """A number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise ValueError(f"{text} is no number of seconds")
    return value


def number(text: str) -> int:
    """A number of concurrent requests."""
    if not text.isdecimal() or not 1 <= int(text) <= 16:
        raise ValueError(f"{text} is no number of requests at a time, from 1 to 16")
    return int(text)


def switch(text: str) -> bool:
    """The value of `true` or `false`."""
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text} is neither true nor false")
    return text.lower() == "true"


def age(text: str) -> timedelta:
    """An age such as `30d`."""
    found = _AGE.fullmatch(text)
    if not found:
        raise ValueError(f"{text} is no age such as 12h, 30d or 2w")
    return timedelta(hours=int(found[1]) * _HOURS[found[2]])


def render(text: str) -> str:
    """One of `RENDERS`."""
    if text not in RENDERS:
        raise ValueError(f"{text} is none of {', '.join(RENDERS)}")
    return text


def step(text: str) -> Step:
    """A browser step."""
    does, _, on = text.partition(" ")
    if does == "wait" and on.lstrip().startswith("text "):
        does, on = "wait text", on.lstrip().removeprefix("text ")
    on = on.strip()
    if does not in ("click", "wait", "wait text", "scroll") or bool(on) == (does == "scroll"):
        raise ValueError(f"{text!r} is none of `click SELECTOR`, `wait SELECTOR`, `wait text WORDS` and `scroll`")
    if len(text) > _LONGEST_STEP:
        raise ValueError(f"{text[:40]!r}… is longer than {_LONGEST_STEP} signs")
    if does in ("click", "wait"):
        selector(on)
    return Step(does, on)
