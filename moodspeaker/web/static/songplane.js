// The songs in the affect plane.  Three layers: the moods' regions (SVG), the songs (a canvas, drawn anew only when they change),
// and the chosen song's handle, which is moved by dragging or by arrow keys without anything else being drawn.

import {draw, make, put, set, show} from "./dom.js";
import {clamp, moodAt, region} from "./songs.js";
import {capital} from "./words.js";

const REACH = 16; // pixels around a point that belong to it
const STEP = 0.05, LEAP = 0.2; // by an arrow key, and with Shift
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
const HELD = 5; // pixels that a pointer goes before it drags
const ASIDE = [0, -20, 20, -40, 40]; // pixels that a mood's name may go up or down where songs lie below it
const FEW = 1000; // songs among which there may be room for a name

// `choose(id)` is called when a song's point is, `move(id, mood)` when it is put into a mood, `leave()` by Escape.
export function songPlane({choose, move, leave}) {
  const regions = draw("g.regions");
  const back = draw("svg", {viewBox: "-1 -1 2 2", preserveAspectRatio: "none", "aria-hidden": "true"}, regions);
  const canvas = make("canvas#song-points", {"aria-hidden": "true"});
  const labels = make("div.labels", {"aria-hidden": "true"});
  const tip = make("p.tip#song-tip", {"aria-hidden": "true", hidden: true});
  const handle = make("button.handle#song-handle", {type: "button", hidden: true, "aria-describedby": "plane-how"});
  const node = make("div.song-plane#song-plane", {role: "application", "aria-label": "Songs by how pleasant and how lively they are"}, back, canvas, labels, handle, tip);
  const said = make("p.soft.small#plane-said", {role: "status"});
  const how = make("p.soft.small#plane-how", "Choose a song here or in the list. Drag its point into another region, or use the arrow keys: Enter keeps its new mood, Escape puts it back.");
  let songs = null, moods = [], names = [], shown = null, drawn = 0, chosen = null, at = null, home = null, dragging = null, sizes = {width: 0, height: 0};

  const toX = (x) => ((x + 1) / 2) * sizes.width, toY = (y) => ((1 - y) / 2) * sizes.height;
  const fromX = (px) => clamp((2 * px) / sizes.width - 1), fromY = (py) => clamp(1 - (2 * py) / sizes.height);
  let asked = false;
  function redraw() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      paint();
    });
  }

  function paint() {
    const {width, height} = sizes, ratio = devicePixelRatio || 1;
    if (!width || !songs) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    const radius = Math.max(1.4, Math.min(5, 0.22 * Math.sqrt((width * height) / songs.count))) * ratio; // the fewer, the larger
    const dots = stamps(node, moods, radius);
    const kept = canvas.width / 2, high = canvas.height / 2;
    for (const visible of [false, true]) {
      pen.globalAlpha = visible ? 0.85 : 0.1;
      for (let n = 0; n < songs.count; n++) {
        if (shown(n) !== visible) continue;
        const dot = (songs.yours[n] ? dots.yours : dots.theirs)[songs.mood[n]];
        if (dot) pen.drawImage(dot, Math.round((songs.x[n] + 1) * kept - dot.width / 2), Math.round((1 - songs.y[n]) * high - dot.height / 2));
      }
    }
    moveNames();
    node.dataset.drawn = String(songs.count);
  }

  // Lets each mood's name go up or down within its region, so that it hides the fewest songs, and no other name.
  function moveNames() {
    const placed = [];
    for (const {node: name, x, y, mood} of songs.count > FEW ? [] : names) {
      const wide = name.offsetWidth / 2, high = name.offsetHeight / 2, left = toX(x) - wide * x;
      const hides = (top) =>
        placed.filter((other) => Math.abs(other.left - left) < other.wide + wide && Math.abs(other.top - top) < 2 * high).length * songs.count +
        songs.x.filter((at, n) => Math.abs(toX(at) - left) < wide + REACH / 2 && Math.abs(toY(songs.y[n]) - top) < high + REACH / 4).length;
      const tops = ASIDE.map((aside) => ({aside, top: toY(y) + aside})).filter(({top}) => moodAt(x, fromY(top), moods) === mood);
      const {aside, top} = tops.map((one) => ({...one, hidden: hides(one.top)})).reduce((a, b) => (b.hidden < a.hidden ? b : a));
      name.style.marginTop = `${aside}px`;
      placed.push({left, top, wide});
    }
  }

  function drawRegions() {
    regions.replaceChildren(...moods.map(({mood}) => draw("polygon", {"data-mood": mood, points: region(mood, moods).map(([x, y]) => `${x},${-y}`).join(" ")})));
    names = moods.map(({mood, valence: x, arousal: y}) => ({mood, x, y, node: label(capital(mood), x, y, mood)}));
    labels.replaceChildren(...names.map((name) => name.node), ...[["pleasant", 1, 0], ["unpleasant", -1, 0], ["lively", 0, 1], ["calm", 0, -1]].map((words) => label(...words)));
  }

  function label(text, x, y, mood) {
    const found = make("span", {"data-mood": mood}, text), [left, top] = [50 * (x + 1), 50 * (1 - y)];
    Object.assign(found.style, {left: `${left}%`, top: `${top}%`, translate: `${-left}% ${-top}%`}); // never out of the frame
    return found;
  }


  function place(x, y) {
    at = {x, y};
    handle.style.transform = `translate(${toX(x)}px, ${toY(y)}px)`;
    const mood = moodAt(x, y, moods);
    set(handle, "data-mood", mood);
    return mood;
  }

  const isMoved = () => Math.abs(at.x - home.x) > 0.01 || Math.abs(at.y - home.y) > 0.01;

  function putBack() {
    const n = songs.places.get(chosen.id);
    home = n === undefined ? {x: chosen.valence ?? 0, y: chosen.arousal ?? 0} : {x: songs.x[n], y: songs.y[n]};
    place(home.x, home.y);
    for (const part of regions.children) part.classList.remove("over");
  }

  function say(mood) {
    for (const part of regions.children) part.classList.toggle("over", part.dataset.mood === mood);
    return mood === chosen.mood ? `${capital(mood)}, as it is` : `${capital(mood)} instead of ${chosen.mood ?? "no mood"}`;
  }

  function settle() {
    const mood = moodAt(at.x, at.y, moods);
    if (mood === chosen.mood) {
      putBack();
      put(said, `It is ${mood} already: nothing is changed.`);
    } else {
      move(chosen.id, mood);
    }
  }

  handle.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (arrow) {
      const step = event.shiftKey ? LEAP : STEP;
      const mood = place(clamp(at.x + arrow[0] * step), clamp(at.y + arrow[1] * step));
      put(said, `${say(mood)}: pleasant ${at.x.toFixed(2)}, lively ${at.y.toFixed(2)}.`);
    } else if (event.key === "Enter") {
      if (isMoved()) settle();
    } else if (isMoved()) {
      putBack();
      put(said, "It is back where it was.");
    } else {
      leave();
    }
  });

  // --- pointers: on the handle a drag begins at once, on a point once the pointer goes; a finger elsewhere scrolls the page

  function point(event) {
    const box = canvas.getBoundingClientRect();
    return {px: event.clientX - box.left, py: event.clientY - box.top};
  }

  function under({px, py}) {
    if (!songs?.count) return -1;
    return songs.near(fromX(px), fromY(py), (2 * REACH) / Math.min(sizes.width, sizes.height), shown);
  }

  handle.addEventListener("pointerdown", (event) => begin(event, handle, chosen.id));
  canvas.addEventListener("pointerdown", (event) => {
    const found = under(point(event));
    if (event.pointerType !== "mouse" || event.button || found < 0) return;
    choose(songs.id[found]);
    begin(event, canvas, songs.id[found]);
  });
  canvas.addEventListener("click", (event) => { // a finger's: the mouse has chosen already
    const found = under(point(event));
    if (event.pointerType !== "mouse" && found >= 0) choose(songs.id[found]);
  });

  function begin(event, target, id) {
    if (event.button) return;
    target.setPointerCapture(event.pointerId);
    dragging = {...point(event), id, goes: false};
  }

  for (const target of [handle, canvas]) {
    target.addEventListener("pointermove", (event) => {
      const {px, py} = point(event);
      if (!dragging) {
        if (target === canvas && event.pointerType === "mouse") hover(px, py);
        return;
      }
      if (chosen?.id !== dragging.id) return; // it is asked for still
      dragging.goes ||= Math.hypot(px - dragging.px, py - dragging.py) > HELD;
      if (!dragging.goes) return;
      show(tip, false);
      handle.classList.add("dragged");
      const mood = place(fromX(px), fromY(py));
      put(said, `${say(mood)}. Let it go anywhere in this region: the mood is kept, not the place.`);
    });
    target.addEventListener("pointerup", () => end(true));
    target.addEventListener("pointercancel", () => end(false));
  }
  canvas.addEventListener("pointerleave", () => show(tip, false));

  function end(kept) {
    const went = dragging?.goes;
    dragging = null;
    handle.classList.remove("dragged");
    if (!went || !chosen) return;
    if (kept && isMoved()) settle();
    else putBack();
  }

  function hover(px, py) {
    const n = under({px, py});
    show(tip, n >= 0);
    canvas.style.cursor = n >= 0 ? "pointer" : "";
    if (n < 0) return;
    put(tip, [songs.title[n], songs.artist[n]].filter(Boolean).join(" \u00b7 "));
    const right = toX(songs.x[n]) > sizes.width / 2;
    tip.style.transform = `translate(${toX(songs.x[n])}px, ${toY(songs.y[n])}px) translate(${right ? "calc(-100% - 10px)" : "10px"}, -50%)`;
  }


  new ResizeObserver(([{contentRect: {width, height}}]) => {
    sizes = {width, height};
    if (chosen && at) place(at.x, at.y);
    redraw();
  }).observe(node);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  return {
    node,
    how,
    said,
    focus: () => handle.focus(),
    say: (text) => put(said, text),
    putBack: () => chosen && putBack(),
    // Shows these songs, those bright for which `visible(n)` is true (another function for another choice), with a handle on the chosen one (GET api/songs/{id}; null: none).
    show(those, rows, visible, song) {
      if (rows !== moods) {
        moods = rows;
        drawRegions();
        redraw();
      }
      if (those !== songs || those.laid !== drawn || visible !== shown) redraw();
      songs = those;
      shown = visible;
      drawn = those.laid;
      const another = ["id", "mood", "yours"].some((name) => song?.[name] !== chosen?.[name]);
      chosen = song;
      show(handle, Boolean(song) && moods.length > 0);
      if (song && moods.length && (another || !isMoved())) {
        set(handle, "aria-label", `${[song.title, song.artist].filter(Boolean).join(" by ")}: ${song.mood ?? "no mood yet"}`);
        putBack();
      }
    },
  };
}

// A picture of a point for each mood, in the colours of the theme: a disc, with a ring around it for those whose mood a person gave.
function stamps(node, moods, radius) {
  const probe = node.appendChild(make("span", {hidden: true}));
  const found = {theirs: {}, yours: {}};
  for (const {mood} of moods) {
    probe.dataset.mood = mood;
    const [colour, ink] = ["--accent", "--ink"].map((name) => getComputedStyle(probe).getPropertyValue(name).trim());
    found.theirs[mood] = stamp([radius, colour]);
    found.yours[mood] = stamp([2 * radius, ink], [1.4 * radius, colour]);
  }
  probe.remove();
  return found;
}

// Discs inside each other, the largest first: [radius, colour] pairs.
function stamp(...discs) {
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  const middle = Math.ceil(discs[0][0]) + 1;
  canvas.width = canvas.height = 2 * middle;
  for (const [radius, colour] of discs) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(middle, middle, radius, 0, 7);
    pen.fill();
  }
  return canvas;
}
