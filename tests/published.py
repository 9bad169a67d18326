"""A made-up site that publishes itself in all ways: documentation that is stored, and a shop and a blog beside it."""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.site import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site import Site

_WORDS = """
    anchor basket candle drawer engine feather garden hammer island jacket kettle ladder mirror needle orchard pillow
    quarry ribbon saddle tunnel umbrella valley window yarn zipper bridge copper dance elbow flour gravel harbour ink
    jungle knot lantern marble nest oven pebble quilt river shovel thread urn vessel wagon yard
""".split()
_LANGUAGES = ("de", "fr", "ja")
_SECTIONS = ("guides", "api", "cli", "hooks", "deploy", "errors", "tutorials", "reference")


@dataclass
class Published:
    """The site's addresses: which are stored (with their titles and bodies), and what is to be found besides."""

    stored: dict[str, tuple[str, str]] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    published: int = 0

    def store(self, folder: Path, origin: str) -> None:
        """Write the seeds, each at the path that its address has."""
        for path, (title, body) in self.stored.items():
            place = folder / f"{path.strip('/')}.md"
            place.parent.mkdir(parents=True, exist_ok=True)
            front = f'---\ntitle: "{title}"\nsource_url: "{origin}{path}"\nfetched_at: "2026-01-01T00:00:00Z"\n---\n'
            place.write_text(f"{front}\n# {title}\n\n{body}\n", encoding="utf-8")


