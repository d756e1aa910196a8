// How things are said.

export const EMOTIONS = ["happy", "surprise", "neutral", "sad", "fear", "angry", "disgust"];
const ROOM = {nobody: "Nobody here", dark: "Too dark to see", covered: "Camera covered", lost: "No camera", paused: "Not looking"};
const CURE = {dark: "A lamp helps.", covered: "Something is before the lens."};

export const percent = (share) => `${Math.round(share * 100)}\u00a0%`;
// A setting or a file that a text begins with is spelled as it is.
export const capital = (text) => (/^\S*[./]\w/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1));
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
  if (s.camera?.locked) return {mood: "paused", head: ROOM.paused, line: "The privacy lock keeps the camera closed."};
  if (s.camera?.browser === "waits" && !isEmotion(s.mood)) return {mood: "paused", head: ROOM.lost, line: "It looks through a browser's camera: start one."};
  if (s.mood === "unsure") {
    if (s.camera?.state === "off" && s.camera.reason) return {mood: "lost", head: ROOM.lost, line: s.camera.source === "none" ? "None is set up: name one in camera.source." : goesOn};
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

const LIES = "the picture seems to lie on its side: see camera.rotation";
const HINTS = {
  dim: "the picture is dim: more light helps", blurred: "the picture is blurred: wipe the lens", far: "faces are far away: move the camera closer",
  turned_90: LIES, turned_180: "the picture seems upside down: see camera.rotation", turned_270: LIES,
};
const TURN = "faces are not upright: turn the device whose camera it is";
const BROWSER_HINTS = {...HINTS, far: "faces are far away: sit closer", turned_90: TURN, turned_180: TURN, turned_270: TURN};

// What is wrong with the camera's picture, each with its cure.
export const hintsOf = (camera) => (camera?.hints ?? []).map((hint) => (camera.browser ? BROWSER_HINTS : HINTS)[hint] ?? hint);

// How a state of a part is shown: [level, words].
const CAMERA = {ok: ["good", "sees"], dark: ["idle", "too dark"], covered: ["idle", "covered"], off: ["idle", "off"]};
const PLAYER = {play: ["good", "plays"], pause: ["good", "paused"], stop: ["good", "stopped"], off: ["idle", "none: a mood sensor only"], down: ["bad", "away"]};
const BROKER = {ok: ["good", "connected"], off: ["idle", "none"], down: ["bad", "away"]};

// Each part of the speaker: {name, level: good | idle | bad, state, reason, note}.
export function partsOf({camera = {}, player = {}, broker = {}, models = {}, config = {}, index, store, web, sensing}) {
  const parts = [];
  const add = (name, [level, words], reason, note) =>
    parts.push({name, level, state: words, reason: (reason ?? "").replace(/^(lost|down|refused): /, ""), note: note ?? ""});
  const of = (table, state, failed) => [failed ? "bad" : table[state]?.[0] ?? "bad", table[state]?.[1] ?? state];
  const failed = camera.reason && camera.source !== "none" && !camera.browser;
  const [level, sees] = of(CAMERA, camera.state, failed);
  add("Camera", [level, camera.state !== "off" ? sees : !sensing ? "closed, as you asked" : camera.browser ? "waits for a browser's camera" : sees], camera.browser ? "" : camera.reason, hintsOf(camera).join("; "));
  const versions = ["face", "emotion"].filter((name) => models[name]).map((name) => `${name} ${models[name]}`).join(", ");
  add("Models", [models.refused ? "bad" : versions ? "good" : "idle", versions || "not loaded"], models.refused);
  const none = player.state === "off";
  add("Music server", of(PLAYER, player.state, !none && player.reason), none ? "" : player.reason, player.limits);
  add("MQTT broker", of(BROKER, broker.state), broker.reason);
  if (index) add("Songs", [index.reason || index.left_out ? "idle" : "good", `${some(index.placed)} of ${some(index.songs)} have a mood`], "", [index.reason, index.left_out].filter(Boolean).join("; "));
  add("Storage", store?.fault ? ["bad", "read-only"] : ["good", "works"], store?.fault);
  const {reload_refused: refused = [], restart_for: restart = [], left_out: leftOut = []} = config;
  if (refused.length) add("Settings", ["bad", "reload refused"], refused.join("; "));
  else if (leftOut.length) add("Settings", ["bad", "some left out"], leftOut.join("; "));
  else if (restart.length) add("Settings", ["idle", `restart to use: ${restart.join(", ")}`]);
  if (web?.fault) add("Page", ["bad", "limited"], web.fault);
  return parts;
}

const VERBS = {
  switched: "Switched to", pending: "Next:", started: "Started music for", kept: "Kept the music", held: "Left alone", resumed: "Went on",
};

// A decision in one line for people.
export function headline({verb, mood}) {
  const words = VERBS[verb] ?? capital(verb);
  return ["switched", "pending", "started"].includes(verb) ? `${words} ${mood}` : words;
}

// What a decision was made from: [name, value] pairs in words.
export function evidenceOf(decision) {
  return Object.entries(decision.evidence ?? {})
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [name.replaceAll("_", " "), name === "confidence" ? percent(value) : String(value)]);
}
