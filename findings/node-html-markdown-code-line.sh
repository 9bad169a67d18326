#!/usr/bin/env bash
# node-html-markdown 2.0.0 (npm): a block of code gains an empty line at its end.
#
# A page's `<pre><code>` ends with a line feed, as CommonMark renderers write it. The converter keeps that line feed and
# adds its own before the closing fence, so that what it stores renders with one more line than the page shows. Code
# without the last line feed comes out right.
#
# Seen:
#     with a line feed:    ["```","one","two","","```"]
#     without a line feed: ["```","one","two","```"]
#
# Why it matters here: a stored body's code differs from its page's in an empty last line that nobody edited. Such a
# line must be no change, and code that does change has to keep it, or each refresh of such a folder touches its fences.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node-html-markdown@2.0.0 >/dev/null
cat >look.js <<'JS'
const { NodeHtmlMarkdown } = require("node-html-markdown");
const lines = (html) => JSON.stringify(NodeHtmlMarkdown.translate(html).split("\n"));
console.log("with a line feed:    " + lines("<pre><code>one\ntwo\n</code></pre>"));
console.log("without a line feed: " + lines("<pre><code>one\ntwo</code></pre>"));
JS
seen=$(node look.js)
echo "$seen"
[ "$seen" = 'with a line feed:    ["```","one","two","","```"]
without a line feed: ["```","one","two","```"]' ] || exit 1
