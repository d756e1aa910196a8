// The songs that have a place in the affect plane, as columns, and which of them is near a point.

import {call} from "./api.js";

const AT_ONCE = 2000;
const SPIRAL = 2.399963; // the golden angle: songs that lie on one point are laid around it
const APART = 0.016, FARTHEST = 0.08; // how far from each other, and from their point

export class Songs {
  constructor() {
    this.id = [];
    this.title = [];
    this.artist = [];
    this.mood = [];
    this.yours = [];
    this.valence = [];
    this.arousal = [];
    this.total = this.placed = 0;
    this.places = new Map(); // id: where it stands in the columns
    this.laid = 0; // how often they were laid out
    this.lay();
  }

  // Asks for all of them, part by part; `tell` is called after each.  Throws what `call` throws.
  static async load(tell) {
    const songs = new Songs();
    let after = 0;
    while (after !== null) {
      const part = await call(`api/songs?count=${AT_ONCE}&after=${after}`);
      for (const name of ["id", "title", "artist", "mood", "yours", "valence", "arousal"]) songs[name].push(...part[name]);
      songs.total = part.total;
      songs.placed = part.placed;
      after = part.next;
      tell(songs);
    }
    songs.id.forEach((id, place) => songs.places.set(id, place));
    songs.lay();
    return songs;
  }

  get count() {
    return this.id.length;
  }

  // Takes what is said of a song now (GET api/songs/{id}).
  change(song) {
    const place = this.places.get(song.id);
    const names = ["mood", "yours", "valence", "arousal"];
    if (place === undefined || names.every((name) => this[name][place] === song[name])) return;
    for (const name of names) this[name][place] = song[name];
    this.lay();
  }

  // Lays out where each is drawn: those that share a place, as corrected ones do, side by side.
  lay() {
    const {count} = this;
    this.laid++;
    this.x = new Float32Array(count);
    this.y = new Float32Array(count);
    const shared = new Map(), place = (n) => Math.round(this.valence[n] * 1000) * 4096 + Math.round(this.arousal[n] * 1000);
    for (let n = 0; n < count; n++) {
      const there = shared.get(place(n));
      if (there) there.push(n);
      else shared.set(place(n), [n]);
    }
    for (const there of shared.values()) {
      const apart = Math.min(APART, FARTHEST / Math.sqrt(there.length));
      there.forEach((n, nth) => {
        this.x[n] = clamp(this.valence[n] + apart * Math.sqrt(nth) * Math.cos(nth * SPIRAL));
        this.y[n] = clamp(this.arousal[n] + apart * Math.sqrt(nth) * Math.sin(nth * SPIRAL));
      });
    }
  }

  // Which song is drawn nearest to a point, within a distance; -1: none.  `counts(n)` tells which ones count.
  near(x, y, within, counts = () => true) {
    let best = -1, least = within * within;
    for (let n = 0; n < this.count; n++) {
      const far = (this.x[n] - x) ** 2 + (this.y[n] - y) ** 2;
      if (far <= least && counts(n)) {
        least = far;
        best = n;
      }
    }
    return best;
  }
}

export const clamp = (value) => Math.max(-1, Math.min(1, value));

// The mood whose point is nearest: `moods` are the rows of GET api/moods.
export function moodAt(x, y, moods) {
  const far = (row) => (row.valence - x) ** 2 + (row.arousal - y) ** 2;
  return moods.reduce((a, b) => (far(b) < far(a) ? b : a)).mood;
}

// The part of the plane in which a mood's point is the nearest: the corners of a polygon.
export function region(mood, moods) {
  const here = moods.find((row) => row.mood === mood);
  let corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
  for (const there of moods) {
    if (there === here) continue;
    const a = there.valence - here.valence, b = there.arousal - here.arousal;
    const c = (a * (there.valence + here.valence) + b * (there.arousal + here.arousal)) / 2;
    const over = ([x, y]) => a * x + b * y - c; // above 0: nearer to the other
    corners = corners.flatMap((corner, n) => {
      const last = corners.at(n - 1), was = over(last), is = over(corner);
      const crossing = was * is < 0 ? [[0, 1].map((axis) => last[axis] + (was / (was - is)) * (corner[axis] - last[axis]))] : [];
      return is <= 0 ? [...crossing, corner] : crossing;
    });
  }
  return corners;
}
