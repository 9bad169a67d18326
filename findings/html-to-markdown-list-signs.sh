#!/usr/bin/env bash
# html-to-markdown 3.21.2 (PyPI): the sign of a list's items depends on how deep the list stands.
#
# Lists at the first level have `-`, at the second `*`, at the third `+`, then `-` again, within one document and without
# an option being set. Markdown gives the sign no meaning, but two lists that follow each other are told apart by it.
#
# Seen:
#     - one
#       * two
#         + three
#           - four
#
# Why it matters here: "the bullet of this body" is no single sign. A new item has to take the sign of the list that it
# joins, and a new sublevel that of other lists of its depth; else one refresh leaves a body with mixed signs that its
# importer would never have written.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q html-to-markdown==3.21.2
seen=$("$folder/venv/bin/python" - <<'PY'
from html_to_markdown import convert

html = "<ul><li>one<ul><li>two<ul><li>three<ul><li>four</li></ul></li></ul></li></ul></li></ul>"
result = convert(html)
print((result if isinstance(result, str) else result.content).rstrip())
PY
)
echo "$seen"
[ "$seen" = '- one
  * two
    + three
      - four' ] || exit 1
