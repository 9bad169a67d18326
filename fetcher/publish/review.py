"""Requests for review on a forge: opened, kept up to date, closed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fetcher.publish.api import ApiError

if TYPE_CHECKING:
    from fetcher.publish.api import Api
    from fetcher.publish.forge import Found, Proposal

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
