// The panel of sources: the passages behind an answer, the cited bytes of one of them marked.

import { button, el, fill } from "./dom.js";
import { highlighted } from "./text.js";

export class Sources {
  constructor() {
    this.body = el("div", { class: "sources-body" });
    this.node = el("aside", { class: "sources", "aria-label": "Sources", tabindex: "-1" },
      el("div", { class: "sources-head" }, el("h2", { text: "Sources" }),
        button("Close", () => this.close(), { class: "quiet sources-close" })),
      this.body);
    this.from = null;
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.clear();
  }

  clear() {
    this.sources = null;
    this.node.classList.remove("open");
    fill(this.body, el("p", { class: "note", text: "The numbers behind a sentence lead to the passage that it rests on." }));
  }

  /** Show the sources of an answer; with a citation, its place in one of them. */
  show(known, citation = null, from = null) {
    this.from = from ?? this.from;
    const items = known.sources.map((source) => card(source, citation?.source === source.number ? citation : null));
    const asked = known.question ? el("p", { class: "note", text: `Looked for: ${known.question}` }) : null;
    fill(this.body, asked, items.length ? items : el("p", { class: "note", text: "Nothing was found in the sources." }));
    if (!citation) return;
    this.node.classList.add("open");
    const chosen = this.body.querySelector(".chosen");
    chosen?.focus({ preventScroll: true });
    (chosen?.querySelector("mark") ?? chosen)?.scrollIntoView({ block: "center" });
  }

  close() {
    this.node.classList.remove("open");
    this.from?.focus();
  }
}

function card(source, citation) {
  const where = [source.section, source.page ? `page ${source.page}` : "", source.date, source.licence].filter(Boolean);
  const spans = citation ? [[citation.start, citation.end]] : [];
  return el("details", { class: citation ? "source chosen" : "source", open: Boolean(citation), tabindex: "-1" },
    el("summary", {}, el("span", { class: "number", text: String(source.number) }), el("span", { class: "title", text: source.title || "Without a title" })),
    where.length ? el("p", { class: "where", text: where.join(" · ") }) : null,
    el("p", { class: "passage" }, highlighted(source.text, spans, source.start)),
    address(source.address));
}

/** An address as a link only where it is one of the web; anything else is text. */
function address(given) {
  if (!given) return null;
  if (!/^https?:\/\//i.test(given)) return el("p", { class: "where", text: given });
  return el("p", { class: "where" },
    el("a", { href: given, target: "_blank", rel: "noopener noreferrer", text: given }));
}
