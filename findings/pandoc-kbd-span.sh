#!/usr/bin/env bash
# pypandoc_binary 1.17 (PyPI; it brings pandoc 3.9): `<kbd>` of a page is written as `<span class="kbd">` in `gfm`.
#
# GitHub shows `<kbd>` as a key, and most Markdown is allowed to hold the tag as it is. pandoc reads it into a span with a
# class of that name, and its writer of `gfm` has no other way to write a span than by the tag: the key is none any more
# where the Markdown is shown, and the element that the page had stands nowhere in it. `<code>` beside it is written as code.
#
# Seen:
#     Press <span class="kbd">Esc</span> in `vi`.
#
# Why it matters here: what marks a word in such a body is another element than the page has, with the same text. That is
# no change, and a refresh of another word in the paragraph must not exchange the span for the signs of code.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pypandoc_binary==1.17
seen=$("$folder/venv/bin/python" - <<'PY'
import pypandoc

html = "<p>Press <kbd>Esc</kbd> in <code>vi</code>.</p>"
print(pypandoc.convert_text(html, "gfm", "html", extra_args=["--wrap=none"]).strip())
PY
)
echo "$seen"
[ "$seen" = 'Press <span class="kbd">Esc</span> in `vi`.' ]
