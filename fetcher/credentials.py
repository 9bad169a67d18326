"""Names and passwords of hosts, from the file that curl and others read too."""

from __future__ import annotations

import logging
from base64 import b64encode
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured

from fetcher.terms.arguments import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy import Request
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class CredentialsMiddleware:
    """Sends a host the name and password that REFRESH_NETRC (or ~/.netrc) has for it, and nobody else.

    They go to the host that a seed names, not to where it redirects, as another one chose that (Scrapy takes them out
    then); nor does the entry `default` count, which is for everybody.
    """

    def __init__(self, headers: Mapping[str, bytes]) -> None:
        self._headers = headers

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        given = crawler.settings["REFRESH_NETRC"]
        headers = _read(Path(given)) if given else _of_this_user()
        if not headers:
            raise NotConfigured
        return cls(headers)

    def process_request(self, request: Request) -> None:
        asked = [*request.meta.get("redirect_urls", []), request.url]
        host = urlsplit(request.url).hostname or ""
        if host in self._headers and len({_origin(url) for url in asked}) == 1:
            request.headers["Authorization"] = self._headers[host]


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _of_this_user() -> Mapping[str, bytes]:
    try:
        place = Path.home() / ".netrc"
        return _read(place) if place.exists() else {}
    except (OSError, RuntimeError, UsageError) as error:  # it is not there for this run alone
        logger.warning("The run goes on without passwords: %s.", error)
        return {}


def _read(place: Path) -> Mapping[str, bytes]:
    """The header for each host; UsageError, which shows nothing of the file, where it is none."""
    try:
        found = netrc(place).hosts
    except OSError as error:
        raise UsageError(f"REFRESH_NETRC={place} cannot be read: {error.strerror or error}") from error
    except (NetrcParseError, UnicodeDecodeError) as error:
        where = f", in line {error.lineno}" if isinstance(error, NetrcParseError) else ""
        raise UsageError(f"REFRESH_NETRC={place} is not written as such a file is{where}") from None
    return {
        host.lower(): b"Basic " + b64encode(f"{login}:{password}".encode())
        for host, (login, _, password) in found.items()
        if host != "default"
    }
