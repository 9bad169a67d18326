"""PDF readers side by side, and this project's own: a Markdown table of what each keeps, and what it costs.

    python -m tests.benchmarks.documents [FOLDER]

The same text is made a PDF by each producer that is installed (`producers.py`), and read by each reader. A folder is
given the PDFs.

- words: words of the text that are read in their order, less those that are not in it (harmonic mean of both shares)
- worst: the same of the PDF that comes out worst
- headings: that are headings of their level; rows: of tables, cell by cell; items: of lists; of those that there are
- ms: CPU time per page
"""

import io
import re
import sys
import time
import unicodedata
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pdf_oxide
import pdfminer.high_level
import pdfplumber
import pypdf
import pypdfium2
from lxml import html
from markitdown import MarkItDown
from pdftext.extraction import plain_text_output
from rapidfuzz.distance import LCSseq

from fetcher.documents import reading
from fetcher.documents.markup import resolve_hyphens
from fetcher.markdown.convert import to_markdown
from tests.benchmarks.producers import Part, made

_WORD = re.compile(r"[^\W_]+")
_TEXT = """
h1 Rules of the harbour library
p The library of the harbour town lends books, maps and instruments to everybody who lives on the coast, and to
    visitors who stay for longer than a fortnight. It was founded by fishermen who wanted to read in the evenings,
    and it is still run by an office of volunteers.
p These rules describe how to become a member, what may be borrowed, and what happens when something is returned
    late. They have been in effect since the first of March and replace all earlier regulations. A sufficient number
    of copies is kept at the desk.
h2 Membership
p Anybody can become a member by filling in a form and showing a document that confirms an address. Children
    need the signature of a parent. Members receive a card with a number, which identifies them in the catalogue and
    at the self-service machines on the first floor.
ul Adults pay an annual contribution of twelve crowns, which includes the use of the reading room and of the
    wireless network in it. / Children and pupils pay nothing. / Visitors leave a deposit, which they get back with
    the last book that they return to the desk or to the box beside the door.
p The annual contribution is due on the first day of the year. Whoever joins after the summer pays half of it.
    Donations are welcome and are listed, unless the benefactor wishes to remain anonymous, on the board in the
    hall.
h2 Borrowing
p Up to ten items can be borrowed at a time. Most of them can be kept for four weeks; new novels, films and
    everything from the collection of nautical charts have shorter periods, which are printed in the table below.
    Reservations are possible for all items except those in the reading room.
table Item | Period | Price a week / Book | 4 weeks | 4 crowns / Nautical chart | 2 weeks | 6 crowns / Film | 1
    week | 2.50 crowns / Telescope | 3 days | 20 crowns
p A loan can be extended twice, provided that nobody else is waiting. Extensions are made at the desk, by
    telephone, or with the online catalogue, where the remaining period of every item is displayed beside its title.
    The classification of the shelves is explained in a leaflet.
ol Look for the item in the catalogue and write down its number. / Fetch it from the shelf, or ask at the desk
    if it is kept in the basement, which is opened twice a day. / Have it registered, together with the card.
h2 Returns and fees
p A late book costs $4 a week. Nobody pays more than $20 a year, and the office may waive the fee where the
    circumstances justify it: illness, storms, or a ship that did not sail. Instruments have to be brought back to
    the desk in person, so that their condition can be verified by an official of the library.
p Damaged items are repaired by the workshop of the library, and the costs are invoiced to the borrower. Lost
    items are replaced by the same edition or, if that is out of print, by an equivalent one that the librarians
    choose. The difference in value is neither charged nor refunded.
h1 Rooms and events
p The reading room is open whenever the library is. It offers twenty-four desks, newspapers from five countries,
    and a view over the harbour that has inspired several well-known poems. Conversation is confined to the café,
    where drinks are served until the late afternoon.
h2 Booking a room
p Two rooms on the second floor can be booked by groups of members for meetings and courses. A reservation is
    confirmed within three days by the office. The rooms have to be left as they were found; furniture that was
    moved is put back, windows are closed, and lights are switched off.
table Room | Seats | Equipment / Lighthouse | 12 | Screen / Compass | 30 | Screen and piano
p Events of public interest are announced in the programme, which appears four times a year. Speakers receive no
    remuneration, but their travelling expenses are reimbursed upon presentation of the receipts. Suggestions can be
    submitted through the box in the entrance hall, and are discussed at the monthly assembly.
h2 Final provisions
p Complaints are directed to the head of the office, who replies within a fortnight. Whoever disagrees with the
    reply can appeal to the assembly of members, whose decision is final. These provisions can be modified by a
    majority of two thirds of the members who are present at an assembly that was announced in time.
p Signs in the building, in particular those which concern fire exits, are part of these provisions. Photography
    is permitted without flash. Dogs wait outside, where a hook and a bowl of fresh water are provided for their
    comfort. Bicycles are left in the racks behind the building and never in the hall.
p If one of these provisions turns out to be ineffective, the others remain in force, and the gap is filled by
    what a reasonable reader would have expected in its place.
"""


