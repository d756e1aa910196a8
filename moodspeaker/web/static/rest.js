// A face that is misread at rest: look at the camera for ten seconds, and it is read right from then on.

import {give} from "./api.js";
import {make, put, set, show} from "./dom.js";
import {now, state} from "./store.js";
import {capital} from "./words.js";

export function rest(root) {
  const told = make("p.told#rest-told", {role: "status"});
  const begin = make("button#rest-begin", {onclick: () => give({calibrate: "on"})}, "Look at me at rest");
  const forget = make("button#rest-forget", {onclick: () => give({calibrate: "off"})}, "Forget it");
  root.append(
    make("p.soft", "Does it take your face at rest for a sad or an angry one? Sit there alone, look at the camera for ten seconds and do nothing: what your face is mistaken for counts less then. It counts for everybody here; nobody is recognized."),
    told, make("div.buttons", begin, forget));
  let timer;

  function draw() {
    clearInterval(timer);
    const calibration = state.snapshot?.calibration;
    if (!calibration) return;
    const running = calibration.state === "running";
    put(told, words(calibration));
    set(told, "data-verdict", {failed: "fault", done: "ok"}[calibration.state] ?? "");
    begin.disabled = running || !state.snapshot.camera?.open;
    show(forget, calibration.state === "done" || calibration.lowered.length > 0);
    if (running) timer = setInterval(() => put(told, words(calibration)), 500);
  }
  return {draw, leave: () => clearInterval(timer)};
}

function words({state: how, until, reason, lowered}) {
  if (how === "running") return `Look at the camera, face at rest: ${Math.max(0, Math.ceil((Date.parse(until) - now()) / 1000))} s`;
  if (how === "failed") return capital(`${reason}.`);
  if (how === "done") return lowered.length ? `Done: ${lowered.join(", ")} count${lowered.length > 1 ? "" : "s"} less.` : "Done: your face at rest is read as neutral already.";
  return "";
}
