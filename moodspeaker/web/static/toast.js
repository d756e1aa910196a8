// One line at the foot of the page, for a few seconds.

import {at, put, show} from "./dom.js";

const SECONDS = 6;
let timer;

export function say(text) {
  const node = at("said");
  put(node, text);
  show(node, true);
  clearTimeout(timer);
  timer = setTimeout(() => show(node, false), SECONDS * 1000);
}
