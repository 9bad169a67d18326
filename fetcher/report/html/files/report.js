// Adds to the report what HTML and CSS cannot do: search, the filters by subject, site and folder, and keys.
"use strict";
{
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const entries = all(".entry");
  const search = byId("search");
  const help = byId("help");

  const texts = new Map(); // of entries, in small letters, once somebody searches
  const textOf = (entry) => {
    if (!texts.has(entry)) texts.set(entry, entry.textContent.toLowerCase());
    return texts.get(entry);
  };

  const filter = () => {
    const chosen = { outcome: all("[name=outcome]:checked")[0] };
    for (const name of ["about", "site", "folder"]) chosen[name] = byId(name);
    const wanted = Object.entries(chosen).filter(([, control]) => control?.value);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      const fits = wanted.every(([name, control]) => (entry.dataset[name] ?? "").split(", ").includes(control.value));
      entry.hidden = !fits || !words.every((word) => textOf(entry).includes(word));
      shown += !entry.hidden;
    }
    for (const section of all(".section:has(.entry)")) section.hidden = !section.querySelector(".entry:not([hidden])");
    const found = shown ? `${shown} of ${entries.length} pages` : "No page fits: clear the search, or choose All";
    byId("matches").textContent = shown === entries.length ? "" : found;
  };

  // Where the keys have led to: an entry, or a change in one.
  let place = null;
  const go = (targets, step) => {
    let next = targets.indexOf(place) + step;
    if (!place) next = targets.findIndex((target) => target.getBoundingClientRect().bottom > 100) - (step < 0);
    else if (!targets.includes(place)) {
      const follows = (target) => place.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING;
      const after = targets.findIndex(follows);
      next = (after < 0 ? targets.length : after) - (step < 0);
    }
    const target = targets[Math.max(0, next)];
    if (!target) return;
    place = target;
    const entry = target.closest(".entry");
    for (const other of all(".entry.current")) other.classList.remove("current");
    entry.classList.add("current");
    const focused = target === entry ? entry.querySelector("summary, h3") : target;
    if (focused === target) target.tabIndex = -1;
    focused.focus({ preventScroll: true });
    target.scrollIntoView();
  };
  const pages = () => entries.filter((entry) => !entry.hidden);
  const changes = () => {
    const inside = byId("view-source")?.checked ? ".source > .lines" : ".rendered > .pair";
    return all(`.page:not([hidden]) > [open] > ${inside}`);
  };

  const unfold = () => {
    const folds = all(".page:not([hidden]) > details");
    const open = !folds.every((fold) => fold.open);
    for (const fold of folds) fold.open = open;
  };
  const turn = () => {
    byId(byId("view-source")?.checked ? "view-rendered" : "view-source")?.click();
  };
  const keys = {
    j: () => go(pages(), 1),
    k: () => go(pages(), -1),
    n: () => go(changes(), 1),
    p: () => go(changes(), -1),
    e: unfold,
    v: turn,
    "/": () => search?.focus(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target === search) {
      if (event.key === "Escape") search.blur();
      return;
    }
    if (event.target.matches("select, textarea") || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // A link to a page of the report opens it.
  const open = () => {
    const details = location.hash && byId(location.hash.slice(1))?.querySelector("details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", open);
  open();

  if (byId("unfold")) {
    byId("unfold").hidden = false;
    byId("unfold").addEventListener("click", unfold);
  }
  byId("keys").hidden = false;
  byId("keys").addEventListener("click", () => help.showModal());
  if (search) {
    byId("find").hidden = byId("matches").hidden = false;
    search.addEventListener("input", filter);
    for (const control of all("[name=outcome], #site, #folder, #about")) control.addEventListener("change", filter);
    filter(); // a browser keeps what was chosen when a page is loaded again
  }
}
