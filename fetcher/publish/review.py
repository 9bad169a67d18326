"""Requests for review on a forge: opened, kept up to date, closed, by calls that are sent until they are answered."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from fetcher import __version__
from fetcher.report.harmless import printable
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

    from fetcher.publish.forges import Call, Forge, Found, Proposal

_TRIES = 4
_LONGEST_WAIT = 120.0
_TIMEOUT = 30.0
_PASSING = frozenset({429, 500, 502, 503, 504})


class ApiError(PublishError):
    """A forge refused a call; `status` is its answer's, 0 where none came."""

    def __init__(self, status: int, detail: str, mend: str) -> None:
        super().__init__(detail, mend)
        self.status = status


class _Redirects(HTTPRedirectHandler):
    """Follows none: the token would go along, to whatever address."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Api:
    """Sends calls to a forge; `sleep` and `now` are the clock's."""

    def __init__(
        self, forge: Forge, sleep: Callable[[float], object] = time.sleep, now: Callable[[], float] = time.time
    ) -> None:
        self.forge = forge
        self._sleep = sleep
        self._now = now
        self._opener = build_opener(_Redirects)

    def send(self, call: Call) -> Any:
        """The answer's JSON; raises ApiError where the call is refused, and where it has failed too often."""
        for tried in range(1, _TRIES + 1):
            try:
                return self._once(call)
            except HTTPError as error:
                said = _said(error)
                wait = _wait(error.code, error.headers, self._now(), tried)
                refusal = ApiError(error.code, *self._explained(error.code, call, said, wait))
            except (URLError, TimeoutError, OSError, ValueError) as error:  # a ValueError: no JSON came
                wait = float(2**tried)
                mend = "Check the API's address and the network."
                refusal = ApiError(0, f"{self.forge.name} cannot be asked: {printable(str(error))}.", mend)
            if wait is None or wait > _LONGEST_WAIT or tried == _TRIES:
                raise refusal
            self._sleep(wait)
        raise AssertionError  # the last try returns or raises

    def _once(self, call: Call) -> Any:
        url = call.path if call.path.startswith(("http://", "https://")) else self.forge.root + call.path
        data = None if call.payload is None else json.dumps(call.payload).encode()
        headers = {"User-Agent": f"fetcher/{__version__}", "Content-Type": "application/json", **self.forge.headers}
        request = Request(url, data, headers, method=call.method)  # noqa: S310  # http(s) only, see `environment`
        with self._opener.open(request, timeout=_TIMEOUT) as answer:
            text = answer.read()
        told = json.loads(text) if text else None
        if isinstance(told, dict) and told.get("errors"):  # how GraphQL refuses: with status 200
            raise ApiError(
                200, f"{self.forge.name} refused a change: {_listed(told['errors'])}.", self.forge.mends[403]
            )
        return told

    def _explained(self, status: int, call: Call, said: str, wait: float | None) -> tuple[str, str]:
        path = call.path.partition("?")[0]
        detail = f"{self.forge.name} answered {status} to {call.method} {path}: {said}."
        if wait is not None:
            return detail, f"Publish again in {max(1, round(wait / 60))} min."
        if 300 <= status < 400:
            return detail, "It has moved: correct the address or the name of the repository."
        return detail, self.forge.mends.get(status, "See what it says.")


def _wait(status: int, headers: Message, now: float, tried: int) -> float | None:
    """Seconds to wait before another try; None where that is of no use."""
    asked = headers.get("Retry-After", "")
    if asked.isdecimal():
        return float(asked)
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    remaining = headers.get("x-ratelimit-remaining") or headers.get("ratelimit-remaining")
    if status in (403, 429) and remaining == "0" and reset.isdecimal():
        return max(1.0, float(reset) - now)
    return float(2**tried) if status in _PASSING else None


def _said(error: HTTPError) -> str:
    """What an answer says of the refusal, on one line."""
    try:
        told = json.loads(error.read())
    except (OSError, ValueError):
        return printable(str(error.reason)) or "no reason given"
    if not isinstance(told, dict):
        return printable(str(told))
    parts = [told.get("message"), told.get("error"), _listed(told.get("errors"))]
    return printable("; ".join(str(part) for part in parts if part)) or "no reason given"


def _listed(errors: object) -> str:
    if not isinstance(errors, list):
        return ""
    return "; ".join(str(one.get("message") or one) if isinstance(one, dict) else str(one) for one in errors)


_REFUSED = frozenset({409, 422})


def search(api: Api, branch: str) -> Found | None:
    """The request of a branch: the open one, else the latest."""
    return api.forge.found(api.send(api.forge.search(branch)))


def propose(api: Api, proposal: Proposal, *, moved: bool) -> str:
    """Opens or updates the request of a branch, and says so; `moved` tells that the branch has just been pushed.

    One that a person has closed is not opened again for the same change.
    """
    found = search(api, proposal.branch)
    if found and not found.is_open and not moved:
        return f"{found.url} was closed, and {proposal.branch} has nothing new."
    if found and found.is_open:
        for call in api.forge.update(found, proposal):
            api.send(call)
        return f"Up to date: {found.url}{_marked(api, found, proposal)}"
    found, proposal = _create(api, proposal)
    return f"Opened {found.url}{_marked(api, found, proposal)}"


def close(api: Api, found: Found) -> str:
    """Closes a request, and says so."""
    for call in api.forge.close(found):
        api.send(call)
    return f"Closed {found.url}"


def _create(api: Api, proposal: Proposal) -> tuple[Found, Proposal]:
    try:
        return api.forge.created(api.send(api.forge.create(proposal))), proposal
    except ApiError as error:
        if error.status not in _REFUSED:
            raise
        # A try that seemed to fail may have opened it, and some repositories take no drafts.
        found = search(api, proposal.branch)
        if found and found.is_open:
            return found, proposal
        if not proposal.draft:
            raise
        proposal = replace(proposal, draft=False)
        return api.forge.created(api.send(api.forge.create(proposal))), proposal


def _marked(api: Api, found: Found, proposal: Proposal) -> str:
    """What went wrong with labels and draft: they are of use, but the change can be reviewed without them."""
    try:
        for call in api.forge.mark(found, proposal):
            api.send(call)
    except ApiError as error:
        return f" ({error})"
    return ""
