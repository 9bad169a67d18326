"""Documents made of their parts: PDFs whose words stand where a test wants them, and files of word processors."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDE, HIGH = 595, 842


class At(NamedTuple):
    """A line of text at a place, from the left and from below;."""

    x: float
    y: float
    text: str
    size: float = 10
    bold: bool = False


class Rule(NamedTuple):
    """A straight line from one place to another."""

    x0: float
    y0: float
    x1: float
    y1: float


Drawn = At | Rule


def pdf(pages: Sequence[Iterable[Drawn]], trailer: str = "", turned: str = "1 0 0 1 0 0") -> bytes:
    """A document of pages; `trailer` is added to its trailer, and `turned` is the matrix of all that is drawn."""
    drawn = ["\n".join([f"{turned} cm", *map(_operators, page)]) for page in pages]
    return _file([(text.encode("cp1252", "replace"), "") for text in drawn], trailer)


def picture() -> bytes:
    """A page that is all picture."""
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
    )
    inner = f"q {WIDE} 0 0 {HIGH} 0 0 cm /Scan Do Q".encode()
    return _file([(inner, "/XObject << /Scan 1000 0 R >>")], others={1000: image + b"\nstream\n0\nendstream"})


def _operators(one: Drawn) -> str:
    if isinstance(one, Rule):
        return f"{one.x0} {one.y0} m {one.x1} {one.y1} l S"
    name = "Helvetica-Bold" if one.bold else "Helvetica"
    text = one.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{name} {one.size} Tf {one.x} {one.y} Td ({text}) Tj ET"


def _file(pages: Sequence[tuple[bytes, str]], trailer: str = "", others: Mapping[int, bytes] | None = None) -> bytes:
    fonts = " ".join(
        f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        for name in ("Helvetica", "Helvetica-Bold")
    )
    kids = " ".join(f"{10 + 2 * at} 0 R" for at in range(len(pages)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} /MediaBox [0 0 {WIDE} {HIGH}] >>".encode(),
        **(others or {}),
    }
    for at, (inner, resources) in enumerate(pages):
        page = f"<< /Type /Page /Parent 2 0 R /Contents {11 + 2 * at} 0 R"
        objects[10 + 2 * at] = f"{page} /Resources << /Font << {fonts} >> {resources} >> >>".encode()
        objects[11 + 2 * at] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(inner), inner)
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, held in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, held)
    start = len(out)
    table = "".join(f"{number} 1\n{place:010} 00000 n \n" for number, place in places.items())
    size = max(objects) + 1
    out += f"xref\n0 1\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n".encode()
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def column(lines: Iterable[str], x: float = 72, y: float = 700, size: float = 10) -> list[Drawn]:
    """Lines below each other; an empty one leaves a gap."""
    return [At(x, y - at * 1.2 * size, text, size) for at, text in enumerate(lines) if text]


def archive(members: Mapping[str, str | bytes], stored: Sequence[str] = ("mimetype",)) -> bytes:
    """A zip file."""
    held = io.BytesIO()
    with ZipFile(held, "w") as made:
        for name, text in members.items():
            made.writestr(name, text, ZIP_STORED if name in stored else ZIP_DEFLATED)
    return held.getvalue()


def word(body: str, **others: str | bytes) -> bytes:
    """A file of Word whose body has this XML."""
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{relations}">'
            f'<Relationship Id="a" Type="{office}" Target="word/document.xml"/></Relationships>',
            "word/document.xml": f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>',
            **others,
        }
    )


def paragraph(text: str, style: str = "") -> str:
    """The XML of a paragraph of Word."""
    said = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{said}<w:r><w:t>{text}</w:t></w:r></w:p>"


def opendocument(body: str, **others: str | bytes) -> bytes:
    """A text of OpenDocument whose body has this XML."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style")
    )
    content = f"<office:document-content {names} xmlns:xlink='http://www.w3.org/1999/xlink'>"
    content += f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    return archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **others})
