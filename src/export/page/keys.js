// The keyboard, for those who do not reach for the controls.

import { EXPRESSIONS } from "./expressions.js";
import { has_tracker } from "./face_worker.js";
import { INDEX_OF, pose_of } from "./parameters.js";

const TURNS = { ArrowUp: ["head_x", 0.1], ArrowDown: ["head_x", -0.1], ArrowLeft: ["head_y", 0.1], ArrowRight: ["head_y", -0.1] };

/** Whether the element that has the focus takes `key` for itself. */
function is_taken(key, { tagName, type }) {
  if (tagName === "SELECT" || tagName === "TEXTAREA") return true;
  if (tagName !== "BUTTON" && tagName !== "INPUT") return false;
  return key === " " || (type === "range" && key in TURNS);
}

/** @param hide  hides or shows the controls */
export function listen_to_keys(stage, follower, hide) {
  const change = (name, value) => {
    const pose = Float32Array.from(stage.pose);
    pose[INDEX_OF.get(name)] = value;
    stage.set_pose(pose);
  };
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || is_taken(event.key, event.target)) return;
    if (event.key in TURNS) {
      const [name, step] = TURNS[event.key];
      change(name, stage.pose[INDEX_OF.get(name)] + step);
    } else if (event.key === " ") {
      change("eye_wink_left", 1);
    } else if (/^[0-9]$/.test(event.key)) {
      stage.set_pose(pose_of(Object.values(EXPRESSIONS)[Number(event.key)]));
    } else if (event.key === "h" || event.key === "H") {
      hide();
    } else if ((event.key === "c" || event.key === "C") && has_tracker()) {
      if (follower.is_on) follower.stop();
      else follower.start();
    } else if (event.key === "n" || event.key === "N") {
      follower.set_neutral();
    } else {
      return;
    }
    event.preventDefault();
  });
  window.addEventListener("keyup", (event) => {
    if (event.key === " " && !is_taken(" ", event.target)) change("eye_wink_left", 0);
  });
}
