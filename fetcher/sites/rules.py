"""One rule of `sites.yaml`, and what all rules for a page together say of reading it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

KINDS = ("links", "markup", "numbers")
"""What `ignore` takes besides regular expressions: kinds of change."""

RENDERS = ("always", "auto", "never")
"""When a browser renders a page: `auto` where its text does not come without one."""


class Step(NamedTuple):
    """What a browser does with a page before that is read: `click`, `wait`, `wait text` or `scroll`, and on what."""

    does: str
    on: str = ""

    @property
    def text(self) -> str:
        """The step as it was written."""
        return f"{self.does} {self.on}".strip()


class Selector(NamedTuple):
    """A CSS selector as it was written, and the XPath that finds the same."""

    css: str
    xpath: str


class Use(NamedTuple):
    """A place of the file that can match: the rule's line, the key, and what is written there."""

    line: int
    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What is done in another way for some addresses; what is not said stays as the settings have it.

    `line` is where it stands in the file, 0 for one that is tried. `headers`, `auth` and `proxy` may hold `${NAME}`,
    which stands for a variable of the environment.
    """

    line: int
    hosts: tuple[str, ...]
    paths: tuple[str, ...] = ()
    select: tuple[Selector, ...] = ()
    remove: tuple[Selector, ...] = ()
    ignore: tuple[str, ...] = ()
    accept: frozenset[str] = frozenset()
    prefer: str | None = None
    render: str = ""
    steps: tuple[Step, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Path | None = None
    auth: str = ""
    proxy: str = ""
    delay: float | None = None
    concurrency: int | None = None
    canonical: bool | None = None
    max_age: timedelta | None = None

    @property
    def name(self) -> str:
        """The addresses that it is for, in short."""
        return " ".join([", ".join(self.hosts), ", ".join(self.paths)]).strip()


@dataclass(frozen=True, slots=True)
class PageRules:
    """How a page is read: plain values, so that another process can do it.

    `mark` differs where what is asked for, or how it is read, does; it is empty where nothing is said of either.
    `logs_in` tells that cookies or a password are sent.
    """

    select: tuple[tuple[int, Selector], ...] = ()
    remove: tuple[tuple[int, Selector], ...] = ()
    ignore: tuple[tuple[int, str], ...] = ()
    accept: frozenset[str] = frozenset()
    prefer: str | None = None
    canonical: bool = False
    logs_in: str = ""
    render: str = ""
    steps: tuple[tuple[int, Step], ...] = ()
    mark: bytes = b""

    @property
    def trims(self) -> bool:
        """Whether parts of the page are left out."""
        return bool(self.select or self.remove)


NO_RULES = PageRules()


def of_page(rules: Sequence[Rule]) -> PageRules:
    """What rules say together: lists add up, and of single values the last one counts."""
    select = tuple((rule.line, one) for rule in rules for one in rule.select)
    remove = tuple((rule.line, one) for rule in rules for one in rule.remove)
    ignore = tuple((rule.line, one) for rule in rules for one in rule.ignore)
    accept = frozenset(chain.from_iterable(rule.accept for rule in rules))
    prefer = next((rule.prefer for rule in reversed(rules) if rule.prefer is not None), None)
    canonical = next((rule.canonical for rule in reversed(rules) if rule.canonical is not None), False)
    logs_in = next(("cookies" if rule.cookies else "auth" for rule in reversed(rules) if rule.cookies or rule.auth), "")
    render = next((rule.render for rule in reversed(rules) if rule.render), "")
    steps = tuple((rule.line, one) for rule in rules for one in rule.steps)
    page = PageRules(select, remove, ignore, accept, prefer, canonical, logs_in, render, steps)
    return replace(page, mark=_mark(page, rules))


def _mark(page: PageRules, rules: Sequence[Rule]) -> bytes:
    sent = [[sorted(rule.headers.items()), str(rule.cookies or ""), rule.auth] for rule in rules]
    texts = [[text for _, text in said] for said in (page.select, page.remove, page.ignore, page.steps)]
    rendered = page.render if page.render != "never" else ""
    said = [*texts, sorted(page.accept), page.prefer, page.canonical, rendered, [one for one in sent if any(one)]]
    if not any([*said, page.prefer is not None]):
        return b""
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=16).digest()
