// The day on record with other settings of the mood: how many switches instead of how many, and a strip for each.

import {post} from "./api.js";
import {list, make, put, show} from "./dom.js";
import {stretches} from "./strip.js";
import {clock, isEmotion} from "./words.js";

const SLOWEST = 120000; // milliseconds that a day may take to replay on a small machine

// `drafts()` gives the settings to try.
export function replay(drafts) {
  const ask = make("button#replay", {onclick: run}, "Try on the day");
  const hint = make("p.soft.small#replay-hint", "Change one of these to see what the day on record would have been: no picture is kept, seven numbers a look are.");
  const head = make("p.replay-head#replay-said", {role: "status"}), more = make("p.soft.small#replay-more");
  const now = strip("As it is"), then = strip("With these");
  const from = make("span"), to = make("span");
  const found = make("div.flow", {hidden: true}, more, now.node, then.node, make("div.ends.soft", from, to));
  const node = make("div.replay.flow", make("h3", "The day with these settings"), hint, ask, head, found);
  let asked = 0;
  changed();

  function changed() {
    asked += 1;
    ask.disabled = Object.keys(drafts()).length === 0;
    show(hint, ask.disabled);
    put(head, "");
    show(found, false);
  }

  async function run() {
    const mine = ++asked;
    put(head, "Looking through the day…");
    show(found, false);
    try {
      const told = await post("api/settings/replay", drafts(), AbortSignal.timeout(SLOWEST));
      if (mine === asked) draw(told);
    } catch (error) {
      if (mine === asked) put(head, error.message);
    }
  }

  function draw(told) {
    if (!told.looks) {
      put(head, "Nothing is on record yet: come back when somebody was in the room for a while (records.hours).");
      return;
    }
    const {now: before, then: after} = told;
    put(head, `Switches of music: ${versus(after.switches, before.switches)}`);
    put(more, `Moods that lasted five minutes: ${versus(after.lasting, before.lasting)}. Changes that another one followed within three: ${versus(after.brief, before.brief)}.`);
    const begin = Date.parse(told.begin), span = Math.max(1, Date.parse(told.end) - begin);
    now.show(before.strip, begin, span);
    then.show(after.strip, begin, span);
    put(from, clock(told.begin));
    put(to, clock(told.end));
    show(found, true);
  }

  return {node, changed};
}

const versus = (after, before) => (after === before ? `${after}, as it is` : `${after} instead of ${before}`);

function strip(title) {
  const bars = make("div.bins"), words = make("ul.soft.small.replay-words");
  const node = make("div", make("p.small.label", title), make("div.strip.thin", {"aria-hidden": "true"}, bars), make("details.small", make("summary", "In words"), words));
  return {
    node,
    show(moods, begin, span) {
      const rows = moods.map(({at, mood}, place) => ({mood, from: Date.parse(at), to: place + 1 < moods.length ? Date.parse(moods[place + 1].at) : begin + span}));
      stretches(bars, rows.filter(({mood}) => isEmotion(mood)), begin, span);
      list(words, moods, ({at, mood}) => make("li", `${clock(at)} ${mood}`));
    },
  };
}
