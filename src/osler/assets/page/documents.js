// Documents: take a file, show its pages, and beside them a summary or advice that leads into them.

import { call, get, stream } from "./api.js";
import { about, answer, bestFor, notTuned, taskName } from "./answer.js";
import { bringUp, button, el, fault, fill, lastOnly, many, menu, say, tool } from "./dom.js";
import { Reader } from "./reader.js";
import { Sources } from "./sources.js";

const TASKS = { summary: "document_summary", advice: "advice" };

export function openDocuments(panel, state) {
  return new Documents(panel, state).load();
}

class Documents {
  constructor(panel, state) {
    this.state = state;
    this.current = null;
    this.asked = lastOnly();
    this.list = el("ul", { class: "documents-list" });
    this.fault = el("div", { class: "faults" });
    this.work = el("div", { class: "work" });
    const picker = el("input", { type: "file", id: "file", class: "vh", accept: ".pdf,.docx,.txt,.md,.html,.htm" });
    picker.addEventListener("change", () => {
      if (picker.files.length) this.upload(picker.files[0]);
      picker.value = "";
    });
    const size = Math.floor(state.longest_file / 2 ** 20);
    const drop = el("label", { class: "drop", for: "file" }, el("b", { text: "Choose a file" }), " or drop one here",
      el("small", { text: `PDF, Word, HTML or text, up to ${size} MiB. It stays in the server's memory and is never written to its disk.` }));
    takesDrops(drop, (file) => this.upload(file));
    fill(panel, el("div", { class: "shelf" }, el("h1", { text: "Documents" }), picker, drop, this.fault, this.list), this.work);
  }

