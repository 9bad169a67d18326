"""Merge requests of GitLab, as calls of its REST API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from fetcher.publish.forge import CLOSING, Call, Found, Proposal, is_draft

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    def found(self, answer: Any) -> Found | None:
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

    def created(self, answer: Any) -> Found:
        """The merge request that the API describes."""
        return Found(
            answer["iid"],
            answer["web_url"],
            answer["title"],
            answer["description"] or "",
            answer["target_branch"],
            answer["state"] == "opened",
            bool(answer["draft"]),
            frozenset(answer["labels"]),
        )

    def update(self, found: Found, proposal: Proposal) -> list[Call]:
        """Exchanges title, with which it is a draft or is none, text and target."""
        wanted = _texts(proposal, draft=is_draft(found, proposal))
        if wanted == {"title": found.title, "description": found.body, "target_branch": found.base}:
            return []
        return [Call("PUT", f"{self._base}/{found.number}", wanted)]

    def mark(self, found: Found, proposal: Proposal) -> list[Call]:
        """Adds labels."""
        missing = [label for label in proposal.labels if label not in found.labels]
        return [Call("PUT", f"{self._base}/{found.number}", {"add_labels": ",".join(missing)})] if missing else []

    def close(self, found: Found) -> list[Call]:
        """Closes the merge request with a word."""
        return [
            Call("POST", f"{self._base}/{found.number}/notes", {"body": CLOSING}),
            Call("PUT", f"{self._base}/{found.number}", {"state_event": "close"}),
        ]


def _texts(proposal: Proposal, *, draft: bool) -> dict[str, str]:
    return {
        "title": _DRAFT * draft + proposal.title,
        "description": _ACTION.sub(r"\/", proposal.body),  # a line such as "/merge" is a command here
        "target_branch": proposal.base,
    }
