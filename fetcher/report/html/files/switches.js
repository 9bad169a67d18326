// Keeps what the switches of a page are set to.
"use strict";
for (const choice of document.querySelectorAll(".switch input")) {
  const key = `fetcher-${choice.name}`;
  try {
    choice.checked = (localStorage.getItem(key) ?? (choice.checked && choice.value)) === choice.value;
    choice.addEventListener("change", () => localStorage.setItem(key, choice.value));
  } catch {
    // A browser may keep nothing for a file: then they begin anew.
  }
}
