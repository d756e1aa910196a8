// Now: the mood, the music, how to steer both, and the last decisions.

import {card, make, phone} from "./dom.js";
import {mood} from "./mood.js";
import {music} from "./music.js";
import {steer} from "./steer.js";
import {why} from "./why.js";

export function open(root) {
  const hero = make("section.card.mood-card#card-mood", {"aria-label": "Mood of the room"});
  const cards = {music: card("music", "Music"), steer: card("steer", "Steer"), why: card("why", "What was decided, and why"), room: card("room", "The room")};
  cards.music.firstChild.className = "unseen"; // what plays is its heading
  const lens = card("camera", "Use this device's camera");
  lens.hidden = true;
  root.append(hero, lens, cards.music, cards.steer, cards.why, cards.room);
  const draws = [mood(hero), music(cards.music), steer(cards.steer, cards.room), why(cards.why, "decisions", () => (phone.matches ? 1 : 4), make("a.rest", {href: "#day"}, "The whole day"))];
  let camera = null; // loaded where pictures are taken from a browser
  return {
    draw(state) {
      if (!camera && state.snapshot?.camera?.browser) {
        camera = () => {};
        import("./camera.js").then((module) => {
          camera = module.camera(lens);
          camera(state);
        }, () => { camera = null; }); // the next change asks again
      }
      for (const draw of [...draws, camera]) draw?.(state);
    },
  };
}
