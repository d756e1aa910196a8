// The mood: one message, the seven probabilities, and the point in the affect plane with its trail.

import {draw, fold, make, put, show} from "./dom.js";
import {plane} from "./plane.js";
import {clock, EMOTIONS, isEmotion, moodOf, percent} from "./words.js";

// How the drawn face looks: height of the mouth's corners and of its middle, tilt and lift of the brows.
const FACES = {
  happy: [74, 96, 0, 3], sad: [86, 70, -5, 0], angry: [84, 74, 6, -3], fear: [84, 76, -5, 3], surprise: [0, 0, 0, 7], disgust: [82, 74, 3, -1], neutral: [80, 80, 0, 0],
};

export function mood(root) {
  const brows = draw("path"), mouth = draw("path");
  const eyes = [42, 78].map((x) => draw("circle.eye", {cx: x, cy: 50, r: 5.5}));
  const features = draw("g", ...eyes, brows, mouth);
  const face = draw("svg.face", {viewBox: "0 0 120 120", "aria-hidden": "true"}, draw("circle.skin", {cx: 60, cy: 60, r: 54}), features);
  const head = make("p.mood#mood", {"aria-live": "polite"}, "…");
  const line = make("p.soft#faces"), since = make("p.soft#since");
  const rows = EMOTIONS.map((emotion) => {
    const bar = make("span.fill"), share = make("span.share");
    return {emotion, bar, share, node: make("li", make("span", emotion), make("span.bar", {"aria-hidden": "true"}, bar), share)};
  });
  const bars = make("ul.bars#bars", {"aria-label": "How likely each mood is"}, ...rows.map(({node}) => node));
  const affect = plane();
  const evidence = make("div.evidence", bars, fold("feeling", "Pleasant or not, lively or calm", affect.node).node);
  root.append(make("div.hero", face, make("div", head, line, since)), evidence);

  return ({snapshot, trail, moods, link}) => {
    if (!snapshot) {
      put(head, link === "lost" ? "No answer" : "…");
      show(evidence, false);
      return;
    }
    const said = moodOf(snapshot);
    put(head, said.head);
    put(line, said.line);
    put(since, snapshot.since && isEmotion(snapshot.mood) && snapshot.sensing ? `since ${clock(snapshot.since)}` : "");
    drawFace(said.mood, features, brows, mouth);
    show(evidence, snapshot.sensing && snapshot.faces > 0);
    for (const {emotion, bar, share, node} of rows) {
      const value = snapshot.probabilities?.[emotion] ?? 0;
      bar.style.transform = `scaleX(${value})`;
      put(share, percent(value));
      node.className = emotion === snapshot.mood ? "top" : "";
    }
    affect.show(snapshot, trail, moods);
  };
}

function drawFace(name, features, brows, mouth) {
  const [corner, middle, tilt, lift] = FACES[name] ?? FACES.neutral;
  const brow = 36 - lift;
  features.style.opacity = FACES[name] ? 1 : 0.35;
  mouth.setAttribute("d", name === "surprise" ? "M60 74 a8 10 0 1 0 .1 0" : `M40 ${corner} Q60 ${middle} 80 ${corner}`);
  brows.setAttribute("d", name === "neutral" || !FACES[name] ? "" : `M34 ${brow - tilt} L50 ${brow + tilt} M86 ${brow - tilt} L70 ${brow + tilt}`);
}
