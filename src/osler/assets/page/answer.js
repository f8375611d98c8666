// An answer as it is shown: its sentences with what they rest on, and how it was made.

import { el, many } from "./dom.js";
import { fromPoints, pieces } from "./text.js";

const KINDS = {
  emergency: "This may be an emergency",
  out_of_scope: "Not what this assistant is for",
};
/** How a line that is quoted from a document goes on behind its sentence: ` [low] (page 2)`. */
const TAIL = /^(?: \[([^\]\n]+)\])?(?: \(page \d+\))?(?=\n|$)/;
const FLAG = / \| (?:[LH]{1,2}|low|high|\*+)(?: \|)?$/i;
const REASONS = { length: "Cut off at the longest length.", cancelled: "Stopped." };

/** What is known of an answer, from the events that came with it. */
export function about(events) {
  const last = (type) => events.findLast((event) => event.type === type);
  const final = last("final") ?? {};
  return {
    kind: last("judged")?.kind ?? "",
    notes: events.filter((event) => event.type === "note").map((event) => event.text),
    question: last("sources")?.question ?? "",
    sources: last("sources")?.sources ?? [],
    sentences: final.sentences ?? [],
    model: final.model ?? "", task: final.task ?? "", written_by: final.written_by ?? "",
    finish_reason: final.finish_reason ?? "",
    prompt_tokens: final.prompt_tokens ?? 0, completion_tokens: final.completion_tokens ?? 0,
    left_out: final.left_out ?? 0,
    prompt_digest: final.prompt_digest ?? "", weights_digest: final.weights_digest ?? "",
  };
}

/**
 * The answer as nodes. `open(citation, button)` is called for a citation that somebody follows;
 * `label(citation)` is what it is called, its source's number where nothing else is given.
 */
export function answer(text, known, open, label = null) {
  const cited = known.sentences.some((one) => one.citations.length);
  const ends = fromPoints(text, known.sentences.flatMap((one) => [one.start, one.end]));
  const spans = known.sentences.map((one, n) => [ends[2 * n], ends[2 * n + 1], one]);
  const kind = KINDS[known.kind], parts = pieces(text, spans), nodes = [];
  let told = 0;  // characters of what stands between that are shown with the sentence before
  for (const [n, [part, span]] of parts.entries()) {
    if (!span) {
      nodes.push(...(spans.length ? between(part.slice(told), !nodes.length, Boolean(label)) : [part]));
      told = 0;
      continue;
    }
    const after = parts[n + 1]?.[1] ? "" : parts[n + 1]?.[0] ?? "";
    const tail = label && span[2].citations.length ? TAIL.exec(after) : null;
    told = tail?.[0].length ?? 0;
    nodes.push(sentence(kind ? part.replace(`${kind}. `, "") : part, span[2], known, cited, { open, label, side: tail?.[1] ?? "" }));
  }
  return [
    kind ? el("p", { class: "kind" }, el("span", { "aria-hidden": "true", class: "sign", text: known.kind === "emergency" ? "!" : "–" }), kind) : null,
    el("div", { class: "answer-text" }, lines(nodes)),
    legend(known, cited),
    known.notes.map((note) => el("p", { class: "aside", text: note })),
    REASONS[known.finish_reason] ? el("p", { class: "aside", text: REASONS[known.finish_reason] }) : null,
    made(known),
  ];
}

/** What stands between sentences: white space, and lines that were put in by rule: headings, and
 * first in an answer, but not in one about a document, whom to call. */
function between(text, first, ofDocument) {
  const lines = text.split("\n");
  // The first and the last line go on in the sentences before and after.
  const whole = (n) => (n > 0 || first) && n < lines.length - 1 && lines[n].trim();
  const urgent = (n) => n === 0 && !ofDocument && lines[n].endsWith(".");
  const ruled = (line, n) => el("b", { class: urgent(n) ? "urgent" : "", text: line });
  return lines.flatMap((line, n) => [n ? "\n" : "", whole(n) && (urgent(n) || !line.endsWith(".")) ? ruled(line, n) : line]);
}

