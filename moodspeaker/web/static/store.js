// All that the page knows, and who wants to be told when it changes.

export const state = {
  link: "connecting", // connecting, live, lost (no answer), locked (a code is wanted)
  lostAt: null, // Date
  view: null, // {name, title} of the one that is shown
  snapshot: null, // as GET api/status
  decisions: null, // newest first; null: not asked yet
  moods: [],
  trail: [], // points of the affect plane, oldest first
  ahead: 0, // milliseconds by which the speaker's clock is ahead of this one
};
const TRAIL = 60;
const watchers = [];
let waiting = false;

export function watch(draw) {
  watchers.push(draw);
}

export function update(changes) {
  Object.assign(state, changes);
  const seen = changes.snapshot;
  if (seen) follow(seen);
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => {
    waiting = false;
    for (const draw of watchers) draw(state);
  });
}

// The speaker's clock.
export const now = () => Date.now() + state.ahead;

function follow(seen) {
  const last = state.trail.at(-1);
  if (!seen.faces || !seen.sensing) return;
  if (last && last.valence === seen.valence && last.arousal === seen.arousal) return;
  state.trail = [...state.trail.slice(1 - TRAIL), {valence: seen.valence, arousal: seen.arousal}];
}
