"""Sites by frameworks whose pages have their text by script alone, in three ways: fetched, bundled, as data.

`fetched`: a script asks for it when the page is there; `bundled`: it stands in the site's code; `data`: the page has it
in the data for its scripts, and shows it once these run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cmarkgfm import github_flavored_markdown_to_html

from tests.benchmarks.generators.builders import run
from tests.benchmarks.generators.manual import Block, Syntax, markdown

if TYPE_CHECKING:
    from pathlib import Path

WAYS = ("fetched", "bundled", "data")

Pages = Mapping[str, tuple[Block, ...]]


@dataclass(frozen=True)
class Framework:
    """One framework: its packages, the files of a site by the names of its pages and the build, its output.

    Code takes the text of a page from the folder `content`, and scripts fetch it from `public`.
    """

    name: str
    packages: tuple[str, ...]
    files: Callable[[list[str], int], dict[str, str]]
    content: str
    public: str
    command: tuple[str, ...]
    output: str

    def build(self, work: Path, pages: Pages, build: int) -> Path:
        """The folder with the pages that it makes of the blocks, one below each way."""
        folder = work / f"{self.name.partition(' ')[0].replace('.', '').lower()}-{build}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        modules = self._installed(work)
        (folder / "node_modules").symlink_to(modules)
        (folder / "package.json").write_text('{"type": "module"}')
        texts = self.files(list(pages), build)
        for name, blocks in pages.items():
            text = json.dumps({"html": github_flavored_markdown_to_html(markdown(blocks, Syntax()))})
            texts |= {f"{self.content}/{name}.json": text, f"{self.public}/content/{name}.json": text}
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        run([*self.command], folder)
        return folder / self.output

    def _installed(self, work: Path) -> Path:
        tools = work / "tools" / self.name.partition(" ")[0].replace(".", "").lower()
        if not (tools / "installed").exists():
            tools.mkdir(parents=True, exist_ok=True)
            (tools / "package.json").write_text("{}")
            run(["npm", "install", "--silent", "--no-audit", "--no-fund", *self.packages], tools)
            (tools / "installed").touch()
        return tools / "node_modules"


def _next(names: list[str], build: int) -> dict[str, str]:
    params = f"export const generateStaticParams = () => {json.dumps([{'name': name} for name in names])}"
    page = "export default async function Page({{ params }}) {{ const {{ name }} = await params; return {} }}"
    shown = "<main><article dangerouslySetInnerHTML={{ __html: html }} /></main>"
    return {
        "next.config.mjs": "export default { output: 'export', trailingSlash: true, "
        f"generateBuildId: () => 'b{build}' }}",
        "app/layout.jsx": "export const metadata = { title: 'Canals' }\n"
        "export default ({ children }) => <html lang='en'><body><header><a href='/'>Canals</a></header>{children}"
        f"<footer>Build {build}</footer></body></html>",
        "app/fetched.jsx": "'use client'\nimport { useEffect, useState } from 'react'\n"
        "export default function Fetched({ name }) { const [html, set] = useState()\n"
        "useEffect(() => { fetch(`/content/${name}.json`).then(a => a.json()).then(a => set(a.html)) }, [name])\n"
        f"return html ? {shown} : <p>Loading</p> }}",
        "app/bundled.jsx": "'use client'\nimport { useEffect, useState } from 'react'\n"
        "export default function Bundled({ name }) { const [html, set] = useState()\n"
        "useEffect(() => { import(`../content/${name}.json`).then(a => set(a.default.html)) }, [name])\n"
        f"return html ? {shown} : <p>Loading</p> }}",
        "app/data.jsx": "'use client'\nimport { useEffect, useState } from 'react'\n"
        "export default function Data({ html }) { const [here, set] = useState(false)\n"
        f"useEffect(() => set(true), [])\nreturn here ? {shown} : <p>Loading</p> }}",
        "app/fetched/[name]/page.jsx": f"import Fetched from '../../fetched'\n{params}\n"
        + page.format("<Fetched name={name} />"),
        "app/bundled/[name]/page.jsx": f"import Bundled from '../../bundled'\n{params}\n"
        + page.format("<Bundled name={name} />"),
        "app/data/[name]/page.jsx": f"import Data from '../../data'\n{params}\n"
        + page.format("<Data html={(await import(`../../../content/${name}.json`)).default.html} />"),
    }


def _nuxt(names: list[str], build: int) -> dict[str, str]:
    routes = json.dumps([f"/{way}/{name}" for way in WAYS for name in names])
    template = "<template><main><ClientOnly><article v-html='html' /></ClientOnly></main></template>\n"
    script = "<script setup>\nconst { name } = useRoute().params\nconst html = ref('')\n"
    glob = "const all = import.meta.glob('~/content/*.json')\n"
    found = "Object.entries(all).find(([path]) => path.endsWith(`/${name}.json`))[1]()"
    return {
        "nuxt.config.js": "export default { telemetry: false, "
        "experimental: { payloadExtraction: false, appManifest: false }, "
        f"compatibilityDate: '2025-01-01', app: {{ buildAssetsDir: '/_nuxt/', head: {{ title: 'Canals' }} }}, "
        f"nitro: {{ prerender: {{ crawlLinks: false, routes: {routes} }} }} }}",
        "app.vue": "<template><div><header><a href='/'>Canals</a></header><NuxtPage />"
        f"<footer>Build {build}</footer></div></template>",
        "pages/fetched/[name].vue": template
        + script
        + "onMounted(async () => { html.value = (await $fetch(`/content/${name}.json`)).html })\n</script>",
        "pages/bundled/[name].vue": template
        + script
        + glob
        + f"onMounted(async () => {{ html.value = (await {found}).default.html }})\n</script>",
        "pages/data/[name].vue": template.replace("v-html='html'", "v-html='data.html'")
        + script
        + glob
        + f"const {{ data }} = await useAsyncData(name, async () => (await {found}).default)\n</script>",
    }


def _sveltekit(names: list[str], build: int) -> dict[str, str]:
    entries = json.dumps([{"name": name} for name in names])
    page = f"export const prerender = true\nexport const entries = () => {entries}\n"
    shown = "{#if html}<main><article>{@html html}</article></main>{:else}<p>Loading</p>{/if}\n"
    script = "<script>\nimport { onMount } from 'svelte'\nlet { data } = $props()\nlet html = $state('')\n"
    glob = "const all = import.meta.glob('$lib/content/*.json')\n"
    return {
        "svelte.config.js": "import adapter from '@sveltejs/adapter-static'\n"
        f"export default {{ kit: {{ adapter: adapter({{ strict: false }}), version: {{ name: 'b{build}' }} }} }}",
        "vite.config.js": "import { sveltekit } from '@sveltejs/kit/vite'\nexport default { plugins: [sveltekit()] }",
        "src/app.html": "<!doctype html><html lang='en'><head><title>Canals</title>%sveltekit.head%</head>"
        "<body><div>%sveltekit.body%</div></body></html>",
        "src/routes/+layout.js": "export const trailingSlash = 'always'\nexport const prerender = true",
        "src/routes/+layout.svelte": "<script>let { children } = $props()</script>"
        f"<header><a href='/'>Canals</a></header>{{@render children()}}<footer>Build {build}</footer>",
        "src/routes/+page.svelte": "<p>Canals</p>",
        **{
            f"src/routes/{way}/[name]/+page.server.js": page
            + "export const load = ({ params }) => ({ name: params.name })"
            for way in ("fetched", "bundled")
        },
        "src/routes/data/[name]/+page.server.js": f"{page}{glob}export const load = async ({{ params }}) => "
        "({ html: (await all[`/src/lib/content/${params.name}.json`]()).default.html })",
        "src/routes/fetched/[name]/+page.svelte": script
        + "onMount(async () => { html = (await (await fetch(`/content/${data.name}.json`)).json()).html })\n</script>"
        + shown,
        "src/routes/bundled/[name]/+page.svelte": script
        + glob
        + "onMount(async () => { html = (await all[`/src/lib/content/${data.name}.json`]()).default.html })\n</script>"
        + shown,
        "src/routes/data/[name]/+page.svelte": script + "onMount(() => { html = data.html })\n</script>" + shown,
    }


def _astro(names: list[str], build: int) -> dict[str, str]:
    paths = json.dumps([{"params": {"name": name}} for name in names])
    shown = "html ? <main><article dangerouslySetInnerHTML={{ __html: html }} /></main> : <p>Loading</p>"
    head = "import { useEffect, useState } from 'preact/hooks'\n"

    def page(way: str, props: str, more: str = "") -> str:
        return (
            f"---\nimport Body from '../../{way}.jsx'\nexport const getStaticPaths = () => {paths}\n"
            f"const {{ name }} = Astro.params\n{more}---\n"
            f"<!doctype html><html lang='en'><head><title>Canals</title></head>"
            f"<body><header><a href='/'>Canals</a></header><Body client:only='preact' {props} />"
            f"<footer>Build {build}</footer></body></html>"
        )

    return {
        "astro.config.mjs": "import preact from '@astrojs/preact'\nexport default { integrations: [preact()] }",
        "src/fetched.jsx": f"{head}export default ({{ name }}) => {{ const [html, set] = useState('')\n"
        "useEffect(() => { fetch(`/content/${name}.json`).then(a => a.json()).then(a => set(a.html)) }, [])\n"
        f"return {shown} }}",
        "src/bundled.jsx": f"{head}const all = import.meta.glob('./content/*.json')\n"
        "export default ({ name }) => { const [html, set] = useState('')\n"
        "useEffect(() => { all[`./content/${name}.json`]().then(a => set(a.default.html)) }, [])\n"
        f"return {shown} }}",
        "src/data.jsx": f"export default ({{ html }}) => {shown}",
        "src/pages/fetched/[name].astro": page("fetched", "name={name}"),
        "src/pages/bundled/[name].astro": page("bundled", "name={name}"),
        "src/pages/data/[name].astro": page(
            "data",
            "html={html}",
            "const all = import.meta.glob('../../content/*.json', { eager: true })\n"
            "const { html } = all[`../../content/${name}.json`].default\n",
        ),
    }


_BIN = "node_modules/.bin/"
_KIT = ("@sveltejs/kit@2.43.3", "@sveltejs/adapter-static@3.0.11", "@sveltejs/vite-plugin-svelte@5.1.1", "vite@6.4.6")
FRAMEWORKS = (
    Framework("Next.js 16.4.6", ("next@16.4.6", "react@19.2.9", "react-dom@19.2.9"), _next,
              "content", "public", (f"{_BIN}next", "build", "--webpack"), "out"),
    Framework("Nuxt 3.17.7", ("nuxt@3.17.7",), _nuxt,
              "content", "public", (f"{_BIN}nuxt", "generate"), ".output/public"),
    Framework("SvelteKit 2.43.3", (*_KIT, "svelte@5.57.3"), _sveltekit,
              "src/lib/content", "static", (f"{_BIN}vite", "build"), "build"),
    Framework("Astro 5.9.4", ("astro@5.9.4", "@astrojs/preact@4.1.3", "preact@10.27.2"), _astro,
              "src/content", "public", (f"{_BIN}astro", "build"), "dist"),
)  # fmt: skip
