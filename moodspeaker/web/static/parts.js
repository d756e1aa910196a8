// The parts of the speaker, each with its state; what has failed stands on top of the page too.

import {list, make, put} from "./dom.js";
import {partsOf} from "./words.js";

const LEVELS = {good: "works", idle: "idle", bad: "failed"};

export function parts(root) {
  const rows = make("ul.parts#health");
  const summary = make("p#parts-summary", "Asking…");
  root.append(summary, rows);
  return ({snapshot}) => {
    if (!snapshot) return;
    const known = partsOf(snapshot);
    const failed = known.filter(({level}) => level === "bad").map(({name}) => name);
    put(summary, failed.length ? `Failed: ${failed.join(", ")}` : "Everything works");
    list(rows, known, row);
  };
}

function row({name, level, state, reason, note}) {
  return make("li",
    make("span.dot", {"data-level": level, role: "img", "aria-label": LEVELS[level]}),
    make("span.name", name),
    make("span.soft", state, reason || note ? make("small", reason || note) : null));
}
