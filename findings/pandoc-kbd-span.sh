#!/usr/bin/env bash
# pypandoc_binary 1.17 (PyPI; it brings pandoc 3.9): `<kbd>` of a page is written as `<span class="kbd">` in `gfm`.
#
# The element that the page had stands nowhere in what comes out: only a class tells of it. `<code>` beside it is written
# as code.
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
