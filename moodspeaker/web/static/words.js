// How things are said.

export const EMOTIONS = ["happy", "surprise", "neutral", "sad", "fear", "angry", "disgust"];
const ROOM = {nobody: "Nobody here", dark: "Too dark to see", covered: "Camera covered", lost: "No camera", paused: "Not looking"};
const CURE = {dark: "A lamp helps.", covered: "Something is before the lens."};

export const percent = (share) => `${Math.round(share * 100)}\u00a0%`;
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const some = (count) => count.toLocaleString();
export const many = (count, thing) => `${some(count)} ${thing}${count === 1 ? "" : "s"}`;
export const isEmotion = (mood) => EMOTIONS.includes(mood);

export function clock(moment) {
  const at = new Date(moment);
  const time = at.toLocaleTimeString([], {hour: "numeric", minute: "2-digit"});
  const day = at.toLocaleDateString([], {day: "numeric", month: "short"});
  return at.toDateString() === new Date().toDateString() ? time : `${day} ${time}`;
}

export function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// A time to go, in words: "3 h 20 min", "12 min", "40 s".
export function left(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const whole = Math.round(seconds / 60);
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

// A time that has passed, in words: "just now", "12 min ago", "3 h ago", "5 days ago".
export function ago(moment) {
  const whole = Math.round((Date.now() - Date.parse(moment)) / 60000);
  if (whole < 1) return "just now";
  if (whole < 60) return `${whole} min ago`;
  if (whole < 48 * 60) return `${Math.round(whole / 60)} h ago`;
  return `${Math.round(whole / 1440)} days ago`;
}

// The likeliest of some probabilities: [emotion, share].
export const likeliest = (probabilities) => Object.entries(probabilities).reduce((a, b) => (b[1] > a[1] ? b : a), ["", 0]);

// Whether there is no music server to speak of.
export const away = (player) => ["down", "off"].includes(player?.state);

// The mood in one message: {mood, head, line}.
export function moodOf(s) {
  const people = many(s.faces, "face");
  const goesOn = s.player?.state === "play" ? "The music goes on as it is." : "";
  if (!s.sensing) return {mood: "paused", head: ROOM.paused, line: "The camera is closed: nobody is seen."};
  if (s.camera?.browser === "waits" && !isEmotion(s.mood)) return {mood: "paused", head: ROOM.lost, line: "It looks through a browser's camera: start one."};
  if (s.mood === "unsure") {
    if (s.camera?.state === "off" && s.camera.reason) return {mood: "lost", head: ROOM.lost, line: s.camera.source === "none" ? "None is set up (camera.source)." : goesOn};
    if (!s.faces) return {mood: "unsure", head: "Looking", line: "Nobody has been seen yet."};
    return {mood: "unsure", head: "Not sure yet", line: turning(s) || `${people}, no mood stands out.`};
  }
  if (s.mood === "nobody" && s.faces) return {mood: "unsure", head: "Somebody is here", line: turning(s) || `${people}, no mood stands out yet.`};
  if (!isEmotion(s.mood)) return {mood: s.mood, head: ROOM[s.mood] ?? capital(s.mood), line: [CURE[s.mood], goesOn].filter(Boolean).join(" ")};
  const seen = s.faces ? people : "no face at the moment";
  return {mood: s.mood, head: capital(s.mood), line: [turning(s), seen].filter(Boolean).join(" · ")};
}

function turning(s) {
  const [mood, share] = likeliest(s.probabilities ?? {});
  return s.faces && mood !== s.mood && share >= 0.5 ? `turning ${mood}` : "";
}

const HINTS = {
  dim: "the picture is dim: more light helps", blurred: "the picture is blurred: wipe the lens", far: "faces are far away: move the camera closer",
  turned_90: "the picture seems to lie on its side: see camera.rotation", turned_180: "the picture seems upside down: see camera.rotation",
  turned_270: "the picture seems to lie on its side: see camera.rotation",
};

// What is wrong with the camera's picture, each with its cure.
export const hintsOf = (camera) => (camera?.hints ?? []).map((hint) => HINTS[hint] ?? hint);

// Each part of the speaker: {name, level: good | idle | bad, state, reason}.
export function partsOf(s) {
  const camera = s.camera ?? {}, player = s.player ?? {}, broker = s.broker ?? {}, models = s.models ?? {}, index = s.index;
  const level = (key, table) => table[key] ?? "bad";
  const versions = [models.face && `face ${models.face}`, models.emotion && `emotion ${models.emotion}`].filter(Boolean);
  const parts = [
    {
      name: "Camera",
      level: camera.reason && camera.source !== "none" && !camera.browser ? "bad" : level(camera.state, {ok: "good", dark: "idle", covered: "idle", off: "idle"}),
      state: {ok: "sees", dark: "too dark", covered: "covered", lost: "lost", off: !s.sensing ? "closed, as you asked" : camera.browser ? "waits for a browser's camera" : "off"}[camera.state] ?? camera.state,
      reason: camera.browser ? "" : camera.reason,
      note: hintsOf(camera).join("; "),
    },
    {name: "Models", level: models.refused ? "bad" : versions.length ? "good" : "idle", state: versions.join(", ") || "not loaded", reason: models.refused},
    {
      name: "Music server",
      level: player.state !== "off" && player.reason ? "bad" : level(player.state, {play: "good", pause: "good", stop: "good", off: "idle"}),
      state: {play: "plays", pause: "paused", stop: "stopped", down: "away", off: "none: a mood sensor only"}[player.state] ?? player.state,
      reason: player.state === "off" ? "" : player.reason,
      note: player.limits,
    },
    {name: "MQTT broker", level: level(broker.state, {ok: "good", off: "idle"}), state: {ok: "connected", off: "none", refused: "refused", down: "away"}[broker.state] ?? broker.state, reason: broker.reason},
  ];
  if (index) parts.push({name: "Songs", level: index.reason ? "idle" : "good", state: `${index.placed} of ${index.songs} placed`, reason: "", note: index.reason});
  parts.push({name: "Store", level: s.store?.fault ? "bad" : "good", state: s.store?.fault ? "read-only" : "writes", reason: s.store?.fault});
  const config = s.config ?? {};
  const refused = config.reload_refused ?? [], restart = config.restart_for ?? [], leftOut = config.left_out ?? [];
  if (refused.length) parts.push({name: "Settings", level: "bad", state: "reload refused", reason: refused.join("; ")});
  else if (leftOut.length) parts.push({name: "Settings", level: "bad", state: "some left out", reason: leftOut.join("; ")});
  else if (restart.length) parts.push({name: "Settings", level: "idle", state: `restart to use: ${restart.join(", ")}`, reason: ""});
  if (s.web?.fault) parts.push({name: "Page", level: "bad", state: "limited", reason: s.web.fault});
  return parts.map((part) => ({...part, reason: (part.reason ?? "").replace(/^(lost|down|refused): /, ""), note: part.note ?? ""}));
}

const VERBS = {
  switched: "Switched to", pending: "Next:", kept: "Kept the music:", held: "Left alone:", resumed: "Went on:", started: "Started",
  paused: "Paused:", skipped: "Skipped:", liked: "Liked", disliked: "Disliked", corrected: "Corrected",
};

// A decision in one line for people.
export function headline(decision) {
  const verb = VERBS[decision.verb] ?? capital(decision.verb);
  if (["switched", "started"].includes(decision.verb)) return `${verb} ${decision.mood}`;
  if (decision.verb === "pending") return `${verb} ${decision.mood}`;
  return verb.endsWith(":") ? `${verb.slice(0, -1)}` : verb;
}

// What a decision was made from: [name, value] pairs in words.
export function evidenceOf(decision) {
  return Object.entries(decision.evidence ?? {})
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [name.replaceAll("_", " "), name === "confidence" ? percent(value) : String(value)]);
}
