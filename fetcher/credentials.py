"""Adds a site's own password, headers and cookies to requests, and applies its proxy and pace."""

from __future__ import annotations

import logging
import os
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured
from w3lib.http import basic_auth_header

from fetcher.middlewares import host_of
from fetcher.sites.access import Access
from fetcher.sites.rules import Sites
from fetcher.terms.arguments import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy import Request
    from scrapy.crawler import Crawler

    from fetcher.browser.traffic import Subrequest

logger = logging.getLogger(__name__)


class CredentialsMiddleware:
    """Sends a host its name and password from REFRESH_NETRC (or ~/.netrc), and the headers from REFRESH_SITES.

    Secrets are sent only to the origin that a seed names: not after a redirect to another one, and not with requests of
    another site's page in the browser. The netrc entry `default` is ignored, as it would apply to all hosts. Requests
    to a host with rules use their proxy and pace.
    """

    def __init__(self, crawler: Crawler, passwords: Mapping[str, bytes], sites: Sites, access: Access) -> None:
        self.crawler = crawler
        self._passwords = passwords
        self._sites = sites
        self._access = access

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        given = crawler.settings["REFRESH_NETRC"]
        passwords = _read(Path(given)) if given else _of_this_user()
        sites: Sites = getattr(crawler.spider, "sites", None) or Sites()
        if not passwords and not sites.rules:
            raise NotConfigured
        return cls(crawler, passwords, sites, Access(sites, os.environ, passwords))

    def process_request(self, request: Request) -> None:
        part: Subrequest | None = request.meta.get("subrequest")
        asked = [*([part.page] if part and part.own else []), *request.meta.get("redirect_urls", []), request.url]
        is_trusted = len({_origin(url) for url in asked}) == 1 and (part is None or part.own)
        self._set_headers_and_proxy(request, asked[0] if is_trusted else request.url, is_trusted=is_trusted)
        if host := host_of(request):
            self._keep_pace(request, host)

    def _set_headers_and_proxy(self, request: Request, address: str, *, is_trusted: bool) -> None:
        """Sets the headers and the proxy for a request, and removes those of the hop that redirected to it."""
        for name in request.meta.pop("told", ()):
            request.headers.pop(name, None)
        if request.meta.pop("led", False):
            request.meta.pop("proxy", None)
        rules = self._sites.of(address)
        host = host_of(request)
        told = {"Authorization": self._passwords[host]} if is_trusted and host in self._passwords else {}
        sent = self._access.headers(rules, request.url, is_trusted=is_trusted)
        told |= {name: text.encode() for name, text in sent.items()}
        request.headers.update(told)
        if told:
            request.meta["told"] = tuple(told)
        if proxy := self._access.proxy(rules):
            request.meta.update(proxy=proxy, led=True)

    def _keep_pace(self, request: Request, host: str) -> None:
        """Applies the delay and concurrency of the host's rules to its download slot."""
        said = self._sites.pace(host)
        if said:
            assert self.crawler.engine is not None  # it has sent the request
            self.crawler.engine.downloader.per_slot_settings[host] = said
            # AutoThrottle leaves such a delay alone; a longer Crawl-delay in robots.txt still counts.
            request.meta["autothrottle_dont_adjust_delay"] = "delay" in said


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _of_this_user() -> Mapping[str, bytes]:
    try:
        place = Path.home() / ".netrc"
        return _read(place) if place.exists() else {}
    except (OSError, RuntimeError, UsageError) as error:  # the file is not meant for this program alone
        logger.warning("The run goes on without passwords: %s.", error)
        return {}


def _read(place: Path) -> Mapping[str, bytes]:
    """The Authorization header for each host; raises UsageError, without quoting the file, if it is invalid."""
    try:
        found = netrc(place).hosts
    except OSError as error:
        raise UsageError(f"REFRESH_NETRC={place} cannot be read: {error.strerror or error}") from error
    except (NetrcParseError, UnicodeDecodeError) as error:
        where = f", in line {error.lineno}" if isinstance(error, NetrcParseError) else ""
        raise UsageError(f"REFRESH_NETRC={place} is not in the form of .netrc{where}") from None
    return {
        host.lower(): basic_auth_header(login, password, encoding="utf-8")
        for host, (login, _, password) in found.items()
        if host != "default"
    }
