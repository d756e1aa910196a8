// On top of everything: that the speaker does not answer, and what of it has failed, with the cure.

import {at, list, make, put, set, show} from "./dom.js";
import {capital, clock, moodOf, partsOf} from "./words.js";

const LIVE = {connecting: "connecting", live: "live", lost: "no answer", locked: "locked"};

export function alerts(root) {
  const live = at("live"), frame = at("live-state"), about = at("about");
  const shown = at("shown");
  return ({link, lostAt, snapshot, view}) => {
    put(live, LIVE[link]);
    set(frame, "data-link", link);
    set(document.body, "data-link", link);
    shown.inert = link === "lost";
    show(shown, link !== "locked");
    const rows = [];
    if (link === "lost") {
      const old = snapshot ? " What stands below is old." : "";
      rows.push({name: "The speaker does not answer", reason: `Since ${clock(lostAt)}; asking again.${old} If it stays away: moodspeaker status, or systemctl restart moodspeaker`});
    }
    if (link === "live" && snapshot) rows.push(...partsOf(snapshot).filter(({level}) => level === "bad"));
    const {browser, preview} = (link === "live" && snapshot?.camera) || {};
    if (browser === "sends") rows.push({kind: "notice", name: "A browser's camera is on", reason: "Its pictures come over the network to this speaker, which looks at each and drops it."});
    if (preview === "on") rows.push({kind: "notice", name: "The camera's picture is shown", reason: "Somebody aims it; it ends by itself."});
    list(root, rows.map(({kind, name, state, reason}) => ({kind, name, state, reason})), row);
    if (!snapshot) return;
    const {mood, head} = moodOf(snapshot);
    set(document.body, "data-mood", mood);
    const where = view && view.name !== "now" ? view.title : null;
    const title = [where, link === "live" ? head : "no answer", "moodspeaker"].filter(Boolean).join(" · ");
    if (document.title !== title) document.title = title;
    const stored = snapshot.camera?.frames_written;
    put(about, [snapshot.version && `moodspeaker ${snapshot.version}`, stored != null && `pictures stored: ${stored}`].filter(Boolean).join(" · "));
  };
}

function row({kind, name, state, reason}) {
  return make("div", {class: kind ?? "alert"}, make("strong", name), " ", make("span", capital(reason || state)));
}
