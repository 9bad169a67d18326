"""Parses and edits seeds: Markdown files whose front matter names the page that they were fetched from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urldefrag

from fetcher.seeds import frontmatter, stamps
from fetcher.seeds.frontmatter import FrontMatter, FrontMatterError
from fetcher.terms import addresses
from fetcher.terms.failures import SeedError

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from datetime import datetime


class Keys(NamedTuple):
    """Names of the two keys, in order of preference; a file's first one counts, new seeds get the first of all."""

    url: tuple[str, ...] = ("source_url",)
    stamp: tuple[str, ...] = ("fetched_at",)

    def url_in(self, fields: Container[str]) -> str:
        """The key that holds the URL; empty if none does."""
        return next((key for key in self.url if key in fields), "")

    def stamp_in(self, fields: Container[str]) -> str:
        """The key that holds the stamp, or should hold it."""
        return next((key for key in self.stamp if key in fields), self.stamp[0])


DEFAULT_KEYS = Keys()
"""The keys where nothing is configured."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A parsed seed file; `text` is the exact file, with byte order mark and line endings."""

    front: FrontMatter
    url: str
    title: str | None
    fetched_at: datetime | None
    keys: Keys = field(default=DEFAULT_KEYS, repr=False)

    def __reduce__(self) -> tuple[Callable[[str, Keys], object], tuple[str, Keys]]:
        return parse, (self.text, self.keys)  # pickled as text: PyYAML's nodes are large

    @property
    def text(self) -> str:
        """The whole file."""
        return self.front.text

    @property
    def body(self) -> str:
        """The exact text after the front matter."""
        return self.front.body


def decode(raw: bytes) -> str:
    """The text of a file, with its byte order mark and line endings; SeedError if it is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(
            "encoding",
            f"The file is not UTF-8: byte {error.start} is 0x{raw[error.start]:02x}.",
            "Save the file as UTF-8.",
        ) from error


def parse(text: str, keys: Keys = DEFAULT_KEYS) -> Seed | None:
    """The seed in the text of a file; None if it has no front matter, or no `source_url` in it.

    Raises SeedError if it was meant to be a seed: the front matter is invalid, no mapping or never closed, or the
    `source_url` is not an http(s) URL or contains a password. An invalid `fetched_at` is no error: the seed then has
    no stamp. `keys` may give other names to both keys.
    """
    try:
        front = frontmatter.read(text)
    except FrontMatterError as error:
        rule = text.lstrip("\ufeff")[:3]
        kind = "TOML" if rule == "+++" else "YAML"
        quotes = " Put a value that has a colon in it, or a sign at its start, in quotes." if kind == "YAML" else ""
        mend = f"Correct the {kind} between the two {rule} lines.{quotes}"
        raise SeedError("front_matter", _sentence(error), mend) from error
    if front is None:
        _refuse_unclosed(text, keys)
        return None
    return _seed(front, keys) if keys.url_in(front.fields) else None


def render(seed: Seed, body: str) -> str:
    """The text of the file with another body; `render(seed, seed.body) == seed.text`, to the byte."""
    head = seed.text[: seed.front.span.body]
    if body and not head.endswith(("\n", "\r")):  # the file ended right after the closing ---
        head += seed.front.span.newline
    return head + body


def stamp(seed: Seed, when: datetime) -> Seed:
    """The seed with `fetched_at` set to `when`, in the format that it has; added as the last key if there is none.

    SeedError if the value cannot be edited in place, as where another key refers to it.
    """
    key = seed.keys.stamp_in(seed.front.fields)
    value = stamps.write(when, like=frontmatter.scalar(seed.front, key))
    return _edit(seed, key, value, lambda read: stamps.read(read) == stamps.read(value))


def set_title(seed: Seed, title: str) -> Seed:
    """The seed with another `title`; unchanged if it has no title yet, or the new one is empty."""
    title = title.strip()
    if seed.title is None or not title:
        return seed
    return _edit(seed, "title", title, lambda read: isinstance(read, str) and read.strip() == title)


def set_url(seed: Seed, url: str) -> Seed:
    """The seed with another `source_url`; SeedError if that is not an http(s) URL."""
    key = seed.keys.url_in(seed.front.fields)
    return _edit(seed, key, _address(url, key), lambda read: isinstance(read, str) and read.strip() == url)


def set_text(seed: Seed, key: str, text: str) -> Seed:
    """The seed with a text under a key of the user's, added as the last one if it is missing."""
    return _noted(seed, key, text, lambda read: read == text)


def set_date(seed: Seed, key: str, date: str) -> Seed:
    """As `set_text`, for an ISO 8601 date, written in the format of the one that is there."""
    moment = stamps.read(date)
    if moment is None:
        raise ValueError(f"{date!r} is no date")
    written = stamps.write(moment, like=frontmatter.scalar(seed.front, key) or date)
    return _noted(seed, key, written, lambda read: stamps.read(read) == stamps.read(written))


def page_url(url: str) -> str:
    """The URL to request: without the fragment, which names a place within the page.

    >>> page_url("https://example.org/faq#prices")
    'https://example.org/faq'
    """
    return urldefrag(url).url if "#" in url else url


def _seed(front: FrontMatter, keys: Keys) -> Seed:
    title = front.fields.get("title")
    key = keys.url_in(front.fields)
    return Seed(
        front,
        _address(front.fields[key], key),
        (title.strip() or None) if isinstance(title, str) else None,
        stamps.read(front.fields.get(keys.stamp_in(front.fields))),
        keys,
    )


