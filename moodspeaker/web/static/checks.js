// Tries the sound, the music server and the broker; each answers with cause and cure.

import {post} from "./api.js";
import {list, make, put, set, show} from "./dom.js";
import {slider} from "./slider.js";
import {away, capital} from "./words.js";

const SLOW = 45000; // milliseconds: a server that does not answer takes its time
const VERDICTS = {ok: "works", warn: "works, but", fault: "does not work"};

export function sound(root) {
  const told = make("p.told#sound-told", {role: "status"});
  const found = make("ul.checks#sound-checks");
  const volume = slider("sound-volume", "Volume");
  const yes = make("button#sound-yes", {onclick: () => heard(true)}, "I heard it");
  const no = make("button#sound-no", {onclick: () => heard(false)}, "I heard nothing");
  const play = make("button#sound-play", {onclick: ring}, "Play a chime");
  const answers = make("div.buttons", {hidden: true}, yes, no);
  root.append(
    make("p.soft", "Two notes through the loudspeaker; then the music goes on as it was."),
    volume.node, make("div.buttons", play), told, answers, found);

  async function ring() {
    show(answers, false);
    list(found, [], check);
    const answer = await trying(play, told, "Playing…", () => post("api/chime", {}, AbortSignal.timeout(SLOW)));
    if (!answer) return;
    const on = answer.outputs.filter((output) => output.on).map(({name, plugin}) => (plugin ? `${name} (${plugin})` : name));
    put(told, on.length ? `It went to ${on.join(", ")}. Did you hear it?` : "Did you hear it?");
    show(answers, true);
    yes.focus({preventScroll: true});
  }

  async function heard(it) {
    show(answers, false);
    set(told, "data-verdict", it ? "ok" : "fault");
    put(told, it ? "The sound works." : "Turn the volume up, look at the loudspeaker's cable and switch, then see:");
    if (!it) await examine("sound", play, told, found, told.textContent);
    play.focus({preventScroll: true});
  }

  return ({snapshot}) => {
    const player = snapshot?.player ?? {}, gone = away(player);
    play.disabled = gone;
    volume.show(player);
    if (gone && !told.textContent) put(told, capital(player.reason ?? ""));
  };
}

export function servers(root) {
  for (const [part, title] of [["player", "Music server"], ["broker", "MQTT broker"]]) {
    const told = make("p.told", {id: `${part}-told`, role: "status"}), found = make("ul.checks", {id: `${part}-checks`});
    const button = make("button", {id: `${part}-test`, "aria-label": `Test the ${title}`, onclick: () => examine(part, button, told, found)}, "Test");
    root.append(make("div.row", make("h3", title), button), told, found);
  }
}

async function examine(part, button, told, found, after = "") {
  list(found, [], check);
  const answer = await trying(button, told, "Asking…", () => post(`api/checks/${part}`, {}, AbortSignal.timeout(SLOW)));
  if (!answer) return;
  put(told, after);
  list(found, answer.checks, check);
}

// Does something that takes its time; says what was refused.  Returns the answer, nothing where there is none.
async function trying(button, told, meanwhile, act) {
  button.disabled = true;
  set(told, "data-verdict", "");
  put(told, meanwhile);
  try {
    return await act();
  } catch (error) {
    set(told, "data-verdict", "fault");
    put(told, capital(error.message));
    return null;
  } finally {
    button.disabled = false;
  }
}

function check({name, verdict, message}) {
  return make("li", {"data-verdict": verdict},
    make("span.mark", {role: "img", "aria-label": VERDICTS[verdict]}),
    make("span", make("strong", capital(name)), " ", message));
}
