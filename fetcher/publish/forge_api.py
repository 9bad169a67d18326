"""Finds the forge and its token in the environment, and opens, updates and closes pull requests through its API."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from fetcher import __version__
from fetcher.publish.forges import GitHub, GitLab
from fetcher.report.screen import printable
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from email.message import Message

    from fetcher.publish.forges import Call, Forge, Proposal, PullRequest

_REMOTE = re.compile(
    r"""
    (?: (?P<scheme>https?|ssh)://(?:[^/@]*@)?(?P<host>[^/]+)/   # https://host/owner/name.git
      | (?:[^/@:]+@)?(?P<short>[^/@:]+):(?!/)                   # git@host:owner/name.git
    )
    (?P<path>.+?)(?:\.git)?/?
    """,
    re.VERBOSE,
)
_TOKEN = re.compile(r"[\x21-\x7e]+")

# A credential helper for git. The token is in the environment, not in arguments, which others on the machine can read,
# and not in a file.
_HELPER = """!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' oauth2 "$FETCHER_TOKEN"; }; f"""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the forge: None without a token; the remote's name or address, and git's environment for it."""

    forge: Forge | None
    place: str
    environment: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default="", repr=False)


def access(environment: Mapping[str, str], remote: str, address: str) -> Access:
    """How to reach the forge of a remote, given by its name and the address that git has for it."""
    for token_names, forge_of, server in (
        (("GITHUB_TOKEN", "GH_TOKEN"), _github, environment.get("GITHUB_SERVER_URL", "https://github.com")),
        (("GITLAB_TOKEN",), _gitlab, environment.get("CI_SERVER_URL", "https://gitlab.com")),
    ):
        token = _token(environment, token_names)
        repository, web = _repository(address, server)
        forge = forge_of(environment, repository, token) if token else None
        if forge:
            git = _credentials(environment, server, token) if web else {}
            return Access(forge, web or remote, git, token)
    return Access(None, remote)


def _github(environment: Mapping[str, str], repository: str, token: str) -> Forge | None:
    repository = repository or environment.get("GITHUB_REPOSITORY", "")
    root = _http(environment, "GITHUB_API_URL", "https://api.github.com")
    return GitHub(root, repository, token, environment.get("GITHUB_GRAPHQL_URL", "")) if repository else None


def _gitlab(environment: Mapping[str, str], repository: str, token: str) -> Forge | None:
    project = repository or environment.get("CI_PROJECT_ID", "")
    root = _http(environment, "CI_API_V4_URL", "https://gitlab.com/api/v4")
    return GitLab(root, project, token) if project else None


def _repository(address: str, server: str) -> tuple[str, str]:
    """The repository's name on a server, and its HTTP address there without credentials; each empty if it has none.

    >>> _repository("https://ci:secret@github.com/me/notes.git", "https://github.com")
    ('me/notes', 'https://github.com/me/notes.git')
    >>> _repository("git@github.com:me/notes.git", "https://github.com")
    ('me/notes', '')
    >>> _repository("/srv/notes.git", "https://github.com")
    ('', '')
    """
    found = _REMOTE.fullmatch(address)
    there = urlsplit(server)
    if not found or (found["host"] or found["short"]) not in (there.netloc, there.hostname):
        return "", ""
    over_http = found["scheme"] == there.scheme and found["host"] == there.netloc
    return found["path"], f"{server.rstrip('/')}{address[found.start('path') - 1 :]}" if over_http else ""


def _credentials(environment: Mapping[str, str], server: str, token: str) -> dict[str, str]:
    """The environment that makes git send the token to this server only, and store it nowhere."""
    given = environment.get("GIT_CONFIG_COUNT", "")
    count = int(given) if given.isdecimal() else 0
    key = f"credential.{server.rstrip('/')}.helper"
    entries = {"FETCHER_TOKEN": token, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_COUNT": str(count + 2)}
    for number, value in enumerate(("", _HELPER), count):  # the empty one disables the user's helpers
        entries |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return entries


def _token(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        if token := environment.get(name, "").strip():
            if not _TOKEN.fullmatch(token):
                raise PublishError(
                    f"{name} contains characters that no token has.", "Set it again, without quotes and line breaks."
                )
            return token
    return ""


def _http(environment: Mapping[str, str], name: str, usual: str) -> str:
    root = environment.get(name) or usual
    if urlsplit(root).scheme not in ("http", "https"):
        raise PublishError(f"{name}={root} is no web address.", "Set it to the address of the API, or not at all.")
    return root


_TRIES = 4
_LONGEST_WAIT = 120.0
_TIMEOUT = 30.0
_PASSING = frozenset({429, 500, 502, 503, 504})


class ApiError(PublishError):
    """A forge refused a call; `status` is that of its answer, 0 if none came."""

    def __init__(self, status: int, detail: str, mend: str) -> None:
        super().__init__(detail, mend)
        self.status = status


class _Redirects(HTTPRedirectHandler):
    """Follows no redirect: the token would be sent to any address."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Api:
    """Sends calls to a forge, and retries what fails for the moment."""

    def __init__(
        self, forge: Forge, sleep: Callable[[float], object] = time.sleep, now: Callable[[], float] = time.time
    ) -> None:
        self.forge = forge
        self._sleep = sleep
        self._now = now
        self._opener = build_opener(_Redirects)

    def send(self, call: Call) -> Any:
        """The answer's JSON; raises ApiError if the call is refused or has failed too often."""
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
        request = Request(url, data, headers, method=call.method)  # noqa: S310  # http(s) only, see `access`
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
    """Seconds to wait before a retry; None if there is no point in one."""
    asked = headers.get("Retry-After", "")
    if asked.isdecimal():
        return float(asked)
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    remaining = headers.get("x-ratelimit-remaining") or headers.get("ratelimit-remaining")
    if status in (403, 429) and remaining == "0" and reset.isdecimal():
        return max(1.0, float(reset) - now)
    return float(2**tried) if status in _PASSING else None


def _said(error: HTTPError) -> str:
    """The reason that an answer gives for the refusal, on one line."""
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


def search(api: Api, branch: str) -> PullRequest | None:
    """The pull request of a branch: the open one, else the latest."""
    return api.forge.found(api.send(api.forge.search(branch)))


def propose(api: Api, proposal: Proposal, *, moved: bool) -> str:
    """Opens or updates the pull request of a branch, and returns a sentence on that.

    `moved` tells that the branch has just been pushed: otherwise, a pull request that a person has closed is not opened
    again.
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


def close(api: Api, found: PullRequest) -> str:
    """Closes a pull request, and returns a sentence on that."""
    for call in api.forge.close(found):
        api.send(call)
    return f"Closed {found.url}"


def _create(api: Api, proposal: Proposal) -> tuple[PullRequest, Proposal]:
    try:
        return api.forge.created(api.send(api.forge.create(proposal))), proposal
    except ApiError as error:
        if error.status not in _REFUSED:
            raise
        # An earlier try that seemed to fail may have opened it; some repositories allow no drafts.
        found = search(api, proposal.branch)
        if found and found.is_open:
            return found, proposal
        if not proposal.draft:
            raise
        proposal = replace(proposal, draft=False)
        return api.forge.created(api.send(api.forge.create(proposal))), proposal


def _marked(api: Api, found: PullRequest, proposal: Proposal) -> str:
    """Sets labels and draft; returns what went wrong, as the change can be reviewed without them."""
    try:
        for call in api.forge.mark(found, proposal):
            api.send(call)
    except ApiError as error:
        return f" ({error})"
    return ""
