// Patients: find one, see the summaries that are kept, compare two, have one written.

import { get } from "./api.js";
import { bringUp, el, fault, fill, lastOnly, many } from "./dom.js";
import { Patient } from "./patient.js";

export function openPatients(panel, state) {
  return new Patients(panel, state).search();
}

class Patients {
  constructor(panel, state) {
    this.state = state;
    this.box = el("input", { type: "search", placeholder: "Name or id", "aria-label": "Search patients" });
    this.list = el("ul", { class: "people" });
    this.told = el("p", { class: "note", role: "status" });
    this.remarks = el("div", {});
    this.work = el("div", { class: "work" });
    this.asked = lastOnly();
    let wait = 0;
    this.box.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => this.search(), 200);
    });
    const label = state.made_up
      ? el("p", { class: "made-up" }, el("b", { text: "These people never were." }), " They are made up, so that there is something to see. Start the server with --records FOLDER to see others.") : null;
    fill(panel, el("div", { class: "shelf" }, el("h1", { text: "Patients" }), label, this.box, this.remarks, this.told, this.list), this.work);
    fill(this.work, el("p", { class: "note empty", text: "Choose a patient to see a summary with its evidence, and charts of what was measured." }));
  }

  async search() {
    const isLast = this.asked();
    this.told.textContent = "Reading the records";
    let found;
    try {
      found = await get(`/app/patients?q=${encodeURIComponent(this.box.value)}`);
      if (!isLast()) return;
    } catch (error) {
      this.told.textContent = "";
      fill(this.list, fault(error));
      return;
    }
    const { people, count, remarks } = found;
    this.told.textContent = count > people.length ? `${many(people.length, "patient")} of ${count.toLocaleString("en")} are shown.` : many(count, "patient");
    fill(this.remarks, remarks.map((text) => el("p", { class: "aside", text })));
    fill(this.list, people.map((one) => this.#row(one)));
  }

  #row(one) {
    const more = [one.sex, `born ${one.born}`, one.died ? `died ${one.died}` : ""].filter(Boolean).join(", ");
    return el("li", {}, el("button", { type: "button", class: "conversation", "aria-current": one.id === this.current ? "true" : null, on: { click: (event) => this.open(one.id, event.currentTarget) } },
      el("span", { class: "title", text: one.name || one.id }), el("small", { text: more })));
  }

  async open(id, from) {
    this.current = id;
    for (const other of this.list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    from.setAttribute("aria-current", "true");
    try {
      const patient = new Patient(this.work, this.state, id);
      bringUp(this.work);
      await patient.load();
    } catch (error) {
      if (this.current === id) fill(this.work, fault(error));
    }
  }
}
