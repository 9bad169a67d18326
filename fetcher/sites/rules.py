"""Holds the rules of `sites.yaml`: finds those of a URL, merges them for a page, and counts their uses."""

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
"""Kinds of change that `ignore` takes besides regular expressions."""

RENDERS = ("always", "auto", "never")
"""When a browser renders a page; `auto`: if its text is missing without one."""


class Step(NamedTuple):
    """A browser step before the page is read: `does` is `click`, `wait`, `wait text` or `scroll`, `on` its argument."""

    does: str
    on: str = ""

    @property
    def text(self) -> str:
        """The step as written in the file."""
        return f"{self.does} {self.on}".strip()


class Selector(NamedTuple):
    """A CSS selector as written, and the equivalent XPath."""

    css: str
    xpath: str


class Use(NamedTuple):
    """One selector, pattern or step of a rule, whose matches are counted: the rule's line, the key, and its text."""

    line: int
    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """A rule: for some hosts and paths, what to do differently from the settings.

    `line` is its line in the file, 0 for a rule under trial. `headers`, `auth` and `proxy` may contain `${NAME}` for an
    environment variable.
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
        """Its hosts and paths, in short."""
        return " ".join([", ".join(self.hosts), ", ".join(self.paths)]).strip()


@dataclass(frozen=True, slots=True)
class PageRules:
    """The rules for one page, merged; plain values, so that they can be sent to another process.

    `mark` is a fingerprint of all that changes the request or how the answer is read; empty if nothing does. `logs_in`
    is "cookies" or "auth" if a login is sent. Each selector, pattern and step comes with the line of its rule.
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
    """The rules merged in order: lists are concatenated, of single values the last one counts."""
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


_LISTED = 20  # rules with a sentence in the report
_DOES = {"select": "on {} page{}", "remove": "on {} page{}", "ignore": "for {} change{}", "steps": "on {} page{}"}
_FOUND = frozenset({"select", "remove"})


class Sites:
    """The rules of a file called `name`, in its order, and how many pages of a run each was for."""

    def __init__(self, rules: Sequence[Rule] = (), name: str = "sites.yaml") -> None:
        self.rules = tuple(rules)
        self.name = name
        self._pages: Counter[int] = Counter()  # pages in the run, by the rule's line
        self._read: Counter[int] = Counter()  # pages read, by the rule's line
        self._used: Counter[Use] = Counter()
        self._together = lru_cache(maxsize=1024)(page_rules)

    @property
    def has_ages(self) -> bool:
        """Whether some rule has a `max_age`."""
        return any(rule.max_age is not None for rule in self.rules)

    def of(self, url: str) -> tuple[Rule, ...]:
        """The rules for a URL."""
        if not self.rules:
            return ()
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return ()
        return tuple(rule for rule in self.rules if _is_for(rule, host, parts.path or "/"))

    def pace(self, host: str) -> dict[str, float]:
        """The delay and concurrency of a host, as entries of Scrapy's DOWNLOAD_SLOTS."""
        said: dict[str, float] = {}
        for rule in self.rules:
            if not rule.paths and _is_for(rule, host, "/"):
                if rule.delay is not None:
                    said |= {"delay": rule.delay, "jitter": 0.0}
                if rule.concurrency is not None:
                    said["concurrency"] = rule.concurrency
        return said

    def language(self, url: str) -> str:
        """The first language that is requested for a URL; empty if no rule names one."""
        said = [rule.headers["Accept-Language"] for rule in self.of(url) if "Accept-Language" in rule.headers]
        return re.split("[,;]", said[-1])[0].strip() if said else ""

    def is_fresh(self, url: str, seen: datetime | None, now: datetime) -> bool:
        """Whether a page last verified at `seen` need not be requested yet (`max_age`)."""
        age = next((rule.max_age for rule in reversed(self.of(url)) if rule.max_age is not None), None)
        return age is not None and seen is not None and now - age < seen <= now

    def page(self, url: str) -> PageRules:
        """The merged rules for the page at a URL."""
        return self._together(self.of(url)) if self.rules else NO_RULES

    def count_taken(self, url: str) -> None:
        """Count a page that a run takes on."""
        for rule in self.of(url):
            self._pages[rule.line] += 1

    def count_read(self, url: str, used: Mapping[Use, int]) -> None:
        """Count a page that was read, and the uses of its rules."""
        self._read.update(rule.line for rule in self.of(url))
        self._used.update(used)

    def usage(self) -> list[str]:
        """A sentence for each rule that had pages, most pages first: on how many, and what it did."""
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
        """Warnings of selectors without a match and, if the run has all seeds (`whole`), of rules without a page."""
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
        """How a rule is named in messages: its file, line, hosts and paths."""
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
