// The volume, as a slider that follows the player, except while somebody moves it.

import {give} from "./api.js";
import {make, show} from "./dom.js";
import {away} from "./words.js";

const WAITS = 150, MINE = 1500; // milliseconds before a place is told, and for which it is not moved by what is heard

export function slider(id, ...before) {
  const input = make("input", {id, type: "range", min: 0, max: 100, "aria-label": "Volume", oninput: move});
  const node = make("label.volume", ...before, input);
  let timer, moved = 0;

  function move() {
    moved = Date.now();
    clearTimeout(timer);
    timer = setTimeout(() => give({volume: Number(input.value)}), WAITS);
  }

  return {
    node,
    show(player) {
      show(node, player.volume != null && !away(player));
      if (player.volume != null && Date.now() - moved > MINE) input.value = player.volume;
    },
  };
}
