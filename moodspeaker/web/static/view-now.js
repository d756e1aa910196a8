// Now: the mood, the music, how to steer both, and the last decisions.

import {make, phone} from "./dom.js";
import {mood} from "./mood.js";
import {music} from "./music.js";
import {steer} from "./steer.js";
import {why} from "./why.js";

export function open(root) {
  const card = (name, title) => make("section", {class: "card", id: `card-${name}`, "aria-labelledby": `h-${name}`}, make("h2", {id: `h-${name}`}, title));
  const hero = make("section", {class: "card mood-card", id: "card-mood", "aria-label": "Mood of the room"});
  const cards = {music: card("music", "Music"), steer: card("steer", "Steer"), why: card("why", "What was decided, and why")};
  const lens = card("camera", "Use this device's camera");
  lens.hidden = true;
  root.append(make("div", {class: "column"}, hero, lens), cards.music, cards.steer, cards.why);
  const draws = [mood(hero), music(cards.music), steer(cards.steer), why(cards.why, "decisions", () => (phone.matches ? 1 : 3), make("a", {href: "#day", class: "rest"}, "The whole day"))];
  let camera = null; // loaded where pictures are taken from a browser
  return {
    draw(state) {
      if (!camera && state.snapshot?.camera?.browser) {
        camera = () => {};
        import("./camera.js").then((module) => {
          camera = module.camera(lens);
          camera(state);
        });
      }
      for (const draw of [...draws, camera]) draw?.(state);
    },
  };
}