  async load() {
    const found = await get("/app/documents");
    fill(this.list, found.map((one) => el("li", {},
      el("button", { type: "button", class: "conversation", "aria-current": one.id === this.current ? "true" : null, on: { click: () => this.#told(() => this.open(one.id)) } },
        el("span", { class: "title", text: one.name }),
        el("small", { text: one.pages ? many(one.pages, "page") : many(one.characters, "character") })),
      tool("remove", `Delete “${one.name}”`, () => this.#told(() => this.remove(one))))));
    if (this.current !== null) return;
    const first = found.length ? "Choose a document to see its text" : "A document's text is shown here";
    fill(this.work, el("p", { class: "note empty", text: `${first}, with a summary of it and advice that rests on it.` }));
  }

  /** Do what somebody asked for; what goes wrong is said above the list. */
  async #told(does) {
    fill(this.fault);
    try {
      await does();
    } catch (error) {
      fill(this.fault, fault(error));
      if (error.status === 404) await this.load().catch(() => {});  // which is not in it any more
    }
  }

  async upload(file) {
    fill(this.fault, el("p", { class: "waiting", text: `Reading ${file.name}` }));
    say(`Reading ${file.name}`);
    try {
      if (file.size > this.state.longest_file) throw Object.assign(new Error(`${file.name} is longer than the server takes.`), { cure: "Take a shorter one." });
      const made = await call("POST", "/app/documents", {
        body: new Blob([file]), headers: { "Content-Type": "application/octet-stream", "X-Document-Name": encodeURIComponent(file.name) },
      });
      fill(this.fault);
      await this.open(made.id);
    } catch (error) {
      fill(this.fault, fault(error));
    }
  }

  async remove(one) {
    await call("DELETE", `/app/documents/${one.id}`);
    if (this.current === one.id) {
      this.#leave();
      this.current = null;
    }
    say("Deleted.");
    await this.load();
  }

  /** What is being written of a document ends with its place on the page. */
  #leave() {
    this.writing?.abort();
    this.writing = null;
  }

  async open(id) {
    const isLast = this.asked();
    const document = await get(`/app/documents/${id}`);
    if (!isLast()) return;
    this.#leave();  // now, for it could be asked for something until the other one came
    this.current = id;
    this.reader = new Reader(document);
    this.sources = new Sources();
    this.result = el("div", { class: "result" }, el("p", { class: "note", text: "Nothing has been asked of this document yet." }));
    this.model = this.#models();
    this.question = el("input", { type: "text", maxlength: "4000", placeholder: "What is the advice about? (may be empty)", "aria-label": "What the advice is about" });
    this.stop = button("Stop", () => this.writing?.abort(), { class: "stop", hidden: true });
    this.asks = [button("Summarise", () => this.ask("summary"), { class: "main" }), button("Advise", () => this.ask("advice"), { class: "main" })];
    fill(this.work, el("header", { class: "work-head" }, el("h2", { text: document.title || document.name }),
      el("div", { class: "choices" }, el("label", { class: "choice" }, el("span", { text: "Model" }), this.model), this.asks[0]),
      el("div", { class: "choices" }, this.question, this.asks[1], this.stop)),
    el("div", { class: "beside" }, el("section", { class: "written", "aria-label": "Summary or advice" }, this.result, this.sources.node), this.reader.node));
    this.sources.node.hidden = true;
    await this.load();
    bringUp(this.work);
  }

  /** The models by name, and first that each task has the one that was tuned for it. */
  #models() {
    const best = new Set(Object.values(TASKS).map((task) => bestFor(task, this.state.models)));
    const each = best.size > 1 ? el("option", { value: "", text: [...best].join(", ") }) : null;
    const select = menu({}, each, this.state.models.map((one) => el("option", { value: one.name, text: named(one) })));
    select.value = each ? "" : [...best][0];
    return select;
  }

  async ask(what) {
    if (this.writing) return;
    // Another document, with buttons of its own, may be opened before the end.
    const { result: shown, stop, asks } = this, events = [];
    const writing = (this.writing = new AbortController());
    stop.hidden = false;
    for (const one of asks) one.disabled = true;
    let text = "", failed = null;
    const title = el("h3", { text: what === "summary" ? "Summary" : "Advice" });
    fill(shown, title, el("p", { class: "waiting", text: "Reading" }));
    say("The assistant is reading the document.");
    try {
      const model = this.model.value || bestFor(TASKS[what], this.state.models);
      const body = what === "summary" ? { model } : { model, question: this.question.value };
      for await (const event of stream(`/app/documents/${this.current}/${what}`, body, writing.signal)) {
        if (event.type === "piece") text += event.text;
        else events.push(event);
        fill(shown, title, el("div", { class: "answer-text writing", text }));
      }
    } catch (error) {
      if (error.name === "AbortError") events.push({ type: "note", text: "Stopped before its end." });
      else failed = error;
    }
    if (this.writing !== writing) return;
    this.writing = null;
    stop.hidden = true;
    for (const one of asks) one.disabled = false;
    if (failed && text) events.push({ type: "note", text: `This ${what} is incomplete: it broke off here.` });
    const known = about(events);
    fill(shown, title, failed ? fault(failed) : null, text ? answer(text, known, (citation, from) => this.follow(known, citation, from), (citation, source) => this.label(citation, source)) : null);
    if (text) say(`The ${what}: ${text}`);
  }

  /** A place in the document is called by its page, a source by its number. */
  label(citation, source) {
    if (source && source.document !== this.current) return null;
    const page = this.reader.pageOf(citation.start);
    return page ? `p. ${page}` : "¶";
  }

  /** Show what a sentence rests on: a place in the document, or another source. */
  follow(known, citation, from) {
    const source = known.sources.find((one) => one.number === citation.source);
    const here = !source || source.document === this.current;
    this.sources.node.hidden = here;
    if (here) this.reader.mark(citation, from);
    else this.sources.show(known, citation, from);
  }
}

/** A model with what it was not tuned for: a document has two buttons and one menu. */
function named(one) {
  const tasks = Object.values(TASKS), others = tasks.filter((task) => !one.tasks.includes(task));
  if (!others.length) return one.name;
  return notTuned(one.name, others.length < tasks.length ? taskName(others[0]).toLowerCase() : "it");
}

function takesDrops(zone, take) {
  const over = (yes) => (event) => {
    event.preventDefault();
    zone.classList.toggle("over", yes);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}
