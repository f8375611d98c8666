// The chat: ask, stream, stop, try again, edit, and keep it if that is wanted.

import { call, get, stream } from "./api.js";
import { about, bestFor, notTuned, taskName } from "./answer.js";
import { button, el, fault, fill, lastOnly, menu, newId, say } from "./dom.js";
import { History, keeps, lastOpen, setKeeps } from "./history.js";
import { Sources } from "./sources.js";
import { Thread } from "./thread.js";
import { Tree } from "./tree.js";

/** An answer that is wanted once more is drawn: the likeliest words would be the same again. */
const TEMPERATURE = 0.7;
const NOT_ADVICE = "Not medical advice: a language model can be wrong. In an emergency call for help at once.";

export function openChat(panel, state) {
  new Chat(panel, state).start();
}

class Chat {
  constructor(panel, state) {
    this.state = state;
    this.tree = new Tree();
    this.id = newId();
    this.writing = null;
    this.turned = lastOnly();
    this.sources = new Sources();
    this.history = new History(state, { open: (id) => this.open(id), fresh: () => this.fresh(), gone: (id) => this.forget(id) });
    this.thread = new Thread(this);
    this.tasks = ["medical_qa", "advice"].filter((task) => state.tasks.includes(task));
    this.model = choice("Model", state.models.map((one) =>
      [one.name, this.tasks.some((task) => one.tasks.includes(task)) ? one.name : notTuned(one.name)]));
    this.task = choice("Task", []);
    this.withSources = el("input", { type: "checkbox", checked: Boolean(state.sources), disabled: !state.sources, id: "with-sources" });
    this.box = el("textarea", { id: "question", rows: "1", placeholder: "Ask about health…", "aria-label": "Your question", enterkeyhint: "send" });
    this.send = el("button", { class: "main send", text: "Ask" });
    this.stop = button("Stop", () => this.writing?.abort(), { class: "send stop", hidden: true });
    this.fault = el("div", {});
    this.form = el("form", { class: "composer" }, this.fault,
      el("div", { class: "ask" }, this.box, this.send, this.stop),
      el("div", { class: "choices" }, this.model.node, this.task.node,
        el("label", { class: "check" }, this.withSources, "Use sources"),
        state.history ? this.#keeping() : el("span", { class: "note", text: "Nothing is kept." })));
    fill(panel, this.history.node, el("div", { class: "talk" }, state.notes.map((text) => el("p", { class: "aside", text })), this.thread.node, this.form,
      el("p", { class: "note foot", text: NOT_ADVICE })), this.sources.node);
  }

  #keeping() {
    const box = el("input", { type: "checkbox", checked: keeps() });
    box.addEventListener("change", () => {
      setKeeps(box.checked);
      this.history.node.hidden = !box.checked;
      this.fresh();
    });
    return el("label", { class: "check", title: "Keep conversations on the server, for this page's list" }, box, "Keep history");
  }

  start() {
    this.model.select.value = bestFor("medical_qa", this.state.models);
    this.model.select.addEventListener("change", () => this.#tasks());
    this.#tasks();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(this.box.value.trim(), this.tree.end);
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
    });
    this.form.closest("section").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.writing) this.writing.abort();
    });
    this.history.load();
    this.#resume();
  }

  /** A reload comes back to the conversation that was open in this tab of the browser. */
  async #resume() {
    const id = this.kept && lastOpen();
    try {
      if (id) return await this.open(id, { focus: false });
    } catch { /* it was deleted since: begin anew */ }
    if (!this.tree.end) this.fresh({ focus: false });
  }

  /** The tasks that the chosen model was tuned for come first. */
  #tasks() {
    const tuned = this.state.models.find((one) => one.name === this.model.select.value)?.tasks ?? [];
    const first = this.tasks.filter((task) => tuned.includes(task));
    const others = this.tasks.filter((task) => !first.includes(task));
    this.task.put([...first.map((task) => [task, taskName(task)]),
      ...others.map((task) => [task, notTuned(taskName(task))])]);
  }

  get kept() {
    return this.state.history && keeps();
  }

  fresh({ focus = true } = {}) {
    this.writing?.abort();
    this.turned();
    this.id = newId();
    this.tree = new Tree();
    this.sources.clear();
    this.history.mark(null);
    this.show();
    if (focus) this.box.focus();
  }

  /** A conversation was deleted, or all were (null): what is still being written in it is not kept. */
  forget(id) {
    if (id !== null && id !== this.id) return;
    this.tree.forgotten = true;
    this.fresh();
  }

  async open(id, { focus = true } = {}) {
    this.writing?.abort();
    const isLast = this.turned();
    const found = await get(`/app/conversations/${id}`);
    if (!isLast()) return;
    this.id = id;
    this.tree = new Tree(found.messages.map(whole));
    this.tree.known = true;
    this.sources.clear();
    this.history.mark(id);
    this.show();
    this.thread.bottom();
    if (focus) this.box.focus();
  }

  show() {
    fill(this.fault);
    this.thread.show(this.tree.path());
    if (!this.tree.path().length) this.thread.welcome(this.state.starters, (question) => this.ask(question, null));
  }

  /** A question below a message, then its answer. */
  async ask(question, parent) {
    if (!question || this.writing) return;
    this.box.value = "";
    const asked = this.tree.add({ id: newId(), parent, role: "user", content: question, about: {} });
    await this.#answer(asked);
  }

  /** Answer a question once more. */
  again(message) {
    const [seed] = crypto.getRandomValues(new Uint32Array(1));
    if (!this.writing) this.#answer(this.tree.byId.get(message.parent), { temperature: TEMPERATURE, seed });
  }

  /** `drawn`: by which temperature and seed; without it the likeliest words are taken. */
  async #answer(asked, drawn = {}) {
    // Another conversation may be opened before the end: what was written belongs to this one.
    const { id, tree } = this;
    this.turned();
    this.writing = new AbortController();
    const path = tree.until(asked.id);
    const made = tree.add({ id: newId(), parent: asked.id, role: "assistant", content: "", about: {}, feedback: null });
    this.#busy(true);
    this.show();
    if (lost()) this.stop.focus();
    this.thread.bottom();
    const events = [];
    let failed = null;
    try {
      for await (const chunk of stream("/v1/chat/completions", { ...this.#request(path), ...drawn }, this.writing.signal)) {
        const first = chunk.choices?.[0] ?? {};
        if (first.delta?.content) made.content += first.delta.content;
        events.push(...(chunk.osler?.events ?? []));
        if (this.tree === tree) this.thread.stream(made, events);
      }
    } catch (error) {
      if (error.name === "AbortError") events.push({ type: "note", text: "Stopped before its end." });
      else failed = error;
    }
    if (failed && made.content) events.push({ type: "note", text: "This answer is incomplete: it broke off here." });
    this.writing = null;
    this.#busy(false);
    made.about = { ...about(events), ...drawn };
    made.about.model ||= this.model.select.value;
    if (this.tree === tree) this.#end(made, failed);
    if (!tree.forgotten && made.content) await this.#keep(id, tree, tree.until(made.id)).catch((error) => this.#notKept(tree, error));
    if (this.tree !== tree) return;
    if (made.feedback) this.thread.show(this.tree.path());
    // On a phone this would bring up the keyboard, over the answer.
    if (lost() && matchMedia("(hover: hover)").matches) this.box.focus();
  }

  /** Show a whole answer, or what became of it. */
  #end(made, failed) {
    const near = this.thread.isAtBottom();
    this.show();
    if (near) this.thread.bottom();
    this.sources.show(made.about);
    if (failed) fill(this.fault, fault(failed));
    else say(`The answer: ${made.content}`);
  }

  #request(path) {
    return {
      model: this.model.select.value, stream: true, stream_options: { include_usage: true },
      messages: path.map(({ role, content }) => ({ role, content })),
      osler: { task: this.task.select.value, sources: this.withSources.checked },
    };
  }

  #busy(busy) {
    this.send.hidden = busy;
    this.stop.hidden = !busy;
    if (busy) say("The assistant is writing.");
  }

  /** Keep of some messages, each behind its parent, those that are not kept yet. */
  async #keep(conversation, tree, messages) {
    if (!this.kept) return;
    for (const message of messages.filter((one) => !one.kept)) {
      const { id, parent, role, content, about } = message;
      await call("POST", `/app/conversations/${conversation}/messages`, { body: { id, parent, role, content, about, known: tree.known } });
      message.kept = tree.known = true;
      if (role === "assistant") await this.#keepSaid(message);
    }
    if (this.id === conversation) this.history.mark(conversation);
    await this.history.load();
  }

  /** What was said of an answer before it is kept, if anything was. */
  async #keepSaid(message) {
    const said = (message.feedback ??= { thumb: "", corrected: "", reason: "" });
    if (Object.values(said).some(Boolean)) await call("PUT", `/app/feedback/${message.id}`, { body: said });
  }

  /** Say why; what was deleted elsewhere is still on the screen, and may be kept once more. */
  async #notKept(tree, error) {
    if (this.tree !== tree) return;
    const gone = error.status === 404 && tree.known;
    const near = this.thread.isAtBottom();
    fill(this.fault, fault(error), gone ? button("Keep it as a new conversation", () => this.#keepAnew(), { class: "more" }) : null);
    if (near) this.thread.bottom();
    if (gone) await this.history.load();
  }

  /** Under other names: another tab may keep the same once more as well. */
  #keepAnew() {
    this.id = newId();
    this.tree.known = false;
    this.tree.rename(newId);
    for (const message of this.tree.byId.values()) message.kept = false;
    return this.#keepAll();
  }

  async #keepAll() {
    const { tree } = this;
    try {
      await this.#keep(this.id, tree, [...tree.byId.values()]);
      if (this.tree !== tree) return;
      this.show();
      say("Kept as a new conversation.");
      this.box.focus();
    } catch (error) {
      if (this.tree === tree) fill(this.fault, fault(error), button("Try again", () => this.#keepAll(), { class: "more" }));
    }
  }
}

/** Whether what had the focus is not there any more. */
const lost = () => document.activeElement === document.body || !document.activeElement?.checkVisibility();

/** A kept answer with all that the page looks for in one, whoever wrote it. */
const whole = (message) => ({ ...message, kept: true, about: message.role === "user" ? message.about : { ...about([]), ...message.about } });

/** A choice with its label; `put` gives it other options. */
function choice(label, options) {
  const select = menu({ "aria-label": label });
  const put = (some) => fill(select, some.map(([value, text]) => el("option", { value, text })));
  put(options);
  return { select, put, node: el("label", { class: "choice" }, el("span", { text: label }), select) };
}
