// The messages of a conversation, each with what can be done with it.

import { answer, bestFor } from "./answer.js";
import { button, el, fill, many, say, tool } from "./dom.js";
import { feedbackForm, thumbs } from "./feedback.js";

export class Thread {
  constructor(chat) {
    this.chat = chat;
    this.node = el("div", { class: "thread" });
    this.live = null;
  }

  welcome(examples, ask) {
    const { sources, models } = this.chat.state;
    fill(this.node, el("div", { class: "welcome" },
      el("p", { class: "eyebrow", text: bestFor("medical_qa", models) }),
      el("h1", { text: "What would you like to know?" }),
      el("p", { class: "note", text: sources ? `Answers show what they rest on: ${sources}.` : "There are no sources on this server: answers are the model's own words." }),
      el("div", { class: "examples" }, examples.map((text) => button(text, () => ask(text), { class: "example" })))));
  }

  /** A question that is being edited stays so: the end of an answer must not take it away. */
  show(messages) {
    this.live = null;
    const kept = this.node.querySelector(".edit")?.closest(".turn");
    const active = document.activeElement, place = this.#placeOf(active);
    fill(this.node, messages.map((message) => message.id === kept?.dataset.id ? kept : this.#message(message)));
    if (kept?.isConnected && kept.contains(active)) active.focus();
    else this.#focusAt(place);
  }

  /** Which button of which turn it is: where a turn is made anew, the focus must not be lost. */
  #placeOf(active) {
    const turn = active?.matches(".tool") && active.closest(".thread > .turn");
    return turn && { turn: [...this.node.children].indexOf(turn), label: active.getAttribute("aria-label") };
  }

  #focusAt(place) {
    const tools = [...(this.node.children[place?.turn]?.querySelectorAll(".tool:enabled") ?? [])];
    (tools.find((one) => one.getAttribute("aria-label") === place.label) ?? tools[0])?.focus();
  }

  /** Put in what has come so far of the last answer. */
  stream(message, events) {
    if (!this.live?.isConnected) this.live = this.node.querySelector(".assistant:last-child .body");
    if (!this.live) return;
    const near = this.isAtBottom();
    const notes = events.filter((event) => event.type === "note");
    fill(this.live, notes.map((note) => el("p", { class: "aside", text: note.text })),
      el("div", { class: "answer-text writing", text: message.content }));
    if (near) this.bottom();
  }

  isAtBottom() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 80;
  }

  bottom() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  #message(message) {
    return message.role === "user" ? this.#asked(message) : this.#answered(message);
  }

  #turns(message) {
    const { at, of } = this.chat.tree.place(message);
    if (of < 2) return null;
    const turn = (step) => () => {
      this.chat.tree.turn(message, step);
      this.chat.show();
      say(`Version ${at + step} of ${of}`);
    };
    return el("span", { class: "turns" },
      tool("before", "The version before", turn(-1), { disabled: at === 1 }),
      el("span", { text: `${at} of ${of}` }),
      tool("next", "The next version", turn(1), { disabled: at === of }));
  }

  #asked(message) {
    const node = el("article", { class: "turn user", "aria-label": "You", "data-id": message.id },
      el("div", { class: "bubble", text: message.content }),
      el("div", { class: "tools" }, this.#turns(message), copy(message),
        tool("edit", "Edit this question", () => this.#edit(node, message))));
    return node;
  }

  #edit(node, message) {
    const box = el("textarea", { "aria-label": "The question, edited", value: message.content, rows: "3" });
    const ask = () => box.value.trim() && this.chat.ask(box.value.trim(), message.parent);
    const leave = () => {
      fill(node);
      this.chat.show();
    };
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") leave();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        ask();
      }
    });
    fill(node, el("div", { class: "edit" }, box,
      el("div", { class: "tools" }, button("Ask this instead", ask, { class: "main" }), button("Leave it", leave, { class: "quiet" }))));
    box.focus();
  }

  #answered(message) {
    const known = message.about ?? {};
    const body = el("div", { class: "body" });
    const node = el("article", { class: `turn assistant ${known.kind ?? ""}`, "aria-label": "Answer" }, body);
    if (!known.sentences) {
      fill(body, this.chat.writing ? el("p", { class: "waiting", text: "Writing" }) : el("p", { class: "aside", text: "No answer came." }));
      return node;
    }
    const open = (citation, from) => this.chat.sources.show(known, citation, from);
    fill(body, message.content ? answer(message.content, known, open) : el("p", { class: "aside", text: "No answer came." }));
    // Without a model and without sources the same would be said again.
    const canDiffer = known.written_by !== "rule" || known.sources.length;
    const form = el("div", {});
    node.append(el("div", { class: "tools" }, this.#turns(message), copy(message),
      canDiffer ? tool("again", "Answer once more", () => this.chat.again(message)) : null,
      message.feedback ? thumbs(message, form) : null,
      known.sources?.length ? button(many(known.sources.length, "source"), () => this.#allSources(known), { class: "quiet" }) : null), form);
    if (message.feedback?.corrected || message.feedback?.reason) feedbackForm(message, form, { focus: false });
    return node;
  }

  #allSources(known) {
    this.chat.sources.show(known, null, document.activeElement);
    this.chat.sources.node.classList.add("open");
    this.chat.sources.node.focus();
  }
}

function copy(message) {
  const made = tool("copy", "Copy", async () => {
    try {
      await navigator.clipboard.writeText(message.content);
      say("Copied.");
      made.classList.add("done");
      setTimeout(() => made.classList.remove("done"), 1200);
    } catch {
      say("The browser does not allow copying.");
    }
  });
  return made;
}
