// The last decisions, each with its reason; the evidence opens on demand.

import {list, make, show} from "./dom.js";
import {clock, evidenceOf, headline} from "./words.js";

// Shows the last few, and after them `rest`: what leads to the others.
export function why(root, id, few, rest) {
  const rows = make("ul.decisions", {id});
  const none = make("p.soft", "Asking…");
  root.append(none, rows, rest);

  return ({decisions}) => {
    if (decisions === null) return;
    none.textContent = "Nothing has been decided yet. When the music changes, or stays, the reason stands here.";
    show(none, decisions.length === 0);
    list(rows, decisions.slice(0, few()), row);
    show(rest, decisions.length > few());
  };
}

function row(decision) {
  const facts = evidenceOf(decision);
  const head = [make("time", {datetime: decision.at}, clock(decision.at)), make("span", make("b", headline(decision)), " ", make("span.soft", decision.rule))];
  if (!facts.length) return make("li", make("div.summary", ...head));
  const pairs = facts.flatMap(([name, value]) => [make("dt", name), make("dd", value)]);
  return make("li", make("details", make("summary.summary", ...head), make("dl.facts", ...pairs)));
}
