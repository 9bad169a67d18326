"""Builds the API calls of GitHub and GitLab for pull requests (GitLab: merge requests), and reads their answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DRAFTED = "<!-- refresh: a draft until nothing needs a person -->"
"""Ends the description of a pull request that we made a draft; drafts made by a person stay drafts."""

CLOSING = "Closed: what this held is merged by now, or the pages no longer show it."


class Call(NamedTuple):
    """A request to an API; `path` is relative to the API's address."""

    method: str
    path: str
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request as it should be: to merge `branch` into `base`."""

    branch: str
    base: str
    title: str
    body: str
    draft: bool
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as it is; `key` is its second identifier, if the forge has one."""

    number: int
    url: str
    title: str
    body: str
    base: str
    is_open: bool
    is_draft: bool
    labels: frozenset[str] = field(default_factory=frozenset)
    key: str = ""


class Forge(Protocol):
    """The calls to a forge's API. `update` and `mark` make none where nothing differs."""

    name: str
    longest: int
    root: str
    headers: Mapping[str, str]
    mends: Mapping[int, str]

    def search(self, branch: str) -> Call:
        """Asks for the pull requests of a branch, the latest first."""

    def found(self, answer: Any) -> PullRequest | None:
        """The pull request in an answer to `search`: the open one, else the latest."""

    def create(self, proposal: Proposal) -> Call:
        """Opens a pull request."""

    def created(self, answer: Any) -> PullRequest:
        """The pull request in an answer to `create`."""

    def update(self, found: PullRequest, proposal: Proposal) -> list[Call]:
        """Sets title, description and base as they should be."""

    def mark(self, found: PullRequest, proposal: Proposal) -> list[Call]:
        """Sets the labels, and whether it is a draft, as they should be."""

    def close(self, found: PullRequest) -> list[Call]:
        """Closes a pull request with a comment."""


def is_draft(found: PullRequest, proposal: Proposal) -> bool:
    """Whether a pull request should be a draft: if the proposal is, or if a person has made it one.

    >>> ours, theirs = (PullRequest(1, "", "", body, "main", True, True) for body in (DRAFTED, ""))
    >>> ready = Proposal("refresh", "main", "", "", draft=False)
    >>> is_draft(ours, ready), is_draft(theirs, ready)
    (False, True)
    """
    return proposal.draft or (found.is_draft and DRAFTED not in found.body)


_MUTATIONS = {True: "convertPullRequestToDraft", False: "markPullRequestReadyForReview"}


class GitHub:
    """The pull requests of a repository `owner/name`, at an API's address."""

    name = "GitHub"
    longest = 65_536
    mends: Mapping[int, str] = {
        401: "Give a GITHUB_TOKEN that is valid.",
        403: "Let the token write pull requests (in a workflow: `permissions:` contents and pull-requests, write), and "
        "in the repository's settings, Actions, General, let workflows create pull requests.",
        404: "Check GITHUB_REPOSITORY, and that the token may see it.",
    }

    def __init__(self, root: str, repository: str, token: str, graphql: str = "") -> None:
        self.root = root.rstrip("/")
        self.headers: Mapping[str, str] = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._graphql = graphql or f"{self.root.removesuffix('/v3')}/graphql"
        self._owner = repository.partition("/")[0]
        self._base = f"/repos/{quote(repository)}"

    def search(self, branch: str) -> Call:
        """Asks for the pull requests of a branch."""
        wanted = {"state": "all", "head": f"{self._owner}:{branch}", "sort": "created", "direction": "desc"}
        return Call("GET", f"{self._base}/pulls?{urlencode(wanted)}")

    def found(self, answer: Any) -> PullRequest | None:
        """The open pull request, else the latest."""
        every = [self.created(one) for one in answer]
        return next((one for one in every if one.is_open), every[0] if every else None)

    def create(self, proposal: Proposal) -> Call:
        """Opens a pull request."""
        wanted = {"title": proposal.title, "body": proposal.body, "head": proposal.branch, "base": proposal.base}
        return Call("POST", f"{self._base}/pulls", {**wanted, "draft": proposal.draft})

    def created(self, answer: Any) -> PullRequest:
        """The pull request that the API describes."""
        return PullRequest(
            answer["number"],
            answer["html_url"],
            answer["title"],
            answer["body"] or "",
            answer["base"]["ref"],
            answer["state"] == "open",
            bool(answer["draft"]),
            frozenset(label["name"] for label in answer["labels"]),
            answer["node_id"],
        )

    def update(self, found: PullRequest, proposal: Proposal) -> list[Call]:
        """Replaces title, description and base."""
        wanted = {"title": proposal.title, "body": proposal.body, "base": proposal.base}
        if wanted == {"title": found.title, "body": found.body, "base": found.base}:
            return []
        return [Call("PATCH", f"{self._base}/pulls/{found.number}", wanted)]

    def mark(self, found: PullRequest, proposal: Proposal) -> list[Call]:
        """Adds labels, and converts the pull request to a draft or marks it as ready."""
        calls = []
        if missing := [label for label in proposal.labels if label not in found.labels]:
            calls.append(Call("POST", f"{self._base}/issues/{found.number}/labels", {"labels": missing}))
        if (draft := is_draft(found, proposal)) != found.is_draft:
            name = _MUTATIONS[draft]
            query = f"mutation($id: ID!) {{ {name}(input: {{pullRequestId: $id}}) {{ clientMutationId }} }}"
            calls.append(Call("POST", self._graphql, {"query": query, "variables": {"id": found.key}}))
        return calls

    def close(self, found: PullRequest) -> list[Call]:
        """Closes the pull request with a comment."""
        return [
            Call("POST", f"{self._base}/issues/{found.number}/comments", {"body": CLOSING}),
            Call("PATCH", f"{self._base}/pulls/{found.number}", {"state": "closed"}),
        ]


