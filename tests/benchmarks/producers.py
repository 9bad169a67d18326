"""The same text as PDF by programs that people make PDFs with: `PRODUCERS`, each from the parts of a text to bytes.

A part is a kind and what it holds: `h1`, `h2`, `p` (a text), `ul`, `ol` (a list of texts), `table` (a list of rows).
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import fpdf
import typst
import weasyprint
from reportlab.lib import colors, enums, pagesizes, styles, units
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    ListFlowable,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from tests.browser import chromium

Part = tuple[str, Any]
Producer = Callable[[list[Part]], bytes]

HEADER = "Library of the harbour town"
FOOTER = "Rules and prices"

_PAGE = f"""
@page {{ size: A4; margin: 25mm 20mm; @top-center {{ content: "{HEADER}" }}
  @bottom-right {{ content: "{FOOTER} " counter(page) " / " counter(pages) }} }}
body {{ font: 11pt/1.4 serif }} table {{ border-collapse: collapse }} td, th {{ border: 1px solid; padding: 3px 6px }}
"""


def html(parts: list[Part], style: str = "") -> str:
    """The parts as a page."""
    body = "".join(map(_element, parts))
    head = f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Rules</title><style>{style}</style></head>"
    return f"{head}<body>{body}</body></html>"


def _element(part: Part) -> str:
    kind, held = part
    if kind in ("ul", "ol"):
        inner = "".join(f"<li>{escape(item)}</li>" for item in held)
    elif kind == "table":
        rows = enumerate(held)
        inner = "".join(f"<tr>{''.join(_cell(cell, 'td' if at else 'th') for cell in row)}</tr>" for at, row in rows)
    else:
        inner = escape(held)
    return f"<{kind}>{inner}</{kind}>"


def _cell(text: str, tag: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>"


def _chromium(parts: list[Part], style: str = "") -> bytes:
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(
            html(parts, f"body {{ font: 11pt sans-serif; {style} }} td, th {{ padding: 2px 8px; text-align: left }}")
        )
        margin: Any = {"top": "25mm", "bottom": "25mm", "left": "20mm", "right": "20mm"}
        numbers = "<span class=pageNumber></span>/<span class=totalPages></span>"
        return page.pdf(
            format="A4",
            margin=margin,
            display_header_footer=True,
            header_template=f"<div style='font-size:9px;margin-left:20mm'>{HEADER}</div>",
            footer_template=f"<div style='font-size:9px;margin-left:20mm'>{FOOTER} {numbers}</div>",
        )


def _weasyprint(parts: list[Part], style: str = "") -> bytes:
    return bytes(weasyprint.HTML(string=html(parts, _PAGE + style)).write_pdf())


def _reportlab(parts: list[Part], columns: int = 1, edge: float = 0.5) -> bytes:
    sheet, held = styles.getSampleStyleSheet(), io.BytesIO()
    body = styles.ParagraphStyle("p", sheet["BodyText"], alignment=enums.TA_JUSTIFY, spaceAfter=6)
    flow: list[Any] = []
    for kind, value in parts:
        if kind in ("ul", "ol"):
            items = [Paragraph(escape(item), body) for item in value]
            flow.append(ListFlowable(items, **({"bulletType": "bullet"} if kind == "ul" else {"bulletFormat": "%s."})))
        elif kind == "table":
            grid = [("GRID", (0, 0), (-1, -1), edge, colors.black)] if edge else []
            flow += [Table(value, style=TableStyle(grid), hAlign="LEFT"), Spacer(1, 8)]
        else:
            flow.append(Paragraph(escape(value), body if kind == "p" else sheet[f"Heading{kind[1]}"]))
    wide, high = pagesizes.A4
    room = (wide - 4 * units.cm - (columns - 1) * units.cm) / columns
    frames = [
        Frame(2 * units.cm + n * (room + units.cm), 2.5 * units.cm, room, high - 5 * units.cm) for n in range(columns)
    ]
    document = BaseDocTemplate(held, pagesize=pagesizes.A4, title="Rules")
    document.addPageTemplates(PageTemplate(frames=frames, onPage=_furniture))
    document.build(flow)
    return held.getvalue()


def _furniture(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 9)
    canvas.drawString(2 * units.cm, 28 * units.cm, HEADER)
    canvas.drawRightString(19 * units.cm, 1.2 * units.cm, f"{FOOTER} – page {document.page}")


class _Sheet(fpdf.FPDF):  # type: ignore[misc]  # has no types
    def header(self) -> None:
        self.set_font("Helvetica", size=9)
        self.cell(text=HEADER, new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Helvetica", size=9)
        self.cell(0, 10, f"{self.page_no()}", align="C")


def _fpdf(parts: list[Part]) -> bytes:
    sheet = _Sheet()
    sheet.add_page()
    sheet.set_font("Times", size=11)
    for kind, value in parts:
        if kind == "table":
            with sheet.table() as table:
                for row in value:
                    table.row(row)
            sheet.ln(4)
        else:
            sheet.write_html(_element((kind, value)))
    return bytes(sheet.output())


def _typst(parts: list[Part], columns: int = 1) -> bytes:
    lines = [
        f"#set page(columns: {columns}, header: [{HEADER}])",
        f"#set page(footer: [{FOOTER} #h(1fr) #context counter(page).display()])",
        '#set par(justify: true)\n#set text(lang: "en", hyphenate: true)',
    ]
    for kind, value in parts:
        if kind in ("ul", "ol"):
            lines.append("\n".join(f"{'-' if kind == 'ul' else '+'} {_of_typst(item)}" for item in value))
        elif kind == "table":
            cells = ", ".join(f"[{_of_typst(cell)}]" for row in value for cell in row)
            lines.append(f"#table(columns: {len(value[0])}, {cells})")
        else:
            lines.append(f"{'=' * int(kind[1])} {_of_typst(value)}" if kind != "p" else _of_typst(value))
    return bytes(typst.compile("\n\n".join(lines).encode()))


def _of_typst(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "$#*_@<>`\\[]" else sign for sign in text)


def _latex(parts: list[Part], columns: str = "onecolumn") -> bytes:
    lines = [
        f"\\documentclass[a4paper,{columns}]{{article}}\\usepackage[T1]{{fontenc}}\\usepackage[utf8]{{inputenc}}",
        f"\\pagestyle{{myheadings}}\\markright{{{HEADER}}}\\begin{{document}}",
    ]
    for kind, value in parts:
        if kind in ("ul", "ol"):
            name = "itemize" if kind == "ul" else "enumerate"
            items = "\n".join(f"\\item {_of_latex(item)}" for item in value)
            lines.append(f"\\begin{{{name}}}\n{items}\n\\end{{{name}}}")
        elif kind == "table":
            rows = "\\\\\\hline\n".join(" & ".join(map(_of_latex, row)) for row in value)
            rule = "|".join("l" * len(value[0]))
            lines.append(f"\\noindent\\begin{{tabular}}{{|{rule}|}}\\hline\n{rows}\\\\\\hline\\end{{tabular}}")
        else:
            command = {"h1": "section*", "h2": "subsection*"}.get(kind)
            lines.append(f"\\{command}{{{_of_latex(value)}}}" if command else _of_latex(value))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.tex").write_text("\n\n".join([*lines, "\\end{document}"]), encoding="utf-8")
        return _made(["pdflatex", "-interaction=batchmode", "a.tex"], Path(folder), "a.pdf")


def _of_latex(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "$#%&_{}" else sign for sign in text)


def _groff(parts: list[Part]) -> bytes:
    lines = [".nr GROWPS 3", ".nr PSINCR 2p", f".ds CH {HEADER}", f".ds CF {FOOTER} - %"]
    for kind, value in parts:
        if kind in ("ul", "ol"):
            marks = (f"{at}." if kind == "ol" else "\\(bu" for at in range(1, len(value) + 1))
            lines += [f".IP {mark} 3\n{item}" for mark, item in zip(marks, value, strict=True)]
        elif kind == "table":
            lines += [".TS", "allbox;", f"{' '.join('l' * len(value[0]))}.", *map("\t".join, value), ".TE"]
        else:
            lines += [".LP" if kind == "p" else f".SH {kind[1]}", value]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.ms").write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = ["sh", "-c", "groff -Kutf8 -t -ms -Tpdf a.ms > a.pdf"]
        return _made(command, Path(folder), "a.pdf")


def _libreoffice(parts: list[Part], style: str = "") -> bytes:
    """By way of HTML, whose styles Writer knows, as a text document."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.html").write_text(html(parts, _PAGE + style), encoding="utf-8")
        command = [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf:writer_web_pdf_Export" if not style else "pdf",
            "a.html",
        ]
        return _made(command, Path(folder), "a.pdf")


