"""Follows redirects, but only to valid addresses and never from a public host to one in a private network."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware as ScrapyRedirectMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.utils.defer import maybe_deferred_to_future

from fetcher.middlewares import RefusedError, host_of
from fetcher.run.hosts import is_public
from fetcher.terms import addresses, failures

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from fetcher.browser.traffic import Subrequest
    from fetcher.sites.rules import Sites


class SubrequestMiddleware:
    """Refuses requests into a private network by a public page in the browser, even before robots.txt is fetched.

    It is left out where there are no rules, which alone have pages rendered.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        sites: Sites | None = getattr(crawler.spider, "sites", None)
        if sites is None or not sites.rules:
            raise NotConfigured
        return cls()

    async def process_request(self, request: Request) -> None:
        part: Subrequest | None = request.meta.get("subrequest")
        if part and await is_private(request) and not await is_private(Request(part.page)):
            raise RefusedError(failures.PRIVATE_PART)


class RedirectMiddleware(ScrapyRedirectMiddleware):
    """Follows redirects, except loops and those from a public address to a private one.

    Each hop is checked, so no chain leads from a public page into a private network. A seed whose own address is
    private is fine, because its owner chose that.
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
            result.meta.pop("download_slot", None)  # otherwise the new host would get the old one's pace
        return result


def _target(request: Request, response: Response) -> str:
    """The target of a redirect; empty if there is no Location header."""
    location = (response.headers.get("Location") or b"").decode("latin-1")
    try:
        return location and urljoin(request.url, location)
    except ValueError:  # not a valid address
        return location


async def is_private(request: Request) -> bool:
    """Whether a request's host has a private IP address; False if its name cannot be resolved."""
    host = host_of(request)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = await _address(host)
    return bool(host) and not is_public(host)


async def _address(host: str) -> str:
    """The IP address of a host, the same that is connected to, thanks to the DNS cache; empty if there is none."""
    from twisted.internet import reactor  # noqa: PLC0415  # importing it earlier would install the wrong reactor

    try:
        return str(await maybe_deferred_to_future(reactor.resolve(host)))  # type: ignore[arg-type]
    except (OSError, ValueError):  # behind a proxy, names may not be resolvable here
        return ""
