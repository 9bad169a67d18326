"""Follows redirects only to addresses that can be asked for, and never from a public network into a private one."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware as ScrapyRedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.defer import maybe_deferred_to_future

from fetcher.middlewares import RefusedError, host_of
from fetcher.run.hosts import is_public
from fetcher.terms import addresses, failures

if TYPE_CHECKING:
    from scrapy.http import Response

    from fetcher.browser.traffic import Part


class PartsMiddleware:
    """Refuses what a public page asks for in a private network while it is rendered, before that is asked for rules."""

    async def process_request(self, request: Request) -> None:
        part: Part | None = request.meta.get("part_of")
        if part and await is_private(request) and not await is_private(Request(part.page)):
            raise RefusedError(failures.PRIVATE_PART)


class RedirectMiddleware(ScrapyRedirectMiddleware):
    """Follows redirects, except endless ones and those from a public address to a private one.

    Each hop is checked by itself, so no chain leads from a public page into a private network. A seed that points
    into a private network is fine: its owner wrote it down.
    """

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        target = _target(request, response) if response.status in (301, 302, 303, 307, 308) else ""
        if not target:
            return response
        if addresses.has_credentials(target):
            raise RefusedError(failures.CREDENTIALS)
        try:
            result = super().process_response(request, response)
        except IgnoreRequest as error:
            raise RefusedError(failures.LOOP) from error
        except ValueError as error:
            raise RefusedError(failures.bad_redirect(addresses.fault(target) or "it cannot be read")) from error
        if fault := addresses.fault(result.url if isinstance(result, Request) else target):
            raise RefusedError(failures.bad_redirect(fault))
        if isinstance(result, Request):
            if await is_private(result) and not await is_private(request):
                raise RefusedError(failures.PRIVATE)
            result.meta.pop("download_slot", None)  # else the new host would be asked at the old one's pace
        return result


def _target(request: Request, response: Response) -> str:
    """Where a redirect leads, as it stands there; empty where it does not say."""
    location = (response.headers.get("Location") or b"").decode("latin-1")
    try:
        return location and urljoin(request.url, location)
    except ValueError:  # it is no address
        return location


async def is_private(request: Request) -> bool:
    """Whether the address of a request's host is a private one; a name without an address is not."""
    host = host_of(request)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = await _address(host)
    return bool(host) and not is_public(host)


async def _address(host: str) -> str:
    """The address of a host: the one that is connected to, as it is kept once it was looked up; empty for none."""
    from twisted.internet import reactor  # noqa: PLC0415  # importing it installs another one where there is none

    try:
        return str(await maybe_deferred_to_future(reactor.resolve(host)))  # type: ignore[arg-type]
    except (OSError, ValueError):  # behind a proxy, names may have no address here
        return ""
