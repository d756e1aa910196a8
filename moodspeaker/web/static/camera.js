// This device's camera, for a speaker that looks through a browser's: small pictures go out over a WebSocket, one after the answer
// to the last; faces and mood come back and are drawn over the device's own picture.

import {call} from "./api.js";
import {make, put, show} from "./dom.js";
import {capital, isEmotion, likeliest, many, percent} from "./words.js";

const EVERY = 500; // milliseconds between two pictures, at least
const ANSWER = 8000; // milliseconds after which an answer is not waited for
const AGAIN = 2000; // milliseconds before the connection is tried again
const LONGEST = 640; // pixels of the longer side of a picture that is sent
const QUALITY = 0.8;
const NOTHING = "Nothing is sent yet.";
const OTHER = "Another browser's camera is on: stop that one first.";
const HIDDEN = "Stopped: the page was hidden.";
const WHY_NOT = {
  NotAllowedError: "This browser was not allowed to use the camera: allow it in the address bar, then start again.",
  NotFoundError: "This device has no camera.",
  NotReadableError: "Another program uses the camera: close it, then start again.",
};

export function camera(root) {
  const start = make("button.first#camera-start", {onclick: () => (stream ? stop(NOTHING) : begin())}, "Start the camera");
  const choice = make("select#camera-choice", {"aria-label": "Which camera", hidden: true, onchange: () => begin(choice.value)});
  const video = make("video#camera-video", {playsinline: true, muted: true, "aria-label": "What this device's camera sees"});
  const boxes = make("div.boxes", {"aria-hidden": "true"});
  const stage = make("div.stage", {hidden: true}, video, boxes);
  const told = make("p#camera-told", {role: "status"}, NOTHING), seen = make("p.soft#camera-seen");
  const canvas = make("canvas");
  const terms = make("p.soft", "Twice a second a small picture goes from this device to the speaker, which looks at it and drops it. None is stored, and nothing goes anywhere else. It stops when you leave this page.");
  root.append(terms, stage, told, seen, make("div.pair", start, choice));
  let stream = null, link = null, lock = null, timer, began = 0, browser = null;
  let asking = false, ours = false; // whether the permission is asked for; whether what the speaker tells of is this camera

  const secure = isSecureContext && navigator.mediaDevices?.getUserMedia;
  if (!secure) {
    start.disabled = true;
    put(told, "Browsers give their camera only to pages over https, or of the same machine: open this page over https (web.cert_file, or a proxy), or on the speaker itself.");
  }

  async function begin(deviceId) {
    stop("Asking for the camera…");
    asking = start.disabled = true;
    const size = {width: {ideal: 640}, height: {ideal: 480}};
    try {
      stream = await navigator.mediaDevices.getUserMedia({video: deviceId ? {...size, deviceId: {exact: deviceId}} : {...size, facingMode: "user"}});
    } catch (error) {
      asking = false;
      stop(WHY_NOT[error.name] ?? `The camera does not start: ${error.message}`);
      return;
    }
    asking = false;
    if (document.hidden) {
      stop(HIDDEN);
      return;
    }
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => stop("The camera was taken away."));
    video.srcObject = stream;
    await video.play();
    stage.classList.toggle("mirrored", track.getSettings().facingMode !== "environment");
    lock = await navigator.wakeLock?.request("screen").catch(() => null);
    await offer(track.getSettings().deviceId);
    connect();
    draw();
  }

  async function offer(current) {
    const found = (await navigator.mediaDevices.enumerateDevices()).filter(({kind}) => kind === "videoinput");
    choice.replaceChildren(...found.map(({deviceId, label}, at) => make("option", {value: deviceId, selected: deviceId === current}, label || `Camera ${at + 1}`)));
    show(choice, found.length > 1);
  }

  function stop(why) {
    clearTimeout(timer);
    link?.close();
    stream?.getTracks().forEach((track) => track.stop());
    lock?.release();
    stream = link = lock = video.srcObject = null;
    boxes.replaceChildren();
    put(seen, "");
    put(told, why);
    show(choice, false);
    draw();
  }

  function connect() {
    const address = new URL("api/camera", document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    address.hash = "";
    const mine = link = new WebSocket(address);
    mine.onopen = () => mine === link && send();
    mine.onmessage = ({data}) => mine === link && take(JSON.parse(data));
    mine.onclose = () => mine === link && lose();
  }

  function send() {
    clearTimeout(timer);
    timer = setTimeout(send, ANSWER);
    if (!stream || link?.readyState !== WebSocket.OPEN || !video.videoWidth) return;
    const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const mine = link;
    canvas.toBlob((picture) => {
      began = performance.now();
      if (mine.readyState === WebSocket.OPEN) mine.send(picture);
    }, "image/jpeg", QUALITY);
  }

  function take(answer) {
    if (answer.error === "closed") {
      stop(`Stopped: ${answer.message}`);
      return;
    }
    if (answer.picture) {
      clearTimeout(timer);
      timer = setTimeout(send, Math.max(0, EVERY - (performance.now() - began)));
    }
    put(told, answer.error ? capital(answer.message) : "On: the speaker looks through this camera.");
    if (answer.error) return;
    boxes.replaceChildren(...answer.faces.map(box));
    const count = many(answer.faces.length, "face");
    put(seen, `${count} · mood of the room: ${isEmotion(answer.mood) ? answer.mood : "not known yet"}`);
  }

  function box({box: [x, y, width, height], probabilities}) {
    const [emotion, share] = likeliest(probabilities);
    const node = make("div", {"data-mood": emotion}, make("span", `${emotion} ${percent(share)}`));
    const left = stage.classList.contains("mirrored") ? canvas.width - x - width : x;
    const place = {left: left / canvas.width, top: y / canvas.height, width: width / canvas.width, height: height / canvas.height};
    for (const [side, part] of Object.entries(place)) node.style[side] = `${100 * part}%`;
    return node;
  }

  async function lose() {
    clearTimeout(timer);
    boxes.replaceChildren();
    const mine = link;
    let why = "Asking again.";
    try {
      await call("api/camera");
    } catch (error) {
      if (error.error === "closed") return mine === link && stop(`Stopped: ${error.message}`);
      if (error.error !== "upgrade") why = capital(error.message);
    }
    if (mine !== link) return;
    put(told, why);
    timer = setTimeout(connect, AGAIN);
  }

  function draw() {
    ours = Boolean(stream) || (ours && browser === "sends");
    const other = browser === "sends" && !ours;
    show(stage, stream);
    put(start, stream ? "Stop the camera" : "Start the camera");
    start.disabled = !secure || asking || other;
    if (other) put(told, OTHER);
    else if (!stream && told.textContent === OTHER) put(told, NOTHING);
  }

  document.addEventListener("visibilitychange", () => document.hidden && stream && stop(HIDDEN));
  addEventListener("pagehide", () => stream && stop("Stopped: the page was left."));
  return ({snapshot}) => {
    browser = snapshot?.camera?.browser ?? null;
    show(root, browser || stream);
    draw();
  };
}