/** Lines as blocks, so that those of a list hang together where they wrap. */
function lines(nodes) {
  const all = [[]];
  for (const node of nodes) {
    if (node === "\n") all.push([]);
    else if (node) all.at(-1).push(node);
  }
  if (!all.at(-1).length) all.pop();
  return all.map((line) => {
    if (!line.length) return el("div", { class: "gap" }, el("br"));  // which is copied as a line
    const listed = typeof line[0] === "string" && /^- /.test(line[0]);
    return listed ? el("div", { class: "item" }, el("span", { text: "- " }), line[0].slice(2), line.slice(1))
      : el("div", {}, line);
  });
}

function sentence(text, one, known, cited, follow) {
  const own = !one.citations.length && known.written_by !== "rule" && cited;
  return el("span", { class: own ? "sentence own" : "sentence" },
    cells(text, follow.side),
    follow.side ? el("b", { class: "side", text: follow.side }) : null,
    own ? el("span", { class: "own-tag", text: "own", title: "The model's own words: no source bears them out" }) : null,
    one.citations.map((citation) => reference(citation, known, follow)));
}

/** A row of a table with faint lines between its cells; whoever copies it has the bars. Where its
 * value's side is said, a last cell that only says the same is left out. */
function cells(text, side) {
  const bar = () => el("span", { class: "bar", text: " | " });
  return (side ? text.replace(FLAG, "") : text).split(" | ").flatMap((cell, n) => (n ? [bar(), cell] : [cell]));
}

function reference(citation, known, { open, label }) {
  const source = known.sources.find((each) => each.number === citation.source);
  const where = [source?.title, source?.page ? `page ${source.page}` : ""].filter(Boolean).join(", ");
  return el("button", {
    type: "button", class: "ref", text: label?.(citation, source) ?? String(citation.source),
    "aria-label": `Source ${citation.source}${where ? `: ${where}` : ""}`,
    on: { click: (event) => open(citation, event.currentTarget) },
  });
}

/** What the marks mean, said once. */
function legend(known, cited) {
  if (known.written_by === "rule" || !known.sentences.length) return null;
  if (!cited) {
    return el("p", { class: "aside own-all" }, el("span", { class: "own-tag", text: "own" }),
      known.sources.length ? " No sentence is borne out by the sources that were found: these are the model's own words."
        : " Without sources: these are the model's own words.");
  }
  const own = known.sentences.filter((one) => !one.citations.length).length;
  return own ? el("p", { class: "aside" }, el("span", { class: "own-tag", text: "own" }),
    ` ${many(own, "sentence")} that no source bears out.`) : null;
}

/** Who wrote it: what must not be lost of a document stands in every text about it, by rule. */
function writers(known) {
  if (known.written_by === "rule") return "by rule, not by the model";
  return ["document_summary", "advice"].includes(known.task) ? "by rule and by the model" : "by the model";
}

function made(known) {
  if (!known.model) return null;
  const rows = [
    ["Model", known.model], ["Task", taskName(known.task)],
    ["Written", writers(known)],
    known.temperature ? ["Drawn", `at temperature ${known.temperature} with seed ${known.seed}`] : null,
    ["Tokens", `${known.prompt_tokens.toLocaleString("en")} read, ${known.completion_tokens.toLocaleString("en")} written`],
    known.left_out ? ["Left out", `${many(known.left_out, "earlier exchange")}, for length`] : null,
    known.question ? ["Looked for", known.question] : null,
    known.prompt_digest ? ["System prompt", known.prompt_digest.slice(0, 12)] : null,
    known.weights_digest ? ["Weights", known.weights_digest.slice(0, 12)] : null,
  ].filter(Boolean);
  const node = el("details", { class: "made" }, el("summary", { text: "How this was made" }),
    el("dl", {}, rows.flatMap(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })])));
  node.addEventListener("toggle", () => node.open && node.scrollIntoView({ block: "nearest" }));
  return node;
}

const TASKS = {
  medical_qa: "Medical questions", document_summary: "Summaries of documents",
  patient_summary: "Summaries of patients", advice: "Advice", refusal: "Refusals",
};

/** The name of the model that was tuned for a task and for the fewest others; without one the first. */
export const bestFor = (task, models) =>
  (models.filter((one) => one.tasks.includes(task)).sort((a, b) => a.tasks.length - b.tasks.length)[0] ?? models[0])?.name ?? "";

/** A name in a menu, of what was not tuned for what is to be done. */
export const notTuned = (name, what = "it") => `${name} (not tuned for ${what})`;

/** A task as people call it. */
export const taskName = (task) => TASKS[task] ?? task.replaceAll("_", " ");
