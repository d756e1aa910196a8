// Makes and changes nodes.  Everything from outside (song tags above all) goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

const BUTTON = {type: "button"}; // one that submits says so
export const make = (tag, attributes = {}, ...children) => filled(document.createElement(tag), tag === "button" ? {...BUTTON, ...attributes} : attributes, children);
export const draw = (tag, attributes = {}, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);

// An icon of one path on a 24 x 24 grid.
export const icon = (path) => draw("svg", {viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true"}, draw("path", {d: path}));

// On a phone, what one rarely needs is folded up: `fold` makes a <details> that is open elsewhere.
export const phone = matchMedia("(max-width: 480px)");

export function fold(id, title, ...children) {
  const head = make("summary", {}, title);
  return {node: make("details", {id, open: !phone.matches}, head, ...children), head};
}

// What does not change is not written: a screen reader would say it again.
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function set(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

// Draws a list anew only where what it shows is another; focus inside it is kept by place.
export function list(node, rows, row) {
  const key = JSON.stringify(rows);
  if (node.drawn === key) return;
  node.drawn = key;
  const place = [...node.querySelectorAll("button, summary")].indexOf(document.activeElement);
  node.replaceChildren(...rows.map(row));
  if (place >= 0) node.querySelectorAll("button, summary")[place]?.focus();
}
