"""Which network addresses belong to everybody, and which to a private network."""

import ipaddress

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
