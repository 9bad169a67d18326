"""HTML-to-Markdown converters side by side: a Markdown table of what each keeps, and what it costs.

    python -m tests.benchmarks.converters [FOLDER OF .html OR .html.gz FILES] [--pages 60]

Every converter gets the same HTML: the golden cases, and the main content of every page of the folder. Its Markdown is
rendered by cmark-gfm, and what that shows is compared with what the page shows.

- words: words of the page that are shown in the same order, less those that are not on the page
- links: addresses of links with a text, resolved where the converter could have done so, that are shown in order
- code: signs of code, its spaces and line breaks too, that are shown as code in the same order
- tables: rows of data tables of at least two rows and two columns whose cells' texts are shown as a row
- wrong: golden cases that do not read like the page, or that hold raw HTML
- ms: CPU time per page of the folder (pandoc: wall time, a process a page)
"""

import argparse
import gzip
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urljoin

import cmarkgfm
import html2text
import html_to_markdown
import markdownify
import trafilatura
from lxml import etree, html
from rapidfuzz.distance import LCSseq

from fetcher.markdown.convert import to_markdown
from fetcher.markdown.hooks import EMBEDS, SILENT
from fetcher.markdown.tables import is_data
from fetcher.page.page import document
from fetcher.page.word_spans import word_spans
from tests.test_markdown import BASE, CASE, FILES

Converter = Callable[[str], str | None]
_QUALITIES = ("words", "links", "code", "tables")


@dataclass(slots=True)
class Score:
    """What one converter kept: parts kept and parts there were, by quality."""

    kept: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_QUALITIES, 0.0))
    total: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_QUALITIES, 0.0))
    wrong: int = 0
    seconds: float = 0.0


def ours(page: str) -> str:
    """This project's converter, parsing included."""
    return to_markdown(document(page), base=BASE)


def pandoc(page: str) -> str:
    """Pandoc, to GitHub's Markdown without raw HTML; never without its sandbox, since it fetches frames."""
    command = ["pandoc", "--sandbox", "-f", "html", "-t", "gfm-raw_html", "--wrap=none"]
    return subprocess.run(command, input=page, capture_output=True, text=True, check=False, timeout=120).stdout


def _html2text(page: str) -> str:
    converter = html2text.HTML2Text(baseurl=BASE, bodywidth=0)
    return str(converter.handle(page))


def _html_to_markdown(page: str) -> str | None:
    # By default it drops what it takes for navigation and forms, and warns of nothing.
    everything = html_to_markdown.PreprocessingOptions(enabled=False)
    result = html_to_markdown.convert(page, html_to_markdown.ConversionOptions(preprocessing=everything))
    return None if result.content is None else str(result.content)


def _trafilatura(page: str) -> str | None:
    text = trafilatura.extract(
        page,
        output_format="markdown",
        include_formatting=True,
        include_links=True,
        include_tables=True,
        favor_recall=True,
    )
    return None if text is None else str(text)


CONVERTERS: dict[str, Converter] = {
    "ours": ours,
    "markdownify": lambda page: markdownify.markdownify(page, heading_style="ATX"),
    "html2text": _html2text,
    "trafilatura": _trafilatura,
    "html-to-markdown": _html_to_markdown,
    **({"pandoc": pandoc} if shutil.which("pandoc") else {}),
}


# --- what is measured ---


def shown(markdown: str) -> html.HtmlElement:
    """What GitHub's reader shows of the Markdown, addresses linked only where the Markdown says so."""
    return document(cmarkgfm.markdown_to_html_with_extensions(markdown, 0, ["table", "strikethrough", "tasklist"]))


def parts(root: html.HtmlElement) -> dict[str, list[str]]:
    """What there is to keep, by quality, in order."""
    return {
        "words": word_spans(root).words,
        "links": [_address(link) for link in root.iter("a") if _is_link(link)],
        "code": list(_code(root)),
        "tables": [row for table in root.iter("table") if is_data(table) for row in _rows(table)],
    }


def _is_link(link: html.HtmlElement) -> bool:
    href = re.sub(r"[\t\r\n]", "", link.get("href") or "").strip()
    return bool(_text(link)) and not re.match(r"#|$|(?:javascript|vbscript|data|about|blob):", href, re.IGNORECASE)


