"""Escapes a line: puts a backslash before each character that Markdown would read as markup, and no other."""

import re
from functools import lru_cache

from fetcher.markdown.dialect import Dialect
from fetcher.markdown.marks import CODE, END, LINK, MARKS, RAW, UNBROKEN_SPACE, code_span

# Markup begins with one of a few characters. The expression starts with that set, which makes the search fast, and
# then looks back at which of them it was.
_MEANT = r"""
    [{first}] (?:
    (?<=[hw]) (?P<url> {url} )
  | (?<![hw]) (?:
    (?<={raw}) (?P<raw> [^{end}]*{end} )
  | (?<={code}) (?P<code> [^{code}]*{code} )
  | (?<={link}) (?P<link>)
  | (?P<extra> {extra} )
  | (?:
        (?<=\\) (?= [!-/:-@\[-`{{-~{marks}] | https?:// | www\. | $ )     # a backslash before what it could escape
      | (?<=`)
      | (?<=\*) (?: (?<![ ].) | (?![ ]) )         # "2 * 3" is no emphasis
      | (?<=~) (?: (?<![ ].) | (?![\w ]) )         # "~5" opens only; nothing closes
      | (?<=<) (?= [A-Za-z/!?{marks}] )           # a tag, an autolink
      | (?<=&) (?= \#?\w{{1,31}}; )               # an entity
      | (?<=!) (?= \[ | {link} | www\. )          # an image
      | (?<=\]) (?= [\[(:] | {link} | www\. )     # a link, a definition
    ) (?P<sign>)
  | (?<=_) (?P<under> _* )
  | (?<=[\[\]]) (?P<bracket>)
    ) )
"""


# An address up to what could be markup, as far as GFM's extended autolinks go; its first character is already consumed.
_URL = r"(?<!\w.)(?:(?<=h)ttps?://|(?<=w)ww\.)(?:[A-Za-z0-9_.,:;/?#@!$=%+-]|&(?!\#?\w{1,31};))*[A-Za-z0-9_/#=%+-]"
_RISKY = re.compile(rf"[^\s<]{{0,200}}?[{MARKS}\\`*_~&!\[\]]|[^\s<]{{200}}")
_NEVER = "(?!)"
_AFTER = {"#": r"(?<!\w.)(?=\w)"}  # importers escape "#" before words only


@lru_cache(maxsize=64)
def _scanner(escapes: frozenset[str], url: str) -> re.Pattern[str]:
    signs = sorted(escapes)
    extra = "|".join(f"(?<={re.escape(sign[0])}){_AFTER.get(sign, re.escape(sign[1:]))}" for sign in signs) or _NEVER
    first = re.escape(f"{RAW}{CODE}{LINK}hw\\`*~<&!][_" + "".join(sign[0] for sign in signs))
    return re.compile(
        _MEANT.format(first=first, raw=RAW, end=END, code=CODE, link=LINK, marks=MARKS, extra=extra, url=url),
        re.VERBOSE,
    )


class Escaper:
    """Escapes one line, from left to right."""

    def __init__(self, line: str, dialect: Dialect) -> None:
        escapes = dialect.escapes
        if f"{RAW}~~{END}" in line:  # then no "~" is safe
            escapes = escapes | {"~"}
        if dialect.wrap:  # at the end of a wrapped line, any backslash is a hard break
            escapes = escapes | {"\\"}
        self.source = line
        self.in_link = False
        self.keep = UNBROKEN_SPACE if dialect.wrap else " "  # code and finished Markdown are not wrapped
        self.escapes = escapes

    def line(self) -> str:
        """The line as Markdown: escaped, and with its marks written."""
        return _scanner(self.escapes, _URL).sub(self._written, self.source)

    def _written(self, match: re.Match[str]) -> str:
        return getattr(self, f"_{match.lastgroup}")(match[0], match)  # type: ignore[no-any-return]

    def _raw(self, found: str, _: re.Match[str]) -> str:
        self.in_link = self.in_link and not found.startswith(f"{RAW}](")
        return found[1:-1].replace(" ", self.keep)

    def _link(self, _: str, __: re.Match[str]) -> str:
        self.in_link = True
        return "["

    def _code(self, found: str, _: re.Match[str]) -> str:
        return code_span(found[1:-1]).replace(" ", self.keep)

    def _sign(self, found: str, _: re.Match[str]) -> str:
        return "\\" + found

    _extra = _sign

    def _bracket(self, found: str, _: re.Match[str]) -> str:
        return "\\" + found if self.in_link else found

    def _under(self, found: str, match: re.Match[str]) -> str:
        return found if _inside_word(match) else "\\_" * len(found)

    def _url(self, found: str, match: re.Match[str]) -> str:
        """An address in running text, which GFM links by itself, together with all that follows up to a space.

        GFM takes backslashes, and delimiters of code or emphasis right after the address, as part of it. Where there
        are any, the address is written as an autolink (`<…>`).
        """
        escaped = self._unlinked(found)
        alone = escaped == found and not _RISKY.match(match.string, match.end())
        if self.in_link or alone:
            return escaped
        if found.startswith("www."):
            return f"[{escaped}](http://{found})"
        return f"<{found}>"

    def _unlinked(self, text: str) -> str:
        return _scanner(self.escapes, _NEVER).sub(self._written, text)


def _inside_word(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()][-1:], match.string[match.end() : match.end() + 1]
    return before.isalnum() and after.isalnum()
