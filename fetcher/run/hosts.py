"""Hosts to leave alone after repeated failures, delays that servers ask for, and which IP addresses are public."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from fetcher.terms.failures import LEFT_ALONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetcher.terms.failures import Trouble


class Hosts:
    """The hosts of one run: one that fails `patience` times in a row is left alone; any answer resets the count."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._failures: Counter[str] = Counter()
        self._closed: dict[str, Trouble] = {}
        self._last: dict[str, Trouble] = {}

    def answered(self, host: str) -> None:
        """Resets the host's failures after an answer."""
        self._failures.pop(host, None)

    def failed(self, host: str) -> None:
        """Counts a failure of the host."""
        self._failures[host] += 1
        if self._failures[host] >= self._patience:
            self.close(host, LEFT_ALONE)

    def close(self, host: str, trouble: Trouble) -> None:
        """Leaves the host alone for the rest of the run; if called again, the first reason stands."""
        self._closed.setdefault(host, trouble)

    def close_after_one(self, host: str, trouble: Trouble) -> None:
        """Allows one more request to the host, and leaves it alone after that."""
        self._last.setdefault(host, trouble)

    def is_last_request(self, host: str) -> bool:
        """Whether the request about to be sent is the last one to the host; if so, the host is closed."""
        if host in self._last:
            self.close(host, self._last[host])
        return host in self._last

    def closed(self, host: str) -> Trouble | None:
        """Why the host is left alone; None if requests may be sent to it."""
        return self._closed.get(host)


QUOTAS = ("ratelimit", "ratelimit-remaining", "x-ratelimit-remaining")
"""The headers that tell how many requests are left, of which `rate_limit` needs one."""

# RateLimit: "default";r=0;t=30 (draft-ietf-httpapi-ratelimit-headers since version 08)
_REMAINING = re.compile(r";\s*r=(\d+)")
_RESET = re.compile(r";\s*t=(\d+)")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)  # more digits would not fit into a date
_EPOCH = 1_000_000_000  # from here on, the number is a Unix timestamp, not a delay (GitHub's X-RateLimit-Reset)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds to wait by `Retry-After`, given as a number or as a date; None if it is missing or invalid.

    Here as below, header names are in lower case.

    >>> retry_after({"retry-after": "120"}, datetime.now(UTC))
    120.0
    """
    value = headers.get("retry-after", "").strip()
    return _number(value) if _number(value) is not None else _until(value, now)


def rate_limit(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds until a used-up quota is reset; None if requests are left or the headers are missing.

    >>> rate_limit({"ratelimit-remaining": "0", "ratelimit-reset": "30"}, datetime.now(UTC))
    30.0
    >>> rate_limit({"ratelimit": '"default";r=0;t=30'}, datetime.now(UTC))
    30.0
    """
    for remaining, reset in _quotas(headers):
        seconds = _number(reset)
        if _number(remaining) == 0 and seconds is not None:
            return max(0.0, seconds - now.timestamp()) if seconds > _EPOCH else seconds
    return None


def _quotas(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    one = headers.get("ratelimit", "")
    remaining, reset = _REMAINING.search(one), _RESET.search(one)
    return [
        (remaining[1] if remaining else "", reset[1] if reset else ""),
        *(
            (headers.get(f"{kind}-remaining", ""), headers.get(f"{kind}-reset", ""))
            for kind in ("ratelimit", "x-ratelimit")
        ),
    ]


def _number(value: str) -> float | None:
    return float(value) if _NUMBER.fullmatch(value) else None


def _until(value: str, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if then.tzinfo is None:  # "-0000" means UTC, local zone unknown
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())


# Prefixes of IPv6 addresses that embed an IPv4 address in their last 32 bits: NAT64 (RFC 6052), and the deprecated
# IPv4-compatible form, which some stacks still route.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is publicly routable; False for invalid addresses.

    For an IPv6 address that embeds an IPv4 address, the latter counts.

    >>> is_public("93.184.216.34"), is_public("10.0.0.1"), is_public("100.64.0.1"), is_public("::ffff:127.0.0.1")
    (True, False, False, False)
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _embedded(ip) or ip
    return ip.is_global and not ip.is_multicast


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64 or ip in _COMPATIBLE:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None)
