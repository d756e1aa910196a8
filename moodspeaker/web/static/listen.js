// "Listen here": the music of a server with an httpd output, in this browser too.

import {make, put, show} from "./dom.js";

const AGAIN = 3000; // milliseconds before a stream that broke is asked for again

export function listen() {
  const told = make("span.soft#listen-told", {role: "status"});
  const button = make("button.word#listen", {onclick: () => (audio ? stop("") : start())}, "Listen here");
  const node = make("div.buttons", {hidden: true}, button, told);
  let audio = null, timer;

  function start() {
    clearTimeout(timer);
    const mine = audio = new Audio(`api/listen?${Date.now()}`); // another address each time: what broke is not played again
    const again = () => {
      if (mine !== audio) return;
      put(told, "It does not come; asking again.");
      timer = setTimeout(start, AGAIN);
    };
    mine.onplaying = () => mine === audio && put(told, "Some seconds behind the room.");
    mine.onended = mine.onerror = again;
    mine.play().catch((error) => {
      if (mine === audio && error.name === "NotAllowedError") stop("This browser plays only after a click.");
    });
    put(button, "Stop listening");
    put(told, "Waiting for the sound…");
  }

  function stop(why) {
    clearTimeout(timer);
    const old = audio;
    audio = null;
    old?.removeAttribute("src");
    old?.load(); // lets go of the connection
    put(button, "Listen here");
    put(told, why);
  }

  return {
    node,
    show(player, away) {
      show(node, Boolean(player.listen) && !away);
      if (node.hidden && audio) stop("");
    },
  };
}
