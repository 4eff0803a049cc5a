// Sliders of a section's parameters, of both sides together or of each.

import { element } from "./elements.js";
import { indices_of, PARAMETERS, SECTIONS } from "./parameters.js";
import { text } from "./texts.js";

/** One slider for the numbers `indices` of the pose. */
function slider(stage, indices, label) {
  const { min, max } = PARAMETERS[indices[0]];
  const value = element("output", {});
  const range = element("input", { type: "range", min, max, step: 0.01, "aria-label": label,
    oninput: () => change(Number(range.value)) });
  const reset = element("button", { type: "button", class: "value", title: text("reset"), onclick: () => change(0) }, value);
  function change(number) {
    const pose = Float32Array.from(stage.pose);
    for (const index of indices) pose[index] = number;
    stage.set_pose(pose);
  }
  function show() {
    const number = stage.pose[indices[0]];
    if (Math.abs(Number(range.value) - number) > 0.004) range.value = number;
    value.textContent = number.toFixed(2);
    const at = (share) => `${((share - min) / (max - min)) * 100}%`;
    range.style.setProperty("--from", at(Math.min(0, number)));
    range.style.setProperty("--to", at(Math.max(0, number)));
  }
  return { row: element("label", { class: "slider" }, element("span", {}, label), range, reset), show };
}

/** The sliders of `section`: {view, show}; `linked` is whether both sides move together. */
export function section_sliders(stage, section, linked) {
  const sliders = [];
  const view = element("div", { class: "sliders" });
  for (const group of SECTIONS[section]) {
    const indices = indices_of(group);
    const parts = linked || indices.length === 1
      ? [[indices, text(group)]]
      : indices.map((index) => [[index], `${text(group)}, ${text(PARAMETERS[index].side)}`]);
    for (const [numbers, label] of parts) sliders.push(slider(stage, numbers, label));
  }
  view.append(...sliders.map(({ row }) => row));
  return { view, show: () => sliders.forEach((each) => each.show()) };
}

/** Whether a section has parameters of two sides. */
export function has_sides(section) {
  return SECTIONS[section].some((group) => indices_of(group).length === 2);
}
