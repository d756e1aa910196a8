// Steering: what the music follows, a hold, and whether the camera looks.

import {give} from "./api.js";
import {chips, list, make, put, set, show} from "./dom.js";
import {state} from "./store.js";
import {away, capital, clock, EMOTIONS, left, some} from "./words.js";

const HOLDS = [["on", "as set"], [30, "30 minutes"], [60, "1 hour"], [180, "3 hours"], [720, "12 hours"]];

export function steer(root, room) {
  const choices = chips("override", {"aria-labelledby": "l-override"}, (override) => give({override}));
  const minutes = make("select#hold-minutes", {"aria-label": "How long"}, ...HOLDS.map(([value, text]) => make("option", {value}, text)));
  const holdNow = () => give({hold: minutes.value === "on" ? "on" : Number(minutes.value)});
  const hold = make("div.row",
    make("div", make("h3", "Leave the music alone"), make("p.soft.small", "What plays stays, whatever the faces say.")),
    make("div.pair", minutes, make("button#do-hold", {onclick: holdNow}, "Hold")));
  const sensing = make("button.switch#sensing", {role: "switch", "aria-checked": "false", "aria-labelledby": "l-sensing", "aria-describedby": "eye", onclick: () => give({sensing: state.snapshot?.sensing ? "off" : "on"})});
  const eye = make("p.soft.small#eye");
  const aims = chips("target", {"aria-labelledby": "l-target"}, (target) => give({target}));
  const aimWhy = make("p.soft.small#target-why");
  const target = make("div.part.flow", make("h3#l-target", "What the music does"), aims.node, aimWhy);
  const listeners = chips("profile", {"aria-labelledby": "l-profile"}, (profile) => give({profile}));
  const profile = make("div.part.flow", make("h3#l-profile", "Who listens"), listeners.node);
  const household = make("p.soft.small#household");
  const others = make("ul.soft.small#evidence");
  root.append(
    make("h3#l-override", "Play for"), choices.node, target, profile, household);
  room.append(hold, make("div.row", make("div", make("h3#l-sensing", "Read faces"), eye), sensing), others);

  return ({snapshot, moods}) => {
    for (const card of [root, room]) for (const node of card.querySelectorAll("button, select")) node.disabled = !snapshot;
    const chosen = snapshot?.override ?? "auto", gone = away(snapshot?.player);
    const rows = [{value: "auto", text: "The faces"}, ...EMOTIONS.map((mood) => {
      const music = moods.find((row) => row.mood === mood)?.music;
      return {value: mood, mood, text: capital(mood), sub: moods.length && !gone ? (music ? some(music.songs) : "no music") : ""};
    })];
    choices.show(rows.map((row) => ({...row, on: Boolean(snapshot) && row.value === chosen})));
    show(target, snapshot?.target);
    show(profile, (snapshot?.profiles ?? []).length > 1);
    if (!snapshot) return;
    drawTarget(snapshot.target ?? {}, aims, aimWhy);
    listeners.show((snapshot.profiles ?? []).map((value) => ({value, text: capital(value), on: value === snapshot.profile})));
    show(household, snapshot.household);
    put(household, householdWords(snapshot.household));
    list(others, snapshot.evidence ?? [], said);
    const {usual} = snapshot.hold ?? {};
    put(minutes.options[0], usual ? `${left(usual * 60000)}, as set` : "as set");
    show(minutes.options[1], usual !== HOLDS[1][0]);
    show(hold, !gone && !snapshot.hold?.active);
    set(sensing, "aria-checked", String(Boolean(snapshot.sensing)));
    put(eye, eyeWords(snapshot));
  };
}

const AIMS = {auto: "As in Settings", match: "Match it", lift: "Lift it", calm: "Calm it", off: "Keep the music"};

function drawTarget({aim, chosen, reason}, aims, aimWhy) {
  const rows = Object.entries(AIMS).map(([value, text]) => ({value, text, on: value === (chosen ?? "auto")}));
  aims.show(rows);
  put(aimWhy, reason ? capital(`${reason}.`) : aim ? `The music is to ${aim}.` : "");
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
  return make("li", `${capital(source)} says: ${what} (until ${clock(until)})`);
}

function eyeWords({camera = {}, sensing}) {
  const stored = `Pictures stored: ${camera.frames_written ?? 0}.`;
  if (camera.locked) return `The privacy lock keeps the camera closed. ${stored}`;
  if (camera.open) return `The camera is open${camera.source ? ` (${camera.source.split(":/")[0]})` : ""}. ${stored}`;
  return sensing ? `The camera is not open. ${stored}` : `The camera is closed. ${stored}`;
}
