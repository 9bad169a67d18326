"""The rules of `sites.yaml`: what one says, which are for an address, how often each was of use."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from fetcher.terms.outcomes import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
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


def page_rules(rules: Sequence[Rule]) -> PageRules:
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


_LISTED = 20  # rules that a report has a sentence of
_DOES = {"select": "on {} page{}", "remove": "on {} page{}", "ignore": "for {} change{}", "steps": "on {} page{}"}
_FOUND = frozenset({"select", "remove"})


class Sites:
    """The rules of a file that goes by a name, in its order, and the counts of a run."""

    def __init__(self, rules: Sequence[Rule] = (), name: str = "sites.yaml") -> None:
        self.rules = tuple(rules)
        self.name = name
        self._pages: Counter[int] = Counter()  # by the rule's line: taken on ...
        self._read: Counter[int] = Counter()  # ... and read
        self._used: Counter[Use] = Counter()
        self._together = lru_cache(maxsize=1024)(page_rules)

    @property
    def has_ages(self) -> bool:
        """Whether some pages need not be asked for at each run."""
        return any(rule.max_age is not None for rule in self.rules)

    def of(self, url: str) -> tuple[Rule, ...]:
        """The rules for an address."""
        if not self.rules:
            return ()
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return ()
        return tuple(rule for rule in self.rules if _is_for(rule, host, parts.path or "/"))

    def pace(self, host: str) -> dict[str, float]:
        """The seconds between requests to a host, and how many at a time, as Scrapy's DOWNLOAD_SLOTS has them."""
        said: dict[str, float] = {}
        for rule in self.rules:
            if not rule.paths and _is_for(rule, host, "/"):
                if rule.delay is not None:
                    said |= {"delay": rule.delay, "jitter": 0.0}
                if rule.concurrency is not None:
                    said["concurrency"] = rule.concurrency
        return said

    def language(self, url: str) -> str:
        """The first language that is asked for at an address; empty where no rule names one."""
        said = [rule.headers["Accept-Language"] for rule in self.of(url) if "Accept-Language" in rule.headers]
        return re.split("[,;]", said[-1])[0].strip() if said else ""

    def is_fresh(self, url: str, seen: datetime | None, now: datetime) -> bool:
        """Whether a page that was last seen good then need not be asked for yet (`max_age`)."""
        age = next((rule.max_age for rule in reversed(self.of(url)) if rule.max_age is not None), None)
        return age is not None and seen is not None and now - age < seen <= now

    def page(self, url: str) -> PageRules:
        """How the page at an address is read."""
        return self._together(self.of(url)) if self.rules else NO_RULES

    def count_taken(self, url: str) -> None:
        """Count a page that a run takes on."""
        self._pages.update(rule.line for rule in self.of(url))

    def count_read(self, url: str, used: Mapping[Use, int]) -> None:
        """Count a page that was read, and what of the rules was of use there."""
        self._read.update(rule.line for rule in self.of(url))
        self._used.update(used)

    def usage(self) -> list[str]:
        """A sentence for each rule that was for some page, the most pages first: on how many, and what it did."""
        told = sorted((rule for rule in self.rules if self._pages[rule.line]), key=lambda rule: -self._pages[rule.line])
        said = [
            f"{self.label(rule)}: {counted(self._pages[rule.line], 'page')}"
            + "".join(f", {use.key} {use.text!r} {_did(use, self._used[use])}" for use in _uses(rule))
            + "."
            for rule in told[:_LISTED]
        ]
        more = len(told) - _LISTED
        return [*said, f"{self.name}: {counted(more, 'more rule')} had pages."] if more > 0 else said

    def unused(self, *, whole: bool) -> Iterator[str]:
        """A sentence for each rule without a page, if the run took on all seeds, and for each selector without one."""
        for rule in self.rules:
            if whole and not self._pages[rule.line]:
                yield f"Warning: {self.label(rule)} is for no page of any seed: mend host and path, or take it out."
            read = self._read[rule.line]
            for use in _uses(rule):
                if read and use.key in _FOUND and not self._used[use]:
                    pages = "the one page that was read" if read == 1 else f"none of the {read:,} pages that were read"
                    found = f"was not found on {pages}" if read == 1 else f"was found on {pages}"
                    yield f"Warning: {self.label(rule)}: {use.key} {use.text!r} {found}."

    def label(self, rule: Rule) -> str:
        """Where a rule stands, and what it is for."""
        return f"{self.name}, line {rule.line} ({rule.name})" if rule.line else "the rule that is tried"


def _is_for(rule: Rule, host: str, path: str) -> bool:
    if not any(_is_host(pattern, host) for pattern in rule.hosts):
        return False
    return not rule.paths or any(fnmatchcase(path, pattern) for pattern in rule.paths)


def _is_host(pattern: str, host: str) -> bool:
    if pattern.startswith("*"):
        return host.endswith(pattern[1:])
    return host == pattern.strip("[]")


def _uses(rule: Rule) -> Iterator[Use]:
    for key, selectors in (("select", rule.select), ("remove", rule.remove)):
        yield from (Use(rule.line, key, one.css) for one in selectors)
    yield from (Use(rule.line, "ignore", one) for one in rule.ignore)
    yield from (Use(rule.line, "steps", one.text) for one in rule.steps)


def _did(use: Use, count: int) -> str:
    return _DOES[use.key].format(f"{count:,}", "s" * (count != 1))
