// The valence/arousal plane: where the moods lie, the trail of the last minutes, and the point now.

import {draw, make, set} from "./dom.js";

const x = (valence) => 100 + 88 * valence;
const y = (arousal) => 100 - 88 * arousal;

export function plane() {
  const places = draw("g.places"), trail = draw("g.trail");
  const point = draw("circle.point", {r: 7});
  const axes = draw("path.axes", {d: "M12 100H188M100 12V188"});
  const words = [
    ["unpleasant", 8, 112, "start"], ["pleasant", 192, 112, "end"], ["lively", 104, 12, "start"], ["calm", 104, 196, "start"],
  ].map(([text, left, top, anchor]) => draw("text.axis", {x: left, y: top, "text-anchor": anchor}, text));
  const picture = draw("svg", {viewBox: "0 0 200 200", role: "img"}, draw("rect.frame", {x: 1, y: 1, width: 198, height: 198, rx: 14}), axes, ...words, trail, places, point);
  const node = make("figure.plane", picture);
  let drawn = "", labels = [];

  function show(snapshot, path, moods) {
    const {valence, arousal} = snapshot;
    point.setAttribute("cx", x(valence));
    point.setAttribute("cy", y(arousal));
    set(picture, "aria-label", `Pleasantness ${valence}, liveliness ${arousal}, each from -1 to 1`);
    trail.replaceChildren(...path.slice(1).map((to, index) => {
      const from = path[index];
      return draw("line", {x1: x(from.valence), y1: y(from.arousal), x2: x(to.valence), y2: y(to.arousal), opacity: ((index + 1) / path.length).toFixed(2)});
    }));
    const key = moods.map((row) => row.mood + row.valence).join();
    if (key !== drawn) {
      drawn = key;
      labels = moods.filter((row) => row.valence != null).map((row) => ({...row, node: draw("text", {y: y(row.arousal) + 3}, row.mood)}));
      places.replaceChildren(...labels.map(({node}) => node));
    }
    for (const label of labels) stepAside(label, x(valence), y(arousal));
  }
  return {node, show};
}

// A mood's name stands at its place, and beside the point where that would hide it.
function stepAside({node, mood, valence, arousal}, left, top) {
  const wide = 7 * mood.length, right = left - x(valence);
  const hidden = Math.abs(right) < wide / 2 + 9 && Math.abs(top - y(arousal)) < 13;
  const before = right > 0 || left + 11 + wide > 198; // where behind it is no room
  set(node, "x", hidden ? left + (before ? -11 : 11) : x(valence));
  set(node, "text-anchor", hidden ? (before ? "end" : "start") : "middle");
}
