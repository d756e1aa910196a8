// What plays and why, how far it is, what follows; the buttons of a player; a hold and its countdown.

import {give} from "./api.js";
import {draw, icon, list, make, phone, put, set, show} from "./dom.js";
import {journey} from "./journey.js";
import {listen} from "./listen.js";
import {now, state} from "./store.js";
import {say as toast} from "./toast.js";
import {slider} from "./slider.js";
import {away, capital, clock, left, minutes} from "./words.js";

const PLAY = "M8 5v14l11-7z", PAUSE = "M7 5h4v14H7zM13 5h4v14h-4z";
const NEXT = "M6 5l9 7-9 7zM16 5h3v14h-3z", PREVIOUS = "M18 5l-9 7 9 7zM5 5h3v14H5z";
const UP = "M2 10h4v11H2zM8 21V10l5-8c2 0 2.5 2 2 3.500L14 9h6c1.5 0 2 1.5 1.7 2.500l-2.2 8c-.3 1-1 1.5-2 1.500z";
const DOWN = "M2 3h4v11H2zM8 3v11l5 8c2 0 2.5-2 2-3.500L14 15h6c1.5 0 2-1.5 1.7-2.500l-2.2-8c-.3-1-1-1.5-2-1.500z";
const OTHER = "M4 7h12V4l5 4.5-5 4.500v-3H4zM20 17H8v3l-5-4.500L8 11v3h12z";
const IDLE = {pause: "Paused", stop: "Nothing plays", down: "The music server is away", off: "No music server"};
const CURE = {stop: "Start some music: from then on it follows the room.", down: "It is asked again until it answers.", off: "None is set up (mpd.host): this is a mood sensor only."};

