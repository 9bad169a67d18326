"""Finds lines beside a text that tell of its page: when it was updated, where it is filed, what readers think of it."""

import re
from bisect import bisect_left
from itertools import takewhile
from operator import attrgetter

from fetcher.page.semantics import CAMEL_CASE_BORDER, Counts
from fetcher.page.word_spans import WordSpans

_SHORT = 30  # the most words of a line about the page
_STAMP = 12  # the most words of an update stamp
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
"""How update stamps begin, in the languages of most pages."""
_DATED = re.compile(
    r"[\W\d]*(?:\w+\W+){0,5}(?:(?:19|20)\d\d\b|\d{1,2}\W\d{1,2}\W\d|\d+\s+\w+\s+(?:ago|geleden|fa)\b"
    r"|(?:vor|il y a|hace|há)\s+\d+|\d+\s*\S{1,3}(?:前|전))",
    re.IGNORECASE,
)
"""A date, or how long ago, soon after the beginning of an update stamp."""
_OWNED = re.compile(r"(?:(?:copyright|\(c\))\W*)?(?:©|(?:copyright|\(c\))\W*(?:by\s+)?(?:19|20)\d\d\b)", re.IGNORECASE)
_WRITTEN = frozenset({"p", "li", "td", "dd"})  # dates in these belong to the text
_FILED = re.compile(r"/(?:tags?|categor(?:y|ies)|topics?|labels?)/[^/]+/?$", re.IGNORECASE)
_PARTS = re.compile(r"[·•|\n]")  # between the parts of a line about the page
_ANSWERS = 2  # one-word links: yes and no
_ASKS = "?？؟"


def is_feedback_question(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether an element is a short question with buttons or two links as answers ("Was this helpful?")."""
    if counts.sentences[k] or counts.headings[k] or counts.words[k] > _SHORT or not _has_answers(counts, k):
        return False
    first = bisect_left(spans.runs, spans.starts[k], key=attrgetter("start"))
    inside = takewhile(lambda run: run.end <= spans.ends[k], spans.runs[first : first + _SHORT])
    own = [spans.words[run.end - 1] for run in inside if not counts.linked[run.holder]]
    return bool(own) and own[0][-1] in _ASKS


def _has_answers(counts: Counts, k: int) -> bool:
    if counts.controls[k]:
        return not counts.links[k]
    return counts.links[k] == _ANSWERS and counts.words[k] - counts.plain[k] == _ANSWERS


def is_update_stamp(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether an element after the text says when the page was updated: by its name, or as it only holds a time."""
    is_part_of_line = counts.words[counts.block[k]] > counts.words[k]
    if is_part_of_line or counts.words[k] > _SHORT or counts.headings[k]:
        return False
    if _has_stamp_name(spans.attributes[k].get("class", "")):
        return counts.plain[k] <= _STAMP  # it may link to the change
    return counts.words[k] <= _STAMP and _says_when(spans, counts, k)


def _says_when(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether an element says when the page was updated: by a tooltip, only by times, or in words."""
    inside = range(k, min(spans.after[k], k + _SHORT))
    if any(_has_stamp_name(spans.attributes[one].get("title", "")) for one in inside):
        return True
    if times := [one for one in inside if spans.elements[one].tag == "time"]:
        return all(_is_stamp_time(spans, counts, one) for one in times)
    if any(spans.elements[one].tag in _WRITTEN for one in inside):
        return _is_dated_stamp(_beginning(spans, k))
    return any(UPDATED.match(part.strip()) for part in _PARTS.split(spans.elements[k].text_content()))


def is_imprint(spans: WordSpans, k: int) -> bool:
    """Whether the line of an element begins with whose the page is, or when it was updated."""
    begins = _beginning(spans, k)
    return bool(_OWNED.match(begins)) or _is_dated_stamp(begins)


def _beginning(spans: WordSpans, k: int) -> str:
    return " ".join(spans.words[spans.starts[k] : min(spans.ends[k], spans.starts[k] + _STAMP)])


def _is_dated_stamp(line: str) -> bool:
    stamp = UPDATED.match(line)
    return bool(stamp and _DATED.match(line, stamp.end()))


def tells_of_page(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether an element after the text is nothing but a line about the page itself."""
    return (
        is_update_stamp(spans, counts, k)
        or is_feedback_question(spans, counts, k)
        or is_tag_list(spans, counts, k)
        or (not counts.headings[k] and counts.words[k] <= _SHORT and is_imprint(spans, k))
    )


def is_tag_list(spans: WordSpans, counts: Counts, k: int) -> bool:
    """Whether an element only links to tags or categories of the page."""
    if not counts.links[k] or counts.sentences[k] or counts.headings[k] or counts.words[k] > _SHORT:
        return False
    links = (spans.attributes[one] for one in range(k, spans.after[k]) if spans.elements[one].tag == "a")
    return counts.plain[k] <= 3 * counts.links[k] and all(
        "tag" in its.get("rel", "").split() or _FILED.search(its.get("href", "")) for its in links
    )


def _has_stamp_name(name: str) -> bool:
    return bool(_STAMPED.search(CAMEL_CASE_BORDER.sub("-", name)))


def _is_stamp_time(spans: WordSpans, counts: Counts, time: int) -> bool:
    """Whether a time is by itself, or in a line that begins as an update stamp."""
    line = counts.block[time]
    if spans.elements[line].tag not in _WRITTEN:
        return True
    return bool(UPDATED.match(spans.elements[line].text_content().strip()))
