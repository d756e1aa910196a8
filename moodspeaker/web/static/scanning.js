// How far the scan of the songs is.

import {call} from "./api.js";
import {make, put, show} from "./dom.js";
import {ago, many, some} from "./words.js";

const OFTEN = 5000, SELDOM = 30000; // milliseconds between two looks: while it is at work, and else

export function scanning(root, changed) {
  const head = make("p#scan-head"), bar = make("progress#scan-bar", {"aria-labelledby": "scan-head", hidden: true});
  const last = make("p.soft.small#scan-last"), fault = make("p.fault#scan-fault");
  const how = make("p.soft.small#scan-how");
  root.append(head, bar, last, fault, how);
  let timer, known = "", open = false;

  async function look() {
    clearTimeout(timer);
    if (!open) return;
    let scan = null;
    try {
      scan = await call("api/scan");
      tell(scan);
    } catch (error) {
      put(fault, `How far it is cannot be read: ${error.message}`);
    }
    timer = setTimeout(look, scan?.at_work ? OFTEN : SELDOM);
  }

  function tell(scan) {
    const {at_work: works, songs, placed, heard, scanned_at: at} = scan;
    const waiting = songs - heard;
    show(bar, works && songs > 0);
    bar.max = Math.max(1, songs);
    bar.value = heard;
    if (!songs && works) put(head, "The scan has begun: it asks the music server for its songs.");
    else if (!songs) put(head, at ? "The music server has no songs." : "The songs were never scanned.");
    else if (works) put(head, `A scan is at work: ${some(heard)} of ${many(songs, "song")} were listened to.`);
    else put(head, `${many(songs, "song")}: ${placed === songs ? "all" : some(placed)} have a mood, ${waiting ? some(heard) : "all"} by their sound${waiting ? "" : " too"}.`);
    put(last, at ? `Last looked for new songs ${ago(at)}.` : "");
    put(fault, [scan.fault && `The music server could not be asked for its songs: ${scan.fault}.`, scan.files && `Tags alone tell the moods: ${scan.files}.`, scan.left_out && `${scan.left_out}.`].filter(Boolean).join(" "));
    put(how, works ? "Tags tell the moods at once; the sound of each song follows when nothing else needs the speaker." : !songs || (waiting && !scan.files) ? "To scan now, on the speaker: moodspeaker index scan" : "");
    const key = [songs, placed, works].join();
    if (known && known !== key) changed();
    known = key;
  }

  return {
    enter() {
      open = true;
      look();
    },
    leave() {
      open = false;
      clearTimeout(timer);
    },
  };
}
