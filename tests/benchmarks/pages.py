"""Made-up pages with the size and the make of real ones: the same text for the same number, at each call.

Real pages, by the median of hundreds: 320 kB of HTML of which half is scripts and a tenth styles, 670 elements, 70
links, 15 kB of text, a fifth of the size when compressed. Sizes are spread log-normally.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEDIAN = 300_000
"""Bytes of the HTML of a page."""

_SPREAD = 0.6  # of the logarithm of the size
_TEXT = 0.04  # words of the article for each byte of a page

_STEMS = (
    "account address after again against allow always answer area argument article author base before begin between "
    "board book border bridge build call campaign capital case centre change city claim class client clock coast code "
    "colour common company concert context cost council country course court cover current customer daily danger date "
    "decade degree delay detail device direct district document double early east edge effect election engine entry "
    "error event example export factor farm field figure final first floor follow forest format former found frame "
    "garden general glass ground group growth guide harbour harvest health history holiday house image import income "
    "index industry inside island journal kind kitchen label labour language large later leader letter level library "
    "limit list local lower machine main manner market matter measure member memory message method middle mineral "
    "minister model modern month morning motion mountain museum music name narrow nation network north note number "
    "object office older open option orchard order other output owner page palace paper parish park part path pattern "
    "people period person picture place plain plant plate point port post power price print process profit project "
    "public quarter query question radio railway range reader reason record region release report request result "
    "return review river road rule sample scale school season second section series server session shadow share ship "
    "signal simple single size small source south space spring square staff stage station stone store street string "
    "student summer supply surface system table target team test theatre thread tower town track trade train travel "
    "tunnel under union update upper valley value version village visit voice wall water weather week west wheel "
    "window winter wood work writer yard year"
).split()
_SMALL = "the of and a to in is was for on as with by that it from at are this be which or an not has".split()
_WORDS = (*_STEMS, *(stem + "s" for stem in _STEMS), *_SMALL * 16)


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of an article: what it is, and its texts (of a table: its cells, row by row)."""

    kind: str
    texts: tuple[str, ...]