def _edit(seed: Seed, key: str, value: str, means: Callable[[object], bool]) -> Seed:
    from fetcher.seeds import frontmatter_edit  # noqa: PLC0415  # loads YAML, which most seeds are read without

    try:
        return _seed(frontmatter_edit.put(seed.front, key, value, means), seed.keys)
    except FrontMatterError as error:
        raise SeedError(
            "not_editable", _sentence(error), f"Write the value of {key} on one line of its own."
        ) from error


def _noted(seed: Seed, key: str, value: str, means: Callable[[object], bool]) -> Seed:
    return seed if means(seed.front.fields.get(key)) else _edit(seed, key, value, means)


def _refuse_unclosed(text: str, keys: Keys) -> None:
    # A Markdown file may begin with a thematic break; with a source_url line below, it was meant to be a seed.
    if frontmatter.begins(text) and _meant(keys).search(text, 0, frontmatter.LONGEST):
        bound = f" within its first {frontmatter.LONGEST:,} characters" if len(text) > frontmatter.LONGEST else ""
        raise SeedError(
            "front_matter",
            f"The front matter is not closed{bound}.",
            f"Put a line of {text.lstrip(chr(0xFEFF))[:3]} after the last key.",
        )


@lru_cache(maxsize=8)
def _meant(keys: Keys) -> re.Pattern[str]:
    """Matches a line that only a seed has."""
    return re.compile(rf"^(?:{'|'.join(map(re.escape, keys.url))})[ \t]*[:=]", re.MULTILINE)


def _address(value: object, key: str) -> str:
    url = value.strip() if isinstance(value, str) else ""
    fault = addresses.fault(url) if isinstance(value, str | None) else "it is not text"
    if fault:
        raise SeedError(
            "source_url", f"The {key} is no address of a page: {fault}.", "Give an address as https://host/path."
        )
    if addresses.has_credentials(url):
        detail = f"The {key} holds a user name or a password, which whoever sees a report would see."
        raise SeedError("credentials", detail, "Put them into ~/.netrc (machine HOST login NAME password PASSWORD).")
    return url


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + "."


# --- Reads plain front matter: a hundred thousand seeds would take twenty times as long by YAML ---

_LONGEST = 4096  # characters; far below the bounds in `frontmatter`

# Characters that YAML does not take literally within quotes: line ends, control characters and byte order marks. To
# name all others would take a hundredth of a second, as compiling takes as long as there are characters in a class.
_UNSAFE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"


@lru_cache(maxsize=64)
def _plain(url: str, stamp: str) -> re.Pattern[str]:
    """Matches front matter whose lines mean to YAML what they seem to; anything else is left to the YAML parser."""
    url, stamp = re.escape(url), re.escape(stamp)
    return re.compile(
        rf"""---\n
    (?:
      (?: {url}:[ ]+ (?P<quote>"?)
            (?P<url> https?:// (?=[A-Za-z0-9.-]{{1,253}}[^A-Za-z0-9.-])
                (?: (?![Xx][Nn]--)[A-Za-z0-9-]{{1,63}} (?: \.|(?![A-Za-z0-9.-]) ) )+
                (?: :(?: [1-9][0-9]{{,3}} | [1-5][0-9]{{4}} ))? (?: /[\w./~%?&=+:@,;!$()*|-]* )? (?<!:) )
          (?P=quote)
      |   {stamp}:[ ]+
          (?: "(?P<quoted> [\w:.,+\ -]+ )"
          |   (?P<bare> \d{{4}}-\d\d-\d\d (?: [T\ ]\d\d:\d\d:\d\dZ? )? ) )
      |   (?!{url}:|{stamp}:) [A-Za-z_][\w-]{{,60}}:[ ]+
          (?: "[^"\\{_UNSAFE}]*+ (?: \\["\\] [^"\\{_UNSAFE}]*+ )*+"
          |   '[^'{_UNSAFE}]*'
          |   [A-Za-z][\w\ ./()-]*        # words, or a name for yes or nothing: all the same here
          |   [0-9][0-9.-]{{,19}} )       # a number or a date
      ) \n
    )+
    ---(?:\n|\Z)""",
        re.VERBOSE | re.ASCII,
    )


class PlainSeed(NamedTuple):
    """The URL and the stamp as `seeds.parse` would find them."""

    url: str
    fetched_at: datetime | None


def parse_plain(text: str, keys: Keys = DEFAULT_KEYS) -> PlainSeed | None:
    """URL and stamp of a seed with plain front matter; None if only `seeds.parse` can tell what the text holds.

    >>> parse_plain('---\\nsource_url: "https://example.org/"\\nfetched_at: 2026-02-08\\n---\\nText').url
    'https://example.org/'
    >>> parse_plain('---\\nsource_url: *address\\n---\\nText')
    """
    stamp = _first(text, keys.stamp)
    match = _plain(_first(text, keys.url), stamp).match(text, 0, _LONGEST)
    if not match or match.end() == _LONGEST or not match["url"] or (match["quoted"] and match["bare"]):
        return None
    if stamp != keys.stamp[-1] and not (match["quoted"] or match["bare"]):  # it begins a line of the body
        return None
    return PlainSeed(match["url"], stamps.read(match["quoted"] or match["bare"]))


def _first(text: str, names: tuple[str, ...]) -> str:
    """The first of the names that begins a line: where plain front matter has one, it begins a line."""
    for name in names[:-1]:
        if text.find(f"\n{name}:", 0, _LONGEST) >= 0:
            return name
    return names[-1]
