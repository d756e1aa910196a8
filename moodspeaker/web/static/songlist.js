// The songs as a list: found by words and mood.  It is the picture's other form, for a keyboard or a screen reader.

import {call} from "./api.js";
import {chips, list, make, phone, put, show} from "./dom.js";
import {capital, EMOTIONS, many, minutes} from "./words.js";

const SHOWN = phone.matches ? 12 : 30;
const PAUSE = 250; // milliseconds after the last key before it is searched
const FILTERS = [["", "All"], ...EMOTIONS.map((mood) => [mood, capital(mood), mood]), ["yours", "Yours"], ["none", "No mood"]];

// `choose(id)` is called when a row is, `found(ids, filter)` when another search has its result: ids is null where it finds all.
export function songList({choose, found}) {
  const text = make("input#song-search", {type: "search", "aria-labelledby": "h-find", placeholder: "Title, artist, album or genre", autocomplete: "off", spellcheck: "false", maxlength: 200});
  const filters = chips("song-filters", {"aria-label": "Only songs of this mood"}, pick);
  const count = make("p.soft.small#found-count", {role: "status"});
  const rows = make("ul.songs#song-list", {"aria-label": "Songs found"});
  const more = make("button#more-songs", {hidden: true, onclick: () => ask(true)}, "Show more");
  const node = make("div.song-list.flow", text, filters.node, count, rows, more);
  let filter = "", timer, turns = 0, chosen = null, songs = [];

  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(false), PAUSE);
  });

  drawFilters();

  function drawFilters() {
    filters.show(FILTERS.map(([value, text, mood]) => ({value, text, mood, on: value === filter})));
  }

  function pick(value) {
    filter = value;
    drawFilters();
    ask(false);
  }

  async function ask(goOn) {
    clearTimeout(timer);
    const turn = ++turns, words = text.value.trim();
    const query = new URLSearchParams({count: SHOWN, offset: goOn ? songs.length : 0});
    if (words) query.set("text", words);
    if (filter === "yours") query.set("yours", "true");
    else if (filter) query.set("mood", filter);
    let answer;
    try {
      answer = await call(`api/songs/search?${query}`);
    } catch (error) {
      if (turn === turns) put(count, error.message);
      return;
    }
    if (turn !== turns) return; // another search was begun meanwhile
    songs = goOn ? [...songs, ...answer.songs] : answer.songs;
    const all = !words && !filter;
    const rest = songs.length < answer.total ? `, the first ${songs.length} are shown` : "";
    put(count, answer.total ? `${many(answer.total, "song")}${rest}` : all ? "" : "No song is found: try fewer words.");
    drawRows();
    show(more, songs.length < answer.total);
    if (!goOn) found(all ? null : answer.ids, words ? "" : filter);
  }

  function drawRows() {
    list(rows, songs.map((song) => ({...song, isChosen: song.id === chosen})), row);
  }

  function row(song) {
    return make("li", {"data-id": song.id}, make("button", {onclick: () => choose(song.id), "aria-current": song.isChosen ? "true" : null},
      make("span.name", song.title, make("small.soft", [song.artist, song.album].filter(Boolean).join(" · "))), moodChip(song)));
  }

  return {
    node,
    ask: () => ask(false),
    focus: () => (rows.querySelector("[aria-current]") ?? text).focus(),
    // Marks the row of the chosen song.
    mark(id) {
      chosen = id;
      drawRows();
    },
    // Takes what is said of a song now.
    change(song) {
      songs = songs.map((one) => (one.id === song.id ? song : one));
      drawRows();
    },
  };
}

function moodChip({mood, yours}) {
  return make("span.mood-word", {"data-mood": mood ?? ""}, mood ?? "no mood", yours ? make("small", " yours") : null);
}

const SOURCES = {tags: "its tags", sound: "its sound", "tags+sound": "its tags and its sound"};

// The chosen song: what is known of it, its mood as chips, and the way back.
export function songDetail({give}) {
  const title = make("h2.title#song-title"), facts = make("p.soft#song-facts"), why = make("p#song-why");
  const moods = chips("song-moods", {"aria-label": "Its mood"}, give);
  const undo = make("button#song-undo", {onclick: () => give("auto")});
  const node = make("div.song-detail.flow#song-detail", {hidden: true, role: "region", "aria-labelledby": "song-title"}, title, facts, why, make("h3", "Its mood"), moods.node, undo);
  return {
    node,
    show(song) {
      show(node, song);
      if (!song) return;
      put(title, song.title);
      put(facts, [song.artist, song.album, song.genre, song.seconds && minutes(song.seconds)].filter(Boolean).join(" · "));
      put(why, wordsOf(song));
      moods.show(EMOTIONS.map((mood) => ({value: mood, mood, text: capital(mood), on: mood === song.mood})));
      show(undo, song.yours);
      put(undo, song.before ? `Undo: back to ${song.before}` : "Undo: let moodspeaker decide");
    },
  };
}

function wordsOf({mood, yours, before, source, confidence, reason, damaged}) {
  const broken = damaged ? " Its file is damaged." : "";
  if (yours) return `${capital(mood)}, because you said so${before ? `; by itself it would be ${before}` : ""}.${broken}`;
  if (!mood) return `It has no mood yet: ${reason || "its tags say nothing of one, and its sound was not listened to yet"}.${broken}`;
  return `${capital(mood)}, by ${SOURCES[source] ?? "what is known of it"}, ${Math.round(confidence * 100)}\u00a0% sure.${reason ? ` Its sound could not be used: ${reason}.` : ""}${broken}`;
}
