"""Parses `sites.yaml` into rules; an error names the line and says what may stand there."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from fetcher.sites import values
from fetcher.sites.rules import Rule
from fetcher.terms.arguments import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from yaml.nodes import Node

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Headers that hold a secret, by their names.
_SECRET = re.compile(r"auth|token|key|secret|cookie|session|passw|credential", re.IGNORECASE)
_ELSEWHERE = {
    "authorization": "write it under `auth`",
    "cookie": "write a file of them under `cookies`",
    "accept-language": "write it under `accept_language`",
    "user-agent": "all sites are told the same one, USER_AGENT",
    "proxy-authorization": "write the proxy's address with both as ${NAME} under `proxy`",
    **dict.fromkeys(
        "accept accept-encoding connection content-length host if-modified-since if-none-match range "
        "transfer-encoding".split(),
        "a request has its own",
    ),
}
_WHOLE_HOSTS = ("delay", "concurrency")

MOST_STEPS = 10
"""The most browser steps of a rule."""


def read(place: Path) -> list[Rule]:
    """The rules in a file; raises UsageError if it cannot be read or is invalid."""
    try:
        text = place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not in UTF-8"
        raise UsageError(f"REFRESH_SITES={place} cannot be read: {why}") from error
    return parse(text, place)


def parse(text: str, place: Path) -> list[Rule]:
    """The rules in a text, which is that of the file `place`; raises UsageError if it is invalid."""
    return _File(place).rules(text)


def trial_rules(select: Iterable[str], remove: Iterable[str], ignore: Iterable[str]) -> list[Rule]:
    """A rule for all URLs made from command-line options, to try it out; raises UsageError if it is invalid."""
    selector, pattern = values.selector, values.pattern
    given = {"select": (selector, select), "remove": (selector, remove), "ignore": (pattern, ignore)}
    said: dict[str, Any] = {}
    for key, (check, texts) in given.items():
        try:
            said[key] = tuple(map(check, texts))
        except ValueError as error:
            raise UsageError(f"--{key}: {error}") from error
    return [Rule(line=0, hosts=("*",), **said)] if any(said.values()) else []


class _File:
    """Parses one file; every error names it and the line."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def rules(self, text: str) -> list[Rule]:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise UsageError(f"{self.place}:{line}: is no YAML: {error.problem or error.context}") from error
        except (yaml.YAMLError, RecursionError) as error:
            raise UsageError(f"{self.place}:1: is no YAML: {error}") from error
        if root is None:
            return []
        if not isinstance(root, yaml.SequenceNode):
            self._fail(root, "has to be a list of rules, each beginning with `- host:`")
        for one, other in pairwise(root.value):
            if one.start_mark.line == other.start_mark.line:
                self._fail(other, "two rules stand on one line, by which they are known")
        return [self._rule(node) for node in root.value]

    def _fail(self, node: Node, said: str) -> NoReturn:
        raise UsageError(f"{self.place}:{node.start_mark.line + 1}: {said}")

    def _rule(self, node: Node) -> Rule:
        if not isinstance(node, yaml.MappingNode):
            self._fail(node, "a rule has to be keys with values, beginning with `host:`")
        found: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in _KEYS:
                self._fail(key, f"unknown key `{name}`; known are {', '.join(_KEYS)}")
            if name in found:
                self._fail(key, f"`{name}` stands twice in one rule")
            found[name] = key, value
        self._check(node, found)
        said: dict[str, Any] = {"headers": {}}
        for name, (_, value) in found.items():
            target, reader = _KEYS[name]
            read = reader(self, value, name)
            said[target] = {**said["headers"], **read} if target == "headers" else read
        if "*" in said["hosts"] and (secret := _secret(said)):
            self._fail(found[secret][0], f"`{secret}` would tell every site a secret: name the hosts")
        return Rule(line=node.start_mark.line + 1, **said)

    def _check(self, node: Node, found: Mapping[str, tuple[Node, Node]]) -> None:
        """Raise UsageError if the keys of a rule do not go together."""
        if "host" not in found:
            self._fail(node, "a rule needs a `host`, such as docs.example.org, *.example.org or *")
        for name in _WHOLE_HOSTS:
            if name in found and "path" in found:
                self._fail(found[name][0], f"`{name}` is a whole host's: write it in a rule without `path`")
        if "steps" in found and ("render" not in found or found["render"][1].value == "never"):
            self._fail(found["steps"][0], "`steps` are done by a browser: write `render: auto` or `always` beside them")
        if len(found) == 1 or set(found) == {"host", "path"}:
            self._fail(node, "the rule says nothing of its pages")

    # Parsers of values, by type.

    def text(self, node: Node, name: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null" or not node.value.strip():
            self._fail(node, f"`{name}` takes a text")
        return str(node.value).strip()

    def texts(self, node: Node, name: str) -> list[tuple[Node, str]]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes:
            self._fail(node, f"`{name}` is empty")
        return [(one, self.text(one, name)) for one in nodes]

    def each(self, node: Node, name: str, check: Callable[[str], Any]) -> tuple[Any, ...]:
        found = []
        for one, text in self.texts(node, name):
            try:
                found.append(check(text))
            except ValueError as error:
                self._fail(one, f"`{name}`: {error}")
        return tuple(found)

    def steps(self, node: Node, name: str) -> tuple[Any, ...]:
        found = self.each(node, name, values.step)
        if len(found) > MOST_STEPS:
            self._fail(node, f"`{name}` has more than {MOST_STEPS}, which is the most that a browser does with a page")
        return found

    def one(self, node: Node, name: str, check: Callable[[str], Any]) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            self._fail(node, f"`{name}` takes one value")
        return self.each(node, name, check)[0]

    def headers(self, node: Node, name: str) -> dict[str, str]:
        if not isinstance(node, yaml.MappingNode):
            self._fail(node, f"`{name}` takes names with values, such as `X-Edition: print`")
        found: dict[str, str] = {}
        for key, value in node.value:
            header = self.text(key, name)
            if not _NAME.fullmatch(header):
                self._fail(key, f"`{header}` is no name of a header")
            if why := _ELSEWHERE.get(header.lower()):
                self._fail(key, f"`{header}` is not set here: {why}")
            found[header] = self._header(value, header)
        return found

    def language(self, node: Node, name: str) -> dict[str, str]:
        return {"Accept-Language": self._header(node, name)}

    def _header(self, node: Node, name: str) -> str:
        text = self.text(node, name)
        if not text.isprintable() or not text.isascii():
            self._fail(node, f"`{name}` has signs that no header may hold")
        if _SECRET.search(name) and not values.VARIABLE.fullmatch(text.split()[-1]):
            self._fail(node, f"`{name}` is a secret: name a variable of the environment that holds it, as ${{NAME}}")
        return text

    def file(self, node: Node, name: str) -> Path:
        place = self.place.parent / self.text(node, name)
        if not place.is_file():
            self._fail(node, f"`{name}`: {place} is no file")
        return place


def _secret(said: dict[str, Any]) -> str:
    """The key under which a rule has a secret; empty if it has none. Cookies do not count: they name their sites."""
    if "auth" in said:
        return "auth"
    return "headers" if any(values.VARIABLE.search(text) for text in said["headers"].values()) else ""


def _many(check: Callable[[str], Any], gather: Callable[[Iterable[Any]], Any] = tuple) -> Callable[..., Any]:
    return lambda file, node, name: gather(file.each(node, name, check))


def _single(check: Callable[[str], Any]) -> Callable[..., Any]:
    return lambda file, node, name: file.one(node, name, check)


_KEYS: dict[str, tuple[str, Callable[[_File, Node, str], Any]]] = {
    "host": ("hosts", _many(values.host)),
    "path": ("paths", _many(values.path)),
    "select": ("select", _many(values.selector)),
    "remove": ("remove", _many(values.selector)),
    "ignore": ("ignore", _many(values.pattern)),
    "accept": ("accept", _many(values.reason, frozenset)),
    "prefer": ("prefer", _single(values.representation)),
    "render": ("render", _single(values.render)),
    "steps": ("steps", _File.steps),
    "headers": ("headers", _File.headers),
    "accept_language": ("headers", _File.language),
    "cookies": ("cookies", _File.file),
    "auth": ("auth", _single(values.auth)),
    "proxy": ("proxy", _single(values.proxy)),
    "delay": ("delay", _single(values.seconds)),
    "concurrency": ("concurrency", _single(values.number)),
    "canonical": ("canonical", _single(values.switch)),
    "max_age": ("max_age", _single(values.age)),
}
KEYS = tuple(_KEYS)
"""The keys of a rule."""
