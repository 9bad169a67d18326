"""Determines the headers, cookies, logins and proxies that rules send to some sites and to nobody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from w3lib.http import basic_auth_header

from fetcher.terms.arguments import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from http.cookiejar import MozillaCookieJar
    from pathlib import Path

    from fetcher.sites.rules import Rule, Sites

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class _Sent(NamedTuple):
    """What a rule sends; `secret` only goes to the site that a seed names."""

    plain: Mapping[str, str]
    secret: Mapping[str, str]
    cookies: MozillaCookieJar | None
    proxy: str


class Access:
    """The headers, cookies, logins and proxies of all rules, with the values of environment variables filled in.

    `variables` are those of the environment; `passwords` has the Authorization header of each machine in ~/.netrc.
    Raises UsageError, which shows no secret, if a variable, a password or a cookie file that a rule names is missing.
    """

    def __init__(self, sites: Sites, variables: Mapping[str, str], passwords: Mapping[str, bytes]) -> None:
        self._name = sites.name
        self._variables = variables
        self._passwords = passwords
        self._sent = {rule.line: self._read(rule) for rule in sites.rules}

    def headers(self, rules: Sequence[Rule], url: str, *, is_trusted: bool) -> dict[str, str]:
        """The headers for a request under these rules; secret ones only if `is_trusted`."""
        found: dict[str, str] = {}
        for sent in (self._sent[rule.line] for rule in rules):
            found.update(sent.plain)
            if is_trusted:
                found.update(sent.secret)
                found.update(_cookies(sent.cookies, url))
        return found

    def proxy(self, rules: Sequence[Rule]) -> str:
        """The URL of the proxy for a request under these rules; empty if they name none."""
        return next((sent.proxy for rule in reversed(rules) if (sent := self._sent[rule.line]).proxy), "")

    def _read(self, rule: Rule) -> _Sent:
        plain = {name: text for name, text in rule.headers.items() if not _VARIABLE.search(text)}
        secret = {name: self._expanded(text, rule) for name, text in rule.headers.items() if name not in plain}
        if rule.auth:
            secret["Authorization"] = self._authorization(rule)
        jar = self._jar(rule.cookies, rule) if rule.cookies else None
        return _Sent(plain, secret, jar, self._expanded(rule.proxy, rule))

    def _authorization(self, rule: Rule) -> str:
        kind, *names = rule.auth.split()
        if kind == "netrc":
            header = self._passwords.get(names[0].lower())
            if header is None:
                raise self._error(rule, f"the file of passwords has no `machine {names[0]}`")
            return header.decode("latin-1")
        values = [self._expanded(name, rule) for name in names]
        if kind == "bearer":
            return f"Bearer {values[0]}"
        name, password = values
        return basic_auth_header(name, password, "utf-8").decode()

    def _expanded(self, text: str, rule: Rule) -> str:
        """The text with each `${NAME}` replaced by the variable's value."""
        for name in _VARIABLE.findall(text):
            value = self._variables.get(name, "")
            if not value:
                raise self._error(rule, f"the environment has no variable {name}")
            if not value.isprintable():
                raise self._error(rule, f"the variable {name} of the environment has signs that no header may hold")
        return _VARIABLE.sub(lambda found: self._variables[found[1]], text)

    def _jar(self, place: Path, rule: Rule) -> MozillaCookieJar:
        from http.cookiejar import LoadError, MozillaCookieJar  # noqa: PLC0415  # slow to import, rarely needed

        jar = MozillaCookieJar()
        try:
            jar.load(str(place), ignore_discard=True)
        except OSError as error:  # LoadError is one; its message would quote the file
            why = "it is not written as cookies.txt is" if isinstance(error, LoadError) else error.strerror
            raise self._error(rule, f"cookies: {place} cannot be read: {why}") from None
        return jar

    def _error(self, rule: Rule, said: str) -> UsageError:
        return UsageError(f"{self._name}:{rule.line}: {said}")


def _cookies(jar: MozillaCookieJar | None, url: str) -> dict[str, str]:
    """The Cookie header with the cookies of a jar that apply to a URL."""
    if jar is None:
        return {}
    from urllib.request import Request  # noqa: PLC0415  # as above

    request = Request(url)  # noqa: S310  # never sent: the jar adds cookies to a Request only
    jar.add_cookie_header(request)
    cookies = request.get_header("Cookie")
    return {"Cookie": cookies} if cookies else {}