class Maker:
    """Makes the site: `scale` is the number of its pages, about."""

    def __init__(self, site: Site, scale: int, seed: int = 0) -> None:
        self._site = site
        self._dice = random.Random(seed)
        self._scale = scale
        self._names: set[str] = set()
        self._docs: list[str] = []  # of the sitemap, in English
        self._others: list[str] = []
        self.made = Published()

    def make(self) -> Published:
        """The whole site."""
        self._documentation()
        self._away()
        self._shop_and_blog()
        self._traps()
        self._sitemaps()
        return self.made

    def _documentation(self) -> None:
        """Most is stored; in each section something is new, one section is new, and one page no sitemap has."""
        count = max(3, self._scale // 40)
        for section in _SECTIONS:
            paths = [f"/docs/{section}/{self._name()}" for _ in range(count)]
            fresh = set(self._dice.sample(paths, max(1, count // 20)))
            unlisted = f"/docs/{section}/{self._name()}"
            for path in (*paths, unlisted):
                frame = "api" if section == "api" else "docs"
                self._page(path, frame, is_stored=path not in fresh and path != unlisted)
            self._docs += paths
            self.made.new |= {*fresh, unlisted}
            self._index(f"/docs/{section}", [*paths, unlisted])
        for _ in range(max(2, count // 12)):
            path = f"/docs/webhooks/{self._name()}"
            self._page(path, "docs")
            self._docs.append(path)
            self.made.new.add(path)
        for path in self._docs:  # all of it in other languages
            for language in _LANGUAGES:
                if self._dice.random() < 0.3:
                    self._page(f"/{language}{path}", "docs")
                    self._others.append(f"/{language}{path}")

    def _away(self) -> None:
        """Stored pages that moved, with a redirect or without; that left the sitemap; and that are gone."""
        stored = [path for path in self._docs if path in self.made.stored]
        away = self._dice.sample(stored, max(4, len(stored) // 50))
        for number, path in enumerate(away):
            kind = number % 3
            self._docs.remove(path)
            if kind == 2:
                self.made.left.add(path)
                continue
            title, body = self.made.stored[path]
            fresh = f"/docs/guides/{self._name()}" if kind else f"{path}-renamed"
            self._page(fresh, "docs", title, body)
            self._docs.append(fresh)
            self.made.moved[path] = fresh
            self._site.says(path, Answer(status=404) if kind else Answer(status=301, headers={"Location": fresh}))

    def _shop_and_blog(self) -> None:
        for number in range(self._scale * 2 // 5):
            path = f"/shop/{self._dice.choice(_WORDS)}/{self._name()}"
            self._page(path, "shop")
            self._others.append(path)
            if number % 3 == 0:  # of which a person has picked some
                path = f"/blog/{self._name()}"
                self._page(path, "blog", is_stored=number % 90 == 0)
                self._others.append(path)
        for word in _WORDS:
            self._page(f"/docs/tags/{word}", "list")
            self._others.append(f"/docs/tags/{word}")
        for path in ("/pricing", "/about", "/contact", "/careers", "/terms"):
            self._page(path, "plain")
            self._others.append(path)

    def _traps(self) -> None:
        """Old versions, redirects to stored pages, print views, dead and soft dead addresses, files."""
        stored = [path for path in self._docs if path in self.made.stored]
        for path in self._dice.sample(stored, len(stored) // 8):
            old = path.replace("/docs/", "/docs/v1/")
            self._page(old, "docs")
            self._others.append(old)
        for path in self._dice.sample(stored, max(1, len(stored) // 50)):
            section = path.rpartition("/")[0]
            to, view, dead, soft = (f"{section}/{self._name()}" for _ in range(4))
            self._site.says(to, Answer(status=302, headers={"Location": path}))
            self._page(view, "docs", *self.made.stored[path], head=f'<link rel=canonical href="{path}">')
            self._site.says(soft, _framed("docs", "Page not found", "<p>We could not find that page.</p>", self._dice))
            self._docs += [to, view, dead, soft, f"{path}/", f"{section}/{self._name()}.pdf", f"{path}?lang=de"]

    def _sitemaps(self) -> None:
        self._site.says("/robots.txt", Answer(f"User-agent: *\nSitemap: {self._site.url('/sitemap_index.xml')}\n"))
        parts = {
            "/sitemaps/docs.xml.gz": gzip.compress(self._urlset(self._docs).encode(), mtime=0),
            "/sitemaps/others.xml": self._urlset(self._others).encode(),
        }
        for path, body in parts.items():
            self._site.says(path, Answer(body, kind="application/xml"))
        self._site.says("/sitemaps/nested.xml", Answer(self._index_of(["/sitemaps/others.xml"]), kind="text/xml"))
        nested = self._index_of(["/sitemaps/docs.xml.gz", "/sitemaps/nested.xml"])
        self._site.says("/sitemap_index.xml", Answer(nested, kind="application/xml"))
        self._site.says("/llms.txt", _framed("plain", "Welcome", "<p>What can we do for you?</p>", self._dice))
        self.made.published = len({*self._docs, *self._others})

    def _index_of(self, paths: list[str]) -> str:
        entries = "".join(f"<sitemap><loc>{self._site.url(path)}</loc></sitemap>" for path in paths)
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'

    def _urlset(self, paths: list[str]) -> str:
        entries = "".join(map(self._entry, paths))
        return (
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
            f' xmlns:xhtml="http://www.w3.org/1999/xhtml">{entries}</urlset>'
        )

    def _entry(self, path: str) -> str:
        when = self._dice.choice(("2026-06-01", "2031-01-01T00:00:00Z", "yesterday", "1970-01-01"))
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href="{self._site.url(f"/{language}{path}")}"/>'
            for language in _LANGUAGES
            if f"/{language}{path}" in self._others
        )
        return f"<url><loc>{self._site.url(path)}</loc><lastmod>{when}</lastmod>{links}</url>"

    # --- pages ---

    def _page(
        self, path: str, kind: str, title: str = "", body: str = "", head: str = "", *, is_stored: bool = False
    ) -> None:
        name = path.rpartition("/")[2]
        title = title or name.replace("-", " ").title()
        body = body or "\n\n".join(self._sentence(name) for _ in range(self._dice.randint(3, 6)))
        paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in body.split("\n\n"))
        self._site.says(path, _framed(kind, title, paragraphs, self._dice, head))
        if is_stored:
            self.made.stored[path] = title, body

    def _index(self, path: str, paths: list[str]) -> None:
        """The first page of a section, which is stored; it is at two addresses."""
        links = "".join(f"<li><a href={one}>{one}</a></li>" for one in paths)
        html = _framed("docs", path, f"<p>{self._sentence(path)}</p><ul>{links}</ul>", self._dice)
        self._site.says(path, html)
        self._site.says(f"{path}/", html)
        self.made.stored[path] = path, self._sentence(path)

    def _sentence(self, name: str) -> str:
        words = " ".join(self._dice.choices(_WORDS, k=24))
        return f"The {name.replace('-', ' ')} is about {words}, and nothing else."

    def _name(self) -> str:
        while (name := "-".join(self._dice.sample(_WORDS, 3))) in self._names:
            pass
        self._names.add(name)
        return name


_FRAMES = {
    "docs": "<div class=layout><aside class=sidebar><ul class=tree><li class=leaf><a href=/docs/guides/>Guides</a></ul>"
    "</aside><main class=doc><nav class=crumbs><a href=/docs/>Docs</a></nav><h1 class=doc-title>{title}</h1>"
    "<div class=doc-body>{text}{more}</div><div class=pager><a class=next href=/docs/api/>Next</a></div></main>"
    "<aside class=toc><ol class=toc-list><li>Top</ol></aside></div>",
    "shop": "<main class=product><div class=gallery><img class=zoom src=/a.png></div><h1 class=name>{title}</h1>"
    "<span class=price>12.50</span><button class=buy>Add</button><div class=blurb>{text}</div>"
    "<ul class=stars><li>5</ul>"
    "<section class=reviews><article class=review><b>Good</b></article></section></main>",
    "blog": "<main class=post><header class=byline><time>1 May</time><span class=author>Kim</span></header>"
    "<h1 class=post-title>{title}</h1><div class=prose>{text}{more}</div><div class=share><a href=/x>Share</a></div>"
    "<section class=comments><div class=comment>Nice</div></section></main>",
    "api": "<div class=layout><aside class=sidebar><ul class=tree><li class=leaf><a href=/docs/guides/>Guides</a></ul>"
    "</aside><main class=doc><h1 class=endpoint><code>GET</code> {title}</h1><div class=doc-body>{text}{more}</div>"
    "<div class=tryit><form class=console><select><option>v1</select><textarea></textarea></form></div>"
    "<dl class=parameters><dt>id<dd>The number.</dl></main></div>",
    "list": "<main class=listing><h1 class=listing-title>{title}</h1><ol class=results><li class=result>"
    "<a class=hit href=/docs/guides/>One</a><small class=date>1 May</small></ol>{text}"
    "<div class=pages>1 2</div></main>",
    "plain": "<main class=landing><section class=hero><h1>{title}</h1></section><section class=copy>{text}</section>"
    "<section class=cards><div class=card><h3>Fast</h3></div></section></main>",
}
_MORE = (
    "<pre class=code><code class=language-sh>make</code></pre>",
    "<table class=grid><tr><th>Name<td>Value</table>",
    "<div class=admonition><p>Mind the gap.</div>",
    "<h2 class=anchor>More</h2>",
    "<blockquote>As they say.</blockquote>",
)


def _framed(kind: str, title: str, text: str, dice: random.Random, head: str = "") -> str:
    more = "".join(dice.sample(_MORE, 2))
    return (
        f"<!doctype html><html lang=en><head><title>{title} | Harbour</title>{head}</head><body class=site>"
        "<header class=top><a class=logo href=/>Harbour</a><nav class=menu><a href=/docs/>Docs</a>"
        "<a href=/shop/>Shop</a><a href=/blog/>Blog</a>"
        "<a href=/pricing>Pricing</a></nav><form class=search><input class=box></form></header>"
        + _FRAMES[kind].format(title=title, text=text, more=more)
        + "<footer class=bottom><div class=columns><ul class=links><li><a href=/about>About</a></ul></div>"
        "<p class=legal>© us</p></footer></body></html>"
    )
