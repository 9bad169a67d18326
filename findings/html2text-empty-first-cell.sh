#!/usr/bin/env bash
# html2text 2025.4.15 (PyPI): a table whose first head cell is empty is no table for a reader of GFM.
#
# Rows are written without a pipe at the start. An empty first cell leaves `| B` for the head, where the pipe reads as the
# start of a row of one cell, while the line below it has two: so GFM sees no table (read here by cmarkgfm 2025.10.22).
#
# Seen:
#     | Price
#     ---|---
#     Small| 4
#     tables: 0
#
# Why it matters here: tables that compare things have such a corner. Their rows are a paragraph of the stored body, and
# are to be compared with the page's cells all the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q html2text==2025.4.15 cmarkgfm==2025.10.22
seen=$("$folder/venv/bin/python" - <<'PY'
import cmarkgfm
import html2text

html = "<table><tr><th></th><th>Price</th></tr><tr><td>Small</td><td>4</td></tr></table>"
body = html2text.html2text(html).strip()
print("\n".join(line.rstrip() for line in body.splitlines()))
print("tables:", cmarkgfm.github_flavored_markdown_to_html(body).count("<table"))
PY
)
echo "$seen"
[ "$seen" = $'| Price\n---|---\nSmall| 4\ntables: 0' ]
