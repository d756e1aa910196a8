// Setup: aim the camera, calibrate, hear the sound, try the servers, and see how every part is.

import {aim} from "./aim.js";
import {servers, sound} from "./checks.js";
import {card, make, show} from "./dom.js";
import {parts} from "./parts.js";
import {rest} from "./rest.js";

export function open(root) {
  const cards = {aim: card("aim", "Aim the camera"), sound: card("sound", "Sound"), servers: card("servers", "Servers"), rest: card("rest", "Your face at rest"), parts: card("parts", "Parts")};
  root.append(make("div.column", cards.aim), make("div.column", cards.sound, cards.servers, cards.rest), cards.parts);
  const aiming = aim(cards.aim), resting = rest(cards.rest), sounding = sound(cards.sound), all = parts(cards.parts);
  servers(cards.servers);
  const picture = make("img", {alt: "What the camera sees"}), blind = () => { picture.removeAttribute("src"); picture.remove(); };
  const look = make("button#preview-show", {onclick: () => { picture.src = "api/preview"; cards.aim.querySelector(".stage").prepend(picture); }}, "Show the picture");
  cards.aim.append(look);
  let was;
  return {
    draw(state) {
      for (const part of [aiming.draw, resting.draw, sounding, all]) part(state);
      const preview = state.snapshot?.camera?.preview;
      if (was === "on" && preview !== was) blind();
      show(look, preview === "off");
      was = preview;
    },
    enter: aiming.enter,
    leave() { for (const end of [aiming.leave, resting.leave, blind]) end(); },
  };
}
