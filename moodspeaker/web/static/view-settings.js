// Settings: each with its words and limits, changed together and at once in force, and taken back; a change of how the mood settles
// can be tried on the day on record first.

import {call, post} from "./api.js";
import {at, make, phone, put, show} from "./dom.js";
import {replay} from "./replay.js";
import {setting, worded} from "./setting.js";
import {say} from "./toast.js";
import {many} from "./words.js";

const FINER = ["mood.half_life", "mood.held", "mood.shown", "mood.resting", "mood.trust"];

export function open(root) {
  const drafts = new Map(); // by key: what is to be set; null: back to what is configured
  let rows = new Map(), known = null, link = "";

  const fault = make("p.fault#settings-fault", {role: "alert"});
  const said = make("span#settings-draft");
  const save = make("button.first#settings-save", {type: "submit"}, "Save");
  const bar = make("div.save-bar", {hidden: true}, said, make("div.pair",
    make("button#settings-discard", {onclick: discard}, "Discard"), save));
  const unfit = make("section.card.wide.alert#left-out", {hidden: true, "aria-label": "Settings that are left out"});
  const undo = make("button#settings-undo", {onclick: () => act(() => post("api/settings/undo", {}), "Taken back.")});
  const top = make("section.card.wide.settings-top", {"aria-label": "About these settings"}, make("p.soft#settings-about", "Asking…"), undo);
  const cards = make("div.wide.settings-cards");
  root.append(make("form.wide.settings", {novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(); }}, unfit, top, cards, fault, bar));
  show(undo, false);
  const day = replay(() => Object.fromEntries([...drafts].filter(([key]) => !key.startsWith("hold."))));

  function draft(key, value) {
    const row = known.settings.find((one) => one.key === key);
    if (value === row.value || (value === null && !row.changed)) drafts.delete(key);
    else drafts.set(key, value);
    rows.get(key).clear();
    put(fault, "");
    drawBar();
  }

  function drawBar() {
    show(bar, drafts.size > 0);
    put(said, `${many(drafts.size, "change")} not saved`);
    day.changed();
  }

  function discard() {
    drafts.clear();
    draw(known);
    root.querySelector("input, select").focus();
  }

  async function submit() {
    if (drafts.size) await act(() => post("api/settings", Object.fromEntries(drafts)), "Saved, and in force.");
  }

  // Does something with the settings; says what was refused, at the setting that it is about.
  async function act(ask, done) {
    put(fault, "");
    const focused = document.activeElement?.id;
    let refusedAt = null;
    cards.inert = save.disabled = undo.disabled = true; // what is typed now would be lost
    try {
      const answer = await ask();
      drafts.clear();
      draw(answer);
      if (done) say(done);
    } catch (error) {
      const reason = error.message;
      refusedAt = [...drafts.keys()].filter((key) => reason.includes(key)).map((key) => rows.get(key))[0];
      put(refusedAt ? refusedAt.fault : fault, reason);
    }
    cards.inert = save.disabled = undo.disabled = false;
    if (refusedAt) refusedAt.point();
    else at(focused)?.focus({preventScroll: true});
  }

  function draw(answer) {
    known = answer;
    rows = new Map(answer.settings.map((one) => [one.key, setting(one, draft)]));
    cards.replaceChildren(...answer.sections.map(({name, doc}) => card(name, doc.replace(/\.$/, ""))));
    const changed = answer.settings.filter((one) => one.changed).length;
    put(at("settings-about"), changed ? `${changed} changed here; everything else is as configured.` : "Everything is as configured.");
    const back = Object.entries(answer.undo);
    show(undo, back.length > 0);
    put(undo, `Undo: ${back.map(([key, value]) => `${key.split(".")[1].replaceAll("_", " ")} back to ${worded(value)}`).join(", ")}`);
    drawUnfit(Object.entries(answer.left_out));
    drawBar();
  }

  function card(section, title) {
    const keys = [...rows.keys()].filter((key) => key.startsWith(`${section}.`));
    const [plain, finer] = [false, true].map((fine) => keys.filter((key) => FINER.includes(key) === fine).map((key) => rows.get(key).node));
    const kept = at(`fold-${section}`)?.open;
    const folded = make("details", {id: `fold-${section}`, open: kept ?? (!phone.matches || section === known.sections[0].name)},
      make("summary", make("h2", {id: `h-set-${section}`}, title)), ...plain,
      finer.length ? make("details.finer#fold-finer", {open: at("fold-finer")?.open}, make("summary", "Finer"), ...finer) : null,
      section === "mood" ? day.node : null);
    return make("section.card", {id: `card-${section}`, "aria-labelledby": `h-set-${section}`}, folded);
  }

  function drawUnfit(reasons) {
    show(unfit, reasons.length > 0);
    const keys = reasons.map(([key]) => key).filter((key) => !key.includes("/"));
    const forget = keys.length ? make("button", {onclick: () => act(() => post("api/settings", Object.fromEntries(keys.map((key) => [key, null]))), "Forgotten.")}, "Forget them") : null;
    unfit.replaceChildren(...reasons.map(([, reason]) => make("p", reason)), forget ?? "");
  }

  return {
    enter() {
      link = "";
    },
    // Asks when it is shown, the speaker is back or they changed elsewhere; drafts are kept.
    draw(state) {
      if (state.link === "live" && (link !== "live" || state.snapshot?.config.revision > known?.revision) && !drafts.size) act(() => call("api/settings"));
      link = state.link;
    },
  };
}
