"""What the values of `sites.yaml` mean, a function a kind; ValueError says what can stand in the place of one."""

from __future__ import annotations

import math
import re
from datetime import timedelta

from fetcher.sites.rules import KINDS, RENDERS, Selector, Step
from fetcher.terms.outcomes import ACCEPTABLE

VARIABLE = re.compile(r"\$\{[A-Za-z_]\w*\}")
"""What stands for a variable of the environment."""

_HOST = re.compile(r"(?:\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:]+\])")
_AUTH = re.compile(r"netrc \S+|bearer \$\{[A-Za-z_]\w*\}|basic \$\{[A-Za-z_]\w*\} \$\{[A-Za-z_]\w*\}")
_PROXY = re.compile(r"https?://(?:(?P<user>[^@/]*)@)?(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?/?")
_AGE = re.compile(r"(\d{1,5}) ?([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_LONGEST_STEP = 200  # characters


def host(text: str) -> str:
    """A host, or a pattern of some."""
    if not _HOST.fullmatch(text.lower()):
        raise ValueError(f"{text} is no host, such as docs.example.org, *.example.org or *; paths stand under `path`")
    return text.lower()


def path(text: str) -> str:
    """A pattern of paths."""
    if not text.startswith(("/", "*")):
        raise ValueError(f"{text} does not begin with /, as in /guide/*")
    return text


def selector(text: str) -> Selector:
    """A CSS selector."""
    from cssselect import HTMLTranslator, SelectorError  # noqa: PLC0415  # only who has selectors waits for it
    from lxml import etree  # noqa: PLC0415

    try:
        xpath = HTMLTranslator().css_to_xpath(text)
        etree.XPath(xpath)
    except (SelectorError, etree.XPathError, RecursionError) as error:
        raise ValueError(f"{text!r} is no CSS selector: {error}") from error
    return Selector(text, xpath)


def pattern(text: str) -> str:
    """A regular expression, or a kind of change."""
    from fetcher.sites.trimming import compiled  # noqa: PLC0415  # only who has patterns waits for it

    if text not in KINDS and (compiled(text).search("") or not text.strip()):
        raise ValueError(f"{text!r} is found in an empty text, and so everywhere")
    return text


def reason(text: str) -> str:
    """A reason that is not held against a page."""
    if text not in ACCEPTABLE:
        raise ValueError(f"{text} is no reason; known are {', '.join(sorted(ACCEPTABLE))}")
    return text


def representation(text: str) -> str:
    """The representation of a page that is asked for; empty for its HTML."""
    if text not in ("html", "markdown"):
        raise ValueError(f"{text} is neither html nor markdown")
    return "" if text == "html" else text


def auth(text: str) -> str:
    """How a login is sent."""
    if not _AUTH.fullmatch(text):  # which may be a secret, and is not shown
        raise ValueError("takes `netrc NAME`, `bearer ${NAME}` or `basic ${NAME} ${NAME}`, and no secret itself")
    return text


def proxy(text: str) -> str:
    """The address of a proxy."""
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
    """A number of requests."""
    if not text.isdecimal() or not 1 <= int(text) <= 16:
        raise ValueError(f"{text} is no number of requests at a time, from 1 to 16")
    return int(text)


def switch(text: str) -> bool:
    """Whether something is so."""
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text} is neither true nor false")
    return text.lower() == "true"


def age(text: str) -> timedelta:
    """An age."""
    found = _AGE.fullmatch(text)
    if not found:
        raise ValueError(f"{text} is no age such as 12h, 30d or 2w")
    return timedelta(hours=int(found[1]) * _HOURS[found[2]])


def render(text: str) -> str:
    """When a browser renders the pages."""
    if text not in RENDERS:
        raise ValueError(f"{text} is none of {', '.join(RENDERS)}")
    return text


def step(text: str) -> Step:
    """What a browser does with a page before that is read."""
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
