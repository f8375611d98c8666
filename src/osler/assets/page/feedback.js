// What somebody says of an answer: a thumb, a better answer, a reason.

import { call } from "./api.js";
import { button, el, fault, fill, say, tool } from "./dom.js";

/** The two thumbs of an answer; `holder` is where the form for more goes. */
export function thumbs(message, holder) {
  const both = [["up", "A good answer"], ["down", "Not a good answer"]].map(([name, label]) => {
    const made = tool(name, label, async () => {
      const now = message.feedback.thumb === name ? "" : name;
      await keep(message, { thumb: now }, holder);
      show();
      if (now === "down") feedbackForm(message, holder);
    });
    return [name, made];
  });
  const show = () => both.forEach(([name, made]) => made.setAttribute("aria-pressed", String(message.feedback.thumb === name)));
  show();
  return [...both.map(([, made]) => made), tool("more", "A better answer, or a reason", () => feedbackForm(message, holder))];
}

/** The form for a better answer and a reason. */
export function feedbackForm(message, holder, { focus = true } = {}) {
  const said = message.feedback;
  const corrected = el("textarea", { rows: "4", value: said.corrected || message.content });
  const reason = el("input", { type: "text", value: said.reason, maxlength: "10000" });
  const from = focus ? document.activeElement : null;
  const close = () => {
    fill(holder);
    from?.focus();
  };
  const done = el("span", { class: "note", role: "status" });
  const save = async () => {
    const better = corrected.value.trim() === message.content.trim() ? "" : corrected.value;
    if (await keep(message, { corrected: better, reason: reason.value }, holder)) done.textContent = "Kept.";
  };
  const form = el("form", { class: "feedback" },
    el("label", {}, el("span", { text: "The answer as it should have been" }), corrected),
    el("label", {}, el("span", { text: "Why" }), reason),
    el("div", { class: "tools" }, el("button", { class: "main", text: "Keep" }), button("Close", close, { class: "quiet" }), done));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  fill(holder, form);
  if (focus) {
    corrected.focus();
    form.scrollIntoView({ block: "center" });
  }
}

async function keep(message, change, holder) {
  const said = { ...message.feedback, ...change };
  try {
    await call("PUT", `/app/feedback/${message.id}`, { body: said });
  } catch (error) {
    holder.append(fault(error));
    return false;
  }
  message.feedback = said;
  say("Kept.");
  return true;
}
