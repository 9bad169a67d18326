#!/usr/bin/env bash
# pypandoc_binary 1.17 (PyPI; it brings pandoc 3.9): the language of code is the first class of `<pre>`, whatever it says.
#
# A class `language-…` of the `<code>` inside counts only where the `<pre>` has no class. So two pages with the same code
# and the same language are stored with different info strings, and the word after the fence can be no language at all.
#
# Seen:
#     ``` highlight
#     ``` python
#
# Why it matters here: a site that gives its `<pre>` another class changes the info string that pandoc would write, while
# nothing of the code has changed; and new code in such a body is spelled by the classes of `<pre>`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pypandoc_binary==1.17
seen=$("$folder/venv/bin/python" - <<'PY'
import pypandoc

code = '<code class="language-python">x = 1\n</code></pre>'
for start in ('<pre class="highlight">', "<pre>"):
    body = pypandoc.convert_text(start + code, "gfm", "html", extra_args=["--wrap=none"])
    print(body.splitlines()[0])
PY
)
echo "$seen"
[ "$seen" = $'``` highlight\n``` python' ]
