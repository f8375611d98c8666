// Elements from plain data. Text is only ever text: nothing here can turn it into markup.

import { icon } from "./icons.js";

const there = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

/**
 * An element. `props`: `class`, `text`, `on` (listeners by event), anything else as an attribute;
 * true for an attribute without a value, false or null for none. Children are nodes or texts.
 */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "text") made.textContent = value;
    else if (name === "value") made.value = value;
    else if (name === "on") for (const [event, does] of Object.entries(value)) made.addEventListener(event, does);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...there(children));
  return made;
}

export const button = (text, does, props = {}) =>
  el("button", { type: "button", text, ...props, on: { click: does } });

/** A small button with a drawing in it; `label` is what it is called. */
export const tool = (drawing, label, does, props = {}) =>
  el("button", { type: "button", class: "tool", title: label, "aria-label": label, ...props, on: { click: does } },
    icon(drawing));

/** A menu, which may be too narrow for what is chosen: that is told whole to whoever points at it. */
export function menu(props, ...options) {
  const made = el("select", props, ...options);
  made.addEventListener("pointerenter", () => made.title = made.selectedOptions[0]?.textContent ?? "");
  return made;
}

/** Replace what is in an element. */
export const fill = (holder, ...children) =>
  holder.replaceChildren(...there(children));

/** Tell a screen reader, once and when it has time. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

/** Of several answers to the same kind of question only that to the last counts: `const last =
 * lastOnly(); const mine = last(); await …; if (mine()) …`. */
export function lastOnly() {
  let newest = 0;
  return () => {
    const number = ++newest;
    return () => number === newest;
  };
}

/** Where the list stands above what was chosen of it, bring that into view. */
export function bringUp(work) {
  if (matchMedia("(max-width: 60rem)").matches) work.scrollIntoView();
}

/** A fault as a paragraph that is read out. */
export const fault = (error) =>
  el("p", { class: "fault", role: "alert" }, el("b", { text: error.message }), error.cure ? ` ${error.cure}` : null);

/** `2 pages`, `1 page`. */
export const many = (count, what) =>
  `${count.toLocaleString("en")} ${count === 1 ? what : what.endsWith("y") ? what.slice(0, -1) + "ies" : what + "s"}`;

/** A moment of the server (UTC) as people here write it. */
export function moment(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso || "";
  return at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** An identifier that nobody else makes. (Browsers have randomUUID only for addresses of this machine
 * and over TLS, and a server may be looked at from another one without.) */
export const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