def html(number: int, *, build: int = 0, edition: int = 0, median: int = MEDIAN) -> str:
    """The page of a number. Another `build` changes its markup and no word, another `edition` words of its article."""
    chance = Random(f"page {number}")
    size = round(chance.lognormvariate(log(median), _SPREAD))
    title = _sentence(chance, 6)
    blocks = _article(chance, round(size * _TEXT * chance.uniform(0.4, 1.6)) // 4)
    if edition:
        blocks = _edited(blocks, Random(f"page {number}, edition {edition}"))
    mark = f"{Random(build).getrandbits(40):x}"
    body = _body(chance, title, _markup(blocks, mark), mark)
    rest = max(size - len(body), 0)
    return f'<!doctype html>\n<html lang="en">{_head(chance, title, mark, rest)}{body}</html>\n'


# --- the article ---


def _article(chance: Random, words: int) -> list[_Block]:
    blocks: list[_Block] = []
    while words > 0:
        kind = chance.choices(
            ("heading", "paragraph", "bullets", "numbers", "table", "code", "quote", "image"),
            (14, 60, 9, 3, 3, 4, 3, 4),
        )[0]
        block = _Block(kind, tuple(_texts(kind, chance)))
        blocks.append(block)
        words -= sum(text.count(" ") + 1 for text in block.texts)
    return blocks


def _texts(kind: str, chance: Random) -> Iterator[str]:
    match kind:
        case "heading" | "image":
            yield _sentence(chance, chance.randint(2, 7))
        case "table":
            yield from (_sentence(chance, chance.randint(1, 3)) for _ in range(4 * chance.randint(3, 9)))
        case "code":
            yield from (f"{_word(chance)} = {_word(chance)}({_word(chance)})" for _ in range(chance.randint(3, 12)))
        case "bullets" | "numbers":
            yield from (_prose(chance, chance.randint(4, 18)) for _ in range(chance.randint(3, 8)))
        case _:
            yield from (_prose(chance, chance.randint(8, 24)) + "." for _ in range(chance.randint(2, 6)))


def _edited(blocks: list[_Block], chance: Random) -> list[_Block]:
    """The blocks as an author leaves them: a sentence rewritten, and a paragraph more."""
    blocks = [*blocks, _Block("paragraph", (_sentence(chance, 30) + ".",))]
    at = chance.choice([place for place, block in enumerate(blocks) if block.kind in ("paragraph", "bullets")])
    texts = list(blocks[at].texts)
    texts[chance.randrange(len(texts))] = _sentence(chance, 15) + "."
    blocks[at] = _Block(blocks[at].kind, tuple(texts))
    return blocks


def _prose(chance: Random, words: int) -> str:
    """A sentence with the markup that sentences have."""
    text = _sentence(chance, words)
    kind = chance.random()
    if kind > 0.35:
        return text
    first, _, rest = text.partition(" ")
    inner = _sentence(chance, 2).lower()
    if kind < 0.2:
        return f'{first} <a href="/{_word(chance)}/{_word(chance)}-{chance.randrange(1000)}">{inner}</a> {rest}'
    tag = chance.choice(("strong", "em", "code"))
    return f"{first} <{tag}>{inner}</{tag}> {rest}"


def _sentence(chance: Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize()


def _word(chance: Random) -> str:
    return chance.choice(_STEMS)


# --- the markup ---


def _markup(blocks: list[_Block], mark: str) -> str:
    box = _classes("block", mark)
    return "\n".join(f'<div {box} data-kind="{block.kind}"><div {box}>{_block(block)}</div></div>' for block in blocks)


def _block(block: _Block) -> str:
    texts = block.texts
    match block.kind:
        case "heading":
            inner = f'<h2 id="{texts[0].lower().replace(" ", "-")}"><span>{texts[0]}</span></h2>'
        case "image":
            inner = f'<figure><img src="/images/{len(texts[0])}.jpg" alt="{texts[0]}" loading="lazy"></figure>'
        case "bullets":
            inner = f"<ul>{_each('li', texts)}</ul>"
        case "numbers":
            inner = f"<ol>{_each('li', texts)}</ol>"
        case "table":
            rows = (_each("td", texts[at : at + 4]) for at in range(0, len(texts), 4))
            inner = f"<table><tbody>{_each('tr', rows)}</tbody></table>"
        case "code":
            inner = f'<pre><code class="language-python">{chr(10).join(texts)}</code></pre>'
        case "quote":
            inner = f"<blockquote><p>{' '.join(texts)}</p></blockquote>"
        case _:
            inner = f"<p>{' '.join(texts)}</p>"
    return inner


def _each(tag: str, texts: Iterable[str]) -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in texts)


def _classes(name: str, mark: str) -> str:
    return f'class="{name}_{mark} relative flex w-full min-w-0 flex-col gap-4 md:flex-row lg:px-8 text-base leading-7"'


def _body(chance: Random, title: str, article: str, mark: str) -> str:
    layout = _classes("layout", mark)
    cards = "".join(_card(chance, mark) for _ in range(6))
    return (
        f'<body data-build="{mark}"><header {layout}><nav><ul>{_links(chance, 36, mark)}</ul></nav></header>'
        f'<div id="root"><div {layout}><main><article><h1>{title}</h1>{article}</article></main>'
        f'<aside aria-label="Related"><h2>Related</h2>{cards}</aside></div></div>'
        f"<footer><ul>{_links(chance, 18, mark)}</ul><p>© The owners. All rights reserved.</p></footer></body>"
    )


def _links(chance: Random, number: int, mark: str) -> str:
    before, after = f"<li {_classes('item', mark)}><div>", "</div>"
    return "".join(
        f'{before}<a href="/{_word(chance)}/{n}"><span>{_sentence(chance, 2)}</span></a>{after}{_icon(chance)}</li>'
        for n in range(number)
    )


def _card(chance: Random, mark: str) -> str:
    heading = f'<h3><a href="/{_word(chance)}">{_sentence(chance, 5)}</a></h3>'
    return f"<section {_classes('card', mark)}><div>{_icon(chance)}</div>{heading}</section>"


def _icon(chance: Random) -> str:
    path = " ".join(f"M{chance.randrange(24)} {chance.randrange(24)}l{chance.random():.3f}" for _ in range(16))
    return f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{path}"/></svg>'


def _head(chance: Random, title: str, mark: str, size: int) -> str:
    """The head, whose styles and scripts fill a page up to its size."""
    rules = (
        f".{_word(chance)}_{mark}{{margin:{n % 32}px;color:#{chance.getrandbits(24):06x}}}" for n in range(size // 260)
    )
    data = (
        f'{{"id":"{chance.getrandbits(48):012x}","type":"{_word(chance)}","title":"{_sentence(chance, 5)}",'
        f'"visible":true,"children":[],"theme":{{"dark":false,"accent":"{_word(chance)}"}}}}'
        for _ in range(size // 170)
    )
    return (
        f'<head><meta charset="utf-8"><title>{title}</title><meta name="description" content="{_sentence(chance, 20)}">'
        f'<link rel="stylesheet" href="/build/{mark}.css"><style>{"".join(rules)}</style>'
        f'<script nonce="{mark}">window.state={{"build":"{mark}","items":[{",".join(data)}]}}</script></head>'
    )
