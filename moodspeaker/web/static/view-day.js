// The day: what the faces showed and what became of the music, as a strip and as a list.

import {day} from "./day.js";
import {card, make} from "./dom.js";
import {state} from "./store.js";
import {why} from "./why.js";

const SHOWN = 30;

export function open(root) {
  const whole = card("day", "The day, and what was decided");
  const strip = day();
  let shown = SHOWN;
  const more = make("button#more-decisions", {onclick: () => { shown += SHOWN; list(state); }}, "Show more");
  whole.append(strip.node);
  const list = why(whole, "day-decisions", () => shown, more);
  root.append(whole);
  return {
    draw(seen) {
      strip.show(seen);
      list(seen);
    },
  };
}
