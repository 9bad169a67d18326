#!/usr/bin/env bash
# Scrapy 2.19.0 with itemadapter 0.13.1 and pydantic 2.14.4 (PyPI): every command of Scrapy loads pydantic, twice over.
#
# To find its commands, `scrapy` imports the modules of all of them, whichever is asked for. That of `scrapy parse`
# imports itemadapter, which imports pydantic and its old interface, pydantic.v1, wherever they are installed. Nobody
# has to define an item with it: it is enough that some other package has brought pydantic along.
#
# Seen, of the modules that are loaded after `scrapy version`:
#     itemadapter: yes
#     pydantic: yes
#     pydantic.v1: yes
# and after `import scrapy.crawler`, with which a script runs a spider:
#     itemadapter: no
#     pydantic: no
#     pydantic.v1: no
#
# Why it matters here: it takes 50 to 70 ms of each start, more than a tenth of it. In an environment with
# tools beside this one, a run starts more slowly than the benchmarks say; where scripts that use Scrapy without its
# command line are compared with a command, only the command pays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q scrapy==2.19.0 itemadapter==0.13.1 pydantic==2.14.4
cd "$folder"
seen=$("$folder/venv/bin/python" - <<'PY'
import subprocess
import sys

LOADED = """
import sys
for name in ("itemadapter", "pydantic", "pydantic.v1"):
    print(f"{name}:", "yes" if name in sys.modules else "no")
"""
COMMAND = """
import contextlib, io, sys
from scrapy import cmdline
sys.argv = ["scrapy", "version"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    cmdline.execute()
"""
for code in (COMMAND, "import scrapy.crawler\n"):
    subprocess.run([sys.executable, "-c", code + LOADED], check=True)
PY
)
echo "$seen"
[ "$seen" = 'itemadapter: yes
pydantic: yes
pydantic.v1: yes
itemadapter: no
pydantic: no
pydantic.v1: no' ] || exit 1
