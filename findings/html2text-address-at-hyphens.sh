#!/usr/bin/env bash
# html2text 2025.4.15 (PyPI): lines are wrapped inside of a link's address, at a hyphen of it.
#
# With the default width a long address is cut in two lines. CommonMark knows no address with white space in it, so what
# was a link on the page is plain text with brackets in the stored body (read here by cmarkgfm 2025.10.22).
#
# Seen:
#     Read the chapter on [garden stations](https://example.org/guides/how-to-set-
#     up-a-small-weather-station-in-the-garden) before you begin.
#     links: 0
#
# Why it matters here: such text is the link that the page has, and a refresh of a word beside it must not count the link
# as new, nor its brackets as text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q html2text==2025.4.15 cmarkgfm==2025.10.22
seen=$("$folder/venv/bin/python" - <<'PY'
import cmarkgfm
import html2text

address = "https://example.org/guides/how-to-set-up-a-small-weather-station-in-the-garden"
html = f'<p>Read the chapter on <a href="{address}">garden stations</a> before you begin.</p>'
body = html2text.html2text(html).strip()
print(body)
print("links:", cmarkgfm.markdown_to_html(body).count("<a "))
PY
)
echo "$seen"
[[ "$seen" == *"how-to-set-"$'\n'"up-a-small"* && "$seen" == *"links: 0" ]]
