// The keyboard, for those who do not reach for the controls.

import { EXPRESSIONS } from "./expressions.js";
import { has_tracker } from "./face_worker.js";
import { INDEX_OF, pose_of } from "./parameters.js";

const TURNS = { ArrowUp: ["head_x", 0.1], ArrowDown: ["head_x", -0.1], ArrowLeft: ["head_y", 0.1], ArrowRight: ["head_y", -0.1] };

/** @param hide  hides or shows the controls */
export function listen_to_keys(stage, follower, hide) {
  const change = (name, value) => {
    const pose = Float32Array.from(stage.pose);
    pose[INDEX_OF.get(name)] = value;
    stage.set_pose(pose);
  };
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|BUTTON)$/.test(event.target.tagName)) return;
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
    if (event.key === " " && !/^(INPUT|TEXTAREA|BUTTON)$/.test(event.target.tagName)) change("eye_wink_left", 0);
  });
}
