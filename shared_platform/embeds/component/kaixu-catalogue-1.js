// <kaixu-catalogue>: an open licensing catalogue on any page. Manual: docs/embedding.md.
// No dependencies, cookies, storage or inline styles; texts are set as texts, never as markup.
const HOME = new URL("..", import.meta.url).href;
const PATIENCE = 20_000; // milliseconds
const WORDS = {
  zh: {
    catalogue: "专利开放许可目录", label: "技术词、专利号或专利权人", search: "查找", clear: "清除检索词",
    loading: "正在载入…", none: "没有找到符合条件的许可", page: "第 {0} 页", previous: "上一页", next: "下一页",
    failed: "暂时无法载入目录。", retry: "重试", items: "全部公布内容", more: "在目录中查看", window: "（新窗口）",
  },
  en: {
    catalogue: "Open licensing catalogue", label: "Words, a patent number or a holder", search: "Search",
    clear: "Clear the search", loading: "Loading…", none: "No offer matches", page: "page {0}",
    previous: "Previous page", next: "Next page", failed: "The catalogue did not load.",
    retry: "Try again", items: "All published items", more: "See in the catalogue", window: " (new window)",
  },
};
const LIGHT = "--ink:#1d2433;--muted:#566074;--paper:#fbfaf7;--card:#ffffff;--line:#dcdfe6;--edge:#8690a2;--accent:#9c2b1f;"
  + "--link:#1b4f8f;--good:#1c6b3c;--warn:#8a5300;color-scheme:light;";
const DARK = "--ink:#e8eaf0;--muted:#a9b2c3;--paper:#14171d;--card:#1d2129;--line:#343b48;--edge:#7d889b;--accent:#f0a497;"
  + "--link:#8fb8f0;--good:#7fd3a0;--warn:#f0c078;color-scheme:dark;";
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host{${LIGHT}display:block;padding:1rem;border-radius:var(--kaixu-radius,.5rem);line-height:1.65;
  overflow-wrap:anywhere;color:var(--kaixu-ink,var(--ink));background:var(--kaixu-paper,var(--paper));font-family:var(--kaixu-font,system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif)}
:host([theme=dark]){${DARK}}
@media(prefers-color-scheme:dark){:host([theme=auto]){${DARK}}}
:host([hidden]),[hidden]{display:none}
*{margin:0;box-sizing:border-box}
a,button{color:var(--kaixu-link,var(--link))}
:focus-visible{outline:3px solid var(--kaixu-link,var(--link));outline-offset:2px}
form:not([hidden]),.row{display:flex;flex-wrap:wrap;gap:.2rem .75rem;align-items:center}
form{margin-bottom:.75rem}
.small,label,dt{color:var(--kaixu-muted,var(--muted));font-size:.9em}
label{flex:1 0 100%}
input,button,li,.box{border:1px solid var(--edge);border-radius:var(--kaixu-radius,.5rem);padding:.4rem .8rem;
  background:var(--kaixu-card,var(--card))}
