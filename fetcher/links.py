"""Link targets as they compare: resolved, without what only tracks, expires or renames the session."""

import re
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

# Parameters that say where a reader came from or when a link was signed, never what it leads to.
_NOISE = re.compile(
    r"utm_\w+|[gdm]clid|gclsrc|fbclid|msclkid|yclid|igshid|mc_[ce]id|_hs(?:enc|mi)|vero_id|oly_\w+_id|wickedid|"
    r"ref|ref_?src|referrer|cmpid|s_kwcid|trk|"
    r"(?:php)?sess(?:ion)?_?id|sid|jsessionid|"
    r"x-(?:amz|goog)-\w[\w-]*|expires|signature|key-pair-id|policy|awsaccesskeyid|hmac|"
    r"s[etvrip]|sig|spr|skoid|sktid|skt|ske|sks|skv|"
    r"nonce|_|cb|cachebuster|timestamp|ts|token",
    re.I,
)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.I)


def target(link: str, base: str) -> str:
    """What a link leads to, the same for every way to write it; `base` resolves a relative one.

    >>> target("/a?utm_source=x&b=1", "https://example.org/x")
    'https://example.org/a?b=1'
    """
    try:
        parts = urlsplit(urljoin(base, link.strip()))
    except ValueError:  # no address at all
        return link
    if parts.scheme not in ("http", "https"):
        return link.strip()
    path = unquote(_SESSION.sub("", parts.path)) or "/"
    query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _NOISE.fullmatch(key)]
    return urlunsplit((parts.scheme, parts.netloc.lower(), path, urlencode(sorted(query)), parts.fragment))
