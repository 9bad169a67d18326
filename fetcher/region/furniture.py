"""What stands in a text to serve its reader, and is no part of it, whatever it is called.

Signs that link to the place where they stand, links beside a heading that edit or print, line numbers and labels beside
code, ways to the pages before and after, boxes to tick that show the source of what is described, forms that ask for an
address; around the text, links that lead to it and to the site's other parts, and when it was built.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import takewhile
from operator import attrgetter

from lxml import html

from fetcher.page.code import beside_code
from fetcher.page.links import is_permalink
from fetcher.page.semantics import HEADINGS, HUMP, INLINE, Prose
from fetcher.page.word_spans import Flow

_WAYS = frozenset("prev previous next up start first last contents index".split())
_SIGNUP = 60  # words at most of a box that asks for an address
_BOXES = frozenset({"div", "aside", "section"})
_UNASKED = frozenset({"hidden", "submit", "button", "image", "reset", "checkbox"})
_WAY_KEYS = frozenset("pnuh")
_PROMPT = re.compile(r"(?:In|Out)\s*\[[\d*\s]*\]\s*:?")  # of a notebook, with the count of what was run in it
_TRAIL = 30  # words at most of the way to a page
_LABEL = 4  # words at most of a section's name
_STAMP = 12  # words at most of a line that says when the page was made
_STAMPED = re.compile(
    r"(?:^|[\s_-])(?:last[\s-]?(?:updated?|modified|edited|mod)|(?:updated|modified|edited)(?:-?(?:at|on))?)(?:$|[\s_-])",
    re.IGNORECASE,
)
UPDATED = re.compile(
    r"""
    (?: (?:(?:this\ )?page\ (?:was\ )?)? last\ (?:updated?|modified|edited|change) | updated
      | (?:zuletzt|letzte)\ (?:aktualisi|geänder|änder|bearb) | aktualisiert
      | dernière\ (?:mise|modif) | mise?\ à\ jour | última\ (?:actualiz|modif|atualiz) | actualizado | atualizado
      | ultim[ao]\ (?:aggiorn|modif) | aggiornato | laatst\ (?:bijgewerkt|gewijzigd) | bijgewerkt
      | ostatni[ao]\ (?:aktualiz|modyf|zmian) | senast\ (?:uppdaterad|ändrad) | sist\ (?:oppdatert|endret)
      | sidst\ (?:opdateret|ændret) | последн\w+\ (?:обновл|измен) | обновлен | son\ güncel | آخر\ تحديث
      | 最終更新 | 最[后後]更新 | 更新[日时時于於] | 마지막\ (?:업데이트|수정) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What lines begin with that say when a page was changed, in the languages that most pages are written in."""
_WRITTEN = frozenset({"p", "li", "td", "dd"})  # what holds a time that the text tells
# Where the source of a page, or of a section of it, can be edited.
_EDITS = re.compile(r"[?&](?:ve)?action=edit\b|/(?:-/)?edit/|/edit$")
_FILED = re.compile(r"/(?:tags?|categor(?:y|ies)|topics?|labels?)/[^/]+/?$", re.IGNORECASE)
_PARTS = re.compile(r"[·•|\n]")  # of a line that says several things of a page
_ANSWERS = 2  # links of a word each: yes and no
_ASKS = "?？؟"
_STEPS = 4  # elements after a box to tick in which the code is that it shows


def furniture(found: Flow, prose: Prose) -> Iterator[int]:
    """The elements of a page that serve its reader."""
    yield from beside_code(found)
    yield from _ways(found, prose)
    yield from _signups(found, prose)
    boxes: dict[str, int] = {}
    labels: list[tuple[int, str]] = []
    for k, (element, its) in enumerate(zip(found.elements, found.attributes, strict=True)):
        if element.tag == "a":
            if helps := _helps(found, prose, k):
                yield helps
        elif "prompt" in its.get("class", "").lower() and _PROMPT.fullmatch(element.text_content().strip()):
            yield k
        elif element.tag == "input" and its.get("type") == "checkbox" and "disabled" not in its:
            boxes[its.get("id", "")] = k
        elif element.tag == "label" and "for" in its and prose.words[k]:
            labels.append((k, its["for"]))
    for k, name in labels:
        if name in boxes and (source := _source(found, prose, boxes[name])):
            yield from (k, source)


def _ways(found: Flow, prose: Prose) -> Iterator[int]:
    """The lines, and the tables that lay them out, with nothing but the ways to the pages before and after."""
    ways: dict[int, int] = {}
    for k, (element, its) in enumerate(zip(found.elements, found.attributes, strict=True)):
        if element.tag == "a" and _is_way(its):
            for holder in {prose.block[k], *_tables(found, k)}:
                ways[holder] = ways.get(holder, 0) + 1
    for k, count in ways.items():
        # "Next:" beside each; in a table the name of the chapter.
        if count == prose.links[k] and prose.plain[k] <= (_STAMP if found.elements[k].tag == "table" else 3 * count):
            yield k


def _signups(found: Flow, prose: Prose) -> Iterator[int]:
    """The boxes around forms that ask for an address to send mail to, and for nothing else."""
    for k, element in enumerate(found.elements):
        if element.tag == "form" and _asks_for_mail(element):
            box = k
            while found.elements[up := found.parents[box]].tag in _BOXES and _is_small(prose, up):
                box = up
            yield box


def _asks_for_mail(form: html.HtmlElement) -> bool:
    fields = [field.get("type", "text") for field in form.iter("input", "textarea", "select")]
    return [kind for kind in fields if kind not in _UNASKED] == ["email"]


def _is_small(prose: Prose, k: int) -> bool:
    return prose.words[k] <= _SIGNUP and prose.headings[k] <= 1 and prose.sentences[k] * 4 <= prose.sentences[0]


def _is_way(its: Mapping[str, str]) -> bool:
    """Whether a link leads to the page before or after, or up, by its relation or by the key that manuals give it."""
    return not _WAYS.isdisjoint(its.get("rel", "").split()) or its.get("accesskey", "") in _WAY_KEYS


def _tables(found: Flow, k: int) -> Iterator[int]:
    """The tables that an element stands in."""
    while (k := found.parents[k]) > 0:
        if found.elements[k].tag == "table":
            yield k


def _helps(found: Flow, prose: Prose, k: int) -> int:
    """The element of a link to the place where it stands, to an editor, or to no place at all; 0 if it is none."""
    if is_permalink(found.elements[k]):
        return k
    href = found.attributes[k].get("href", "")
    if href.startswith("javascript:"):
        return k if _is_beside_words_of_heading(found, prose, k) else 0
    return _edits(found, prose, k) if _EDITS.search(href) else 0


def _is_beside_words_of_heading(found: Flow, prose: Prose, k: int) -> bool:
    up = prose.block[k]
    return found.elements[up].tag in HEADINGS and prose.words[up] > prose.words[k]


def _edits(found: Flow, prose: Prose, k: int) -> int:
    """The element with nothing but links to an editor, in or right after a heading; 0 if the link stands elsewhere."""
    while (up := found.parents[k]) > 0 and found.elements[up].tag in INLINE and _only_edits(found, prose, up):
        k = up
    beside = prose.words[up] - prose.words[k]
    if found.elements[up].tag in HEADINGS:
        return k if beside else 0
    while prose.headings[up] == 0 and prose.words[up] == prose.words[k] and found.parents[up] > 0:
        up = found.parents[up]  # boxes that lay out a heading and what is to be done with its text
    if prose.headings[up] != 1:
        return 0
    head = next(one for one in range(up, found.after[up]) if found.elements[one].tag in HEADINGS)
    return k if prose.words[up] - prose.words[k] == prose.words[head] > 0 else 0


def _only_edits(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element has links to an editor, signs between them, and nothing else."""
    if found.after[k] - k > _TRAIL or prose.words[k] > _TRAIL:
        return False
    links = (found.attributes[one] for one in range(k, found.after[k]) if found.elements[one].tag == "a")
    signs = sum(not word.isalnum() for word in found.words[found.starts[k] : found.ends[k]])
    return prose.plain[k] <= signs and all(_EDITS.search(its.get("href", "")) for its in links)


def _source(found: Flow, prose: Prose, box: int) -> int:
    """The code, and nothing else, that a box to tick shows; 0 if it shows anything else."""
    parent, k = found.parents[box], found.after[box]
    for _ in range(_STEPS):
        if k >= len(found.parents) or found.parents[k] != parent:
            break
        if _is_code(found.elements[k]) and prose.words[k]:
            return k
        k = found.after[k]
    return 0


def _is_code(element: html.HtmlElement) -> bool:
    pre = next(element.iter("pre"), None)
    return pre is not None and len("".join(element.itertext()).strip()) == len("".join(pre.itertext()).strip())


def is_jump(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element is a line that only leads to another place of the page."""
    element = found.elements[k]
    if element.tag != "a" or not found.attributes[k].get("href", "").startswith("#"):
        return False
    if next(element.iterancestors("code"), None) is not None or next(element.iter("code"), None) is not None:
        return False  # the name of what is described there
    return prose.words[k] == prose.words[prose.block[k]] or _is_alone(element)


def _is_alone(element: html.HtmlElement) -> bool:
    """Whether an element is a line by itself, in a box with other lines."""
    while (up := element.getparent()) is not None and up.tag in INLINE and _fills(element, up):
        element = up
    before, after, around = element.getprevious(), element.getnext(), element.getparent()
    texts = (element.tail, before.tail if before is not None else around.text if around is not None else None)
    if any(text and not text.isspace() for text in texts):
        return False
    return not any(beside is not None and beside.tag in INLINE for beside in (before, after))


def _fills(element: html.HtmlElement, around: html.HtmlElement) -> bool:
    """Whether an element is all that is in the one around it."""
    return len(around) == 1 and not (around.text or "").strip() and not (element.tail or "").strip()


def is_trail(found: Flow, prose: Prose, k: int, title: int) -> bool:
    """Whether an element before the title is the way to the page: a section's name, or links, signs and the title."""
    if found.ends[k] > found.starts[title] or not prose.links[k] or prose.words[k] > _TRAIL:
        return False
    if prose.linked[k]:
        return found.elements[k].tag == "a" and prose.words[k] <= _LABEL and _is_alone(found.elements[k])
    first = bisect_left(found.runs, found.starts[k], key=attrgetter("start"))
    inside = takewhile(lambda run: run.end <= found.ends[k], found.runs[first : first + _TRAIL])
    own = {word for run in inside if not prose.linked[run.holder] for word in found.words[run.start : run.end]}
    named = found.words[found.starts[title] : found.ends[title]]
    is_named = all(word in named or not word.isalnum() for word in own)
    return is_named and (bool(own) or prose.words[k] <= _LABEL)


def is_question(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element asks its reader something short, and has the answers as buttons or as two links."""
    if prose.sentences[k] or prose.headings[k] or prose.words[k] > _TRAIL or not _has_answers(prose, k):
        return False
    first = bisect_left(found.runs, found.starts[k], key=attrgetter("start"))
    inside = takewhile(lambda run: run.end <= found.ends[k], found.runs[first : first + _TRAIL])
    own = [found.words[run.end - 1] for run in inside if not prose.linked[run.holder]]
    return bool(own) and own[0][-1] in _ASKS


def _has_answers(prose: Prose, k: int) -> bool:
    if prose.controls[k]:
        return not prose.links[k]
    return prose.links[k] == _ANSWERS and prose.words[k] - prose.plain[k] == _ANSWERS


def is_stamp(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element after the text says when the page was made: it is called so, or holds a time by itself."""
    is_part_of_line = prose.words[prose.block[k]] > prose.words[k]
    if is_part_of_line or prose.words[k] > _TRAIL or prose.headings[k]:
        return False
    if _is_called_stamp(found.attributes[k].get("class", "")):
        return prose.plain[k] <= _STAMP  # a link in it leads to what was changed
    return prose.words[k] <= _STAMP and _says_when(found, prose, k)


def _says_when(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element says when the page was made: by a tooltip, by nothing but times, or in its words."""
    inside = range(k, min(found.after[k], k + _TRAIL))
    if any(_is_called_stamp(found.attributes[one].get("title", "")) for one in inside):
        return True
    if times := [one for one in inside if found.elements[one].tag == "time"]:
        return all(_stands_for_stamp(found, prose, one) for one in times)
    if any(found.elements[one].tag in _WRITTEN for one in inside):
        return False
    return any(UPDATED.match(part.strip()) for part in _PARTS.split(found.elements[k].text_content()))


def is_filed(found: Flow, prose: Prose, k: int) -> bool:
    """Whether an element says under which names the page is filed, and leads to what else is."""
    if not prose.links[k] or prose.sentences[k] or prose.headings[k] or prose.words[k] > _TRAIL:
        return False
    links = (found.attributes[one] for one in range(k, found.after[k]) if found.elements[one].tag == "a")
    return prose.plain[k] <= 3 * prose.links[k] and all(
        "tag" in its.get("rel", "").split() or _FILED.search(its.get("href", "")) for its in links
    )


def _is_called_stamp(name: str) -> bool:
    return bool(_STAMPED.search(HUMP.sub("-", name)))


def _stands_for_stamp(found: Flow, prose: Prose, time: int) -> bool:
    """Whether a time stands by itself, or in a line that says of it that the page was updated then."""
    line = prose.block[time]
    if found.elements[line].tag not in _WRITTEN:
        return True
    return bool(UPDATED.match(found.elements[line].text_content().strip()))
