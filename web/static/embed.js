/*
 * A search box of a Fihris site for the pages of other sites: <fihris-search></fihris-search>.
 *
 * Attributes: endpoint (address of the Fihris site; by itself, where this script came from), language (ar or en),
 * placeholder, label, hits (how many to show, 5), link="original" (hits lead to where the articles came from).
 * Colours: --fihris-accent, --fihris-mark, --fihris-line, --fihris-text, --fihris-ground. Parts: input, button,
 * suggestions, hits.
 *
 * What the endpoint answers becomes text nodes and never HTML. The operator lists this page's origin in
 * FIHRIS_CORS_ORIGINS; until then browsers refuse the answers.
 */
(() => {
  "use strict";

  const HOME = document.currentScript ? new URL(".", document.currentScript.src).href : location.href;
  const PAUSE = 250;
  const SHORTEST = 2;
  const SUGGESTIONS = 5;
  const SUGGEST_PAUSE = 90;

  const WORDS = {
    ar: {
      direction: "rtl",
      label: "ابحث في المقالات",
      button: "ابحث",
      none: "لا نتائج",
      counts: { one: "نتيجة واحدة", two: "نتيجتان", few: "{n} نتائج", many: "{n} نتيجة", other: "{n} نتيجة" },
      all: "كل النتائج",
      untitled: "مقال بلا عنوان",
      failed: "لا يجيب البحث الآن؛ أعد المحاولة بعد قليل.",
      refused: "لم يُفهم السؤال.",
      suggestions: "اقتراحات",
    },
    en: {
      direction: "ltr",
      label: "Search the articles",
      button: "Search",
      none: "No results",
      counts: { one: "1 result", other: "{n} results" },
      all: "All results",
      untitled: "Untitled article",
      failed: "The search does not answer now; try again in a while.",
      refused: "The question was not understood.",
      suggestions: "Suggestions",
    },
  };

  const STYLE = `
    :host { display: block; color: var(--fihris-text, CanvasText); font: inherit; line-height: 1.6; }
    :host([hidden]) { display: none; }
    form { display: flex; gap: .5rem; margin: 0; }
    input, button { font: inherit; color: inherit; min-height: 2.75rem; box-sizing: border-box; border-radius: .4rem;
      border: 1px solid var(--fihris-line, GrayText); background: var(--fihris-ground, Canvas); }
    input { flex: 1; min-width: 0; padding: 0 .8rem; }
    button { padding: 0 1.1rem; cursor: pointer; }
    input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--fihris-accent, LinkText);
      outline-offset: 2px; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .status { margin: .6rem 0 0; }
    ol { list-style: none; margin: 0; padding: 0; }
    .suggestions { margin-top: .3rem; border: 1px solid var(--fihris-line, GrayText); border-radius: .4rem;
      background: var(--fihris-ground, Canvas); overflow: hidden; }
    .suggestions[hidden] { display: none; }
    .suggestions > * { min-height: 2.75rem; box-sizing: border-box; padding: .5rem .8rem; cursor: pointer; overflow-wrap: anywhere; }
    .suggestions > [aria-selected="true"] { outline: 3px solid var(--fihris-accent, LinkText); outline-offset: -3px; }
    li { padding: .7rem 0; border-bottom: 1px solid var(--fihris-line, GrayText); }
    a { color: var(--fihris-accent, LinkText); overflow-wrap: anywhere; }
    li a { font-weight: 600; }
    li p { margin: .2rem 0 0; overflow-wrap: anywhere; }
    .meta { font-size: .9em; }
    mark { color: MarkText; background: var(--fihris-mark, Mark); border-radius: .15em; }
  `;

  let sheet;

  function made(name, properties = {}, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  /* Ranges count code points, as strings are counted in most languages but not in this one. */
  function marked(fragment) {
    const letters = Array.from(fragment.text);
    const piece = document.createDocumentFragment();
    let at = 0;
    for (const [begin, end] of fragment.ranges) {
      piece.append(letters.slice(at, begin).join(""), made("mark", {}, letters.slice(begin, end).join("")));
      at = end;
    }
    piece.append(letters.slice(at).join(""));
    return piece;
  }

  function webAddress(text) {
    try {
      const url = new URL(text);
      return url.protocol === "http:" || url.protocol === "https:" ? url.href : "";
    } catch {
      return "";
    }
  }

  /* The options under a box, as the combobox pattern of WAI-ARIA's authoring practices has them. They stand above the
   * hits and not over them: what was found for the words so far stays in sight. */
  class Suggestions {
    #input;
    #ask;
    #choose;
    #texts = [];
    #active = -1;
    #timer = 0;
    #request = null;

    constructor(input, list, ask, choose) {
      this.#input = input;
      this.#ask = ask;
      this.#choose = choose;
      this.list = list;
      list.id = "suggestions";
      list.hidden = true;
      list.setAttribute("role", "listbox");
      for (const [name, value] of Object.entries({
        role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": list.id,
        "aria-expanded": "false",
      })) input.setAttribute(name, value);
      input.addEventListener("input", () => {
        clearTimeout(this.#timer);
        this.#request?.abort();
        if (input.value.trim()) {
          this.#wait(true);
          this.#timer = setTimeout(() => this.#fetch(), SUGGEST_PAUSE);
        } else this.close();
      });
      // Not while a hit is pressed: it would move from under the pointer.
      input.addEventListener("blur", (event) => {
        if (!event.relatedTarget || !input.getRootNode().contains(event.relatedTarget)) this.close();
      });
      list.addEventListener("mousedown", (event) => event.preventDefault());
      list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.#take([...list.children].indexOf(option));
      });
    }

    get open() {
      return !this.list.hidden;
    }

    close() {
      this.#giveUp();
      this.#show([]);
    }

    /* Whether the list is yet to follow what was typed last. */
    #wait(busy) {
      this.list.setAttribute("aria-busy", String(busy));
    }

    #giveUp() {
      clearTimeout(this.#timer);
      this.#request?.abort();
      this.#wait(false);
    }

    /* Tell whether a key was for the list. */
    key(event) {
      if (!this.open) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const places = this.#texts.length + 1; // the last one is the box itself
      if (step) {
        // An answer still on its way would put another list in the place of the one that is chosen from.
        this.#giveUp();
        this.#mark(((this.#active + 1 + step + places) % places) - 1);
      } else if (event.key === "Enter" && this.#active >= 0) this.#take(this.#active);
      else if (event.key === "Escape") this.close();
      else {
        if (event.key === "Home" || event.key === "End") this.#mark(-1);
        else if (event.key === "Tab" || event.key === "Enter") this.close();
        return false;
      }
      return true;
    }

    #take(place) {
      const text = this.#texts[place];
      this.close();
      this.#choose(text);
    }

    async #fetch() {
      const typed = this.#input.value;
      const request = (this.#request = new AbortController());
      try {
        const texts = await this.#ask(typed, request.signal);
        if (this.#input.value === typed && !request.signal.aborted && this.#input.matches(":focus")) this.#show(texts);
      } catch { /* given up, or not to be had: the box goes on as a plain one */ }
      if (this.#request === request && !request.signal.aborted) this.#wait(false);
    }

    #show(texts) {
      this.#texts = texts;
      this.list.replaceChildren(...texts.map((text, place) => {
        const option = made("div", { id: `suggestion-${place}`, dir: "auto" }, text);
        option.setAttribute("role", "option");
        return option;
      }));
      this.list.hidden = !texts.length;
      this.#input.setAttribute("aria-expanded", String(this.open));
      this.#mark(-1);
    }

    #mark(place) {
      this.#active = place;
      [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
      if (place < 0) this.#input.removeAttribute("aria-activedescendant");
      else this.#input.setAttribute("aria-activedescendant", this.list.children[place].id);
    }
  }

  class FihrisSearch extends HTMLElement {
    static observedAttributes = ["language", "placeholder", "label"];

    #input = made("input", { type: "search", name: "q", id: "q", dir: "auto", maxLength: 512, autocomplete: "off" });
    #label = made("label", { className: "hidden", htmlFor: "q" });
    #button = made("button", { type: "submit" });
    #status = made("p", { className: "status" });
    #suggestions = new Suggestions(
      this.#input,
      made("div", { className: "suggestions" }),
      (typed, signal) => this.#suggested(typed, signal),
      (text) => {
        this.#input.value = text;
        this.#ask(true);
      },
    );
    #hits = made("ol");
    #more = made("p");
    #asked = "";
    #timer = 0;
    #request = null;

    constructor() {
      super();
      const form = made("form", {}, this.#label, this.#input, this.#button);
      form.setAttribute("role", "search");
      this.#status.setAttribute("role", "status");
      this.#input.setAttribute("part", "input");
      this.#input.setAttribute("enterkeyhint", "search");
      this.#button.setAttribute("part", "button");
      this.#hits.setAttribute("part", "hits");
      this.#suggestions.list.setAttribute("part", "suggestions");
      const root = this.attachShadow({ mode: "open", delegatesFocus: true });
      if (!sheet) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
      }
      // Not a style element: a policy of the page against those in line does not reach it.
      root.adoptedStyleSheets = [sheet];
      root.append(form, this.#suggestions.list, this.#status, this.#hits, this.#more);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#suggestions.close();
        this.#ask(true);
      });
      this.#input.addEventListener("input", () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#ask(false), PAUSE);
      });
      root.addEventListener("keydown", (event) => this.#move(event));
    }

    connectedCallback() {
      this.#dress();
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      this.#request?.abort();
      this.#suggestions.close();
    }

    attributeChangedCallback() {
      this.#dress();
    }

    get #language() {
      const named = this.getAttribute("language") || this.closest("[lang]")?.lang || "ar";
      return named.toLowerCase().startsWith("en") ? "en" : "ar";
    }

    get #words() {
      return WORDS[this.#language];
    }

    /* The site's own address, with a slash at its end so that others can be relative to it. */
    get #home() {
      const url = new URL(this.getAttribute("endpoint") || HOME, document.baseURI);
      url.search = url.hash = "";
      return url.href.replace(/\/*$/, "/");
    }

    #dress() {
      const words = this.#words;
      const label = this.getAttribute("label") || words.label;
      this.#label.textContent = label;
      this.#input.placeholder = this.getAttribute("placeholder") || label;
      this.#button.textContent = words.button;
      this.#suggestions.list.setAttribute("aria-label", words.suggestions);
      for (const each of this.shadowRoot.children) {
        each.dir = words.direction;
        each.lang = this.#language;
      }
    }

    /* Words and phrases: headlines are among the hits. */
    async #suggested(typed, signal) {
      const url = new URL("api/suggest", this.#home);
      url.searchParams.set("q", typed);
      const answer = await fetch(url, { signal, credentials: "omit" });
      const found = answer.ok ? (await answer.json()).suggestions : [];
      return found.filter((each) => each.kind !== "title").map((each) => each.text).slice(0, SUGGESTIONS);
    }

    async #ask(now) {
      clearTimeout(this.#timer);
      const text = this.#input.value.trim();
      if (text === this.#asked && !now) return;
      this.#request?.abort();
      this.#asked = text;
      if (Array.from(text).length < (now ? 1 : SHORTEST)) {
        this.#show("", [], "");
        return;
      }
      const request = (this.#request = new AbortController());
      const url = new URL("api/search", this.#home);
      url.searchParams.set("q", text);
      url.searchParams.set("per_page", String(Math.min(20, Math.max(1, parseInt(this.getAttribute("hits"), 10) || 5))));
      this.#hits.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(url, { signal: request.signal, credentials: "omit" });
        if (!answer.ok) {
          this.#show(answer.status < 500 ? this.#words.refused : this.#words.failed, [], "");
          return;
        }
        const found = await answer.json();
        this.#show(this.#counted(found), found.hits, text);
      } catch (error) {
        if (error.name !== "AbortError") this.#show(this.#words.failed, [], "");
      }
    }

    #counted(found) {
      const words = this.#words;
      if (!found.total) return words.none;
      const form = words.counts[new Intl.PluralRules(this.#language).select(found.total)] || words.counts.other;
      return form.replace("{n}", found.total.toLocaleString("en"));
    }

    #show(status, hits, text) {
      this.#status.textContent = status;
      this.#hits.removeAttribute("aria-busy");
      this.#hits.replaceChildren(...hits.map((hit) => this.#shown(hit, text)));
      this.#more.replaceChildren();
      if (hits.length) {
        const page = new URL(this.#home);
        page.searchParams.set("q", text);
        this.#more.append(made("a", { href: page.href }, this.#words.all));
      }
    }

    #shown(hit, text) {
      const page = new URL(`articles/${encodeURIComponent(hit.id)}`, this.#home);
      page.searchParams.set("q", text);
      const original = this.getAttribute("link") === "original" ? webAddress(hit.url) : "";
      const title = hit.highlights.title.length ? hit.highlights.title.map(marked) : [hit.title || this.#words.untitled];
      // Articles are in Arabic whatever the language of the box.
      const item = made("li", { lang: "ar", dir: "rtl" }, made("a", { href: original || page.href }, made("bdi", {}, ...title)));
      const facts = [hit.source, hit.published.slice(0, 10)].filter(Boolean).map((fact) => made("bdi", {}, fact));
      if (facts.length) item.append(made("p", { className: "meta" }, ...facts.flatMap((f, n) => (n ? [" · ", f] : [f]))));
      for (const fragment of hit.highlights.body.slice(0, 1)) {
        const piece = made("p", { dir: "auto" }, marked(fragment));
        item.append(piece);
      }
      return item;
    }

    /* Arrows go from the box through the suggestions or, where none are shown, the hits, and back; Escape closes the
     * suggestions and then empties the box. */
    #move(event) {
      const places = [this.#input, ...this.shadowRoot.querySelectorAll("a")];
      const here = places.indexOf(this.shadowRoot.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.isComposing || here < 0) return;
      if (here === 0 && this.#suggestions.key(event)) {
        event.preventDefault();
        return;
      }
      if (step && places[here + step]) {
        event.preventDefault();
        places[here + step].focus();
      } else if (event.key === "Escape") {
        this.#input.value = "";
        this.#input.focus();
        this.#ask(false);
      }
    }
  }

  if (!customElements.get("fihris-search")) customElements.define("fihris-search", FihrisSearch);
})();
