// A row with a slider, its label and its value; a click on the value puts it back.

import { element } from "./elements.js";
import { text } from "./texts.js";

/**
 * {row, show(number)}: `usual` is what it is put back to, `change(number)` is told what the user chooses.
 * @param range  {min, max}
 */
export function range_row(label, { min, max }, usual, change) {
  const value = element("output", {});
  const range = element("input", { type: "range", min, max, step: 0.01, "aria-label": label,
    oninput: () => change(Number(range.value)) });
  const reset = element("button", { type: "button", class: "value", title: text("reset"), onclick: () => change(usual) }, value);
  const zero = Math.max(min, 0);
  function show(number) {
    if (Math.abs(Number(range.value) - number) > 0.004) range.value = number;
    value.textContent = number.toFixed(2);
    const at = (fraction) => `${((fraction - min) / (max - min)) * 100}%`;
    range.style.setProperty("--from", at(Math.min(zero, number)));
    range.style.setProperty("--to", at(Math.max(zero, number)));
  }
  return { row: element("label", { class: "slider" }, element("span", {}, label), range, reset), show };
}
