"""Handles the start and the end of each element: collects text into lines, and lines into Markdown blocks."""

from dataclasses import replace

from lxml import html

from fetcher.markdown import emphasis, marks
from fetcher.markdown.blocks import (
    Block,
    Container,
    Item,
    Kind,
    adopt,
    append_definition,
    code_block,
    info,
    item_value,
    join,
    join_definition,
    list_block,
    quoted,
)
from fetcher.markdown.dialect import DEFAULT, Dialect
from fetcher.markdown.hooks import (
    HEADINGS,
    SYNONYMS,
    Hooks,
    holds_formula,
    is_backlink,
    is_display,
    is_hidden,
    tex_source,
)
from fetcher.markdown.marks import Line
from fetcher.markdown.tables import Table, is_data, table_text
from fetcher.page.code import code_text, is_gutter
from fetcher.page.links import is_permalink

_ITEMS = ("item", "definition")
_WIDTHS = {"quote": 2, "item": 2}  # columns of the prefix before their content


class Converter(Hooks):
    """The state of one tree's conversion, and a method for the start and the end of each block element."""

    def __init__(self, base: str, dialect: Dialect) -> None:
        super().__init__(base, dialect)
        self.line = Line()
        self.of_cells = replace(dialect, escapes=dialect.escapes - {"|"})  # where "|" is always escaped
        self.plain = marks.spaced(dialect.spaces) if dialect.spaces else marks.plain
        self.containers: list[Container] = []
        self.table: Table | None = None
        self.flat: html.HtmlElement | None = None  # the open heading or cell, which cannot hold blocks
        self.places: dict[html.HtmlElement, int] = {}  # index of the first block of each definition
        self.formula = ""  # source of the last one

    def _break(self, kind: Kind = "line") -> None:
        """End the line and add it as a block; in a heading or a cell, add a space instead."""
        if self.flat is not None:
            self.line.add(" ")
            return
        text = self.line.take()
        if text and not marks.blank(text):
            dialect, width = self._wrapped() if self.dialect.wrap else (self.dialect, 0)
            self._add(emphasis.paragraph(text, dialect, width), kind)

    def _wrapped(self) -> tuple[Dialect, int]:
        """The dialect of a paragraph here, and the columns that it can take."""
        boxes = [container.kind for container in self.containers]
        if "item" in boxes and not self.dialect.items_wrapped:
            return replace(self.dialect, wrap=0), 0
        return self.dialect, self.dialect.wrap - sum(_WIDTHS.get(kind, 0) for kind in boxes)

    def _add(self, text: str, kind: Kind = "other") -> None:
        if text:
            self.containers[-1].blocks.append(Block(text, kind))

    def _release(self, element: html.HtmlElement) -> Container | None:
        """The container that this element opened, now closed; None if it opened none."""
        self._break()
        held = self.flat is None and self.containers[-1].element is element and len(self.containers) > 1
        return self.containers.pop() if held else None

    def _last(self) -> Block | None:
        blocks = self.containers[-1].blocks
        return blocks[-1] if blocks else None

    # --- inline elements ---

    def _start_inline(self, element: html.HtmlElement) -> bool:
        if holds_formula(element) and (source := tex_source(element)) is not None:
            return self._formula(element, source)
        hook = self.get_conv_fn_cached(element.tag)
        kind = SYNONYMS.get(element.tag, element.tag)
        if hook is not None and kind not in self.line.kinds and "code" not in self.line.kinds:
            self.line.open(element, kind, hook)
        return True

    def _end_inline(self, element: html.HtmlElement) -> None:
        self.line.close(element)

    def _start_link(self, element: html.HtmlElement) -> bool:
        if self.heading is not None and is_permalink(element):
            return False
        if self.heading is not None and is_backlink(element, self.heading) and not self.dialect.backlinks:
            return True
        if element.get("href"):
            if self.flat is not None:  # the whole link is one line
                self.homes[element] = element
            self.line.open(element, "a", self.convert_a)
        return True

    def _formula(self, element: html.HtmlElement, source: str) -> bool:
        self.formula = source
        if is_display(element) and self.flat is None:
            self._break()
            self._add(code_block(source, "math", DEFAULT))
        else:
            self.line.add(marks.formula(source))
        return False

    def _line_break(self, _: html.HtmlElement) -> bool:
        """One `br` is a hard break, two begin a new paragraph."""
        if self.flat is None and self.line.ends_in_break():
            self._break()
        else:
            self.line.add(marks.BREAK)
        return True

    def _picture(self, element: html.HtmlElement) -> bool:
        self.line.add(self.picture(element, self.formula))
        return False

    def _embedded(self, element: html.HtmlElement) -> bool:
        self.line.add("" if is_hidden(element) else f" {self.embedded(element)} ")
        return False

    def _input(self, element: html.HtmlElement) -> bool:
        container = self.containers[-1]
        if element.get("type") == "checkbox" and container.kind == "item" and not container.blocks:
            container.task = "[x] " if element.get("checked") is not None else "[ ] "
        return False

    def _apart(self, _: html.HtmlElement) -> bool:
        self.line.add(" ")
        return True

    # --- blocks ---

    def _start_block(self, _: html.HtmlElement) -> bool:
        self._break()
        return True

    def _end_block(self, _: html.HtmlElement) -> None:
        self._break()

    def _end_paragraph(self, _: html.HtmlElement) -> None:
        self._break("paragraph")

    def _start_heading(self, element: html.HtmlElement) -> bool:
        self._break()
        if self.flat is None:
            self.flat = self.heading = element
        return True

    def _end_heading(self, element: html.HtmlElement) -> None:
        level = int(element.tag[1])
        if self.flat is not element:
            self._break()
            return
        text = emphasis.heading(self.line.take(), self.dialect, level)
        self.flat = self.heading = None
        self._add(text and self.convert_hN(level, element, text, set()).strip("\n"))

    def _start_list(self, element: html.HtmlElement) -> bool:
        self._break()
        if self.flat is None:
            self.containers.append(Container(element, "list"))
        return True

    def _end_list(self, element: html.HtmlElement) -> None:
        if container := self._release(element):
            adopt(container)
            depth = sum(other.kind == "list" and other.element.tag != "ol" for other in self.containers)
            if block := list_block(container, self.dialect, self._last(), depth):
                self.containers[-1].blocks.append(block)

    def _start_item(self, element: html.HtmlElement) -> bool:
        self._break()
        if self.flat is None and self.containers[-1].kind == "list":
            adopt(self.containers[-1])
            self.containers.append(Container(element, "item"))
        return True

    def _end_item(self, element: html.HtmlElement) -> None:
        if container := self._release(element):
            self.containers[-1].items.append(Item(container.blocks, container.task, item_value(element)))

    def _start_quote(self, element: html.HtmlElement) -> bool:
        self._break()
        if self.flat is None:
            self.containers.append(Container(element, "quote"))
        return True

    def _end_quote(self, element: html.HtmlElement) -> None:
        if (container := self._release(element)) and container.blocks:
            self._add(quoted(join(container.blocks)))

    def _start_term(self, element: html.HtmlElement) -> bool:
        """A term of a definition list becomes a bold line, as Markdown has no markup for it, unless the dialect has."""
        self._break()
        is_strong = self.dialect.definitions == "strong" and "strong" not in self.line.kinds
        if is_strong and next(element.iter(*HEADINGS), None) is None:
            self.line.open(element, "strong", self.convert_strong)
        return True

    def _end_term(self, element: html.HtmlElement) -> None:
        self._break("term")
        self.line.close(element)

    def _start_definition(self, element: html.HtmlElement) -> bool:
        self._break()
        if self.flat is None and self.dialect.definitions == "colon":
            self.containers.append(Container(element, "definition"))
        self.places[element] = len(self.containers[-1].blocks)
        return True

    def _end_definition(self, element: html.HtmlElement) -> None:
        if container := self._release(element):
            append_definition(self.containers[-1].blocks, container.blocks)
        elif self.flat is None and self.dialect.definitions == "break":
            join_definition(self.containers[-1].blocks, self.places[element], self.dialect.hard_break)

    def _rule(self, _: html.HtmlElement) -> bool:
        self._break()
        container = self.containers[-1]
        if self.flat is None and (
            container.kind not in _ITEMS or container.blocks
        ):  # "- ---" would be a rule instead of an item with one
            self._add("___" if container.kind in _ITEMS else self.dialect.rule)
        return False

    def _code_block(self, element: html.HtmlElement) -> bool:
        self._break()
        text = code_text(element)
        if self.flat is not None:
            self.line.add(marks.code(marks.plain(text)))
        elif text:
            last = self._last()  # after a list, an indented block would belong to its last item or definition
            goes_on = last.kind in ("list", "definition") if last is not None else self.containers[-1].kind in _ITEMS
            is_other = goes_on and self.dialect.code != "fenced"
            dialect = replace(self.dialect, code="fenced", code_ended=False) if is_other else self.dialect
            text += "\n" * (dialect.code_ended and "".join(element.itertext()).endswith("\n"))
            self._add(code_block(text, info(element, self.dialect), dialect))
        return False

    # --- tables ---

    def _start_table(self, element: html.HtmlElement) -> bool:
        self._break()
        if self.flat is None and self.dialect.tabled and is_data(element):
            self.containers.append(Container(element, "table"))
            self.table = Table(self.dialect.repeats)
        return True

    def _end_table(self, element: html.HtmlElement) -> None:
        if (container := self._release(element)) and self.table is not None:
            self.containers[-1].blocks += container.blocks
            self._add(table_text(self.table, self.dialect))
            self.table = None

    def _start_row(self, element: html.HtmlElement) -> bool:
        self._break()
        if self.table is not None and self.flat is None:
            self.table.start_row(element)
        return True

    def _start_cell(self, element: html.HtmlElement) -> bool:
        if self.table is None and is_gutter(element):
            return False
        self._break()
        if self.table is not None and self.flat is None:
            self.flat = element
        return True

    def _end_cell(self, element: html.HtmlElement) -> None:
        if self.table is None or self.flat is not element:
            self._break()
            return
        text = emphasis.flat(self.line.take(), self.of_cells)
        self.flat = None
        self.table.add(element, text.replace("|", "\\|"))
