"""Finds boxes in Markdown: admonitions, callouts, tabs and the like, whatever dialect they are written in.

A box has opening lines, content, and closing lines; the content may be indented or quoted. The lines that open and
close it show no words of their own, except for a title.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

# Any line that may open a box: the cheap test by which most bodies are known to have none.
_MAYBE = re.compile(
    r"^[ \t>]*(?::{3}|/{3}[ \t]|!!!|\?\?\?|===|`{3}[`{\w]|~{3}|\.\.[ ]\w|\[[!A-Za-z]|\{[{%\w]|<[A-Za-z])", re.MULTILINE
)
_BLANK = " \t\r\n"
_DEPTH = 20  # quotes in quotes that are looked into
_CODE_INDENT = 4
_BASE = r"(?P<base>[ \t]*)"
# A line between signs, with a line of the same signs at the end: `::: warning`, `:::{note} Title`, `/// tip | Title`.
_FENCED = re.compile(_BASE + r"(?P<fence>:{3,}|/{3,})(?P<info>[ \t]*[^\s:/].*)?")
# What is indented below belongs to it.
_INDENTED = re.compile(_BASE + r"(?:(?:!!!|\?\?\?\+?)[ \t]+\S|===[!+]?[ \t]+[\"']|\.\.[ ][\w:-]+::).*")
_CODE = re.compile(_BASE + r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)")
_ALERT = re.compile(r"(?P<base>[ \t]*)>[ \t]?\[!(?P<info>[\w-][^\]\n]*\].*)")
_QUOTED = re.compile(r"[ \t]*>[ ]?")
# Short codes and tags, which are closed by name.
_NAMED = re.compile(
    _BASE
    + r"""(?:
      \{\{[<%][ \t]*(?P<hugo_end>/)?[ \t]*(?P<hugo>[\w./-]+)(?P<hugo_rest>[^\n]*?)[>%]\}\}
    | \{%-?[ \t]*(?P<liquid_end>end_?|/)?(?P<liquid>(?:(?<=end)|[\w./-]+))(?P<liquid_rest>[^\n]*?)-?%\}
    | \[(?P<square_end>/)?(?P<square>[A-Za-z][\w-]*)(?P<square_rest>[ =][^\]\[\n]*)?\]
    | \{(?P<brace>[A-Za-z][\w-]*)(?P<brace_rest>:[^{}\n]*)?\}
    | <(?P<tag_end>/)?(?P<tag>[A-Za-z][\w.:-]*)
      (?P<tag_rest>(?:\s(?:[^<>"'{]|"[^"]*"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\})*)?)(?<!/)>
      (?P<summary>[ \t]*<summary>.*</summary>)?
    )[ \t]*""",
    re.VERBOSE,
)
_KINDS = ("hugo", "liquid", "square", "brace", "tag")
_CONTAINERS = frozenset("div section aside details article figure main header footer center".split())
_ELEMENTS = frozenset(  # of HTML that are no boxes
    """a p ul ol li dl dt dd table thead tbody tfoot tr td th caption colgroup col pre code script style template form
    select option textarea svg math iframe object video audio picture source canvas button label input img br hr wbr
    h1 h2 h3 h4 h5 h6 blockquote nav span em strong b i u s sub sup small del ins mark q cite kbd samp var font tt
    html head body title meta link noscript summary figcaption address menu fieldset legend map area""".split()
)
_SUMMARY = re.compile(r"[ \t]*<summary[^<>]*>.*</summary>[ \t]*", re.IGNORECASE)
# Below the line that opens a box: `:class: tip`, in some boxes `    type: tip`.
_OPTION = re.compile(r"[ \t]*:[\w-]+:(?:[ \t].*)?")
_SETTING = re.compile(r"(?:[ ]{4}|\t)[ \t]*[\w-]+:(?:[ \t].*)?")
_CAPTURE = re.compile(r"[ \t]*\{%-?[ \t]*capture[ \t]+(?P<name>[\w-]+)")
_OUTPUT = 5  # lines at most that show what was captured
_BLOCK = re.compile(r"[ \t]*(?P<fence>={4,}|-{4,}|\*{4,}|_{4,})[ \t]*")
_ALONE = re.compile(_BASE + r"\[(?P<info>[A-Za-z][^\]\[\n]*)\][ \t]*")


@dataclass(slots=True)
class Box:
    """A box: the lines that open it, those that close it, and what its content's lines begin with below `base`.

    `opener` and `closer` are ranges of lines; that of `closer` is empty where nothing but the indent closes it.
    """

    opener: tuple[int, int]
    closer: tuple[int, int]
    base: str
    prefix: str

    def outer(self, line: str) -> str:
        """A line of the content as it stands outside of the content."""
        if not line.strip(f"{_BLANK}>"):
            signs, rest = self.base + self.prefix, line.removeprefix(self.base.rstrip()).lstrip(" \t")
            return (signs if rest[:1] == ">" else signs.rstrip()) + rest if ">" in signs + rest else line
        if line.startswith(self.base):
            return self.base + self.prefix + line[len(self.base) :]
        return self.prefix + line


@dataclass(slots=True)
class _Open:
    """A line that opens a box, whose end is not known yet. `key` is what has to close it."""

    line: int
    end: int
    base: str
    key: str


def may_have_boxes(text: str) -> bool:
    """Whether some line may open a box."""
    return _MAYBE.search(text) is not None


class Scan:
    """The boxes of lines of Markdown, inner ones after outer ones; `lines` become those of the content alone.

    `quotes` tells for each of these in how many quotes it stands, of those that `depth` leaves to be looked into.
    `is_prose` tells whether the lines between two code fences are shown as text, and not as code; `is_code` whether a
    line is shown as code, or anything if none is given.
    """

    def __init__(
        self,
        lines: Sequence[str],
        is_prose: Callable[[Sequence[str]], bool],
        is_code: Callable[[str], bool],
        depth: int = _DEPTH,
    ) -> None:
        self.lines, self.quotes, self.boxes = list(lines), [0] * len(lines), list[Box]()
        self._is_prose, self._is_code, self._depth = is_prose, is_code, depth
        self._parts, self._end = [(0, len(self.lines))], len(self.lines)
        while self._parts:
            self._scan(*self._parts.pop())
        self.boxes.sort(key=lambda box: box.opener)

    def _scan(self, at: int, end: int) -> None:
        """Find the boxes in the lines `at:end`."""
        self._end = end
        pending = list[_Open]()
        while at < end:
            line = self.lines[at].rstrip("\r\n")
            is_code = (
                line.expandtabs(_CODE_INDENT)[:_CODE_INDENT].isspace() and _MAYBE.match(line) and self._is_code(line)
            )
            after = at + 1 if is_code else self._whole(at, end, line)
            if after is None:
                self._open_or_close(pending, at, line)
                last = self.boxes[-1].closer if self.boxes else (at, at)
                after = last[1] if last[0] == at < last[1] else at + 1
            at = max(after, pending[-1].end if pending else 0)

    def _whole(self, at: int, end: int, line: str) -> int | None:
        """The line behind a box whose end is found at once, with all in it, or behind code; None for other lines."""
        if found := _CODE.fullmatch(line):
            return self._code(at, end, found)
        if found := _INDENTED.fullmatch(line):
            return self._indented(at, end, found["base"])
        if found := _ALERT.fullmatch(line):
            return self._alert(at, end, found["base"])
        if _QUOTED.match(line):
            return self._quote(at, end)
        if (found := _ALONE.fullmatch(line)) and at + 1 < end and (sign := _BLOCK.fullmatch(self._line(at + 1))):
            last = next((k for k in range(at + 2, end) if self._line(k).strip() == sign["fence"]), None)
            if last is not None:
                self._add((at, at + 2), (last, last + 1), found["base"])
                return last + 1
        return None

    def _quote(self, at: int, end: int) -> int:
        """Find the boxes in a quote, as if it were a text of its own; the line behind it."""
        found = takewhile(bool, (_QUOTED.match(self.lines[k]) for k in range(at, end)))
        signs = [each[0] for each in found if each]
        inner = [self.lines[k][len(sign) :] for k, sign in enumerate(signs, at)]
        scan = Scan(inner if self._depth else [], self._is_prose, self._is_code, self._depth - 1)
        self.quotes[at : at + len(signs)] = [1] * len(signs)
        for k, (sign, line, quotes) in enumerate(zip(signs, scan.lines, scan.quotes, strict=False), at):
            self.lines[k] = sign + line
            self.quotes[k] += quotes
        for box in scan.boxes:
            box.base = signs[box.opener[0]] + box.base
            box.opener, box.closer = ((start + at, stop + at) for start, stop in (box.opener, box.closer))
        self.boxes += scan.boxes
        return at + len(signs)

    def _line(self, at: int) -> str:
        return self.lines[at].rstrip("\r\n")

    def _code(self, at: int, end: int, found: re.Match[str]) -> int:
        fence, base = found["fence"], found["base"]
        close = re.compile(rf"[ \t]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*")
        last = next((k for k in range(at + 1, end) if close.fullmatch(self._line(k))), None)
        if last is None:
            return end
        info, lines = found["info"].strip(), self.lines[at + 1 : last]
        if info and self._is_shown(info, [line.removeprefix(base) for line in lines]):
            self._add((at, self._behind_options(at + 1, last)), (last, last + 1), base)
        return last + 1

    def _is_shown(self, info: str, lines: Sequence[str]) -> bool:
        """Whether the lines between two code fences are text, or other code in a directive, and not code."""
        own = [line for line in _uncoded(lines) if line.strip(f"{_BLANK}>")]
        if self._is_prose(own) or info[0] != "{":
            return self._is_prose(own)
        text = "".join(lines).strip()
        return not self._is_code("") or (not own and (not text or not self._is_code(text)))

    def _indented(self, at: int, end: int, base: str) -> int | None:
        last, depth = at, 0
        for k in range(at + 1, end):
            line = self._line(k)
            if line.strip(_BLANK):
                indent = len(line) - len(line.lstrip())
                depth = depth or indent
                if indent < depth or indent < len(base) + 2:
                    break
                last = k
        below = self._line(at + 1) if at + 1 < end else ""
        is_alone = not below.strip(_BLANK) or any(each.fullmatch(below) for each in (_INDENTED, _FENCED, _NAMED))
        if last == at and not is_alone:
            return None
        start = self._behind_options(at + 1, last + 1)
        prefix = next(
            (self._line(k)[len(base) : depth] for k in range(start, last + 1) if self._line(k).strip(_BLANK)), ""
        )
        self._add((at, start), (last + 1, last + 1), base, prefix)
        return last + 1

    def _alert(self, at: int, end: int, base: str) -> int | None:
        size = sum(1 for _ in takewhile(lambda k: _QUOTED.match(self.lines[k]), range(at + 1, end)))
        while size and not self._line(at + size).strip(" \t>"):
            size -= 1
        first = next((k for k in range(at + 1, at + size + 1) if self._line(k).strip(" \t>")), None)
        if first is None:
            return None
        found = _QUOTED.match(self.lines[first])
        prefix = found[0][len(base) :] if found else "> "
        self._add((at, at + 1), (at + size + 1, at + size + 1), base, prefix)
        return at + size + 1

    def _behind_options(self, at: int, end: int, base: str = "", option: re.Pattern[str] = _OPTION) -> int:
        """The line behind the options of a box, which may stand between lines of hyphens."""
        if at < end and self._line(at).strip() == "---":
            last = next((k for k in range(at + 1, end) if self._line(k).strip() in ("---", "")), end)
            return last + 1 if last < end and self._line(last).strip() else at
        return next((k for k in range(at, end) if not option.fullmatch(self._line(k).removeprefix(base))), end)

    def _open_or_close(self, pending: list[_Open], at: int, line: str) -> None:
        if found := _FENCED.fullmatch(line):
            if found["info"]:
                option = _SETTING if found["fence"][0] == "/" else _OPTION
                below = self._behind_options(at + 1, self._end, found["base"], option)
                pending.append(_Open(at, below, found["base"], found["fence"]))
            else:
                self._close(pending, at, found["fence"], or_last=True)
        elif found := _NAMED.fullmatch(line):
            kind = next(kind for kind in _KINDS if found[kind] is not None)
            if kind != "brace" and found[f"{kind}_end"]:
                self._close(pending, at, f"{kind} {found[kind]}", or_last=kind == "liquid" and not found[kind])
            elif kind != "brace" or found["brace_rest"] or not self._close(pending, at, f"brace {found['brace']}"):
                self._open(pending, at, kind, found)

    def _open(self, pending: list[_Open], at: int, kind: str, found: re.Match[str]) -> None:
        end, name = at + 1, found[kind]
        if kind == "tag":
            if name.lower() in _ELEMENTS:
                return
            below = self._line(at + 1) if at + 1 < len(self.lines) else ""
            if name.lower() == "details" and _SUMMARY.fullmatch(below):
                end = at + 2
                below = self._line(end) if end < len(self.lines) else ""
            if name in _CONTAINERS and below.lstrip().startswith("<"):  # its content is HTML
                return
        pending.append(_Open(at, end, found["base"], f"{kind} {name}"))

    def _close(self, pending: list[_Open], at: int, key: str, *, or_last: bool = False) -> bool:
        """Whether a line closes an open box; what was opened in it and not closed is none."""
        place = next((k for k in reversed(range(len(pending))) if pending[k].key == key), None)
        if place is None and or_last:
            place = next((k for k in reversed(range(len(pending))) if pending[k].key[:1] == key[:1]), None)
        if place is None:
            return False
        opened = pending[place]
        del pending[place:]
        self._add((opened.line, opened.end), (at, self._behind_output(opened.line, at + 1)), opened.base, inside=True)
        return True

    def _behind_output(self, line: int, at: int) -> int:
        """The line behind those below a box that show its content, which is kept under a name: `{{ text }}`."""
        if not (found := _CAPTURE.match(self._line(line))):
            return at
        shown = re.compile(rf"\{{\{{-?[ \t]*{re.escape(found['name'])}\b")
        start = next((k for k in range(at, self._end) if self._line(k).strip(_BLANK)), at)
        lines = range(start, min(start + _OUTPUT, self._end))
        end = next((k for k in lines if not self._line(k).strip(_BLANK)), self._end)
        is_shown = end <= start + _OUTPUT and any(shown.search(self._line(k)) for k in range(start, end))
        return end if is_shown else at

    def _add(
        self, opener: tuple[int, int], closer: tuple[int, int], base: str, prefix: str = "", *, inside: bool = False
    ) -> None:
        """Note a box, take the prefix from its content, and find the boxes in it unless they are known."""
        start, end = opener[1], closer[0]
        filled = [self._line(k) for k in range(start, end) if self._line(k).strip(_BLANK)]
        if filled and not prefix:
            indent = min(len(line) - len(line.lstrip()) for line in filled)
            is_text = indent < len(base) + _CODE_INDENT or self._is_prose(filled)
            prefix = filled[0][len(base) : indent] if is_text else ""
        for k in range(start, end):
            self.lines[k] = _without(self.lines[k], base, prefix)
        for box in self.boxes if inside and prefix else ():
            if start <= box.opener[0] < end:
                box.base = _without(box.base, base, prefix)
        self.boxes.append(Box(opener, closer, base, prefix))
        if not inside:
            self._parts.append((start, end))


def _uncoded(lines: Sequence[str]) -> Iterator[str]:
    """The lines that are neither between fences of code nor indented as code."""
    fence = ""
    for line in lines:
        found = _CODE.fullmatch(line.lstrip(" \t>").rstrip("\r\n"))
        if found and not fence and found["info"][:1] != "{":
            fence = found["fence"]
        elif found and fence and found["fence"].startswith(fence) and not found["info"]:
            fence = ""
        elif not fence and not line.expandtabs(_CODE_INDENT)[:_CODE_INDENT].isspace():
            yield line


def _without(line: str, base: str, prefix: str) -> str:
    """A line without the prefix behind the base; without as much of it as it has, if that is less."""
    rest = line[len(base) :]
    if line.startswith(base + prefix):
        return base + rest[len(prefix) :]
    if line.startswith(base) and rest.startswith(prefix.rstrip()):
        return base + rest[len(prefix.rstrip()) :].lstrip(" \t")
    return line
