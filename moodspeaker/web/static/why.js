// The last decisions, each with its reason; the evidence opens on demand.

import {day} from "./day.js";
import {list, make, show} from "./dom.js";
import {clock, evidenceOf, headline} from "./words.js";

const SHOWN = 6;

export function why(root) {
  const rows = make("ul", {class: "decisions", id: "decisions"});
  const none = make("p", {class: "soft", id: "undecided"}, "Asking\u2026");
  const more = make("button", {type: "button", id: "more-decisions", onclick: () => { all = !all; drawRows(); }}, "Show all");
  let all = false, known = [];
  const strip = day();
  root.append(strip.node, none, rows, more);

  function drawRows() {
    list(rows, known.slice(0, all ? known.length : SHOWN), row);
    show(more, known.length > SHOWN);
    more.textContent = all ? "Show fewer" : `Show all ${known.length}`;
    more.setAttribute("aria-expanded", String(all));
  }

  return (state) => {
    strip.show(state);
    const {decisions} = state;
    if (decisions === null) return;
    known = decisions;
    none.textContent = "Nothing has been decided yet. When the music changes, or stays, the reason stands here.";
    show(none, known.length === 0);
    drawRows();
  };
}

function row(decision) {
  const facts = evidenceOf(decision);
  const head = [make("time", {datetime: decision.at}, clock(decision.at)), make("span", {}, make("b", {}, headline(decision)), " ", make("span", {class: "soft"}, decision.rule))];
  if (!facts.length) return make("li", {}, make("div", {class: "summary"}, ...head));
  const pairs = facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("li", {}, make("details", {}, make("summary", {class: "summary"}, ...head), make("dl", {class: "facts"}, ...pairs)));
}
