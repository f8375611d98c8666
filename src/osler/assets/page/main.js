// Start: the token, what there is on the server, the four tabs.

import { dropToken, get, keepToken, takeToken } from "./api.js";
import { openChat } from "./chat.js";
import { openDocuments } from "./documents.js";
import { fault, fill } from "./dom.js";
import { openPatients } from "./patients.js";
import { openRuns } from "./runs.js";

const OPEN = { chat: openChat, documents: openDocuments, patients: openPatients, runs: openRuns };
const NAMES = Object.keys(OPEN);
const opened = new Set();
let state = null;

const panel = (name) => document.getElementById(name);
const tab = (name) => document.getElementById(`tab-${name}`);

/** Show one of the tabs; its content is made when it is first seen. */
function show(name, { focus = false } = {}) {
  for (const other of NAMES) {
    const chosen = other === name;
    panel(other).hidden = !chosen;
    tab(other).setAttribute("aria-selected", String(chosen));
    tab(other).tabIndex = chosen ? 0 : -1;
  }
  document.title = `${tab(name).textContent} · Osler`;
  if (location.hash !== `#${name}`) history.replaceState(null, "", `#${name}`);
  if (focus) tab(name).focus();
  if (opened.has(name)) return;
  opened.add(name);
  (async () => OPEN[name](panel(name), state))().catch((error) => fill(panel(name), fault(error)));
}

/** Arrow keys, Home and End: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ */
function onKey(event) {
  const at = NAMES.findIndex((name) => tab(name) === document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: NAMES.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  show(NAMES[(to + NAMES.length) % NAMES.length], { focus: true });
}

const wanted = () => NAMES.find((name) => location.hash === `#${name}`) ?? "chat";

function lock(message) {
  dropToken();
  opened.clear();
  for (const name of NAMES) {
    panel(name).hidden = true;
    fill(panel(name));
    tab(name).disabled = true;
  }
  const said = document.getElementById("entry-fault");
  said.hidden = !message;
  said.textContent = message;
  document.getElementById("entry").hidden = false;
  document.getElementById("token").focus();
}

async function begin() {
  try {
    state = await get("/app/state");
  } catch (error) {
    // A wrong token is told of by the event below.
    if (error.status !== 401) lock(`${error.message} ${error.cure}`);
    return;
  }
  const entry = document.getElementById("entry");
  const typed = !entry.hidden;
  entry.hidden = true;
  for (const name of NAMES) tab(name).disabled = false;
  show(wanted(), { focus: typed });
  document.getElementById("question")?.focus();
}

document.addEventListener("osler:locked", () => lock("This token is not the server's."));
document.querySelector(".tabs").addEventListener("keydown", onKey);
for (const name of NAMES) tab(name).addEventListener("click", () => show(name));
window.addEventListener("hashchange", () => {
  if (location.hash.startsWith("#token=")) {
    takeToken();
    begin();
  } else if (state && NAMES.includes(location.hash.slice(1))) show(wanted());
});
document.getElementById("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken(document.getElementById("token").value.trim());
  document.getElementById("token").value = "";
  begin();
});

if (takeToken()) begin();
else lock("");
