"""Hosts that a run leaves alone, and for how long; and which addresses are public, and which of a private network."""

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
    """The hosts of one run. A host that fails `patience` times in a row is left alone; one answer forgives all."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._failures: Counter[str] = Counter()
        self._closed: dict[str, Trouble] = {}
        self._last: dict[str, Trouble] = {}

    def answered(self, host: str) -> None:
        """Forget the host's failures: it answered."""
        self._failures.pop(host, None)

    def failed(self, host: str) -> None:
        """Count one failure of the host."""
        self._failures[host] += 1
        if self._failures[host] >= self._patience:
            self.close(host, LEFT_ALONE)

    def close(self, host: str, trouble: Trouble) -> None:
        """Leave the host alone for the rest of the run; the first reason stands."""
        self._closed.setdefault(host, trouble)

    def close_after_one(self, host: str, trouble: Trouble) -> None:
        """Ask the host for one page more, and leave it alone then."""
        self._last.setdefault(host, trouble)

    def asks(self, host: str) -> bool:
        """Whether the host is left alone after the request that is about to be sent."""
        if host in self._last:
            self.close(host, self._last[host])
        return host in self._last

    def closed(self, host: str) -> Trouble | None:
        """Why the host is left alone; None while it may be asked."""
        return self._closed.get(host)


# RateLimit: "default";r=0;t=30 (draft-ietf-httpapi-ratelimit-headers since version 08)
_REMAINING = re.compile(r";\s*r=(\d+)")
_RESET = re.compile(r";\s*t=(\d+)")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)  # seconds within thousands of years, as dates are
_EPOCH = 1_000_000_000  # no server counts that many seconds: it is a point in time (GitHub's X-RateLimit-Reset)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that `Retry-After` asks for, given as a number or as a date; None without one that a calendar has.

    `headers` has lower-case names; so for every function here.

    >>> retry_after({"retry-after": "120"}, datetime.now(UTC))
    120.0
    """
    value = headers.get("retry-after", "").strip()
    return _number(value) if _number(value) is not None else _until(value, now)


def rate_limit(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds until a used-up quota starts anew; None while requests are left or nothing is said.

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
    if then.tzinfo is None:  # "-0000" says: UTC, place unknown
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())


# The well-known prefixes that carry an IPv4 address in their last 32 bits: NAT64 (RFC 6052), and the long
# deprecated IPv4-compatible form that some stacks still route.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


def is_public(address: str) -> bool:
    """Whether an IP address can be reached from everywhere; False for what is no address.

    An IPv6 address that carries an IPv4 address is as public as that one is.

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
