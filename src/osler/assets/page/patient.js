// One patient: versions of the summary, two of them side by side, and a new one.

import { bestFor, notTuned } from "./answer.js";
import { get, stream } from "./api.js";
import { button, el, fault, fill, lastOnly, many, menu, moment, say } from "./dom.js";
import { framed } from "./frame.js";

const DRAFT = "draft";
const TASK = "patient_summary";

export class Patient {
  constructor(work, state, id) {
    this.state = state;
    this.id = id;
    this.head = el("header", { class: "work-head" });
    this.versions = el("div", {});
    this.progress = el("div", {});
    this.shown = el("div", { class: "shown" });
    this.asked = lastOnly();
    fill(work, this.head, this.progress, this.versions, this.shown);
    this.work = work;
  }

  #path(what, more = {}) {
    return `/app/patient${what}?${new URLSearchParams({ id: this.id, ...more })}`;
  }

  async load() {
    const found = await get(this.#path(""));
    this.lastDay = found.last_day;
    this.days = new Map(found.versions.map((one) => [one.version, one.as_of]));
    this.#showHead(found);
    this.#showVersions(found.versions);
    const first = found.versions.find((one) => !one.fault);
    if (first) await this.show(first.version);
    else fill(this.shown, el("p", { class: "note empty", text: "No summary of this patient is kept. By rule one is there at once; a model takes a minute or more." }));
  }

  #showHead(who) {
    const model = menu({}, this.state.models.map((one) =>
      el("option", { value: one.name, text: one.tasks.includes(TASK) ? one.name : notTuned(one.name) })));
    model.value = bestFor(TASK, this.state.models);
    const day = el("input", { type: "date", value: who.last_day });
    this.stop = button("Stop", () => this.writing?.abort(), { class: "stop", hidden: true });
    this.asks = [
      button("Write by rule", () => this.write(DRAFT, day.value), { class: "main", title: "Without a model, at once" }),
      button("Generate", () => this.write(model.value, day.value), { class: "main", title: "By the model, section by section" }),
    ];
    fill(this.head, el("h2", { text: who.name || who.id }),
      el("p", { class: "meta" }, el("span", { text: who.sex }), el("span", { text: `born ${who.born}` }),
        who.died ? el("span", { text: `died ${who.died}` }) : null,
        el("span", { text: many(who.entries, "entry") }), el("span", { text: `until ${who.last_day}` }), el("span", { class: "id", text: who.id })),
      el("div", { class: "choices" }, el("label", { class: "choice" }, el("span", { text: "As of" }), day), this.asks[0],
        el("label", { class: "choice" }, el("span", { text: "Model" }), model), this.asks[1], this.stop));
  }

  #showVersions(versions) {
    const name = (one) => (one.fault ? "damaged" : `${moment(one.written_at)}, ${one.made_by}${one.by_rule ? " (by rule)" : ""}, as of ${one.as_of}`);
    if (versions.length < 2) return fill(this.versions);
    const a = menu({ "aria-label": "Compare" }, versions.map((one, n) => el("option", { value: one.version, text: name(one), selected: n === 1 })));
    const b = menu({ "aria-label": "with" }, versions.map((one) => el("option", { value: one.version, text: name(one) })));
    const rows = versions.map((one) => el("tr", {},
      el("th", { scope: "row" }, one.fault ? one.fault : button(moment(one.written_at), () => this.show(one.version), { class: "link" })),
      el("td", { "data-label": "By", text: one.made_by ? `${one.made_by}${one.by_rule ? " (by rule)" : ""}` : "" }),
      el("td", { "data-label": "As of", text: one.as_of ?? "" }),
      el("td", { "data-label": "Found", text: one.fault ? "" : one.findings + one.omissions ? `${many(one.findings, "finding")}, ${many(one.omissions, "omission")}` : "nothing wrong" })));
    fill(this.versions, el("details", { class: "versions" }, el("summary", { text: many(versions.length, "version") }),
      el("table", { class: "stack" }, el("thead", {}, el("tr", {}, ["Written", "By", "As of", "Found"].map((text) => el("th", { scope: "col", text })))), el("tbody", {}, rows)),
      el("div", { class: "choices" }, el("span", { class: "note", text: "Compare" }), a, el("span", { class: "note", text: "with" }), b, button("Compare", () => this.compare(a, b)))));
  }

  async show(version) {
    const isLast = this.asked();
    fill(this.shown, el("p", { class: "waiting", text: "Drawing" }));
    try {
      const { html, changed } = await get(this.#path("/page", { version }));
      if (!isLast()) return;
      const day = this.days.get(version);
      const newer = day < this.lastDay ? `This summary is as of ${day}. Newer records exist, until ${this.lastDay}: write another to have them in it.` : "";
      fill(this.shown, newer ? el("p", { class: "aside", text: newer }) : null, changed ? el("p", { class: "aside", text: "The record has changed since this summary was written; the evidence and the charts are of the record as it is now." }) : null,
        framed(html, "The patient's summary, with evidence and charts"));
    } catch (error) {
      if (isLast()) fill(this.shown, fault(error));
    }
  }

  async compare(a, b) {
    const isLast = this.asked();
    const label = (select) => select.selectedOptions[0].textContent;
    try {
      const sections = await get(this.#path("/compare", { a: a.value, b: b.value }));
      if (!isLast()) return;
      const same = sections.every((section) => section.rows.every((row) => row.same));
      fill(this.shown, el("div", { class: "compared" },
        el("div", { class: "pair heads" }, el("p", { text: label(a) }), el("p", { text: label(b) })),
        same ? el("p", { class: "note", text: "They say the same." }) : null,
        sections.map((section) => [el("h3", { text: section.title }), section.rows.map(pair)])));
    } catch (error) {
      if (isLast()) fill(this.shown, fault(error));
    }
  }

  async write(model, day) {
    if (this.writing) return;
    const writing = (this.writing = new AbortController());
    const bar = el("progress", { max: "1", value: 0, "aria-label": "How far the summary is" });
    const said = el("p", { class: "note", text: "Reading the record" });
    fill(this.progress, el("div", { class: "progress" }, bar, said));
    for (const one of this.asks) one.disabled = true;
    this.stop.hidden = model === DRAFT;
    try {
      for await (const step of stream("/app/patient/summary", { id: this.id, model, as_of: day || null }, writing.signal)) {
        if (step.type === "section") {
          bar.value = step.done / step.of;
          said.textContent = `${step.again ? "Once more: " : ""}${step.title} (${step.done} of ${step.of})`;
        } else if (step.type === "audit") said.textContent = "Checking every sentence against the record";
      }
      fill(this.progress);
      say("The summary is written.");
      await this.load();
    } catch (error) {
      fill(this.progress, error.name === "AbortError" ? el("p", { class: "aside", text: "Stopped; nothing was kept." }) : fault(error));
    }
    this.writing = null;
    for (const one of this.asks) one.disabled = false;
    this.stop.hidden = true;
  }
}

/** A line of each of two versions. What differs has a sign before it, not only a colour. */
function pair(row) {
  const side = (text, sign, word) => el("p", { class: row.same ? "" : text === null ? "none" : "differs" },
    row.same || text === null ? null : [el("span", { class: "sign", "aria-hidden": "true", text: sign }), el("span", { class: "vh", text: `${word}: ` })], text ?? "");
  return el("div", { class: "pair" }, side(row.a, "−", "only before"), side(row.b, "+", "only after"));
}
