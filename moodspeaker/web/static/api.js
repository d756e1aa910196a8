// Asks the speaker.  Whatever goes wrong is told as `Refused`, whose message is for people.  Every address is relative: behind a reverse proxy the page may live below a prefix.

import {state, update} from "./store.js";
import {say} from "./toast.js";

class Refused extends Error {
  constructor(status, name, message) {
    super(message);
    this.status = status;
    this.error = name;
  }
}

export async function call(path, options = {}) {
  let answer, value = {};
  try {
    answer = await fetch(path, {...options, cache: "no-store", signal: options.signal ?? AbortSignal.timeout(8000)});
  } catch {
    throw new Refused(0, "away", "The speaker does not answer.");
  }
  try {
    value = await answer.json();
  } catch {
    value = {message: `the speaker, or a proxy before it, answers ${answer.status}`};
  }
  if (answer.status === 401) update({link: "locked"});
  if (!answer.ok) throw new Refused(answer.status, value.error, value.message);
  return value;
}

export const post = (path, value, signal) =>
  call(path, {method: "POST", signal, headers: {"Content-Type": "application/json"}, body: JSON.stringify(value)});

// Gives a command; says what was refused.  Returns whether it was carried out.
export async function give(command) {
  const shown = state.snapshot;
  try {
    const snapshot = await post("api/command", command);
    if (state.snapshot === shown) update({snapshot}); // else the stream told of this and of what came later
    return true;
  } catch (error) {
    say(error.message);
    return false;
  }
}
