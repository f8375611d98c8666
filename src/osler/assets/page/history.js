// The list of conversations: search, open, rename, delete. Kept by the server, if at all.

import { call, get } from "./api.js";
import { button, el, fault, fill, lastOnly, moment, say, tool } from "./dom.js";
import { browser, tab } from "./store.js";

const KEY = "osler.keep";
const OPEN = "osler.open";

/** Whether this browser wants conversations to be kept. */
export const keeps = () => browser.get(KEY) !== "no";
export const setKeeps = (yes) => browser.set(KEY, yes ? "yes" : "no");

/** The conversation that was open in this tab of the browser, if one was. */
export const lastOpen = () => tab.get(OPEN);

export class History {
  constructor(state, does) {
    this.state = state;
    this.does = does;
    this.current = null;
    this.list = el("ul", { class: "conversations" });
    this.fault = el("div", {});
    this.search = el("input", { type: "search", placeholder: "Search", "aria-label": "Search conversations" });
    this.asked = lastOnly();
    let wait = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => this.load(), 200);
    });
    // Beside the talk on a wide screen, folded up above it on a narrow one.
    this.node = el("details", { class: "history", open: matchMedia("(min-width: 60rem)").matches, hidden: !state.history || !keeps() },
      el("summary", { text: "Conversations" }),
      button("New conversation", () => does.fresh(), { class: "fresh" }),
      this.search, this.fault, this.list,
      button("Delete all", () => this.#clear(), { class: "quiet clear" }));
  }

  async load() {
    if (!this.state.history || !keeps()) return;
    const isLast = this.asked();
    try {
      const found = await get(`/app/conversations?q=${encodeURIComponent(this.search.value.trim())}`);
      if (!isLast() || this.renaming?.isConnected) return;
      fill(this.list, found.length ? found.map((one) => this.#row(one))
        : el("li", { class: "note", text: this.search.value ? "Nothing found." : "None yet." }));
    } catch (error) {
      fill(this.list, fault(error));
    }
    this.#marked();
  }

  /** Do what somebody asked for; what goes wrong is said above the list. */
  async #told(does) {
    fill(this.fault);
    try {
      await does();
    } catch (error) {
      fill(this.fault, fault(error));
      if (error.status === 404) await this.load();  // which is not in it any more
    }
  }

  /** Say which conversation is open; null for one that is not kept. */
  mark(id) {
    this.current = id;
    tab.set(OPEN, id);
    this.#marked();
  }

  #marked() {
    for (const row of this.list.children) {
      if (row.dataset.id === this.current) row.firstChild.setAttribute("aria-current", "true");
      else row.firstChild?.removeAttribute?.("aria-current");
    }
  }

  #row(one) {
    const row = el("li", { "data-id": one.id },
      el("button", { type: "button", class: "conversation", on: { click: () => this.#open(one.id) } },
        el("span", { class: "title", text: one.title }), el("small", { text: moment(one.changed) })),
      el("span", { class: "row-tools" }, tool("edit", `Rename “${one.title}”`, () => this.#rename(row, one)),
        tool("remove", `Delete “${one.title}”`, () => this.#delete(one))));
    return row;
  }

  #open(id) {
    return this.#told(async () => {
      await this.does.open(id);
      if (!matchMedia("(min-width: 60rem)").matches) this.node.open = false;
    });
  }

  #rename(row, one) {
    const box = el("input", { type: "text", value: one.title, maxlength: "80", "aria-label": "New title" });
    this.renaming = box;
    const leave = async () => {
      this.renaming = null;
      await this.load();
      this.list.querySelector(`[data-id="${one.id}"] .conversation`)?.focus();
    };
    const done = () => this.#told(async () => {
      if (box.value.trim()) await call("PATCH", `/app/conversations/${one.id}`, { body: { title: box.value } });
      await leave();
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") done();
      if (event.key === "Escape") leave();
    });
    fill(row, box, tool("done", "Rename", done));
    box.select();
  }

  #delete(one) {
    if (!confirm(`Delete “${one.title}”? It cannot be brought back.`)) return;
    this.#told(async () => {
      await call("DELETE", `/app/conversations/${one.id}`);
      this.does.gone(one.id);
      say("Deleted.");
      await this.load();
      if (document.activeElement === document.body) this.search.focus();
    });
  }

  #clear() {
    if (!confirm("Delete all conversations, and what was said of the answers? They cannot be brought back.")) return;
    this.#told(async () => {
      await call("DELETE", "/app/conversations");
      this.does.gone(null);
      say("All are deleted.");
      await this.load();
    });
  }
}
