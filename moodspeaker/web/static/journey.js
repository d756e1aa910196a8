// The way to brighter or calmer music: each step, where the music stands, and why.

import {fold, list, make, put, show} from "./dom.js";

const AIMS = {lift: "On the way to brighter music", calm: "On the way to calmer music"};

export function journey() {
  const steps = make("ol.steps"), ended = make("p.soft");
  const {node, head} = fold("journey", "", steps, ended);
  return {
    node,
    show({journey: way}) {
      show(node, way);
      if (!way) return;
      const place = way.steps.findIndex(({state}) => state === "plays") + 1;
      put(head, `${AIMS[way.aim] ?? way.aim}, from ${way.mood}${place ? `: step ${place} of ${way.steps.length}` : ""}`);
      put(ended, way.ended ? `Over: ${way.ended}.` : "");
      list(steps, way.steps, ({state, song, reason}) =>
        make("li", {"data-state": state, "aria-current": state === "plays" ? "step" : null},
          make("span", song ?? state), make("small.soft", ` ${[song ? state : "", reason.replace(/^step .*?: /, "")].filter(Boolean).join(": ")}`)));
    },
  };
}
