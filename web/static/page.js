// The pages work without this: it adds a choice of theme and a key for the search box.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const KEY = "fihris-theme";

  // Run before anything is drawn, so that no page flashes in the other theme. Storage may be forbidden.
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const store = (theme) => {
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch { /* the choice holds for this page */ }
  };
  const asked = stored();
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;

  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

  const offerThemes = (button) => {
    const name = () => {
      button.title = isDark() ? button.dataset.light : button.dataset.dark;
      button.setAttribute("aria-label", button.title);
    };
    button.addEventListener("click", () => {
      const wanted = isDark() ? "light" : "dark";
      // What the system asks for anyway is not remembered: the page then goes on following it.
      if ((wanted === "dark") === system.matches) {
        delete root.dataset.theme;
        store(null);
      } else {
        root.dataset.theme = wanted;
        store(wanted);
      }
      name();
    });
    system.addEventListener("change", name);
    name();
    button.hidden = false;
  };

  const focusOnSlash = (box) => {
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      box.focus();
      box.select();
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const box = document.getElementById("q");
    if (button) offerThemes(button);
    if (box) focusOnSlash(box);
  });
})();
