"""Whom to ask and with which token, from the environment variables that CI services set and the remote's address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fetcher.publish.forges import GitHub, GitLab
from fetcher.terms.failures import PublishError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.publish.forges import Forge

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

# git asks it for a name and a password. The token is in the environment: not in arguments, which others on the machine
# can read, and in no file.
_HELPER = """!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' oauth2 "$FETCHER_TOKEN"; }; f"""


@dataclass(frozen=True, slots=True)
class Access:
    """The forge, None where there is no token for one; the remote as git is told it, and what it needs for that."""

    forge: Forge | None
    place: str
    environment: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default="", repr=False)


def access(environment: Mapping[str, str], remote: str, address: str) -> Access:
    """How to reach what is behind a remote (its name, and the address that git has for it)."""
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
    """The repository's name on a server, and its address there for git over HTTP, without who asks; empty if neither.

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
    """What tells git to show the token to this server, to no other, and to keep it nowhere."""
    given = environment.get("GIT_CONFIG_COUNT", "")
    count = int(given) if given.isdecimal() else 0
    key = f"credential.{server.rstrip('/')}.helper"
    entries = {"FETCHER_TOKEN": token, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_COUNT": str(count + 2)}
    for number, value in enumerate(("", _HELPER), count):  # the empty one takes the user's helpers out
        entries |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return entries


def _token(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        if token := environment.get(name, "").strip():
            if not _TOKEN.fullmatch(token):
                raise PublishError(f"{name} holds signs that no token has.", "Set it anew, without quotes and breaks.")
            return token
    return ""


def _http(environment: Mapping[str, str], name: str, usual: str) -> str:
    root = environment.get(name) or usual
    if urlsplit(root).scheme not in ("http", "https"):
        raise PublishError(f"{name}={root} is no web address.", "Set it to the address of the API, or not at all.")
    return root
