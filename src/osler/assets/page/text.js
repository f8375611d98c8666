// Places in texts. The server counts bytes of UTF-8 in documents and code points in answers;
// JavaScript counts UTF-16 units, in which "é" is one and "🫀" two, of two and four bytes.

const width = (point) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);

/** The indices in a string of places given in bytes, in any order. */
export function fromBytes(text, places) {
  return inOrder(places, text, width);
}

/** The indices in a string of places given in code points, in any order. */
export function fromPoints(text, places) {
  return inOrder(places, text, () => 1);
}

function inOrder(places, text, size) {
  const found = new Map();
  const wanted = [...new Set(places)].sort((a, b) => a - b);
  let passed = 0, index = 0, next = 0;
  for (const character of text) {
    while (next < wanted.length && wanted[next] <= passed) found.set(wanted[next++], index);
    passed += size(character.codePointAt(0));
    index += character.length;
  }
  while (next < wanted.length) found.set(wanted[next++], text.length);
  return places.map((place) => found.get(place));
}

/** A text in pieces: `[text, span]`, span null between the spans; spans are [start, end, …] in
 * indices. What overlaps an earlier one begins where that ends. */
export function pieces(text, spans) {
  const found = [];
  let at = 0;
  for (const span of [...spans].sort((a, b) => a[0] - b[0])) {
    const start = Math.max(span[0], at), end = Math.min(span[1], text.length);
    if (end <= start) continue;
    if (start > at) found.push([text.slice(at, start), null]);
    found.push([text.slice(start, end), span]);
    at = end;
  }
  if (at < text.length) found.push([text.slice(at), null]);
  return found;
}

/** A text of which bytes `spans` ([start, end) each, from `base` on) are marked, as nodes. */
export function highlighted(text, spans, base = 0) {
  const places = fromBytes(text, spans.flatMap(([start, end]) => [Math.max(0, start - base), Math.max(0, end - base)]));
  const indices = spans.map((_, n) => [places[2 * n], places[2 * n + 1]]);
  return pieces(text, indices).map(([part, span]) => {
    if (!span) return document.createTextNode(part);
    const mark = document.createElement("mark");
    mark.textContent = part;
    return mark;
  });
}
