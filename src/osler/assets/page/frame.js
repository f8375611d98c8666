// A page that the server has made (a patient's, a report of a run) inside of ours.
//
// It goes into a frame in which no script can ever run (sandbox without allow-scripts). Our policy
// holds there too and allows no <style>, so its style sheet is adopted as an object instead: the
// policy stays as strict as it is. This is the one place where text becomes markup.

import { el } from "./dom.js";

/** In these pages all text is escaped, so this is only ever their own style sheet. */
const STYLE = /<style>([^<]*)<\/style>/g;
const policy = window.trustedTypes?.createPolicy("osler", { createHTML: (text) => text });

/** A frame with a page in it. */
export function framed(html, title) {
  const frame = el("iframe", { class: "framed", title, sandbox: "allow-same-origin allow-popups" });
  frame.addEventListener("load", () => fillFrame(frame, html), { once: true });
  return frame;
}

function fillFrame(frame, html) {
  const css = [...html.matchAll(STYLE)].map((found) => found[1]).join("\n");
  // Before it is read: the policy holds for what is read, too, and would complain of each.
  const markup = html.replace(STYLE, "");
  const page = new DOMParser().parseFromString(policy ? policy.createHTML(markup) : markup, "text/html");
  for (const node of page.querySelectorAll("style, script, meta[http-equiv]")) node.remove();
  for (const link of page.querySelectorAll('a[href^="#"]')) {
    // Within the frame, whose address is about:blank; else it would lead to our own page.
    link.setAttribute("href", `about:blank${link.getAttribute("href")}`);
  }
  const { contentDocument: inside, contentWindow: window } = frame;
  const sheet = new window.CSSStyleSheet();
  sheet.replaceSync(css);
  inside.adoptedStyleSheets = [sheet];
  inside.replaceChild(inside.adoptNode(page.documentElement), inside.documentElement);
}

/** Offer a page as a file, which a browser opens with all that it can do. */
export function save(html, name) {
  const address = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
