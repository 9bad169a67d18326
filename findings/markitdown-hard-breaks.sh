#!/usr/bin/env bash
# markitdown 0.1.9 (PyPI): the two spaces of a hard line break are stripped, so that a `<br>` shows no break any more.
#
# The converter that it is built on ends a line that breaks with two spaces, which is how Markdown tells a break from the
# end of a line that goes on. markitdown then strips white space from the end of every line. What is left renders as one
# paragraph of running text, while the lines of the source look as if nothing had happened.
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
