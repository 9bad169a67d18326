"""Reads inline Markdown into tokens: words, white space, markup."""

import re
from dataclasses import dataclass
from html import unescape

from fetcher.markdown.reading.commonmark import BROKEN_ADDRESS, whole_address
from fetcher.merge.tokens import LOCAL, NOTE, Lookup, ShownText, Token, label_of, with_words
from fetcher.page.links import is_local, target

_TITLE = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_TARGET = re.compile(
    rf"\(\s*(?:<(?P<angle>[^<>\n]*)>|(?P<bare>[^\s()<>]*(?:\((?:[^\s()]|\([^\s()]*\))*\)[^\s()]*)*))"
    rf"(?:\s+(?:{_TITLE}))?\s*\)"
)
_REFERENCE = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]")
_PART = re.compile(
    r"""
    (?P<br> [ ]{2,}\r?\n[ \t>]* | \\\r?\n[ \t>]* | <br[ ]?/?>\r?\n[ \t>]* )
  | (?P<line> [ \t]*\r?\n[ \t>]* )
  | (?P<escape> \\[!-/:-@\[-`{-~] )
  | (?P<entity> &(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,31}); )
  | (?P<code> (?P<ticks>`+)(?!`) (?P<inner>.+?) (?<!`)(?P=ticks)(?!`) )
  | (?P<auto> <[a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^<>\s]*> | <[^<>\s@]+@[^<>\s]+> )
  | (?P<comment> <!--.*?--> )
  | (?P<tag> <(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<attributes>(?:\s[^<>]*)?)/?> )
  | (?P<note> \[\^[^\]\s]+\] )
  | (?P<image> !\[(?P<alt>(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\] )
  | (?P<open> \[ )
  | (?P<close> \] )
  | (?P<run> \*+ | _+ | ~~+ )
  | (?P<text> [^\s\\&`<!\[\]*_~]+(?:[ ][^\s\\&`<!\[\]*_~]+)* | [ \t\xa0]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_HREF = re.compile(r"""\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_NAMES = {"i": "em", "b": "strong", "s": "del", "strike": "del", "tt": "code", "kbd": "code", "samp": "code"}
_INLINE = frozenset("a em strong del code sup sub span u small mark abbr cite q ins var time font big wbr".split())
_SIGNS = {1: "em", 2: "strong"}


@dataclass(slots=True)
class _Opened:
    """A possible opening of markup: its index among the parts, and the number of its signs."""

    sign: str
    at: int
    size: int
    text: str


class Tokenizer:
    """Reads inline source; the numbers of pairs run on over all that one tokenizer reads."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._pairs = 0
        self._parts: list[ShownText | Token] = []
        self._opened: list[_Opened] = []

    def tokens(self, source: str) -> list[Token]:
        """The tokens of inline source."""
        self._parts, self._opened = [], []
        at = 0
        while at < len(source):
            match = _PART.match(source, at)
            assert match is not None  # noqa: S101 - the last alternative takes any sign
            at = getattr(self, f"_{match.lastgroup if match.lastgroup not in _INNER else 'code'}")(match, source)
        return list(with_words(self._parts))

    def _pair(self) -> int:
        self._pairs += 1
        return self._pairs

    def _add(self, part: ShownText | Token) -> None:
        self._parts.append(part)

    def _text(self, match: re.Match[str], _: str) -> int:
        self._add(ShownText(match[0], match[0]))
        return match.end()

    def _br(self, match: re.Match[str], _: str) -> int:
        self._add(Token(match[0], " ", "space", form="break"))
        return match.end()

    def _line(self, match: re.Match[str], _: str) -> int:
        self._add(Token(match[0], " ", "space", form="line"))
        return match.end()

    def _escape(self, match: re.Match[str], _: str) -> int:
        self._add(ShownText(match[0], match[0][1]))
        return match.end()

    def _entity(self, match: re.Match[str], _: str) -> int:
        self._add(ShownText(match[0], unescape(match[0])))
        return match.end()

    def _code(self, match: re.Match[str], _: str) -> int:
        inner, pair = match["inner"], self._pair()
        pad = " " if inner[0] == inner[-1] == " " and inner.strip() else ""
        self._add(Token(match["ticks"] + pad, "`", "mark", pair))
        core = inner[len(pad) : len(inner) - len(pad)]
        self._parts += [ShownText(part, part.replace("\\|", "|")) for part in re.findall(r"\\\||[^\\]+|\\", core)]
        self._add(Token(pad + match["ticks"], "/`", "mark", pair))
        return match.end()

    def _auto(self, match: re.Match[str], _: str) -> int:
        pair, address = self._pair(), match[0][1:-1]
        self._add(Token("<", "<", "mark", pair))
        self._add(ShownText(address, address))
        self._add(Token(">", ">", "mark", pair))
        return match.end()

    def _comment(self, match: re.Match[str], _: str) -> int:
        self._add(Token(match[0], match[0], "extra"))
        return match.end()

    def _note(self, match: re.Match[str], _: str) -> int:
        if match[0] not in self._lookup.notes:
            self._add(ShownText("[", "["))
            return match.start() + 1
        self._add(Token(match[0], NOTE, "word"))
        return match.end()

    def _tag(self, match: re.Match[str], _: str) -> int:
        name = match["name"].lower()
        name = _NAMES.get(name, name)
        if name == "br":
            self._add(Token(match[0], " ", "space", form="break"))
        elif name == "img":
            self._add(Token(match[0], f"![{self._lead(_address(match['attributes']))}", "mark"))
        elif name not in _INLINE:
            self._add(Token(match[0], "<>", "space", form="block"))
        elif not match["end"]:
            key = "[" if name == "a" else f"<{name}"
            self._opened.append(_Opened(f"<{name}", len(self._parts), 0, _address(match["attributes"])))
            self._add(Token(match[0], key, "mark"))
        else:
            self._end_tag(match[0], name)
        return match.end()

    def _end_tag(self, text: str, name: str) -> None:
        opened = next((one for one in reversed(self._opened) if one.sign == f"<{name}"), None)
        key = f"/<{name}"
        pair = -1
        if opened is not None:
            del self._opened[self._opened.index(opened) :]
            pair = self._settle(opened.at)
            key = f"]({self._lead(opened.text)}" if name == "a" else key
        self._add(Token(text, key, "mark", pair))

    def _settle(self, at: int) -> int:
        """Give the mark at an index a new pair number, and return that."""
        pair, part = self._pair(), self._parts[at]
        assert isinstance(part, Token)  # noqa: S101
        self._parts[at] = part._replace(pair=pair)
        return pair

    def _lead(self, link: str) -> str:
        return f"{LOCAL}{link}" if is_local(link) else target(unescape(link), self._lookup.base).rstrip("/")

    def _image(self, match: re.Match[str], source: str) -> int:
        found = self._led(source, match.end(), match["alt"])
        if found is None:
            self._add(ShownText("!", "!"))
            return match.start() + 1
        link, end = found
        self._add(Token(source[match.start() : end], f"![{self._lead(link)}", "mark"))
        return end

    def _led(self, source: str, at: int, label: str) -> tuple[str, int] | None:
        """The target of the link or image whose text ends at `at`, and where that ends; None if there is none."""
        if broken := BROKEN_ADDRESS.match(source, at):
            return _unescaped(whole_address(broken)), broken.end()
        if inline := _TARGET.match(source, at):
            link = inline["angle"] if inline["angle"] is not None else inline["bare"]
            return _unescaped(link), inline.end()
        reference = _REFERENCE.match(source, at)
        known = self._lookup.definitions
        if reference and (link := known.get(label_of(reference[1] or label))):
            return link, reference.end()
        if link := known.get(label_of(label)):
            return link, at
        return None

    def _open(self, match: re.Match[str], _: str) -> int:
        self._opened.append(_Opened("[", len(self._parts), match.start(), ""))
        self._add(ShownText("[", "["))
        return match.end()

    def _close(self, match: re.Match[str], source: str) -> int:
        opened = next((one for one in reversed(self._opened) if one.sign == "["), None)
        found = self._led(source, match.end(), source[opened.size + 1 : match.start()]) if opened else None
        if opened is not None:
            del self._opened[self._opened.index(opened) :]
        if opened is None or found is None:
            self._add(ShownText("]", "]"))
            return match.end()
        link, end = found
        pair = self._pair()
        self._parts[opened.at] = Token("[", "[", "mark", pair)
        self._add(Token(source[match.start() : end], f"]({self._lead(link)}", "mark", pair))
        return end

    def _run(self, match: re.Match[str], source: str) -> int:
        """A run of emphasis signs, which opens or closes emphasis, or is text."""
        before, after = source[: match.start()][-1:], source[match.end() : match.end() + 1]
        left = bool(after.strip()) and (not _sign(after) or not before.strip() or _sign(before))
        right = bool(before.strip()) and (not _sign(before) or not after.strip() or _sign(after))
        sign, rest = match[0][0], len(match[0])
        if sign == "_":
            left, right = left and (not right or _sign(before)), right and (not left or _sign(after))
        while right and rest and (opened := self._opener(sign)):
            rest -= self._emphasis(opened, rest)
        if rest and left:
            self._opened.append(_Opened(sign, len(self._parts), rest, ""))
        if rest:
            self._add(ShownText(sign * rest, sign * rest))
        return match.end()

    def _emphasis(self, opened: _Opened, most: int) -> int:
        """Close an emphasis, and return how many signs that takes."""
        size = opened.size if opened.sign == "~" else 2 if min(opened.size, most) > 1 else 1
        key, pair = "del" if opened.sign == "~" else _SIGNS[size], self._pair()
        place = self._opened.index(opened)
        opened.size -= size
        del self._opened[place + (opened.size > 0) :]
        rest = opened.sign * opened.size
        self._parts[opened.at] = ShownText(rest, rest)
        self._parts.insert(opened.at + 1, Token(opened.sign * size, key, "mark", pair))
        self._add(Token(opened.sign * size, f"/{key}", "mark", pair))
        return size

    def _opener(self, sign: str) -> _Opened | None:
        """The innermost opening with a sign, within the same link."""
        for one in reversed(self._opened):
            if one.sign in (sign, "["):
                return one if one.sign == sign else None
        return None


_INNER = frozenset(["ticks", "inner", "end", "name", "attributes", "alt"])


def _address(attributes: str) -> str:
    found = _HREF.search(attributes)
    return next((group for group in found.groups() if group is not None), "") if found else ""


def _unescaped(address: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", address)


def _sign(sign: str) -> bool:
    return bool(sign) and not sign.isalnum() and not sign.isspace()
