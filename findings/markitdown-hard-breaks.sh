#!/usr/bin/env bash
# markitdown 0.1.9 (PyPI): a `<br>` becomes the end of a line without the two spaces (or the backslash) of a hard break.
#
# Two spaces or a backslash are how Markdown tells a break from the end of a line that goes on. What comes out renders as
# one paragraph of running text, while the lines of the source look as if nothing had happened.
#
# Seen:
#     first line$
#     second line$
#
# Why it matters here: in a body of this importer a line's end inside of a paragraph stands for a break of the page. Two
# lines that the page has apart are one block in Markdown, and a refresh must neither join them nor add the spaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q markitdown==0.1.9
printf '<html><body><p>first line<br>second line</p></body></html>' >"$folder/page.html"
seen=$("$folder/venv/bin/markitdown" "$folder/page.html" | sed -n 's/$/$/; /line/p')
echo "$seen"
[ "$seen" = 'first line$
second line$' ]
