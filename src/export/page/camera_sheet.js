// The controls of the camera and the microphone.

import { element } from "./elements.js";
import { has_tracker } from "./face_worker.js";
import { SECTIONS } from "./parameters.js";
import { range_row } from "./range_row.js";
import { switch_row } from "./switch_row.js";
import { text } from "./texts.js";

const MOST_GAIN = 2;
/** How long a button says that it has done it, in milliseconds. */
const SAID = 1500;

/** What is wrong, in the page's words and the browser's. */
function words_of({ reason, message }) {
  return text(reason) + (message ? ` (${message})` : "");
}

function problem_line() {
  const line = element("p", { class: "warning", role: "alert", hidden: true });
  return { line, show: (problem) => {
    line.hidden = !problem;
    line.textContent = problem ? words_of(problem) : "";
  } };
}

/** {parts, show} of the camera. */
function camera_controls(follower, preview) {
  const state = element("span", { role: "status" }), rate = element("span", { class: "rate" });
  const status = element("p", { class: "follow-state" }, state, rate);
  const { line: problem, show: show_problem } = problem_line();
  const power = element("button", { type: "button", class: "wide", "data-action": "camera",
    onclick: () => (follower.is_on ? follower.stop() : follower.start()) });
  const choice = element("select", { class: "wide", "aria-label": text("camera_which"),
    onchange: () => (follower.is_on ? follower.start(choice.value) : Object.assign(follower, { device: choice.value })) });
  const neutral = element("button", { type: "button", class: "wide", "data-action": "neutral", onclick: async () => {
    await follower.set_neutral();
    neutral.textContent = text("neutral_taken");
    setTimeout(() => { neutral.textContent = text("neutral_set"); }, SAID);
  } }, text("neutral_set"));
  const mirror = switch_row(text("mirror"), follower.settings.mirror, (on) => follower.set({ mirror: on }));
  const picture = switch_row(text("camera_preview"), preview.is_wanted, (on) => preview.want(on));

  function show() {
    power.textContent = text(follower.is_on ? "camera_stop" : "camera_start");
    power.classList.toggle("is-first", !follower.is_on);
    status.dataset.state = follower.state;
    const said = text(`camera_${follower.state}`);
    if (state.textContent !== said) state.textContent = said;  // what is said anew is read aloud
    rate.textContent = follower.rate > 0 ? `${follower.rate} fps` : "";
    neutral.disabled = follower.state !== "found";
    show_problem(follower.problem);
    const labels = follower.devices.map(({ label }, i) => label || `${text("camera")} ${i + 1}`);
    if (choice.dataset.labels !== labels.join("\n")) {
      choice.dataset.labels = labels.join("\n");
      choice.replaceChildren(...follower.devices.map(({ id }, i) => element("option", { value: id }, labels[i])));
    }
    choice.hidden = labels.length < 2;
    choice.value = follower.device;
  }
  const parts = [element("h2", {}, text("camera")), status, problem, element("div", { class: "buttons" }, power, neutral, choice),
    element("p", { class: "hint" }, text("neutral_how")), mirror, picture];
  return { parts, show };
}

/** A slider for each group of parameters. */
function gain_controls(follower) {
  const rows = Object.keys(SECTIONS).map((name) => {
    const { row, show } = range_row(text(name), { min: 0, max: MOST_GAIN }, 1, (gain) => {
      follower.set({ gains: { [name]: gain } });
      show(gain);
    });
    show(follower.settings.gains[name]);
    row.dataset.gain = name;
    return row;
  });
  return [element("h2", {}, text("gains")), element("div", { class: "sliders is-double" }, ...rows)];
}

function microphone_controls(follower) {
  const { line: problem, show: show_problem } = problem_line();
  const mouth = switch_row(text("microphone_mouth"), follower.hears, async (on) => {
    show_problem(null);
    try {
      await follower.listen(on);
    } catch (error) {
      mouth.querySelector("input").checked = false;
      show_problem({ reason: error.reason ?? "microphone_failed", message: error.message });
    }
  });
  const { row, show } = range_row(text("microphone_gain"), { min: 0, max: 4 }, 1, (gain) => {
    follower.voice_gain = gain;
    show(gain);
  });
  show(follower.voice_gain);
  mouth.dataset.action = "microphone";
  return [element("h2", {}, text("microphone")), mouth, problem, element("div", { class: "sliders" }, row)];
}

/** {parts, show}: the sheet's elements, and what brings them up to date. */
export function camera_sheet(follower, preview) {
  const camera = has_tracker() ? camera_controls(follower, preview)
                                : { parts: [element("p", { class: "hint" }, text("no_tracker"))], show: () => {} };
  const parts = [...camera.parts, ...microphone_controls(follower), element("p", { class: "promise" }, text("promise")),
    ...(has_tracker() ? [...gain_controls(follower), element("p", { class: "hint" }, text("models"))] : [])];
  return { parts, show: camera.show };
}
