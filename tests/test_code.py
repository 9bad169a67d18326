"""Code on a page: its lines to the byte, its language, and what stands beside it and is no code."""

import pytest
from lxml import html

from fetcher.page.code import beside_code, code_text, language
from fetcher.page.page import document
from fetcher.page.word_spans import word_spans


def pre(markup: str) -> html.HtmlElement:
    """The last `pre` of some markup."""
    return [*document(f"<main>{markup}</main>").iter("pre")][-1]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<pre>\n\n  a\n    b\n\n</pre>", "  a\n    b"),
        ("<pre>a<br>b<br><br>c</pre>", "a\nb\n\nc"),
        ("<pre><div>a</div><div></div><div>b</div></pre>", "a\n\nb"),
        ("<pre><ol><li><code>a</code></li><li><code> b</code></li></ol></pre>", "a\n b"),
        # Nothing but a style sheet shows that these are lines; these are words of one line.
        ("<pre><code><span class='line'>a</span><span class='line'>b</span></code></pre>", "a\nb"),
        ("<pre><code><span class='kw'>a</span><span class='op'>b</span></code></pre>", "ab"),
        # Numbers of lines, and buttons, are no code; numbers that the code holds are.
        ("<pre><i class='lineno'>1</i>a\n<i class='lineno'>2</i>b</pre>", "a\nb"),
        ("<pre><i style='user-select: none'>7</i>a<button>Copy</button></pre>", "a"),
        ("<pre><i class='lineno'>x</i>1 a</pre>", "x1 a"),
        ("<table><tr><td><pre>1\n2</pre><td><pre>a\u00a0\u200bb\r\nc</pre></table>", "a b\nc"),
    ],
)
def test_code_is_what_a_reader_would_copy(markup: str, text: str) -> None:
    assert code_text(pre(markup)) == text


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        ("<pre><code class='language-rust hljs'>a</code></pre>", "rust"),
        ("<pre class='brush: php; toolbar: false'>a</pre>", "php"),
        ("<pre data-lang='C++'>a</pre>", "c++"),
        ("<div class='highlight-pycon notranslate'><div class='highlight'><pre>a</pre></div></div>", "pycon"),
        ("<div class='highlight highlight-source-shell'><pre>a</pre></div>", "shell"),
        ("<div class='wiki-highlight wiki-highlight-lang-lua'><pre>a</pre></div>", "lua"),
        ("<pre data-syntaxhighlighter-params='brush: sql; gutter: false'>a</pre>", "sql"),
        ("<pre class='sourceCode haskell'>a</pre>", "haskell"),
        ("<pre><code class='code-go'>a</code></pre>", "go"),
        ("<pre class='go'>a</pre>", "go"),
        ("<pre data-enlighter-language='go'>a</pre>", "go"),
        ("<pre language='go'>a</pre>", "go"),
        # A part of a name that all boxes of code have, or that says nothing, is no language.
        ("<pre class='code-listing'>a</pre>", ""),
        ("<pre class='syntax-box dark'>a</pre>", ""),
        ("<pre><code class='language-plaintext'>a</code></pre>", ""),
        ("<div class='go'><pre>a</pre></div>", ""),
        ("<div class='highlight go'><pre>a</pre></div>", "go"),
        # A box with much else in it says nothing of the code.
        (f"<div class='language-go'>{'<p>b</p>' * 6}<pre>a</pre></div>", ""),
    ],
)
def test_the_language_is_what_classes_name(markup: str, name: str) -> None:
    assert language(pre(markup)) == name


@pytest.mark.parametrize(
    ("markup", "beside"),
    [
        ("<div><div class='gutter'>1 2</div><pre>a\nb</pre></div>", "1 2"),
        ("<div><span>1</span><pre>a\nb</pre></div>", ""),  # one number counts nothing
        ("<table><tr><td>1\n2\n3</td><td><pre>a\nb\nc</pre></td></tr></table>", "1 2 3"),
        ("<table><tr><td>3\n7\n9</td><td><pre>a\nb\nc</pre></td></tr></table>", ""),  # which do not count on
        ("<div class='language-py'><span>py</span><pre><code>a</code></pre></div>", "py"),
        ("<div class='language-py'><h4>py</h4><pre><code>a</code></pre></div>", ""),  # a heading
        ("<div class='language-py'><span>main</span><pre><code>a</code></pre></div>", ""),  # another name
        ("<div class='language-cs'><i class='code-language'>C#</i><pre>a</pre></div>", "C#"),
        ("<div><pre>a</pre><div class='copy-button'>Copied!</div></div>", "Copied!"),
        ("<div><pre>a b c</pre><pre>a b c</pre></div>", "a b c"),  # the same in other colours
    ],
)
def test_what_stands_beside_code_is_told_from_text(markup: str, beside: str) -> None:
    found = word_spans(document(f"<main><p>Before.</p>{markup}<p>After.</p></main>"))
    elements = [found.elements[k] for k in sorted(beside_code(found))]
    outer = [one for one in elements if not any(up in elements for up in one.iterancestors())]
    assert " ".join(" ".join(one.itertext()) for one in outer).split() == beside.split()
