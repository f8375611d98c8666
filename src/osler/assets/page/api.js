// The server: one token for all of it, faults as sentences, answers as they come.

import { tab } from "./store.js";

const KEY = "osler.token";
let token = "";

export class Fault extends Error {
  constructor(message, cure = "", status = 0) {
    super(message);
    this.cure = cure;
    this.status = status;
  }
}

/** The token of the address (#token=…), which is then taken out of it, or that of this tab. */
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    // A fragment is never sent, but it would stay in the history of the browser.
    history.replaceState(null, "", location.pathname);
    keepToken(given);
  }
  token = token || tab.get(KEY) || "";
  return token;
}

export function keepToken(given) {
  token = given;
  tab.set(KEY, given);
}

export function dropToken() {
  token = "";
  tab.set(KEY, null);
}

/** Ask; the response, whatever is in it. `Fault` for what is refused. */
async function ask(method, path, { body, headers = {}, signal } = {}) {
  const raw = body instanceof Blob;
  const sent = body === undefined || raw ? body : JSON.stringify(body);
  if (body !== undefined && !raw) headers = { "Content-Type": "application/json", ...headers };
  let response;
  try {
    response = await fetch(path, {
      method, body: sent, signal, headers: { Authorization: `Bearer ${token}`, ...headers },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Fault("The server does not answer.", "Is it still running?");
  }
  if (!response.ok) throw await faultOf(response);
  return response;
}

async function faultOf(response) {
  let said = {};
  try {
    said = (await response.json()).error ?? {};
  } catch { /* not ours: the status must do */ }
  const wait = response.headers.get("Retry-After");
  const cure = said.cure || (wait ? `Try again in ${wait} s.` : "");
  const fault = new Fault(said.message || `The server answered ${response.status}.`, cure, response.status);
  if (response.status === 401) document.dispatchEvent(new CustomEvent("osler:locked"));
  return fault;
}

/** Ask for JSON. */
export async function call(method, path, options = {}) {
  const response = await ask(method, path, options);
  return response.status === 204 ? null : response.json();
}

export const get = (path, options) => call("GET", path, options);

function brokenOff(error) {
  if (error?.name === "AbortError") throw error;
  throw new Fault("The connection to the server broke off before the end.", "See that the server runs, then ask once more.");
}

/** Server-sent events as objects, until [DONE]. */
export async function* stream(path, body, signal) {
  const response = await ask("POST", path, { body, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let left = "";
  try {
    for (;;) {
      const { value, done } = await reader.read().catch(brokenOff);
      if (done) brokenOff();  // all that is whole ends with [DONE]
      const lines = (left + value).split(/\r?\n/);
      left = lines.pop();
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        const data = line.slice(5).trim();
        if (data === "[DONE]") return;
        const event = JSON.parse(data);
        if (event.error) throw new Fault(event.error.message, event.error.cure);
        if (event.type === "error") throw new Fault(event.message, event.cure);
        yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
