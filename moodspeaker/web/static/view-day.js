// The day: what the faces showed and what became of the music, as a strip and as a list.

import {day} from "./day.js";
import {make} from "./dom.js";
import {state} from "./store.js";
import {why} from "./why.js";

const SHOWN = 30;

export function open(root) {
  const card = make("section", {class: "card wide", "aria-labelledby": "h-day"}, make("h2", {id: "h-day"}, "The day, and what was decided"));
  const strip = day();
  let shown = SHOWN;
  const more = make("button", {id: "more-decisions", onclick: () => { shown += SHOWN; list(state); }}, "Show more");
  card.append(strip.node);
  const list = why(card, "day-decisions", () => shown, more);
  root.append(card);
  return {
    draw(seen) {
      strip.show(seen);
      list(seen);
    },
  };
}
