// Files of other programs: first what would be found, then taken over; what was not, and why.

import {call} from "./api.js";
import {at, make, put, show} from "./dom.js";
import {capital, EMOTIONS, many, some} from "./words.js";

const LARGEST = 64 << 20; // bytes that the speaker takes
const LONGEST = 900000; // milliseconds that it may take
const COUNTS = [["match", "found"], ["no_match", "not in your library"], ["bad", "cannot be read"], ["ignored", "no songs"]];
const STATUS = {"no match": "not found", bad: "cannot be read", ignored: "left out", match: "found"};

export function importing(root, taken) {
  const file = make("input#import-file", {type: "file", "aria-describedby": "import-forms", onchange: () => look(true)});
  const mood = make("select#import-mood", {onchange: () => file.files.length && look(true)},
    make("option", {value: ""}, "None"), ...EMOTIONS.map((value) => make("option", {value}, capital(value))));
  const head = make("p#import-head", {role: "status"}), fault = make("p.fault#import-fault", {role: "alert"});
  const counts = make("ul.soft.small#import-counts"), note = make("p.small#import-note");
  const take = make("button.first#import-take", {onclick: () => look(false)});
  const rows = make("ul.rows#import-rows"), more = make("p.soft.small#import-more");
  const untaken = make("details#import-untaken", make("summary#import-summary"), rows, more);
  const report = make("div.flow#import-report", {hidden: true}, counts, note, take, untaken);
  root.append(
    make("p.soft.small#import-forms", "Playlists (M3U, PLS, XSPF), tables of songs and moods (CSV), histories (ListenBrainz, Last.fm, Spotify), ZIPs of them. Nothing is kept before you have seen what would be."),
    make("div.fields", make("label.label", {for: "import-file"}, "File"), file, make("label.label", {for: "import-mood"}, "Mood of songs for which the file names none"), mood),
    head, fault, report);
  let turns = 0;

  async function look(dry) {
    const [chosen] = file.files, turn = ++turns;
    put(fault, "");
    show(report, false);
    put(head, "");
    if (!chosen) return;
    if (chosen.size > LARGEST) {
      put(fault, `${chosen.name} has more than 64 MB: import it on the speaker with moodspeaker import`);
      return;
    }
    put(head, dry ? "Looking its songs up…" : "Taking it over…");
    mood.disabled = file.disabled = !dry;
    const query = new URLSearchParams({name: chosen.name, dry_run: dry, ...(mood.value && {mood: mood.value})});
    try {
      const answer = await call(`api/import?${query}`, {method: "POST", headers: {"Content-Type": "application/octet-stream"}, body: chosen, signal: AbortSignal.timeout(LONGEST)});
      if (turn === turns) tell(chosen.name, answer);
      if (!dry) taken();
    } catch (error) {
      if (turn !== turns) return;
      put(head, "");
      put(fault, `${chosen.name}: ${error.message}`);
    } finally {
      mood.disabled = file.disabled = false;
    }
  }

  function tell(name, answer) {
    const {match, rows: all, form, dry_run: dry, new: kept} = answer;
    const fresh = Object.entries(kept).filter(([, count]) => count).map(([what, count]) => `${some(count)} ${what.replaceAll("_", " ")}`);
    put(head, dry ? `${name} (${form}): ${some(match)} of ${some(all)} rows have their song here.` : `Taken over: ${fresh.length ? fresh.join(", ") : "nothing that was not known already"}.`);
    const found = Object.entries(answer.moods).map(([what, count]) => `${what} ${some(count)}`).join(", ");
    const lines = [...COUNTS.filter(([key]) => answer[key]).map(([key, text]) => `${some(answer[key])} ${text}`), found && `Songs by mood: ${found}`].filter(Boolean);
    counts.replaceChildren(...lines.map((line) => make("li", line)));
    put(note, answer.note);
    show(take, dry && match > 0);
    put(take, `Take over ${many(match, "row")}`);
    const told = answer.shown.length + answer.more;
    show(untaken, told > 0);
    untaken.open = told > 0 && told <= 10;
    put(at("import-summary"), `${some(told)} ${told === 1 ? "row needs" : "rows need"} a look`);
    rows.replaceChildren(...answer.shown.map(row));
    put(more, answer.more ? `and ${some(answer.more)} more: moodspeaker import --json FILE shows them all` : "");
    show(report, true);
  }
}

function row({where, status, uri, reason, nearest}) {
  return make("li", make("b", `${/^\d+$/.test(where) ? "Row " : ""}${where}: ${STATUS[status] ?? status}`), " ", make("span.soft", [reason || uri, nearest && `nearest: ${nearest}`].filter(Boolean).join("; ")));
}
