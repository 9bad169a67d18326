"""Finds boxes in Markdown: admonitions, callouts, tabs and the like, whatever dialect they are written in.

A box has opening lines, content, and closing lines; the content may be indented or quoted. The lines that open and
close it show no words of their own, except for a title.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from fetcher.markdown.reading.box_notations import (
    ALERT,
    ALONE,
    BLANK,
    BLOCK,
    CAPTURE,
    CODE,
    CODE_INDENT,
    CONTAINERS,
    DEPTH,
    ELEMENTS,
    FENCED,
    INDENTED,
    KINDS,
    MAYBE,
    NAMED,
    OPTION,
    OUTPUT,
    QUOTED,
    SETTING,
    SUMMARY,
    is_indented,
)


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
        if not line.strip(f"{BLANK}>"):
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
    return MAYBE.search(text) is not None


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
        depth: int = DEPTH,
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
            is_code = is_indented(line) and MAYBE.match(line) and self._is_code(line)
            after = at + 1 if is_code else self._whole(at, end, line)
            if after is None:
                self._open_or_close(pending, at, line)
                last = self.boxes[-1].closer if self.boxes else (at, at)
                after = last[1] if last[0] == at < last[1] else at + 1
            at = max(after, pending[-1].end if pending else 0)

    def _whole(self, at: int, end: int, line: str) -> int | None:
        """The line behind a box whose end is found at once, with all in it, or behind code; None for other lines."""
        if found := CODE.fullmatch(line):
            return self._code(at, end, found)
        if found := INDENTED.fullmatch(line):
            return self._indented(at, end, found["base"])
        if found := ALERT.fullmatch(line):
            return self._alert(at, end, found["base"])
        if QUOTED.match(line):
            return self._quote(at, end)
        if (found := ALONE.fullmatch(line)) and at + 1 < end and (sign := BLOCK.fullmatch(self._line(at + 1))):
            last = next((k for k in range(at + 2, end) if self._line(k).strip() == sign["fence"]), None)
            if last is not None:
                self._add((at, at + 2), (last, last + 1), found["base"])
                return last + 1
        return None

    def _quote(self, at: int, end: int) -> int:
        """Find the boxes in a quote, as if it were a text of its own; the line behind it."""
        found = takewhile(bool, (QUOTED.match(self.lines[k]) for k in range(at, end)))
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
        own = [line for line in _uncoded(lines) if line.strip(f"{BLANK}>")]
        flush = [line for line in own if not is_indented(line)]
        is_prose = self._is_prose(own) or self._is_prose(flush)
        if is_prose or info[0] != "{":
            return is_prose
        text = "".join(lines).strip()
        return not self._is_code("") or (not own and (not text or not self._is_code(text)))

    def _indented(self, at: int, end: int, base: str) -> int | None:
        last, depth = at, 0
        for k in range(at + 1, end):
            line = self._line(k)
            if line.strip(BLANK):
                indent = len(line) - len(line.lstrip())
                depth = depth or indent
                if indent < depth or indent < len(base) + 2:
                    break
                last = k
        below = self._line(at + 1) if at + 1 < end else ""
        is_alone = not below.strip(BLANK) or any(each.fullmatch(below) for each in (INDENTED, FENCED, NAMED))
        if last == at and not is_alone:
            return None
        start = self._behind_options(at + 1, last + 1)
        prefix = next(
            (self._line(k)[len(base) : depth] for k in range(start, last + 1) if self._line(k).strip(BLANK)), ""
        )
        self._add((at, start), (last + 1, last + 1), base, prefix)
        return last + 1

    def _alert(self, at: int, end: int, base: str) -> int | None:
        size = sum(1 for _ in takewhile(lambda k: QUOTED.match(self.lines[k]), range(at + 1, end)))
        while size and not self._line(at + size).strip(" \t>"):
            size -= 1
        first = next((k for k in range(at + 1, at + size + 1) if self._line(k).strip(" \t>")), None)
        if first is None:
            return None
        found = QUOTED.match(self.lines[first])
        prefix = found[0][len(base) :] if found else "> "
        self._add((at, at + 1), (at + size + 1, at + size + 1), base, prefix)
        return at + size + 1

    def _behind_options(self, at: int, end: int, base: str = "", option: re.Pattern[str] = OPTION) -> int:
        """The line behind the options of a box, which may stand between lines of hyphens."""
        if at < end and self._line(at).strip() == "---":
            last = next((k for k in range(at + 1, end) if self._line(k).strip() in ("---", "")), end)
            return last + 1 if last < end and self._line(last).strip() else at
        return next((k for k in range(at, end) if not option.fullmatch(self._line(k).removeprefix(base))), end)

    def _open_or_close(self, pending: list[_Open], at: int, line: str) -> None:
        if found := FENCED.fullmatch(line):
            if found["info"]:
                option = SETTING if found["fence"][0] == "/" else OPTION
                below = self._behind_options(at + 1, self._end, found["base"], option)
                pending.append(_Open(at, below, found["base"], found["fence"]))
            else:
                self._close(pending, at, found["fence"], or_last=True)
        elif found := NAMED.fullmatch(line):
            kind = next(kind for kind in KINDS if found[kind] is not None)
            if kind != "brace" and found[f"{kind}_end"]:
                self._close(pending, at, f"{kind} {found[kind]}", or_last=kind == "liquid" and not found[kind])
            elif kind != "brace" or found["brace_rest"] or not self._close(pending, at, f"brace {found['brace']}"):
                self._open(pending, at, kind, found)

    def _open(self, pending: list[_Open], at: int, kind: str, found: re.Match[str]) -> None:
        end, name = at + 1, found[kind]
        if kind == "tag":
            if name.lower() in ELEMENTS:
                return
            below = self._line(at + 1) if at + 1 < len(self.lines) else ""
            if name.lower() == "details" and SUMMARY.fullmatch(below):
                end = at + 2
                below = self._line(end) if end < len(self.lines) else ""
            if name in CONTAINERS and below.lstrip().startswith("<"):  # its content is HTML
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
        if not (found := CAPTURE.match(self._line(line))):
            return at
        shown = re.compile(rf"\{{\{{-?[ \t]*{re.escape(found['name'])}\b")
        start = next((k for k in range(at, self._end) if self._line(k).strip(BLANK)), at)
        lines = range(start, min(start + OUTPUT, self._end))
        end = next((k for k in lines if not self._line(k).strip(BLANK)), self._end)
        is_shown = end <= start + OUTPUT and any(shown.search(self._line(k)) for k in range(start, end))
        return end if is_shown else at

    def _add(
        self, opener: tuple[int, int], closer: tuple[int, int], base: str, prefix: str = "", *, inside: bool = False
    ) -> None:
        """Note a box, take the prefix from its content, and find the boxes in it unless they are known."""
        start, end = opener[1], closer[0]
        filled = [self._line(k) for k in range(start, end) if self._line(k).strip(BLANK)]
        if filled and not prefix:
            indent = min(len(line) - len(line.lstrip()) for line in filled)
            is_text = indent < len(base) + CODE_INDENT or self._is_prose(filled)
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
    """The lines without the code between fences."""
    fence = ""
    for line in lines:
        found = CODE.fullmatch(line.lstrip(" \t>").rstrip("\r\n"))
        if found and not fence and found["info"][:1] != "{":
            fence = found["fence"]
        elif found and fence and found["fence"].startswith(fence) and not found["info"]:
            fence = ""
        elif not fence:
            yield line


def _without(line: str, base: str, prefix: str) -> str:
    """A line without the prefix behind the base; without as much of it as it has, if that is less."""
    rest = line[len(base) :]
    if line.startswith(base + prefix):
        return base + rest[len(prefix) :]
    if line.startswith(base) and rest.startswith(prefix.rstrip()):
        return base + rest[len(prefix.rstrip()) :].lstrip(" \t")
    return line
