// The text of a document, page by page, with a cited place marked.

import { button, el, fill } from "./dom.js";
import { fromBytes, highlighted } from "./text.js";

export class Reader {
  constructor(document) {
    const spans = document.spans.length ? document.spans : [{ number: null, start: 0, end: Infinity }];
    const places = fromBytes(document.text, spans.flatMap((one) => [one.start, one.end]));
    this.pages = spans.map((span, n) => {
      const text = document.text.slice(places[2 * n], places[2 * n + 1]);
      const body = el("div", { class: "page-text", text });
      const node = el("section", { class: "page", "aria-label": span.number ? `Page ${span.number}` : "The text" },
        span.number ? el("h4", { text: `Page ${span.number}` }) : null, body);
      return { span, text, body, node };
    });
    this.back = el("div", { class: "back", hidden: true }, button("Back to the sentence", () => this.#return()));
    this.node = el("section", { class: "reader", "aria-label": "The document", tabindex: "-1" }, this.back,
      this.pages.map((page) => page.node));
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#return();
    });
  }

  /** The number of the page that a byte is on; null where there are no pages. */
  pageOf(byte) {
    return this.pages.find((page) => byte >= page.span.start && byte < page.span.end)?.span.number ?? null;
  }

  /** Mark bytes of the document and bring them into view. */
  mark(citation, from) {
    this.from = from;
    for (const page of this.pages) {
      const within = citation.start < page.span.end && citation.end > page.span.start;
      if (within) fill(page.body, highlighted(page.text, [[citation.start, Math.min(citation.end, page.span.end)]], page.span.start));
      else if (page.body.querySelector("mark")) page.body.textContent = page.text;
    }
    this.back.hidden = false;
    this.node.focus({ preventScroll: true });
    this.node.querySelector("mark")?.scrollIntoView({ block: "center" });
  }

  #return() {
    this.back.hidden = true;
    this.from?.scrollIntoView({ block: "center" });
    this.from?.focus({ preventScroll: true });
  }
}
