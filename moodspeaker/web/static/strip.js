// Coloured stretches of a strip: rows of {mood, from, to} in milliseconds, on one that begins at `begin` and is `span` long.

import {list, make} from "./dom.js";

export function stretches(node, rows, begin, span) {
  list(node, rows.map(({mood}) => mood), (mood) => make("span", {"data-mood": mood}));
  [...node.children].forEach(({style}, place) => {
    const {from, to} = rows[place];
    style.left = `${((from - begin) * 100) / span}%`;
    style.width = `${((to - from) * 100) / span}%`;
  });
}