_DRAFT = "Draft: "
_ACTION = re.compile(r"^/", re.MULTILINE)


class GitLab:
    """The merge requests of a project, by number or as `group/name`, at an API's address."""

    name = "GitLab"
    longest = 1_000_000
    mends: Mapping[int, str] = {
        401: "Give a GITLAB_TOKEN that is valid: a project access token with the scopes api and write_repository.",
        403: "Give the token's role the right to open merge requests: Developer at least, and the scope api.",
        404: "Check CI_PROJECT_ID, and that the token may see that project.",
    }

    def __init__(self, root: str, project: str, token: str) -> None:
        self.root = root.rstrip("/")
        self.headers: Mapping[str, str] = {"PRIVATE-TOKEN": token}
        self._base = f"/projects/{quote(project, safe='')}/merge_requests"

    def search(self, branch: str) -> Call:
        """Asks for the merge requests of a branch."""
        wanted = {"source_branch": branch, "scope": "all", "order_by": "created_at", "sort": "desc"}
        return Call("GET", f"{self._base}?{urlencode(wanted)}")

    def found(self, answer: Any) -> PullRequest | None:
        """The open merge request, else the latest."""
        every = [self.created(one) for one in answer]
        return next((one for one in every if one.is_open), every[0] if every else None)

    def create(self, proposal: Proposal) -> Call:
        """Opens a merge request."""
        wanted = {
            **_texts(proposal, draft=proposal.draft),
            "source_branch": proposal.branch,
            "labels": ",".join(proposal.labels),
            "remove_source_branch": True,
        }
        return Call("POST", self._base, wanted)

    def created(self, answer: Any) -> PullRequest:
        """The merge request that the API describes."""
        return PullRequest(
            answer["iid"],
            answer["web_url"],
            answer["title"],
            answer["description"] or "",
            answer["target_branch"],
            answer["state"] == "opened",
            bool(answer["draft"]),
            frozenset(answer["labels"]),
        )

    def update(self, found: PullRequest, proposal: Proposal) -> list[Call]:
        """Replaces title (which makes it a draft or not), description and target."""
        wanted = _texts(proposal, draft=is_draft(found, proposal))
        if wanted == {"title": found.title, "description": found.body, "target_branch": found.base}:
            return []
        return [Call("PUT", f"{self._base}/{found.number}", wanted)]

    def mark(self, found: PullRequest, proposal: Proposal) -> list[Call]:
        """Adds labels."""
        missing = [label for label in proposal.labels if label not in found.labels]
        return [Call("PUT", f"{self._base}/{found.number}", {"add_labels": ",".join(missing)})] if missing else []

    def close(self, found: PullRequest) -> list[Call]:
        """Closes the merge request with a comment."""
        return [
            Call("POST", f"{self._base}/{found.number}/notes", {"body": CLOSING}),
            Call("PUT", f"{self._base}/{found.number}", {"state_event": "close"}),
        ]


def _texts(proposal: Proposal, *, draft: bool) -> dict[str, str]:
    return {
        "title": _DRAFT * draft + proposal.title,
        "description": _ACTION.sub(r"\/", proposal.body),  # a line such as "/merge" would be a quick action
        "target_branch": proposal.base,
    }