def parts() -> list[Part]:
    """The text, part by part."""
    found: list[Part] = []
    for line in re.split(r"\n(?=\w)", _TEXT.strip()):
        kind, _, held = " ".join(line.split()).partition(" ")
        items = held.split(" / ")
        rows = [row.split(" | ") for row in items]
        found.append((kind, rows if kind == "table" else items if kind in ("ul", "ol") else held))
    return found


def ours(data: bytes) -> str:
    """This project's reader, up to Markdown."""
    page = resolve_hyphens(reading.read(data, reading.PDF).html, frozenset())
    return to_markdown(html.document_fromstring(page), base="https://example.org/")


def _pypdf(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def _pypdfium2(data: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data))


def _pdfplumber(data: bytes) -> str:
    with pdfplumber.open(io.BytesIO(data)) as document:
        return "\n".join(page.extract_text() or "" for page in document.pages)


def _pdf_oxide(data: bytes) -> str:
    document = pdf_oxide.PdfDocument.from_bytes(data)
    return "\n".join(document.to_markdown(at) for at in range(document.page_count()))


def _markitdown(data: bytes) -> str:
    return str(MarkItDown().convert_stream(io.BytesIO(data), file_extension=".pdf").text_content)


READERS: dict[str, Callable[[bytes], str]] = {
    "this project": ours,
    "pypdfium2": _pypdfium2,
    "pypdf": _pypdf,
    "pdfminer.six": lambda data: str(pdfminer.high_level.extract_text(io.BytesIO(data))),
    "pdfplumber": _pdfplumber,
    "pdftext": lambda data: str(plain_text_output(io.BytesIO(data))),
    "pdf_oxide (Markdown)": _pdf_oxide,
    "markitdown": _markitdown,
}


def words(text: str) -> list[str]:
    """The words of a text."""
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def _texts(text: list[Part]) -> list[str]:
    found: list[str] = []
    for kind, held in text:
        found += (
            [cell for row in held for cell in row] if kind == "table" else [held] if isinstance(held, str) else held
        )
    return found


def _lines(text: list[Part]) -> dict[str, list[str]]:
    """The lines of Markdown that headings, rows and items are, without signs of lists."""
    return {
        "headings": [f"{'#' * int(kind[1])} {held}" for kind, held in text if kind[0] == "h"],
        "rows": [f"| {' | '.join(row)} |" for kind, held in text if kind == "table" for row in held],
        "items": [item for kind, held in text if kind in ("ul", "ol") for item in held],
    }


def scored(read: Callable[[bytes], str], data: bytes, text: list[Part]) -> tuple[float, dict[str, int], float]:
    """What a reader keeps of a text: of its words, and of its parts, and the milliseconds of a page."""
    read(data)
    began = time.process_time()
    found = read(data)
    spent = (time.process_time() - began) * 1000 / len(pypdf.PdfReader(io.BytesIO(data)).pages)
    lines = {re.sub(r"\\(?=\W)", "", re.sub(r"^(?:[-*•]|\d+\.)\s+", "", line.strip())) for line in found.splitlines()}
    kept = {name: len(lines.intersection(wanted)) for name, wanted in _lines(text).items()}
    wanted, got = [word for one in _texts(text) for word in words(one)], words(_unmarked(found))
    return 2 * LCSseq.similarity(wanted, got) / (len(wanted) + len(got)), kept, spent


def _unmarked(found: str) -> str:
    """Markdown without the numbers of lists, which text has as signs."""
    return unescape(re.sub(r"^\s*\d+\.\s", "", found, flags=re.MULTILINE))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print the table."""
    text = parts()
    documents = list(made(text))
    for name, data in documents if len(sys.argv) > 1 else ():
        Path(sys.argv[1], f"{re.sub(r'[^A-Za-z0-9]+', '-', name)}.pdf").write_bytes(data)
    total = {name: len(lines) * len(documents) for name, lines in _lines(text).items()}
    _say(f"{len(documents)} producers: {', '.join(name for name, _ in documents)}\n")
    _say("| reader | words | worst | headings | rows | items | ms |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for reader, read in READERS.items():
        scores = [scored(read, data, text) for _, data in documents]
        shares = [share for share, _, _ in scores]
        kept = (f"{sum(one[name] for _, one, _ in scores)} of {total[name]}" for name in total)
        spent = sum(ms for _, _, ms in scores) / len(scores)
        mean = sum(shares) / len(shares)
        _say(f"| {reader} | {mean:.4f} | {min(shares):.3f} | {' | '.join(kept)} | {spent:.0f} |")


if __name__ == "__main__":
    main()
