// The way in: a six-digit code from `moodspeaker pair`, or the token.

import {post} from "./api.js";
import {make, put, show} from "./dom.js";
import {follow} from "./stream.js";

export function access(root) {
  const fault = make("p.fault#ask-fault", {role: "alert"});
  const code = make("input#code", {inputmode: "numeric", autocomplete: "one-time-code", maxlength: 7, pattern: "[0-9 ]*", "aria-describedby": "ask-how"});
  const token = make("input#token", {type: "password", autocomplete: "current-password"});
  const form = (input, label, submit) => make("form", {id: `${input.id}-form`, onsubmit: (event) => { event.preventDefault(); submit(); }},
    make("label", {for: input.id}, label), make("div.pair", input, make("button.first", {type: "submit"}, "Open")));
  root.append(
    make("p#ask-how", "Ask for a code on the speaker with ", make("code", "moodspeaker pair"), ", or ",
      make("button.plain#journal", {onclick: () => ask()}, "let it write one into its journal"), "."),
    form(code, "Six-digit code", () => enter({code: code.value.replaceAll(" ", "")})),
    make("details", make("summary", "I have the token"), form(token, "The token in the file of web.token_file", () => enter({token: token.value.trim()}))),
    fault);

  async function enter(secret) {
    put(fault, "");
    try {
      await post("api/session", secret);
      code.value = token.value = "";
      follow();
    } catch (error) {
      put(fault, error.message);
    }
  }

  async function ask() {
    try {
      await post("api/session/code", {});
      put(fault, "The code stands in the journal now: journalctl -u moodspeaker -e");
    } catch (error) {
      put(fault, error.message);
    }
    code.focus();
  }

  const given = /^#pair=(\w+)$/.exec(location.hash);
  if (given) {
    history.replaceState(null, "", location.pathname);
    enter({code: given[1]});
  }
  return ({link}) => show(root, link === "locked");
}