input,button{font:inherit;min-height:2.75rem}
input{flex:1 1 10rem;min-width:0;color:inherit}
button,summary{cursor:pointer}
ul{list-style:none;padding:0;display:grid;gap:.7rem;margin:.5rem 0 1rem}
[aria-busy]{opacity:.6}
li,.box{border-color:var(--kaixu-line,var(--line));padding:.8rem 1rem}
li{display:grid;gap:.2rem}
.heading{font-size:1.08em}
.badge{font-size:.82em;border:1px solid;border-radius:1rem;padding:0 .6em}
.published{color:var(--good)}.suspended,.soon{color:var(--warn)}
.fee,.withdrawn{color:var(--kaixu-accent,var(--accent))}
.fee{font-weight:600}
summary{padding:.25rem 0}
dl>div{padding:.3rem 0;border-top:1px solid var(--kaixu-line,var(--line))}
.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
`);

/** An element with attributes and children; strings become text. */
function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function button(word, onclick) {
  return Object.assign(make("button", { type: "button" }, word), { onclick });
}

class KaixuCatalogue extends HTMLElement {
  static observedAttributes = ["search", "lang", "limit", "catalogue", "search-box", "heading"];
  #root = this.attachShadow({ mode: "open" });
  #ui = {};
  #cursors = [null]; // of the pages up to this one
  #typed = "";
  #asking; // the request under way
  #begins;

  connectedCallback() { this.#begin(); }
  attributeChangedCallback() { this.#begin(); }
  disconnectedCallback() { this.#asking?.abort(); }

  get #isEnglish() { return /^en/i.test(this.closest("[lang]")?.lang); }
  get #home() { return `${(this.getAttribute("catalogue") || HOME).replace(/\/+$/, "")}/`; }

  /** Once for attributes that change together. */
  #begin() {
    this.#begins ??= Promise.resolve().then(() => {
      this.#begins = undefined;
      if (!this.isConnected) return;
      this.#draw();
      this.#search(this.#typed);
    });
  }

  #draw() {
    const words = WORDS[this.#isEnglish ? "en" : "zh"];
    const input = make("input", { id: "q", type: "search", maxlength: "200" });
    const form = make("form", { role: "search" },
      make("label", { for: "q" }, words.label), input, make("button", {}, words.search));
    form.hidden = this.getAttribute("search-box") === "off";
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#search(input.value.trim());
    };
    input.value = this.#typed;
    const status = make("p", { role: "status", class: "small" });
    const list = make("ul", { role: "list", "aria-label": words.catalogue, tabindex: "-1" });
    const trouble = make("div", { role: "alert" });
    const pager = make("p", { class: "row" });
    const whole = this.#link(words.more, words);
    this.#ui = { words, input, status, list, trouble, pager, whole };
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.replaceChildren(make("div", { lang: this.#isEnglish ? "en" : "zh-CN" },
      form, status, trouble, list, pager, make("p", { class: "small" }, whole)));
  }

  #link(text, { window }) {
    return make("a", { target: "_blank", rel: "noopener" }, text, make("span", { class: "quiet" }, window));
  }

  #search(typed) {
    this.#typed = typed;
    this.#cursors = [null];
    this.#load();
  }

  /** Fetch and show a page; focus goes to its beginning where the reader `moved`. */
  async #load(moved = false) {
    const { words, status, list, trouble, whole } = this.#ui;
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const timer = setTimeout(() => asking.abort(), PATIENCE);
    const query = new URLSearchParams(this.getAttribute("search") ?? "");
    const q = [query.get("q"), this.#typed].filter(Boolean).join(" ");
    if (q) query.set("q", q);
    if (this.#isEnglish) query.set("lang", "en");
    whole.href = `${this.#home}?${query}`;
    query.set("limit", this.getAttribute("limit") || "10");
    if (this.#cursors.at(-1)) query.set("cursor", this.#cursors.at(-1));
    status.textContent = words.loading;
    list.setAttribute("aria-busy", "true");
    try {
      const url = `${this.#home}api/v1/catalogue/cards?${query}`;
      const answer = await fetch(url, { signal: asking.signal, credentials: "omit", referrerPolicy: "no-referrer" });
      const told = await answer.json();
      const { pointer = "", message = told.detail } = told.errors?.[0] ?? {};
      if (!answer.ok) throw new Error(`${pointer} ${message}`);
      if (asking !== this.#asking) return;
      trouble.replaceChildren();
      this.#show(told);
      if (moved) list.focus();
    } catch (error) {
      if (asking === this.#asking && this.isConnected) this.#fail(error);
    }
    clearTimeout(timer);
    if (asking === this.#asking) list.removeAttribute("aria-busy");
  }

  #show({ items, total_text: total, next }) {
    const { words, input, status, list, pager } = this.#ui;
    const page = this.#cursors.length;
    const where = next || page > 1 ? ` · ${words.page.replace("{0}", page)}` : "";
    status.textContent = items.length ? total + where : words.none;
    list.replaceChildren(...items.map((one) => this.#card(one)));
    pager.replaceChildren();
    if (!items.length && this.#typed) pager.append(button(words.clear, () => this.#search((input.value = ""))));
    if (page > 1) pager.append(button(words.previous, () => { this.#cursors.pop(); this.#load(true); }));
    if (next) pager.append(button(words.next, () => { this.#cursors.push(next); this.#load(true); }));
  }

  #fail({ name, message }) {
    const { words, status, list, trouble, pager } = this.#ui;
    for (const part of [status, list, pager]) part.replaceChildren();
    trouble.replaceChildren(make("div", { class: "box" },
      make("p", {}, words.failed, name === "Error" ? ` ${message}` : ""),
      button(words.retry, () => this.#load(true)), " ", make("slot", {})));
  }

  #card(one) {
    const { words } = this.#ui;
    const level = /^[2-6]$/.test(this.getAttribute("heading")) ? this.getAttribute("heading") : 3;
    const link = this.#link(this.#said(one.heading), words);
    link.href = `${this.#home}listings/${encodeURIComponent(one.listing)}${this.#isEnglish ? "?lang=en" : ""}`;
    const badges = [[one.state, one.state_text], ...one.notes.map((note) => ["", note])];
    return make("li", {},
      make(`h${level}`, { class: "heading" }, link),
      make("p", { class: "row" }, ...badges.map(([state, text]) => make("span", { class: `badge ${state}` }, text))),
      make("p", {}, this.#said(one.holders.join(" · "))),
      make("p", { class: "fee" }, this.#said(one.fee)),
      make("p", { class: "small" }, this.#said(one.fee_note)),
      make("p", { class: "small row" }, ...one.facts.map((fact) => this.#said(fact)),
        make("span", one.is_ending_soon ? { class: "soon" } : {}, one.days_left_text)),
      make("details", { class: "small" }, make("summary", {}, words.items), make("dl", {}, ...one.items.map(
        ({ title, text }) => make("div", {}, make("dt", {}, title), make("dd", {}, this.#said(text)))))));
  }

  /** Chinese among English says so (WCAG 2.2 §3.1.2). */
  #said(text) {
    return make("span", this.#isEnglish && /[\u2e80-\u9fff]/.test(text) ? { lang: "zh-CN" } : {}, text);
  }
}

if (!customElements.get("kaixu-catalogue")) customElements.define("kaixu-catalogue", KaixuCatalogue);
