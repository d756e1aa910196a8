// The day as a strip: what the faces showed, and a mark for each change of the music; marks open by click and by arrow keys.

import {call} from "./api.js";
import {list, make, put, set, show} from "./dom.js";
import {stretches} from "./strip.js";
import {capital, clock, evidenceOf, headline, left} from "./words.js";

const MARKED = ["switched", "started", "held", "resumed", "paused"];
const SHORTEST = 900000, AGAIN = 60000; // milliseconds of a strip; after which the day is asked for again

export function day() {
  const bins = make("div.bins", {"aria-hidden": "true"}), marks = make("div.marks", {role: "group", "aria-label": "Changes of the music; arrow keys move among them"});
  const from = make("span"), said = make("p.keys#day-said"), detail = make("p#day-detail", {"aria-live": "polite"});
  const marksKey = make("p.keys.soft", make("span.key.changed", "the music changed"), make("span.key.held", "it was left alone, or paused"));
  const none = make("p.soft#day-none", {hidden: true}, "Nobody was seen yet. Here the day will stand: what the faces showed, and when the music changed. No picture is kept, seven numbers a look are.");
  const drawn = make("div.flow", {hidden: true}, make("div.strip", bins, marks), make("div.ends.soft", from, make("span", "now")), said, marksKey, detail);
  const node = make("div#day", none, drawn);
  let seen = null, minutes = 5, askedAt = 0, decided = [];

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
    const marked = decided.filter(({verb}) => MARKED.includes(verb)).reverse(), looks = seen ?? [];
    const first = Math.min(...[looks[0]?.at, marked[0]?.at].filter(Boolean).map((at) => Date.parse(at)), Date.now() - SHORTEST);
    const span = Date.now() - first, place = (at) => `${Math.max(0, ((Date.parse(at) - first) / span) * 100)}%`;
    put(from, clock(first));
    stretches(bins, looks.map(({at, mood}) => ({mood, from: Date.parse(at), to: Date.parse(at) + minutes * 60000})), first, span);
    list(marks, marked, (decision) => make("button.mark", {"data-verb": decision.verb, tabindex: -1, "aria-label": `${clock(decision.at)}, ${headline(decision)}`, onclick: (event) => open(decision, event.currentTarget)}));
    [...marks.children].forEach((mark, index) => { mark.style.left = place(marked[index].at); });
    if (marks.children.length && ![...marks.children].some((mark) => mark.tabIndex === 0)) marks.lastChild.tabIndex = 0;
    list(said, summary(looks), ([mood, time]) => make("span.key", {"data-mood": mood}, `${mood} for ${left(time * 1000)}`));
    show(marksKey, marked.length > 0);
    show(drawn, looks.length > 0 || marked.length > 0);
    show(none, seen && drawn.hidden);
  }

  function open(decision, opened) {
    for (const mark of marks.children) set(mark, "aria-pressed", String(mark === opened));
    const facts = evidenceOf(decision).map(([name, value]) => `${name}: ${value}`).join(", ");
    put(detail, `${clock(decision.at)} ${headline(decision)}: ${decision.rule}.${facts ? ` ${capital(facts)}.` : ""}`);
  }

  // How long the faces showed each mood: [mood, seconds], the longest first.
  function summary(looks) {
    const counts = {};
    for (const {mood, seconds} of looks) counts[mood] = (counts[mood] ?? 0) + seconds;
    return Object.entries(counts).sort((a, b) => b[1] - a[1]);
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
