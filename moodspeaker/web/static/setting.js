// One setting: what it means, its limits, its control, where it stands, and the way back.

import {make, put, show} from "./dom.js";

const UNITS = {Seconds: "s", Minutes: "min", Hours: "h", Songs: "songs"}; // by the first word of what a setting means

// `change(key, value)` is called with each new value; null: back to what is configured.
export function setting(row, change) {
  const {key, value, written, fixed} = row;
  const id = `set-${key.replace(".", "-")}`;
  const fault = make("p.fault", {role: "alert", id: `${id}-fault`});
  const back = make("button.plain", {id: `${id}-back`}, `Back to ${worded(written)}`);
  const said = originOf(row), origin = make("p.soft.small.setting-origin", {id: `${id}-origin`}, said, " ", back);
  const offer = (now) => {
    show(back, !fixed && now !== written);
    show(origin, Boolean(said) || !back.hidden);
  };
  const control = controlOf(row, id, (now) => {
    offer(now);
    change(key, now === written && row.changed ? null : now);
  });
  back.addEventListener("click", () => {
    control.put(written);
    offer(written);
    change(key, null);
    control.node.focus();
  });
  offer(value);
  control.node.disabled = fixed;
  const node = make("div.setting",
    make("div.setting-words", make("label", {for: id, id: `${id}-label`}, row.doc.replaceAll("`", "")),
      make("small.soft", {id: `${id}-limits`}, make("code", key), limits(row))),
    make("div.setting-control", control.node, unitOf(row)),
    origin, fault);
  control.node.setAttribute("aria-describedby", `${id}-limits ${id}-origin ${id}-fault`);
  return {
    node,
    fault,
    // Shows that what is set was refused.
    point() {
      control.node.setAttribute("aria-invalid", "true");
      for (let at = node.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
      control.node.focus();
    },
    clear() {
      put(fault, "");
      control.node.removeAttribute("aria-invalid");
    },
  };
}

function controlOf({kind, choices, least, most, value, default: usual}, id, changed) {
  if (kind === "choice" || kind === "switch") {
    const values = kind === "switch" ? [true, false] : choices;
    const node = make("select", {id}, ...values.map((one) => make("option", {value: String(one)}, worded(one))));
    node.value = String(value);
    node.addEventListener("change", () => changed(values[node.selectedIndex]));
    return {node, put: (now) => { node.value = String(now); }};
  }
  const step = kind === "whole" || (most ?? usual) > 1 ? 1 : 0.01;
  const node = make("input", {id, value, autocomplete: "off", spellcheck: "false", ...(kind === "text" ? {placeholder: "none"} : {type: "number", inputmode: "decimal", min: least, max: most, step})});
  node.addEventListener("input", () => changed(kind === "text" || node.value === "" ? node.value : Number(node.value)));
  return {node, put: (now) => { node.value = now; }};
}

export const worded = (value) => ({true: "on", false: "off", "": "none"})[value] ?? String(value).replaceAll("_", " ");

// Behind each number, so that all stand below each other.
function unitOf({doc, least}) {
  return least === null ? null : make("span.soft", {"aria-hidden": "true"}, UNITS[doc.split(" ")[0]]);
}

function limits({least, most, least_excluded: above, most_excluded: below, default: usual}) {
  const range = least === null || most === null ? "" : ` · ${above ? "above " : ""}${least} to ${below ? "below " : ""}${most}`;
  return `${range} · usually ${worded(usual)}`;
}

function originOf({fixed, origin, changed, written}) {
  const name = origin.replace(/^.*\//, "");
  if (fixed) return `Given by ${origin}: it cannot be changed here.`;
  if (changed) return `Changed here; ${origin ? `${name} says` : "usually"} ${worded(written)}.`;
  return origin ? `From ${name}.` : "";
}
