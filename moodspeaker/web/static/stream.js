// Follows the speaker: the event stream feeds the store, and is opened again for ever.

import {call} from "./api.js";
import {state, update} from "./store.js";

const SILENCE = 15000; // milliseconds without any event after which the stream is dead: the time comes every 5 s
const DECISIONS = 200;
const SLOWEST = 10000;
let source = null;
let watchdog;
let retry;
let pause = 1000;

export function follow() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource("api/events");
  listen("snapshot", (value) => {
    pause = 1000;
    if (state.snapshot && state.snapshot.version !== value.version) location.reload(); // views of another version would be mixed
    update({snapshot: value, link: "live", lostAt: null});
    ask("decisions", `api/why?count=${DECISIONS}`);
    ask("moods", "api/moods");
  });
  listen("change", (value) => update({snapshot: {...state.snapshot, ...value}}));
  listen("decision", (value) => {
    update({decisions: [value, ...(state.decisions ?? [])].slice(0, DECISIONS)});
    ask("moods", "api/moods");
  });
  listen("time", (value) => {
    const ahead = Date.parse(value.now) + 500 - Date.now(); // it is told in whole seconds
    state.ahead = Math.abs(ahead) < 1500 ? 0 : ahead;
  });
  source.onerror = () => lose();
  heard();
}

function listen(name, take) {
  const mine = source;
  source.addEventListener(name, (event) => {
    if (mine !== source) return;
    heard();
    take(JSON.parse(event.data));
  });
}

function heard() {
  clearTimeout(watchdog);
  watchdog = setTimeout(lose, SILENCE);
}

// The stream broke: say so, find out why, and try again, ever more slowly.
async function lose() {
  clearTimeout(watchdog);
  clearTimeout(retry);
  source?.close();
  if (state.link !== "locked") update({link: "lost", lostAt: state.lostAt ?? new Date()});
  retry = setTimeout(follow, pause);
  pause = Math.min(2 * pause, SLOWEST);
  try {
    await call("api/status");
  } catch (error) {
    if (error.status === 401) clearTimeout(retry);
  }
}

async function ask(name, path) {
  try {
    update({[name]: await call(path)});
  } catch {
    // the stream tells of a loss; what was there stays
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && state.link === "lost") follow();
});
