// The library: the songs in the affect plane and as a list, a song's mood corrected; the music of each mood, import, scan.

import {call, give} from "./api.js";
import {card, make, put, show} from "./dom.js";
import {importing} from "./importing.js";
import {playlists} from "./playlists.js";
import {scanning} from "./scanning.js";
import {songDetail, songList} from "./songlist.js";
import {songPlane} from "./songplane.js";
import {Songs} from "./songs.js";
import {many, some} from "./words.js";

const OLD = 60000; // milliseconds after which the songs are asked for again when the view is opened
const AGAIN = 10000; // and after which they are where they could not be read

export function open(root) {
  let songs = null, loadedAt = 0, triedAt = 0, loading = false, moods = [], visible = () => true, chosen = null;

  const plane = songPlane({choose: (id) => choose(id, "plane"), move: correct, leave: () => list.focus()});
  const list = songList({
    choose: (id) => choose(id, "list"),
    found(ids, mood) {
      visible = among(ids && new Set(ids), mood);
      drawPlane();
    },
  });
  const detail = songDetail({give: (mood) => chosen && correct(chosen.id, mood)});
  const stand = make("p.soft#songs-state", {role: "status"}, "Asking\u2026");
  const cards = {songs: card("songs", "Your songs"), find: card("find", "Find a song"), moods: card("moods", "Music of each mood"), import: card("import", "Import"), scan: card("scan", "Scan")};
  cards.songs.append(stand, plane.node, plane.said, plane.how, detail.node);
  cards.find.append(list.node);
  const beside = make("div.stack", cards.import, cards.scan);
  root.append(cards.songs, cards.find, cards.moods, beside);
  const music = playlists(cards.moods);
  importing(cards.import, () => load());
  const scan = scanning(cards.scan, () => load());

  async function load() {
    if (loading) return;
    loading = true;
    triedAt = Date.now();
    try {
      songs = await Songs.load((part) => put(stand, `Reading ${some(part.count)} of ${many(part.placed, "song")}\u2026`));
      loadedAt = Date.now();
      put(stand, standing(songs));
      list.ask();
      if (chosen) await look(chosen.id);
    } catch (error) {
      put(stand, `The songs cannot be read: ${error.message}`);
    } finally {
      loading = false;
    }
    drawPlane();
  }

  function drawPlane() {
    const any = Boolean(songs?.count) && moods.length > 0;
    for (const node of [plane.node, plane.how]) show(node, any);
    show(cards.find, songs?.total);
    if (any) plane.show(songs, moods, visible, chosen);
  }

  // Which songs are bright: those of a search, or of a filter.
  const among = (found, filter) => (n) => {
    if (filter === "yours") return songs.yours[n];
    if (filter) return songs.mood[n] === filter;
    return !found || found.has(songs.id[n]);
  };

  async function choose(id, from) {
    if (chosen?.id === id && from === "plane") return;
    if (!(await look(id))) return;
    list.mark(id);
    plane.say("");
    if (from === "list" && !plane.node.hidden) plane.focus();
  }

  // Asks what is known of a song now, and shows it as the chosen one; returns whether it is there.
  async function look(id) {
    try {
      chosen = await call(`api/songs/${id}`);
    } catch (error) {
      plane.say(error.message);
      return false;
    }
    songs.change(chosen);
    list.change(chosen);
    detail.show(chosen);
    drawPlane();
    return true;
  }

  async function correct(id, mood) {
    if (chosen?.id !== id) return;
    const {uri, mood: before} = chosen;
    if (!(await give({song_mood: {uri, mood}}))) {
      plane.putBack();
      return;
    }
    if (await look(id)) plane.say(mood === "auto" ? `Undone: it is ${chosen.mood ?? "without a mood"} again.` : `Kept: ${mood}, as you say${before && before !== mood ? `, no longer ${before}` : ""}.`);
  }

  return {
    draw(seen) {
      music.draw(seen);
      if (!songs && seen.link === "live" && Date.now() - triedAt > AGAIN) load();
      const places = seen.moods.map(({mood, valence, arousal}) => ({mood, valence, arousal}));
      if (JSON.stringify(places) === JSON.stringify(moods)) return;
      moods = places;
      drawPlane();
    },
    enter() {
      if (Date.now() - loadedAt > OLD) load();
      scan.enter();
    },
    leave: () => scan.leave(),
  };
}

function standing(songs) {
  if (!songs.total) return "No songs are known yet. Find their moods once, on the speaker, with: moodspeaker index scan";
  if (!songs.count) return `${many(songs.total, "song")}, none of which has a mood yet.`;
  const rest = songs.total - songs.placed;
  return `${many(songs.placed, "song")}: more pleasant to the right, livelier upwards${rest ? `; ${some(rest)} have no mood yet` : ""}.`;
}
