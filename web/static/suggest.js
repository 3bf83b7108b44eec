// Suggestions under the search box, as the combobox pattern of WAI-ARIA's authoring practices has them. The page works
// without: the box is then a plain one.
(() => {
  "use strict";
  const PAUSE = 90;
  const LIMIT = 10;
  const REMEMBERED = 60;
  const box = document.getElementById("q");
  const field = box?.closest(".field");
  if (!field?.dataset.suggest) return;

  const form = box.form;
  const words = field.dataset;
  const counts = JSON.parse(words.counts);
  const made = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const list = made("ul", { id: "suggestions", class: "suggestions", role: "listbox", "aria-label": words.label });
  const told = made("p", { class: "hidden", "aria-live": "polite", "aria-atomic": "true" });
  list.hidden = true;
  field.append(list, told);
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-haspopup", "listbox"],
    ["aria-expanded", "false"],
    ["aria-controls", list.id],
  ]) box.setAttribute(name, value);

  const known = new Map(); // answers to what was typed before: going back asks nobody
  let shown = [];
  let active = -1;
  let timer = 0;
  let request = null;

  const isOpen = () => !list.hidden;

  // Whether the list is yet to follow what was typed last.
  const wait = (busy) => list.setAttribute("aria-busy", String(busy));

  const stopAsking = () => {
    clearTimeout(timer);
    request?.abort();
    wait(false);
  };

  const mark = (place) => {
    active = place;
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
    if (place < 0) box.removeAttribute("aria-activedescendant");
    else {
      box.setAttribute("aria-activedescendant", list.children[place].id);
      list.children[place].scrollIntoView({ block: "nearest" });
    }
  };

  const close = () => {
    stopAsking();
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    told.textContent = "";
    mark(-1);
  };

  // Whole words, so that no letter is parted from its neighbour; ranges count code points.
  const text = (suggestion) => {
    const letters = Array.from(suggestion.text);
    const pieces = [];
    let at = 0;
    for (const [begin, end] of [...suggestion.ranges, [letters.length, letters.length]]) {
      if (begin > at) pieces.push(made("b", {}, letters.slice(at, begin).join("")));
      if (end > begin) pieces.push(letters.slice(begin, end).join(""));
      at = end;
    }
    return suggestion.ranges.length ? pieces : [suggestion.text];
  };

  const show = (suggestions) => {
    wait(false);
    shown = suggestions;
    list.replaceChildren(...suggestions.map((suggestion, number) => {
      const line = made("span", { lang: "ar", dir: "auto" }, ...text(suggestion));
      const option = made("li", { id: `suggestion-${number}`, role: "option", "aria-selected": "false" }, line);
      if (suggestion.kind === "title") option.append(" ", made("span", { class: "kind" }, words.article));
      return option;
    }));
    active = -1;
    box.removeAttribute("aria-activedescendant");
    list.hidden = !suggestions.length;
    list.scrollTop = 0;
    box.setAttribute("aria-expanded", String(isOpen()));
    told.textContent = counts[suggestions.length] ?? "";
  };

  const ask = async () => {
    stopAsking();
    const typed = box.value;
    if (!typed.trim()) return close();
    if (known.has(typed)) return show(known.get(typed));
    wait(true);
    const mine = request = new AbortController();
    const url = new URL(words.suggest, location.href);
    url.searchParams.set("q", typed);
    url.searchParams.set("limit", String(LIMIT));
    try {
      const answer = await fetch(url, { signal: mine.signal });
      const { suggestions } = answer.ok ? await answer.json() : { suggestions: [] };
      if (answer.ok && known.set(typed, suggestions).size > REMEMBERED) known.delete(known.keys().next().value);
      // What was typed meanwhile has an answer of its own on the way.
      if (box.value === typed && document.activeElement === box) show(suggestions);
    } catch { /* given up, or the server is gone: the box goes on as a plain one */
      if (request === mine) wait(false);
    }
  };

  // A headline is one article, and the reader has seen it: the way there is not by a page of results. Words and phrases
  // are searched for, with the filters that are in force.
  const choose = (suggestion) => {
    close();
    if (suggestion.kind === "title") {
      // With what was typed: its words are marked there, and a link leads to its results.
      const page = new URL(`articles/${encodeURIComponent(suggestion.id)}`, new URL(words.home, location.href));
      const language = form.elements.namedItem("lang")?.value;
      page.searchParams.set("q", box.value);
      if (language) page.searchParams.set("lang", language);
      location.assign(page);
      return;
    }
    box.value = suggestion.text;
    form.requestSubmit();
  };

  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (!box.value.trim()) close();
    else {
      wait(true);
      timer = setTimeout(ask, PAUSE);
    }
  });

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      if (isOpen()) {
        event.preventDefault();
        // The line that is chosen from stays: an answer still on its way would put another list in its place.
        stopAsking();
        // Past either end is the text that was typed.
        mark(((active + 1 + step + shown.length + 1) % (shown.length + 1)) - 1);
      } else if (box.value.trim()) {
        event.preventDefault();
        ask();
      }
    } else if (event.key === "Enter") {
      if (isOpen() && active >= 0) {
        event.preventDefault();
        choose(shown[active]);
      } else close();
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      close();
    } else if (event.key === "Tab") close();
    else if (event.key === "Home" || event.key === "End") mark(-1);
  });

  // The box keeps the focus while a line is pressed.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const place = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (place >= 0) choose(shown[place]);
  });
  box.addEventListener("blur", close);
  form.addEventListener("submit", close);
  addEventListener("pageshow", close);
})();
