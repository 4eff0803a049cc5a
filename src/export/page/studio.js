// What goes in and out: poses, pictures, videos, and what stands behind the character.

import { download, element } from "./elements.js";
import { GifRecorder } from "./gif_recorder.js";
import { pose_object, pose_of, poses_of_file } from "./parameters.js";
import { png_of } from "./png.js";
import { can_record, Recorder } from "./recorder.js";
import { text } from "./texts.js";

const COLORS = ["transparent", "#ffffff", "#f3d9dc", "#cfe3f1", "#1f2430", "#00b140"];
/** Behind a video of a transparent stage. */
const VIDEO_BACKGROUND = "#00b140";

function button(label, act, name = "") {
  return element("button", { type: "button", class: "wide", "data-action": name, onclick: (event) => act(event.currentTarget) }, label);
}

function say(problem) {
  window.dispatchEvent(new CustomEvent("tha4-problem", { detail: problem }));
}

/** Puts `value` on the clipboard; pages from files may have to do it the old way. */
async function copy(value) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    const area = element("textarea", { class: "hidden" });
    area.value = value;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function pose_controls(stage) {
  const file = element("input", { type: "file", accept: ".json,.csv,application/json,text/csv", class: "hidden", tabindex: -1,
    onchange: async () => {
      try {
        stage.play(poses_of_file(await file.files[0].text()));
      } catch (error) {
        say(text("poses_failed") + error.message);
      }
      file.value = "";
    } });
  const play = button("", () => (stage.is_playing ? stage.stop() : file.click()), "play");
  const label = () => { play.textContent = text(stage.is_playing ? "stop" : "open_poses"); };
  stage.addEventListener("playing", label);
  label();
  return element("div", { class: "buttons" },
    button(text("copy"), async (self) => {
      await copy(JSON.stringify([pose_object(stage.led_pose)], null, 1));
      self.textContent = text("copied");
      setTimeout(() => { self.textContent = text("copy"); }, 1500);
    }, "copy"),
    button(text("paste"), async () => {
      try {
        const given = JSON.parse(await navigator.clipboard.readText());
        stage.set_pose(pose_of(Array.isArray(given) ? given[0] : given));
      } catch (error) {
        say(text("paste_failed") + error.message);
      }
    }, "paste"), play, file);
}

function background_controls(settings) {
  const swatches = COLORS.map((color) => {
    const swatch = element("button", { type: "button", class: "swatch", title: color === "transparent" ? text(color) : color,
      "aria-label": color === "transparent" ? text(color) : color, onclick: () => choose(color) });
    if (color !== "transparent") swatch.style.backgroundColor = color;
    return swatch;
  });
  const own = element("input", { type: "color", class: "swatch", "aria-label": text("background"), value: "#8e9aaf",
    oninput: () => choose(own.value) });
  function choose(color) {
    settings.change_background(color);
    swatches.forEach((swatch, i) => swatch.setAttribute("aria-pressed", String(COLORS[i] === color)));
  }
  swatches.forEach((swatch, i) => swatch.setAttribute("aria-pressed", String(COLORS[i] === settings.background)));
  return element("div", { class: "swatches" }, ...swatches, own);
}

/** A button that begins and ends a recording, and saves it. */
function record_button(stage, recorder, name, start) {
  const made = button("", async () => {
    if (recorder.is_recording) {
      try {
        const { blob, suffix } = await recorder.stop();
        download(blob, `${stage.character.name}.${suffix}`);
      } catch (error) {
        say(text("recording_failed") + error.message);
      }
    } else {
      start();
    }
    label();
  }, name);
  function label() {
    made.textContent = text(recorder.is_recording ? "stop_recording" : name);
    made.classList.toggle("is-on", recorder.is_recording);
  }
  label();
  return made;
}

function picture_controls(stage, settings) {
  const color = () => (settings.background === "transparent" ? null : settings.background);
  const record = record_button(stage, settings.recorder, "record", () => {
    if (!can_record()) return say(text("no_recording"));
    return settings.recorder.start(color() ?? VIDEO_BACKGROUND);
  });
  const record_gif = record_button(stage, settings.gif_recorder, "record_gif", () => settings.gif_recorder.start(color()));
  return element("div", { class: "buttons" },
    button(text("save"), async () => {
      const { data } = await stage.frame();
      download(await png_of({ width: 512, height: 512, pixels: data }), `${stage.character.name}.png`);
    }, "save"), record, record_gif);
}

/** The sheet's elements. */
export function studio(stage, settings) {
  settings.recorder ??= new Recorder(stage);
  settings.gif_recorder ??= new GifRecorder(stage);
  return [element("h2", {}, text("pose")), pose_controls(stage), element("h2", {}, text("background")),
    background_controls(settings), element("h2", {}, text("picture")), picture_controls(stage, settings),
    element("p", { class: "keys" }, text("keys"))];
}
