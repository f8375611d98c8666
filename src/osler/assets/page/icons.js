// Small drawings for buttons: no font of a machine has all the signs.

const PATHS = {
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  edit: "M2.5 13.5l.6-2.8 7.7-7.7 2.2 2.2-7.7 7.7zM9.3 4.5l2.2 2.2",
  again: "M13 8a5 5 0 1 1-1.5-3.6M13 2.2v3h-3",
  up: "M5 13.5V7.2l2.6-4.7c1 0 1.6.8 1.4 1.8L8.5 6.5h4c.8 0 1.3.7 1.1 1.4l-1.1 4.6c-.1.6-.6 1-1.2 1zM2.5 7.2H5v6.3H2.5z",
  down: "M5 2.5v6.3l2.6 4.7c1 0 1.6-.8 1.4-1.8l-.5-2.2h4c.8 0 1.3-.7 1.1-1.4l-1.1-4.6c-.1-.6-.6-1-1.2-1zM2.5 8.8H5V2.5H2.5z",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  before: "M9.8 3.5L5.5 8l4.3 4.5",
  next: "M6.2 3.5L10.5 8l-4.3 4.5",
  remove: "M4 4l8 8M12 4l-8 8",
  done: "M3 8.5l3.2 3.2L13 4.8",
};
const SVG = "http://www.w3.org/2000/svg";

/** A drawing by its name; what it means is said by the button that it is in. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon ${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
