// Setup: aim the camera, calibrate, hear the sound, try the servers, and see how every part is.

import {aim} from "./aim.js";
import {servers, sound} from "./checks.js";
import {make} from "./dom.js";
import {parts} from "./parts.js";
import {rest} from "./rest.js";

export function open(root) {
  const card = (id, title, wide) => make("section", {class: wide ? "card wide" : "card", id: `card-${id}`, "aria-labelledby": `h-${id}`}, make("h2", {id: `h-${id}`}, title));
  const cards = {aim: card("aim", "Aim the camera"), sound: card("sound", "Sound"), servers: card("servers", "Servers"), rest: card("rest", "Your face at rest"), parts: card("parts", "Parts", true)};
  root.append(make("div", {class: "column"}, cards.aim, cards.rest), make("div", {class: "column"}, cards.sound, cards.servers), cards.parts);
  const aiming = aim(cards.aim), resting = rest(cards.rest), sounding = sound(cards.sound), all = parts(cards.parts);
  servers(cards.servers);
  return {
    draw(state) {
      for (const part of [aiming.draw, resting.draw, sounding, all]) part(state);
    },
    enter: aiming.enter,
    leave() {
      aiming.leave();
      resting.leave();
    },
  };
}