def _address(link: html.HtmlElement) -> str:
    try:
        return unquote(urljoin(BASE, link.get("href").strip()))
    except ValueError:
        return str(link.get("href"))


def _text(element: html.HtmlElement) -> str:
    return "".join(word_spans(element).words)


def _code(root: html.HtmlElement) -> Iterator[str]:
    """The signs of all code: lines as they are in a `pre`, white space as browsers show it elsewhere."""
    kinds = ("pre", "code", "kbd", "samp")
    for code in root.iter(*kinds):
        if next(code.iterancestors(*kinds), None) is None:
            text = "".join(code.itertext()).strip()
            yield from text if code.tag == "pre" else " ".join(text.split())


def _rows(table: html.HtmlElement) -> list[str]:
    rows = [[_text(cell) for cell in row.iter("td", "th")] for row in table.iter("tr")]
    texts = ["|".join(filter(None, row)) for row in rows if len(row) > 1]
    return [text for text in texts if text]


def kept(page: Iterable[str], markdown: Iterable[str]) -> int:
    """How many parts of the page are in the Markdown in the same order."""
    return int(LCSseq.similarity(list(page), list(markdown)))


def measure(score: Score, page: html.HtmlElement, markdown: str) -> bool:
    """Add one page to the score; whether its words are exactly those of the page."""
    wanted, found = parts(page), parts(shown(markdown))
    for quality in _QUALITIES:
        same = kept(wanted[quality], found[quality])
        added = len(found["words"]) - same if quality == "words" else 0
        score.kept[quality] += max(same - added, 0)
        score.total[quality] += len(wanted[quality])
    return "".join(wanted["words"]) == "".join(found["words"])


# --- what is measured on ---


def golden() -> list[str]:
    """The pages of the golden cases whose words are all to be shown."""
    found = [case for path in FILES for case in CASE.findall(path.read_text(encoding="utf-8"))]
    return [page for _, signs, page, _ in found if not signs and word_spans(document(page)).words]


def pages(folder: Path, most: int) -> list[str]:
    """The main content of pages in the folder, as HTML without what never shows."""
    paths = sorted(path for path in folder.iterdir() if re.search(r"\.html?(?:\.gz)?$", path.name))
    return [_main(path) for path in paths[:: max(1, len(paths) // most)][:most]]


def _main(path: Path) -> str:
    raw = path.read_bytes()
    root = document((gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", "replace"))
    etree.strip_elements(root, *SILENT, *EMBEDS, with_tail=False)
    main = next(iter(root.xpath("//main | //article | //body")), root)
    return f"<html><body>{html.tostring(main, encoding='unicode', with_tail=False)}</body></html>"


def run(convert: Converter, small: list[str], large: list[str]) -> Score:
    """One converter's score."""
    score = Score()
    for page in small:
        markdown = convert(page) or ""
        exact = measure(score, document(page), markdown)
        rendered = cmarkgfm.github_flavored_markdown_to_html(markdown)
        score.wrong += not exact or "raw HTML omitted" in rendered
    for page in large:
        clock = time.perf_counter if convert is pandoc else time.process_time
        start = clock()
        markdown = convert(page) or ""
        score.seconds += clock() - start
        measure(score, document(page), markdown)
    return score


def table(small: list[str], large: list[str]) -> str:
    """The result, as a Markdown table."""
    rows = ["| converter | words | links | code | tables | wrong | ms a page |", "| --- |" + " ---: |" * 6]
    for name, convert in CONVERTERS.items():
        score = run(convert, small, large)
        shares = " | ".join(f"{score.kept[quality] / max(score.total[quality], 1):.4f}" for quality in _QUALITIES)
        speed = f"{1000 * score.seconds / len(large):.0f}" if large else ""
        rows.append(f"| {name} | {shares} | {score.wrong} of {len(small)} | {speed} |")
    return "\n".join(rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, default=60)
    arguments = parser.parse_args()
    sys.stdout.write(table(golden(), pages(arguments.folder, arguments.pages) if arguments.folder else []) + "\n")


if __name__ == "__main__":
    main()
