// npm's importers: reads JSON lines `[name, url, html]`, writes their bodies. `--list` prints the names of those that can be
// had here. A body of null is one that the importer failed at.
import readline from "node:readline";

const load = (name) => import(name).catch(() => null);
const [turndown, gfm, readability, jsdom, defuddle, nhm, unified, rehypeParse, rehypeRemark, remarkGfm, remarkStringify, toText, mdream, htmlToMd, semantic] =
  await Promise.all(
    ["turndown", "turndown-plugin-gfm", "@mozilla/readability", "jsdom", "defuddle/node", "node-html-markdown", "unified", "rehype-parse", "rehype-remark",
      "remark-gfm", "remark-stringify", "html-to-text", "mdream", "html-to-md", "dom-to-semantic-markdown"].map(load),
  );

const dom = (html, url) => new jsdom.JSDOM(html, { url });
const article = (html, url) => new readability.Readability(dom(html, url).window.document).parse()?.content ?? "";
const turn = (html, options = {}, plugin) => {
  const service = new turndown.default(options);
  if (plugin) service.use(plugin);
  return service.turndown(html);
};
const rehype = async (html) =>
  String(await unified.unified().use(rehypeParse.default).use(rehypeRemark.default).use(remarkGfm.default).use(remarkStringify.default).process(html));
const semantics = (html, url) => {
  const window = dom(html, url).window;
  return semantic.convertHtmlToMarkdown(html, { overrideDOMParser: new window.DOMParser(), extractMainContent: true });
};

const importers = {
  turndown: [turndown, (html) => turn(html)],
  "turndown, ATX, GFM": [turndown && gfm, (html) => turn(html, { headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-" }, gfm.gfm)],
  "turndown, reference links": [turndown, (html) => turn(html, { linkStyle: "referenced" })],
  "turndown, collapsed references": [turndown, (html) => turn(html, { linkStyle: "referenced", linkReferenceStyle: "collapsed" })],
  "readability + turndown": [turndown && readability && jsdom, (html, url) => turn(article(html, url), { headingStyle: "atx" }, gfm?.gfm)],
  defuddle: [defuddle && jsdom, async (html, url) => (await defuddle.Defuddle(dom(html, url).window.document, url, { markdown: true })).content],
  "node-html-markdown": [nhm, (html) => nhm.NodeHtmlMarkdown.translate(html)],
  "rehype-remark": [unified && rehypeParse && rehypeRemark && remarkGfm && remarkStringify, rehype],
  "html-to-text": [toText, (html, url) => toText.convert(html, { baseElements: {}, selectors: [{ selector: "a", options: { baseUrl: new URL(url).origin } }] })],
  mdream: [mdream, (html, url) => { const made = mdream.htmlToMarkdown(html, { origin: new URL(url).origin }); return made.markdown ?? made; }],
  "html-to-md": [htmlToMd, (html) => (htmlToMd.default?.default ?? htmlToMd.default)(html)],
  "dom-to-semantic-markdown": [semantic && jsdom, semantics],
};

if (process.argv.includes("--list")) {
  console.log(JSON.stringify(Object.fromEntries(Object.entries(importers).map(([name, [module]]) => [name, Boolean(module)]))));
} else {
  const write = process.stdout.write.bind(process.stdout);
  console.log = console.warn = console.info = () => {}; // some of them talk
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, url, html] = JSON.parse(line);
    let body = null;
    try {
      body = (await importers[name][1](html, url)) ?? null;
    } catch {
      // whatever a foreign program fails with: the page is left out for it
    }
    write(JSON.stringify(body) + "\n");
  }
}
