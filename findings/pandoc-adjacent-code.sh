#!/usr/bin/env bash
# pypandoc_binary 1.17 (PyPI; it brings pandoc 3.9): two `<code>` side by side become one piece of code with backticks in it.
#
# `gfm` writes each with its own backticks and nothing between them. The two in the middle then are a run of two, which
# closes nothing, so that CommonMark reads one span from the first backtick to the last (read here by cmarkgfm 2025.10.22).
#
# Seen:
#     Call `name``()` twice.
#     <p>Call <code>name``()</code> twice.</p>
#
# Why it matters here: documentation marks up the parts of a signature that way. What the stored body renders as is not
# the page, although the page has not changed: the two backticks are no text that the page lost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pypandoc_binary==1.17 cmarkgfm==2025.10.22
seen=$("$folder/venv/bin/python" - <<'PY'
import cmarkgfm
import pypandoc

html = "<p>Call <code>name</code><code>()</code> twice.</p>"
body = pypandoc.convert_text(html, "gfm", "html", extra_args=["--wrap=none"]).strip()
print(body)
print(cmarkgfm.github_flavored_markdown_to_html(body).strip())
PY
)
echo "$seen"
[ "$seen" = $'Call `name``()` twice.\n<p>Call <code>name``()</code> twice.</p>' ]
