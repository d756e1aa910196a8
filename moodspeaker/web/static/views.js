// The views of the page.  The address's hash names the one that is shown; its module, and a style sheet of its own where it has
// one, are loaded when it is first opened, so the first paint stays small.
//
// A view is a row of VIEWS and a module that exports `open(root)`: it fills `root` and returns {draw, enter, leave}, each where it
// wants it: draw(state) is called when it is shown and after each change while it is; enter() and leave() when it comes and goes.

import {at, icon, make, set, show} from "./dom.js";
import {state, update} from "./store.js";

const VIEWS = [
  {name: "now", title: "Now", path: "M8 5v14l11-7z"},
  {name: "day", title: "Day", path: "M12 3a9 9 0 1 0 .1 0zM11 7h2v5l4 2-1 2-5-3z"},
  {name: "library", title: "Library", style: "library.css", path: "M4 4h3v16H4zM9 4h3v16H9zM14 5l3-1 5 15-3 1z"},
  {name: "settings", title: "Settings", style: "settings.css", path: "M4 6h9v2H4zM17 6h3v2h-3zM13 4h3v6h-3zM4 16h3v2H4zM11 16h9v2h-9zM7 14h3v6H7z"},
  {name: "setup", title: "Setup", style: "setup.css", path: "M12 5a7 7 0 1 0 .1 0zM12 9a3 3 0 1 1-.1 0zM11 1h2v5h-2zM11 18h2v5h-2zM1 11h5v2H1zM18 11h5v2h-5z"},
];
const FIRST = VIEWS[0];

export function views(nav, main, shown) {
  const opened = new Map(); // by name: a promise of {root, draw, enter, leave}
  const links = VIEWS.map(({name, title, path}) => make("a", {href: `#${name}`, id: `to-${name}`}, icon(path), make("span", title)));
  nav.append(...links);
  let current = null; // what open() returned, once it is there
  let turns = 0;

  at("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
  addEventListener("hashchange", () => go(true));
  go(false);

  async function go(byPerson) {
    const view = VIEWS.find(({name}) => location.hash === `#${name}`) ?? FIRST;
    if (view === state.view) return;
    const turn = ++turns;
    current?.leave?.();
    current = null;
    for (const link of links) link.hash === `#${view.name}` ? set(link, "aria-current", "page") : link.removeAttribute("aria-current");
    for (const node of shown.children) show(node, node.id === `view-${view.name}`);
    set(main, "aria-label", view.title);
    update({view});
    if (byPerson) {
      main.focus({preventScroll: true});
      scrollTo(0, 0);
    }
    if (!opened.has(view.name)) opened.set(view.name, load(view));
    const found = await opened.get(view.name);
    if (turn !== turns) return; // another one was chosen meanwhile
    current = found;
    found.enter?.();
    found.draw?.(state);
  }

  async function load({name, title, style}) {
    const root = make("div.view", {id: `view-${name}`});
    shown.append(root);
    try {
      const [{open}] = await Promise.all([import(`./view-${name}.js`), style && sheet(style)]);
      return open(root) ?? {};
    } catch {
      opened.delete(name); // choosing it again asks again
      root.append(make("p.card", {role: "alert"}, `${title} did not load: reload the page.`));
      return {leave: () => root.remove()};
    }
  }

  return (state) => current?.draw?.(state);
}

function sheet(style) {
  return new Promise((done, failed) => document.head.append(make("link", {rel: "stylesheet", href: new URL(style, import.meta.url), onload: done, onerror: failed})));
}