export function music(root) {
  const title = make("p.title#title", "…"), artist = make("p.soft#artist");
  const fill = make("span.fill"), bar = make("span.bar", {"aria-hidden": "true"}, fill);
  const elapsed = make("span#elapsed"), length = make("span#length");
  const progress = make("div.progress", elapsed, bar, length);
  const button = (id, name, path, press, kind = "round") => make("button", {id, class: kind, "aria-label": name, onclick: press}, icon(path));
  const previous = button("previous", "Previous song", PREVIOUS, () => give({previous: "on"}));
  const play = button("play", "Play", PLAY, () => give(state.snapshot?.player?.state === "play" ? {pause: "on"} : {play: "on"}), "round big");
  const next = button("next", "Next song", NEXT, () => give({next: "on"}));
  const loudness = slider("volume", icon("M4 9v6h4l5 4V5L8 9zM16 8c2 2 2 6 0 8M18.5 5.500c4 4 4 9 0 13"));
  const here = listen();
  const controls = make("div.controls", previous, play, next, loudness.node);
  const selection = make("p.soft.small#selection"), pending = make("p.note#pending");
  const holdText = make("p#hold");
  const hold = make("div.banner", holdText, make("button#resume", {onclick: () => give({resume: "on"})}, "Let it follow again"));
  const queue = make("ol.queue#queue"), more = make("p.soft.small#more");
  const following = make("div.part.flow", make("h3", "Next"), queue, more);
  const say = (id, name, path, command, done) => make("button.word", {id, onclick: async () => { if (await give({[command]: seen()})) toast(done); }}, icon(path), name);
  const seen = () => ({uri: state.snapshot?.player?.uri ?? ""});
  const verdict = make("div.buttons#verdict", {role: "group", "aria-label": "What you think of this song"},
    say("like", "Like", UP, "like", "Noted: you like this song."),
    say("dislike", "Dislike", DOWN, "dislike", "Noted: this song is played less."),
    say("wrong-mood", "Wrong mood", OTHER, "wrong_mood", "Noted: this song does not fit this mood."));
  const way = journey();
  const cover = draw("svg.cover", {viewBox: "0 0 100 100", "aria-hidden": "true"});
  root.append(make("div.song", cover, make("div", title, artist)), progress, controls, hold, verdict, here.node, pending, selection, way.node, following);

  function tick() {
    const snapshot = state.snapshot;
    if (!snapshot) return;
    const player = snapshot.player ?? {};
    const known = player.elapsed != null && player.uri && player.state !== "stop";
    show(progress, known);
    if (known) {
      const since = player.state === "play" && state.link === "live" ? (now() - Date.parse(player.elapsed_at)) / 1000 : 0;
      const at = Math.min(player.elapsed + Math.max(0, since), player.seconds ?? Infinity);
      put(elapsed, minutes(at));
      put(length, player.seconds ? minutes(player.seconds) : "live");
      fill.style.transform = `scaleX(${player.seconds ? at / player.seconds : 0})`;
    }
    const until = snapshot.hold?.until;
    if (until) put(holdText, `Left alone until ${clock(until)}, ${left(Date.parse(until) - now())} to go.`);
  }
  setInterval(() => document.hidden || tick(), 1000);

  return ({snapshot, moods}) => {
    if (!snapshot) {
      for (const node of [hold, pending, following, progress, controls, verdict, way.node]) show(node, false);
      return;
    }
    show(controls, snapshot.player?.state !== "off");
    const player = snapshot.player ?? {}, gone = away(player);
    put(title, (gone ? "" : player.title || player.uri) || IDLE[player.state] || "Nothing plays");
    cover.toggleAttribute("hidden", gone || !player.uri);
    list(cover, ringsOf(player.uri ?? ""), (ring) => draw("circle", ring));
    const nothing = gone || !(player.title || player.uri);
    put(artist, nothing ? CURE[player.state] ?? "" : [player.artist, player.uri ? {pause: "paused", stop: "stopped"}[player.state] : ""].filter(Boolean).join(" · "));
    const playing = player.state === "play";
    if (play.getAttribute("aria-label") !== (playing ? "Pause" : "Play")) {
      set(play, "aria-label", playing ? "Pause" : "Play");
      play.replaceChildren(icon(playing ? PAUSE : PLAY));
    }
    for (const node of [previous, play, next]) node.disabled = gone;
    previous.disabled = next.disabled = gone || player.state === "stop";
    loudness.show(player);
    here.show(player, gone);
    put(selection, whySong(snapshot, moods));
    show(verdict, Boolean(player.uri) && !gone && player.state !== "stop");
    way.show(snapshot);
    show(pending, snapshot.pending);
    if (snapshot.pending) put(pending, `${capital(snapshot.pending.mood)} follows when this song ends${snapshot.pending.at ? `, about ${clock(snapshot.pending.at)}` : ""}.`);
    const held = snapshot.hold ?? {};
    show(hold, Boolean(held.active) && !gone);
    if (held.active && !held.until) {
      put(holdText, held.control === "held" ? "Left alone as long as the stream plays." : "Somebody stopped the music: it waits for Play.");
    }
    const rows = (player.following ?? []).slice(0, phone.matches ? 2 : 5).map(({title: name, artist: who}) => ({name, who}));
    show(following, rows.length > 0 && !gone);
    list(queue, rows, ({name, who}) => make("li", make("span", name), who ? make("span.soft", ` ${who}`) : null));
    const rest = (player.ahead ?? 0) - rows.length;
    put(more, rest > 0 ? `and ${rest} more` : "");
    tick();
  };
}

// What stands in a cover's place: rings that follow from the song's address, so each song keeps its own.
function ringsOf(uri) {
  let seed = [...uri].reduce((sum, letter) => (31 * sum + letter.codePointAt(0)) % 9973, 7);
  const some = (least, most) => least + (most - least) * ((seed = (421 * seed + 97) % 9973) / 9973);
  return uri ? [1, 2, 3, 4, 5].map(() => ({cx: some(0, 100), cy: some(0, 100), r: some(8, 44), opacity: some(0.15, 0.5)})) : [];
}

function whySong({selection, hold, player}, moods) {
  if (!player?.uri || away(player)) return "";
  if (hold?.active || !selection?.name) return "Somebody's own choice: moodspeaker leaves it alone.";
  const songs = moods.find(({mood}) => mood === selection.mood)?.music?.songs;
  const reasons = Object.values(player.reasons ?? {});
  const chosen = reasons.length ? ` ${capital(reasons.join("; "))}.` : "";
  return `Why: it is for ${selection.mood}, from ${selection.name} (${selection.rule}${songs ? `, ${songs} songs` : ""}).${chosen}`;
}
