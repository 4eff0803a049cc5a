// Sliders of a section's parameters, of both sides together or of each.

import { element } from "./elements.js";
import { indices_of, PARAMETERS, SECTIONS } from "./parameters.js";
import { range_row } from "./range_row.js";
import { text } from "./texts.js";

/** One slider for the numbers `indices` of the pose. */
function slider(stage, indices, label) {
  const { row, show } = range_row(label, PARAMETERS[indices[0]], 0, (number) => {
    const pose = Float32Array.from(stage.pose);
    for (const index of indices) pose[index] = number;
    stage.set_pose(pose);
  });
  return { row, show: () => show(stage.pose[indices[0]]) };
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
