// Setup: how every part of the speaker is.

import {make} from "./dom.js";
import {parts} from "./parts.js";

export function open(root) {
  const card = make("section", {class: "card wide", "aria-labelledby": "h-parts"}, make("h2", {id: "h-parts"}, "Parts"));
  root.append(card);
  return {draw: parts(card)};
}
