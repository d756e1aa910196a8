// The day as a strip: what the faces showed, and a mark for each change of the music; marks open by click and by arrow keys.

import {call} from "./api.js";
import {list, make, put, show} from "./dom.js";
import {capital, clock, evidenceOf, headline} from "./words.js";

const MARKED = ["switched", "started", "held", "resumed", "paused"];
const HOUR = 3600000, AGAIN = 60000;

export function day() {
  const bins = make("div.bins", {"aria-hidden": "true"}), marks = make("div.marks", {role: "group", "aria-label": "Changes of the music; arrow keys move among them"});
  const from = make("span"), said = make("p.soft#day-said"), detail = make("p#day-detail", {"aria-live": "polite"});
  const node = make("div#day", make("div.strip", bins, marks), make("div.ends.soft", from, make("span", "now")), said, detail);
  let seen = [], minutes = 5, askedAt = 0, decided = [];

  marks.addEventListener("keydown", (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    const all = [...marks.children], place = all.indexOf(document.activeElement);
    const next = step && all[place + step];
    if (!next) return;
    event.preventDefault();
    all.forEach((mark) => { mark.tabIndex = mark === next ? 0 : -1; });
    next.focus();
  });

  async function ask() {
    if (Date.now() - askedAt < AGAIN) return;
    askedAt = Date.now();
    try {
      ({bins: seen, minutes} = await call("api/day"));
      drawAll();
    } catch {
      // the stream tells of a loss
    }
  }

  function drawAll() {
    const marked = decided.filter(({verb}) => MARKED.includes(verb)).reverse();
    const first = Math.min(...[seen[0]?.at, marked[0]?.at].filter(Boolean).map((at) => Date.parse(at)), Date.now() - HOUR);
    const span = Date.now() - first, left = (at) => `${Math.max(0, ((Date.parse(at) - first) / span) * 100)}%`;
    put(from, clock(first));
    list(bins, seen.map(({at, mood}) => ({at, mood})), ({mood}) => make("span", {"data-mood": mood}));
    [...bins.children].forEach((bar, index) => {
      bar.style.left = left(seen[index].at);
      bar.style.width = `${(minutes * 60000 * 100) / span}%`;
    });
    list(marks, marked, (decision) => make("button.mark", {"data-verb": decision.verb, tabindex: -1, "aria-label": `${clock(decision.at)}, ${headline(decision)}`, onclick: () => open(decision)}));
    [...marks.children].forEach((mark, index) => { mark.style.left = left(marked[index].at); });
    if (marks.children.length && ![...marks.children].some((mark) => mark.tabIndex === 0)) marks.lastChild.tabIndex = 0;
    put(said, summary());
    show(node, seen.length > 0 || marked.length > 0);
  }

  function open(decision) {
    const facts = evidenceOf(decision).map(([name, value]) => `${name}: ${value}`).join(", ");
    put(detail, `${clock(decision.at)} ${headline(decision)}: ${decision.rule}.${facts ? ` ${capital(facts)}.` : ""}`);
  }

  function summary() {
    const counts = {};
    for (const {mood, seconds} of seen) counts[mood] = (counts[mood] ?? 0) + seconds;
    const rows = Object.entries(counts).sort((a, b) => b[1] - a[1]).slice(0, 3);
    return rows.length ? `Faces showed ${rows.map(([mood, time]) => `${mood} for ${time < 60 ? "less than 1" : Math.round(time / 60)} min`).join(", ")}.` : "";
  }

  return {
    node,
    show({decisions, link}) {
      if (link !== "live") return;
      decided = decisions ?? [];
      drawAll();
      ask();
    },
  };
}
