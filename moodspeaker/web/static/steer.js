// Steering: what the music follows, a hold, and whether the camera looks.

import {give} from "./api.js";
import {list, make, put, set, show} from "./dom.js";
import {state} from "./store.js";
import {capital, clock, EMOTIONS} from "./words.js";

const HOLDS = [["on", "the usual time"], [30, "30 minutes"], [60, "1 hour"], [180, "3 hours"], [720, "12 hours"]];

export function steer(root) {
  const choices = make("div", {class: "chips", id: "override", role: "group", "aria-labelledby": "l-override"});
  const minutes = make("select", {id: "hold-minutes", "aria-label": "How long"}, ...HOLDS.map(([value, text]) => make("option", {value}, text)));
  const holdNow = () => give({hold: minutes.value === "on" ? "on" : Number(minutes.value)});
  const hold = make("div", {class: "row"},
    make("div", {}, make("p", {class: "label"}, "Leave the music alone"), make("p", {class: "soft"}, "What plays stays, whatever the faces say.")),
    make("div", {class: "pair"}, minutes, make("button", {id: "do-hold", onclick: holdNow}, "Hold")));
  const sensing = make("button", {
    class: "switch", id: "sensing", role: "switch", "aria-checked": "false", "aria-labelledby": "l-sensing", "aria-describedby": "eye",
    onclick: () => give({sensing: state.snapshot?.sensing ? "off" : "on"}),
  });
  const eye = make("p", {class: "soft", id: "eye"});
  const aims = make("div", {class: "chips", id: "target", role: "group", "aria-labelledby": "l-target"});
  const aimWhy = make("p", {class: "soft small", id: "target-why"});
  const target = make("div", {}, make("p", {class: "label gap", id: "l-target"}, "With this mood"), aims, aimWhy);
  const listeners = make("div", {class: "chips", id: "profile", role: "group", "aria-labelledby": "l-profile"});
  const profile = make("div", {}, make("p", {class: "label gap", id: "l-profile"}, "Who listens"), listeners);
  const household = make("p", {class: "soft small", id: "household"});
  const others = make("ul", {class: "soft small", id: "evidence"});
  root.append(
    make("p", {class: "label", id: "l-override"}, "Play for"), choices, target, hold, profile, household,
    make("div", {class: "row"}, make("div", {}, make("p", {class: "label", id: "l-sensing"}, "Read faces"), eye), sensing), others);

  return ({snapshot, moods}) => {
    for (const node of root.querySelectorAll("button, select")) node.disabled = !snapshot;
    const chosen = snapshot?.override ?? "auto", away = ["down", "off"].includes(snapshot?.player?.state);
    const rows = [{value: "auto", text: "The faces", sub: ""}, ...EMOTIONS.map((mood) => {
      const music = moods.find((row) => row.mood === mood)?.music;
      return {value: mood, text: capital(mood), sub: moods.length && !away ? (music ? `${music.songs}` : "no music") : ""};
    })].map((row) => ({...row, on: Boolean(snapshot) && row.value === chosen}));
    list(choices, rows, ({value, text, sub, on}) => make("button", {
      class: "chip", "data-value": value, "aria-pressed": String(on), onclick: () => give({override: value}),
    }, text, sub ? make("small", {}, sub, sub === "no music" ? null : make("span", {class: "unseen"}, " songs")) : null));
    show(target, Boolean(snapshot?.target));
    show(profile, (snapshot?.profiles ?? []).length > 1);
    if (!snapshot) return;
    drawTarget(snapshot.target ?? {}, aims, aimWhy);
    drawProfiles(snapshot, listeners);
    show(household, Boolean(snapshot.household));
    put(household, householdWords(snapshot.household));
    list(others, snapshot.evidence ?? [], said);
    show(hold, !away && !snapshot.hold?.active);
    set(sensing, "aria-checked", String(Boolean(snapshot.sensing)));
    put(eye, eyeWords(snapshot));
  };
}

const AIMS = {auto: "As set", match: "Match it", lift: "Lift it", calm: "Calm it", off: "Keep the music"};

function drawTarget({aim, chosen, reason}, aims, aimWhy) {
  const rows = Object.entries(AIMS).map(([value, text]) => ({value, text, on: value === (chosen ?? "auto")}));
  list(aims, rows, ({value, text, on}) => make("button", {class: "chip", "data-value": value, "aria-pressed": String(on), onclick: () => give({target: value})}, text));
  put(aimWhy, reason ? capital(`${reason}.`) : aim ? `The music is to ${aim}.` : "");
}

function drawProfiles({profile, profiles = []}, listeners) {
  const rows = profiles.map((name) => ({name, on: name === profile}));
  list(listeners, rows, ({name, on}) => make("button", {class: "chip", "data-value": name, "aria-pressed": String(on), onclick: () => give({profile: name})}, capital(name)));
}

function householdWords(household) {
  if (!household) return "";
  if (household.reason) return capital(`${household.reason}.`);
  const speakers = household.speakers.map(({speaker}) => speaker);
  if (!speakers.length) return `Shares what is liked with the household ${household.name}; no other speaker was heard yet.`;
  return `Learned with ${speakers.join(", ")}; last heard ${clock(household.speakers.map(({heard}) => heard).sort().at(-1))}.`;
}

function said({source, emotion, valence, arousal, until}) {
  const what = emotion ?? [valence != null && `pleasantness ${valence}`, arousal != null && `liveliness ${arousal}`].filter(Boolean).join(", ");
  return make("li", {}, `${capital(source)} says: ${what} (until ${clock(until)})`);
}

function eyeWords({camera = {}, sensing}) {
  const stored = `Pictures stored: ${camera.frames_written ?? 0}.`;
  if (camera.locked) return `The privacy lock keeps the camera closed. ${stored}`;
  if (camera.open) return `The camera is open${camera.source ? ` (${camera.source.split(":/")[0]})` : ""}. ${stored}`;
  return sensing ? `The camera is not open. ${stored}` : `The camera is closed. ${stored}`;
}