def _word(parts: list[Part]) -> bytes:
    """A Word file that pandoc makes, printed by LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.html").write_text(html(parts).replace("<title>Rules</title>", ""), encoding="utf-8")
        _made(["pandoc", "a.html", "-o", "a.docx"], Path(folder), "a.docx")
        profile = f"-env:UserInstallation=file://{folder}/profile"
        return _made(["soffice", profile, "--headless", "--convert-to", "pdf", "a.docx"], Path(folder), "a.pdf")


def _made(command: list[str], folder: Path, name: str) -> bytes:
    """The file that a command makes in a folder."""
    subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    return (folder / name).read_bytes()


PRODUCERS: Mapping[str, Producer] = {
    "chromium": _chromium,
    "chromium, two columns": partial(_chromium, style="columns: 2; hyphens: auto; text-align: justify"),
    "weasyprint": partial(_weasyprint, style="p { hyphens: auto; text-align: justify }"),
    "reportlab": _reportlab,
    "reportlab, two columns": partial(_reportlab, columns=2, edge=0),
    "fpdf2": _fpdf,
    "typst": _typst,
    "typst, two columns": partial(_typst, columns=2),
    "LaTeX": _latex,
    "LaTeX, two columns": partial(_latex, columns="twocolumn"),
    "groff": _groff,
    "LibreOffice": _word,
}


def made(parts: list[Part]) -> Iterator[tuple[str, bytes]]:
    """The text by each producer that is installed."""
    for name, produce in PRODUCERS.items():
        with suppress(FileNotFoundError):
            yield name, produce(parts)
