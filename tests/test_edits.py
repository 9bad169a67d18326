"""Bodies of real importers, refreshed after edits of all kinds: what comes out is what the importer itself writes.

All of the edits, and the importers that are too heavy for here, are in `python -m tests.benchmarks.importers --edits`.
"""

import re

import pytest

from tests.benchmarks.importers import edits
from tests.benchmarks.importers.convert import IMPORTERS, missing
from tests.benchmarks.importers.exact import judged
from tests.benchmarks.importers.pages import page

_STEP = 25  # each so many-eth edit, begun elsewhere for each importer
_NAMES = [
    "markdownify",
    "markdownify, ATX",
    "html-to-markdown",
    "html2text",
    "html2text, reference links",
    "pandoc, gfm",
]
# What a body keeps, or has otherwise than its importer would write it: pictures, and text at the page's end, that may
# have been left out, rules, lists that Markdown cannot keep apart, forms of what is the first of its kind.
_KNOWN = {
    "": r"picture after|after p (?:27|36|60)|split p|steps after ol|list after ul|moved (?:p 8|hr)|gone hr",
    "html-to-markdown": r"quote after|table after|figure after|column",
    "html2text": r"code|table|figure|t[dhr] |dd |quote|h3 31|li 58|moved",
    "html2text, reference links": r"alt of|less in p 27|code|table|figure|t[dhr] |dd |quote|h3 31|li 58|moved",
    "pandoc, gfm": r"figure|quote|code after ul|table",
}


@pytest.mark.parametrize("name", _NAMES)
def test_a_body_is_edited_as_its_importer_would(name: str) -> None:
    """To the byte, wherever the importer writes what was not edited as before; else the rest renders as before."""
    needs, convert = IMPORTERS[name]
    if missing(needs):
        pytest.skip(f"{needs} is not installed")
    known = "|".join(filter(None, (_KNOWN[""], _KNOWN.get(name))))
    wrong = []
    for pair in edits.pairs(_STEP, _NAMES.index(name) % _STEP):
        stored, wanted = (convert(edits.alone(each), pair.url) or "" for each in (pair.before, pair.after))
        verdict = judged((pair.url, page(pair.after)), stored, wanted)
        if verdict.kind and not (verdict.kind in ("other", "unwritten") and re.search(known, pair.name)):
            wrong.append(f"{pair.name}: {verdict.kind}\n{verdict.diff}")
    assert not wrong, "\n".join(wrong)
