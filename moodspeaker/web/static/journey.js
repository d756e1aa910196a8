// The way to brighter or calmer music: each step, where the music stands, and why.

import {list, make, put, show} from "./dom.js";

const AIMS = {lift: "On the way to brighter music", calm: "On the way to calmer music"};

export function journey() {
  const head = make("h3"), steps = make("ol", {class: "steps"}), ended = make("p", {class: "soft"});
  const node = make("div", {id: "journey", hidden: true}, head, steps, ended);
  return {
    node,
    show({journey: way}) {
      show(node, Boolean(way));
      if (!way) return;
      put(head, `${AIMS[way.aim] ?? way.aim}, from ${way.mood}`);
      put(ended, way.ended ? `Over: ${way.ended}.` : "");
      list(steps, way.steps, ({state, song, reason}) =>
        make("li", {"data-state": state, "aria-current": state === "plays" ? "step" : null},
          make("span", {}, song ?? state), make("small", {class: "soft"}, ` ${[song ? state : "", reason].filter(Boolean).join(": ")}`)));
    },
  };
}
