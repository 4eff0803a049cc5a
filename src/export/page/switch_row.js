// A row with a switch.

import { element } from "./elements.js";

/** @param change  is told true or false */
export function switch_row(label, checked, change) {
  const box = element("input", { type: "checkbox", class: "switch", checked, onchange: () => change(box.checked) });
  return element("label", { class: "option" }, element("span", {}, label), box);
}
