// Makes the switch of colours work, and keeps what the switches are set to.
"use strict";
for (const choice of document.querySelectorAll(".switch input")) {
  const key = `fetcher-${choice.name}`;
  const show = () => {
    if (choice.checked && choice.name === "theme") document.documentElement.dataset.theme = choice.value;
  };
  choice.closest(".switch").hidden = false;
  try {
    if (localStorage.getItem(key) === choice.value) choice.checked = true;
  } catch {
    // A browser may keep nothing for a file: then they begin anew.
  }
  show();
  choice.addEventListener("change", () => {
    show();
    try {
      localStorage.setItem(key, choice.value);
    } catch {
      // As above.
    }
  });
}
