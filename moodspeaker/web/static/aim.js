// Aims the camera without a picture: the boxes of the faces that it sees, on an empty canvas, and how large they have to be.

import {give} from "./api.js";
import {draw as svg, list, make, phone, put, set, show} from "./dom.js";
import {state} from "./store.js";
import {capital, hintsOf, many} from "./words.js";

const STALE = 6000; // milliseconds after which a look says nothing any more

export function aim(root) {
  const boxes = svg("g"), least = svg("rect.least"), leastText = svg("text");
  const canvas = svg("svg.aim", {viewBox: "0 0 1280 960", role: "img", "aria-label": "What the camera sees: nothing yet"}, least, leastText, boxes);
  const told = make("p.told#aim-told", {role: "status"});
  const hints = make("ul.hints#aim-hints");
  const openIt = make("button#aim-open", {onclick: () => give({sensing: "on"})}, "Let it look");
  root.append(
    make("p.soft", "Sit where you usually sit. Each face that the camera sees is a box; a solid one is large enough to be read."),
    make("div.stage", canvas), make("div.under", told, openIt), hints);
  let source = null, look = null, timer;

  function follow() {
    source?.close();
    source = new EventSource("api/aim");
    source.addEventListener("look", (event) => {
      look = JSON.parse(event.data);
      clearTimeout(timer);
      timer = setTimeout(forget, STALE);
      drawLook();
      drawTold();
    });
  }

  function forget() {
    look = null;
    boxes.replaceChildren();
    drawTold();
  }

  function drawLook() {
    const {width, height, faces, least: wanted} = look;
    const unit = width / (phone.matches ? 26 : 40); // letters and lines grow with the frame, so they look the same for each
    set(canvas, "viewBox", `0 0 ${width} ${height}`);
    for (const [name, value] of Object.entries({x: unit / 2, y: height - wanted - unit / 2, width: wanted, height: wanted, "stroke-width": unit / 8})) set(least, name, value);
    for (const [name, value] of Object.entries({x: unit + wanted, y: height - unit * 0.8, "font-size": unit * 1.2})) set(leastText, name, value);
    put(leastText, "smallest that is read");
    boxes.replaceChildren(...faces.map(({box: [x, y, w, h], size, large_enough: large}) => svg("g", {class: large ? "face-box" : "face-box small"},
      svg("rect", {x, y, width: w, height: h, rx: unit / 3, "stroke-width": unit / 5}),
      svg("text", {x: x + w / 2, y: y > 2 * unit ? y - unit / 2 : y + h + unit * 1.5, "text-anchor": "middle", "font-size": unit * 1.4}, `${Math.round(size)} px`))));
  }

  function drawTold() {
    const text = words(state.snapshot, look);
    put(told, text);
    set(canvas, "aria-label", `What the camera sees: ${text}`);
  }

  const hide = () => { document.hidden ? stop() : follow(); };
  const stop = () => { source?.close(); source = null; clearTimeout(timer); forget(); };
  return {
    enter() { follow(); document.addEventListener("visibilitychange", hide); },
    leave() { document.removeEventListener("visibilitychange", hide); stop(); },
    draw({snapshot}) {
      if (!snapshot) return;
      show(openIt, !snapshot.sensing && !snapshot.camera?.locked);
      if (!snapshot.camera?.open && look) forget();
      list(hints, hintsOf(snapshot.camera), (hint) => make("li", capital(hint)));
      drawTold();
    },
  };
}

function words(snapshot, look) {
  const camera = snapshot?.camera ?? {};
  if (!snapshot) return "Asking…";
  if (camera.locked) return "The privacy lock keeps the camera closed.";
  if (!snapshot.sensing) return "The camera is closed.";
  if (camera.state === "lost" || (camera.state === "off" && camera.reason)) return capital((camera.reason || "There is no camera").replace(/^(lost|off): /, ""));
  if (camera.state === "dark") return "Too dark to see anything.";
  if (camera.state === "covered") return "Something covers the lens.";
  if (!look) return "Waiting for a look…";
  const {faces} = look;
  if (!faces.length) return "Nobody is in sight.";
  const small = faces.filter(({large_enough: large}) => !large).length;
  const people = many(faces.length, "face");
  if (!small) return `${people}, large enough to be read.`;
  return `${people}, ${small === faces.length ? "" : `${small} of them `}too small to be read: bring the camera nearer.`;
}
