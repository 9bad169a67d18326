"""Pull requests of GitHub, as calls of its REST API; GraphQL only where that has no other way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from fetcher.publish.forge import CLOSING, Call, Found, Proposal, is_draft

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    def found(self, answer: Any) -> Found | None:
        """The open pull request, else the latest."""
        every = [self.created(one) for one in answer]
        return next((one for one in every if one.is_open), every[0] if every else None)

    def create(self, proposal: Proposal) -> Call:
        """Opens a pull request."""
        wanted = {"title": proposal.title, "body": proposal.body, "head": proposal.branch, "base": proposal.base}
        return Call("POST", f"{self._base}/pulls", {**wanted, "draft": proposal.draft})

    def created(self, answer: Any) -> Found:
        """The pull request that the API describes."""
        return Found(
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

    def update(self, found: Found, proposal: Proposal) -> list[Call]:
        """Exchanges title, text and base."""
        wanted = {"title": proposal.title, "body": proposal.body, "base": proposal.base}
        if wanted == {"title": found.title, "body": found.body, "base": found.base}:
            return []
        return [Call("PATCH", f"{self._base}/pulls/{found.number}", wanted)]

    def mark(self, found: Found, proposal: Proposal) -> list[Call]:
        """Adds labels, and makes a draft of the pull request or ends that it is one."""
        calls = []
        if missing := [label for label in proposal.labels if label not in found.labels]:
            calls.append(Call("POST", f"{self._base}/issues/{found.number}/labels", {"labels": missing}))
        if (draft := is_draft(found, proposal)) != found.is_draft:
            name = _MUTATIONS[draft]
            query = f"mutation($id: ID!) {{ {name}(input: {{pullRequestId: $id}}) {{ clientMutationId }} }}"
            calls.append(Call("POST", self._graphql, {"query": query, "variables": {"id": found.key}}))
        return calls

    def close(self, found: Found) -> list[Call]:
        """Closes the pull request with a word."""
        return [
            Call("POST", f"{self._base}/issues/{found.number}/comments", {"body": CLOSING}),
            Call("PATCH", f"{self._base}/pulls/{found.number}", {"state": "closed"}),
        ]
