// Runs: what was tuned, how far it came, and whether it got better.

import { get } from "./api.js";
import { bringUp, button, el, fault, fill, lastOnly, moment } from "./dom.js";
import { framed, save } from "./frame.js";

const SIGNS = { done: "✓", running: "…", failed: "✕", killed: "✕", interrupted: "–", "not started": "○" };
const ARROWS = { higher: "↑", lower: "↓", neither: "" };

export async function openRuns(panel) {
  const asked = lastOnly();
  const work = el("div", { class: "work" }, el("p", { class: "note empty", text: "Choose a run to see its verdict and its report." }));
  const list = el("ul", { class: "runs-list" });
  fill(panel, el("div", { class: "shelf" }, el("h1", { text: "Runs" }), list), work);
  const runs = await get("/app/runs");
  if (!runs.length) {
    fill(work, el("p", { class: "note empty", text: "There are no runs in the folder of the server. make demo, or osler run quickstart, makes one." }));
    return;
  }
  fill(list, runs.map((run) => el("li", {},
    el("button", { type: "button", class: "conversation", on: { click: (event) => choose(work, list, event.currentTarget, run, asked).then(() => bringUp(work)) } },
      el("span", { class: "title", text: run.name ?? run.run }), el("small", { text: moment(run.created) }),
      run.fault ? el("small", { text: run.fault }) : run.compared ? el("small", { text: `Compared: ${run.compared.join(", ")}` }) : stages(run.stages)))));
  await choose(work, list, list.querySelector("button"), runs[0], asked);
}

const stages = (all) => el("span", { class: "stages" },
  all.map((one) => el("span", { class: `stage ${one.status.replace(" ", "-")}`, title: one.status },
    el("span", { "aria-hidden": "true", text: `${SIGNS[one.status] ?? "?"} ` }), one.name, el("span", { class: "vh", text: ` ${one.status}` }))));

async function choose(work, list, from, run, asked) {
  const isLast = asked();
  for (const other of list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  from.setAttribute("aria-current", "true");
  try {
    const found = await get(`/app/runs/${encodeURIComponent(run.run)}`);
    if (isLast()) show(work, found);
  } catch (error) {
    if (isLast()) fill(work, fault(error));
  }
}

/** What opens the report of a run below its results, and what saves it. */
function reporting(run, holder) {
  const report = async () => (await get(`/app/runs/${encodeURIComponent(run.run)}/report`)).html;
  const told = (does) => () => does().catch((error) => fill(holder, fault(error)));
  const open = told(async () => {
    fill(holder, framed(await report(), "The report"));
    if (!run.compared) holder.scrollIntoView();
  });
  const keep = told(async () => save(await report(), `${run.run}-report.html`));
  return [button("Show the report", open, { class: "main" }), button("Save it as a file", keep, { class: "quiet" })];
}

/** Several models on several tasks: the report is the table of all. */
function showCompared(work, run) {
  const holder = el("div", { class: "shown" });
  const [open, keep] = reporting(run, holder);
  fill(work, el("header", { class: "work-head" }, el("h2", { text: run.name }),
    el("p", { class: "meta" }, [run.model, moment(run.created), `compared: ${run.compared.join(", ")}`].map((text) => el("span", { text })))),
  el("div", { class: "choices" }, keep), holder);
  open.click();
}

function show(work, run) {
  if (run.compared) return showCompared(work, run);
  const holder = el("div", { class: "shown" });
  fill(work, el("header", { class: "work-head" }, el("h2", { text: run.name }),
    el("p", { class: "meta" }, [run.model, run.method, run.task, moment(run.created), run.run].map((text) => el("span", { class: "id", text })))),
  el("ol", { class: "stages wide" }, run.stages.map(stage)),
  run.verdict.length ? el("section", { class: "card" }, el("h3", { text: "The verdict" }), run.verdict.map((text) => el("p", { class: "verdict", text: sentence(text) })),
    run.comparisons.length ? el("details", {}, el("summary", { text: "What it rests on" }), el("ul", {}, run.comparisons.map((one) => el("li", { text: sentence(one.sentence) })))) : null) : null,
  run.measures.length ? table(run) : el("p", { class: "note", text: "It has not been examined yet." }),
  run.report ? el("div", { class: "choices" }, reporting(run, holder), el("span", { class: "note", text: "Saved, its answers can be paged through as well." })) : null, holder);
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;

const stage = (one) => el("li", { class: `stage ${one.status.replace(" ", "-")}` },
  el("b", {}, el("span", { "aria-hidden": "true", text: `${SIGNS[one.status] ?? "?"} ` }), one.name),
  el("span", { text: one.error ? `${one.status} (${one.error})` : one.status }),
  one.seconds ? el("small", { text: `${one.seconds.toLocaleString("en")} s` }) : null);

function table(run) {
  const head = el("tr", {}, el("th", { scope: "col", text: "Measure" }), run.systems.map((name) => el("th", { scope: "col", text: name })));
  const rows = run.measures.map((one) => el("tr", {},
    el("th", { scope: "row" }, el("span", { title: one.about, text: one.label }), el("small", { text: `${one.unit} ${ARROWS[one.better] ?? ""}${one.decides ? " · verdict" : ""}` })),
    one.cells.map((cell, n) => el("td", { "data-label": run.systems[n] }, cell ? [el("b", { text: figure(cell.mean) }), el("small", { text: interval(cell) })] : "–"))));
  const share = run.confidence ? `${Math.round(run.confidence * 100)} % intervals` : "Intervals";
  return el("section", { class: "card wide" }, el("h3", { text: "Measures" }), el("table", { class: "stack" }, el("thead", {}, head), el("tbody", {}, rows)),
    el("p", { class: "note", text: `Means with ${share}${run.items ? `, over ${run.items} items in ${run.groups} groups` : ""}. ↑ higher is better, ↓ lower is better.` }));
}

const figure = (value) => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(1));
const interval = (cell) => (cell.low === null || cell.low === undefined ? "" : `${figure(cell.low)} to ${figure(cell.high)}`);
