/*
 * A search box of a Fihris site for the pages of other sites: <fihris-search></fihris-search>.
 *
 * Attributes: endpoint (address of the Fihris site; by itself, where this script came from), language (ar or en),
 * placeholder, label, hits (how many to show, 5), link="original" (hits lead to where the articles came from).
 * Colours: --fihris-accent, --fihris-mark, --fihris-line, --fihris-text, --fihris-ground. Parts: input, button, hits.
 *
 * What the endpoint answers becomes text nodes and never HTML. The operator lists this page's origin in
 * FIHRIS_CORS_ORIGINS; until then browsers refuse the answers.
 */
(() => {
  "use strict";

  const HOME = document.currentScript ? new URL(".", document.currentScript.src).href : location.href;
  const PAUSE = 250;
  const SHORTEST = 2;

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

  class FihrisSearch extends HTMLElement {
    static observedAttributes = ["language", "placeholder", "label"];

    #input = made("input", { type: "search", name: "q", id: "q", dir: "auto", maxLength: 512, autocomplete: "off" });
    #label = made("label", { className: "hidden", htmlFor: "q" });
    #button = made("button", { type: "submit" });
    #status = made("p", { className: "status" });
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
      const root = this.attachShadow({ mode: "open", delegatesFocus: true });
      if (!sheet) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
      }
      // Not a style element: a policy of the page against those in line does not reach it.
      root.adoptedStyleSheets = [sheet];
      root.append(form, this.#status, this.#hits, this.#more);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
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
      for (const each of this.shadowRoot.children) {
        each.dir = words.direction;
        each.lang = this.#language;
      }
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
      const item = made("li", {}, made("a", { href: original || page.href }, made("bdi", {}, ...title)));
      const facts = [hit.source, hit.published.slice(0, 10)].filter(Boolean).map((fact) => made("bdi", {}, fact));
      if (facts.length) item.append(made("p", { className: "meta" }, ...facts.flatMap((f, n) => (n ? [" · ", f] : [f]))));
      for (const fragment of hit.highlights.body.slice(0, 1)) {
        const piece = made("p", { dir: "auto" }, marked(fragment));
        item.append(piece);
      }
      return item;
    }

    /* Arrows go from the box through the hits and back; Escape empties it. */
    #move(event) {
      const places = [this.#input, ...this.shadowRoot.querySelectorAll("a")];
      const here = places.indexOf(this.shadowRoot.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.isComposing || here < 0) return;
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
