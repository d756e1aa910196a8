// The music of each mood: where it comes from, the songs that fit best, and a stored playlist made of them.

import {call, post} from "./api.js";
import {list, make, put, set, show} from "./dom.js";
import {capital, EMOTIONS, many} from "./words.js";

const COUNTS = [25, 50, 100, 200];
const SOURCES = {"stored playlist": ({name}) => `your playlist ${name}`, imported: () => "what you imported", index: () => "your library, the nearest"};

export function playlists(root) {
  const rows = make("ul.moods-music#moods-music"), said = make("p#playlist-said", {role: "status"});
  root.append(rows, said);

  function row({mood, music}) {
    const from = music ? `${SOURCES[music.rule]?.(music) ?? `the ${music.name}`}: ${many(music.songs, "song")}` : "no music";
    const inside = make("div.inside.flow", {id: `best-${mood}`, hidden: true});
    const see = make("button.word", {id: `see-${mood}`, "aria-expanded": "false", "aria-controls": `best-${mood}`, "aria-label": `Songs for ${mood}`, onclick: () => toggle(mood, music, inside, see)}, "Songs");
    return make("li", {"data-mood": mood}, make("span.mood-word", capital(mood)), make("span.soft", from), music ? see : null, inside);
  }

  async function toggle(mood, music, inside, see) {
    const opens = inside.hidden;
    show(inside, opens);
    set(see, "aria-expanded", String(opens));
    if (!opens) return;
    inside.replaceChildren(make("p.soft", "Asking…"));
    try {
      const {songs} = await call(`api/moods/${mood}/songs?count=10`);
      inside.replaceChildren(make("p.soft.small", songs.length ? "Those that fit best now:" : "No song is known for it."), best(songs), ...(music.rule === "stored playlist" || !songs.length ? [] : maker(mood)));
    } catch (error) {
      inside.replaceChildren(make("p.fault", error.message));
    }
  }

  function maker(mood) {
    const count = make("select", {id: `count-${mood}`, "aria-label": "How many songs"}, ...COUNTS.map((value) => make("option", {value, selected: value === 50}, many(value, "song"))));
    const button = make("button", {id: `make-${mood}`, onclick: () => create(mood, Number(count.value), button)}, `Make the playlist mood-${mood}`);
    return [make("div.pair", count, button), make("p.soft.small", `It is kept by your music server, to be changed in any player, and is then what plays for ${mood}.`)];
  }

  async function create(mood, count, button) {
    button.disabled = true;
    try {
      const made = await post("api/playlists", {mood, count});
      put(said, `${made.name} is made, with ${many(made.songs, "song")}.`);
    } catch (error) {
      put(said, `The playlist is not made: ${error.message}`);
      button.disabled = false;
    }
  }

  return {
    draw({moods}) {
      const inOrder = EMOTIONS.map((mood) => moods.find((one) => one.mood === mood)).filter(Boolean);
      list(rows, inOrder.map(({mood, music}) => ({mood, music})), row);
    },
  };
}

function best(songs) {
  return make("ol.queue", ...songs.map(({title, uri, artist, reasons}) => make("li", title || uri, make("small.soft", ` ${[artist, ...Object.values(reasons)].filter(Boolean).join("; ")}`))));
}
