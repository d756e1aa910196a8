// Makes and changes nodes.  Everything from outside (song tags above all) goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(create, selector, rest) {
  const [, tag, classes, id] = /^(\w+)([^#]*)#?(.*)$/.exec(selector), node = create(tag);
  const attributes = rest[0]?.constructor === Object ? rest.shift() : {};
  if (classes) node.setAttribute("class", classes.slice(1).replaceAll(".", " "));
  if (id) node.id = id;
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...rest.filter((child) => child != null));
  return node;
}

// make("p.soft#about", {title: "…"}, child, …): tag, classes, id; attributes where it has some (onclick: what a click does); children.
export function make(selector, ...rest) {
  const node = filled((tag) => document.createElement(tag), selector, rest);
  if (node.localName === "button" && !node.hasAttribute("type")) node.type = "button"; // one that submits says so
  return node;
}

export const draw = (selector, ...rest) => filled((tag) => document.createElementNS(SVG, tag), selector, rest);

export const at = (id) => document.getElementById(id);

// An icon of one path on a 24 x 24 grid.
export const icon = (path) => draw("svg.icon", {viewBox: "0 0 24 24", "aria-hidden": "true"}, draw("path", {d: path}));

// On a phone, what one rarely needs is folded up: `fold` makes a <details> that is open elsewhere.
export const phone = matchMedia("(max-width: 480px)");

export function fold(id, title, ...children) {
  const head = make("summary", title), node = make("details", {id, open: !phone.matches}, head, ...children);
  phone.addEventListener("change", () => { node.open = !phone.matches; });
  return {node, head};
}

// A card of a view, under its heading.
export const card = (name, title, ...children) => make(`section.card#card-${name}`, {"aria-labelledby": `h-${name}`}, make(`h2#h-${name}`, title), ...children);

// Buttons of which one is pressed: `naming` names the group, `choose(value)` is called; rows are {value, text, on, sub, mood}.
export function chips(id, naming, choose) {
  const node = make(`div.chips#${id}`, {role: "group", ...naming});
  const chip = ({value, text, on, sub, mood}) =>
    make("button.chip", {"data-value": value, "data-mood": mood, "aria-pressed": String(on), onclick: () => choose(value)}, text, sub && make("small", sub));
  return {node, show: (rows) => list(node, rows, chip)};
}

// What does not change is not written: a screen reader would say it again.
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function set(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function show(node, visible) {
  if (node.hidden !== !visible) node.hidden = !visible;
}

// Draws a list where what it shows is another.  What it showed before stays as it is, opened or focused; where what had the
// focus is gone, its place has it.
export function list(node, rows, row) {
  const keys = rows.map((one) => JSON.stringify(one));
  if (JSON.stringify(keys) === node.drawn) return;
  const kept = new Map([...node.children].map((child) => [child.key, child]));
  const focused = node.contains(document.activeElement) && document.activeElement;
  const place = [...node.querySelectorAll("button, summary")].indexOf(focused);
  node.replaceChildren(...rows.map((one, at) => {
    const child = kept.get(keys[at]) ?? row(one);
    kept.delete(keys[at]); // a second one like it is made anew
    child.key = keys[at];
    return child;
  }));
  node.drawn = JSON.stringify(keys);
  if (focused) (focused.isConnected ? focused : node.querySelectorAll("button, summary")[place])?.focus({preventScroll: true});
}
