// The page: a stage, the controls beside it, a shelf where there are several characters.

import { offer_api } from "./api.js";
import { CameraPreview } from "./camera_preview.js";
import { Character } from "./character.js";
import { element } from "./elements.js";
import { FaceFollower } from "./face_follower.js";
import { has_tracker } from "./face_worker.js";
import { listen_to_keys } from "./keys.js";
import { Panel } from "./panel.js";
import { pose_of } from "./parameters.js";
import { follow_pointer } from "./pointer.js";
import { Stage } from "./stage.js";
import { choose_language, language, text, usual_language } from "./texts.js";

/** Options behind ? or #: "embed", "character", "draw", "pose", "follow", "blink", "breathe", "language", "camera", "mirror". */
function options_of(place) {
  return new URLSearchParams(`${place.search.slice(1)}&${place.hash.slice(1)}`);
}

function is_on(options, name, usual) {
  const value = options.get(name);
  return value === null ? usual : !/^(0|no|off|false)$/.test(value);
}

/** The characters that the exporter has put into the page, each before the weights of its face and its body. */
function characters_of_page() {
  const weights = document.querySelectorAll("script.weights");
  return Array.from(document.querySelectorAll("script.character"), ({ textContent }, i) => {
    const data = JSON.parse(textContent);
    data.face.weights = weights[2 * i].textContent;
    data.body.weights = weights[2 * i + 1].textContent;
    return new Character(data);
  });
}

function build_shelf(characters, choose) {
  const shelf = document.getElementById("shelf");
  shelf.hidden = characters.length < 2;
  shelf.replaceChildren(...characters.map((character, i) => element("button", { type: "button", onclick: () => choose(i),
    title: character.name }, element("i", {}, element("img", { src: character.picture, alt: "" })), element("span", {}, character.name))));
}

function show_problem(message) {
  const place = document.getElementById("problem");
  place.textContent = message;
  place.hidden = !message;
}

export function start_page() {
  const options = options_of(window.location);
  const characters = characters_of_page();
  const root = document.documentElement;
  root.classList.toggle("embed", options.has("embed"));
  choose_language(options.get("language") ?? usual_language());

  const place = document.getElementById("stage");
  const stage = new Stage(place, options.get("draw") ?? "auto");
  const moves = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  stage.motion.follow = is_on(options, "follow", moves && !options.has("embed"));
  stage.motion.blink = is_on(options, "blink", moves);
  stage.motion.breathe = is_on(options, "breathe", moves);
  try {
    if (options.has("pose")) stage.set_pose(pose_of(JSON.parse(options.get("pose"))));
  } catch (error) {
    show_problem(`pose=${options.get("pose")}: ${error.message}`);
  }

  const settings = { linked: true, background: "transparent", change_background(color) {
    settings.background = color;
    place.classList.toggle("is-transparent", color === "transparent");
    place.style.backgroundColor = color === "transparent" ? "" : color;
  } };
  const preview = new CameraPreview(place.parentElement);
  const follower = new FaceFollower(preview.video);
  preview.follow(follower);
  stage.lead = (seconds) => follower.pose_at(seconds);
  follower.set({ mirror: is_on(options, "mirror", true) });
  const panel = new Panel(stage, document.getElementById("panel"), settings, { follower, preview });
  const status = document.getElementById("status");

  async function choose(index) {
    place.classList.add("is-opening");
    try {
      await stage.choose(characters[index]);
    } catch (error) {
      show_problem(text("draw_failed") + error.message);
      throw error;
    } finally {
      place.classList.remove("is-opening");
    }
    document.title = characters[index].name;
    document.getElementById("name").textContent = characters[index].name;
    document.querySelectorAll("#shelf button").forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
  }

  function hide() {
    root.classList.toggle("is-bare");
    label();
  }

  function label() {
    root.lang = language();
    const toggle = document.getElementById("toggle");
    toggle.setAttribute("aria-label", text(root.classList.contains("is-bare") ? "show" : "hide"));
    toggle.title = toggle.getAttribute("aria-label");
    document.getElementById("language").textContent = text("language");
    place.dataset.opening = text("opening");
    panel.build();
  }

  document.getElementById("toggle").addEventListener("click", hide);
  document.getElementById("language").addEventListener("click", () => {
    choose_language(language() === "en" ? "ja" : "en");
    label();
  });
  window.addEventListener("tha4-problem", ({ detail }) => show_problem(detail));
  document.getElementById("problem").addEventListener("click", () => show_problem(""));
  stage.addEventListener("failed", ({ detail }) => show_problem(text("draw_failed") + detail.message));
  setInterval(() => {
    const { name } = stage.player ?? { name: "" };
    status.textContent = name + (stage.rate > 0 ? ` · ${stage.rate} fps` : "");
    status.title = name === "WebAssembly" ? text("slow") : "";
  }, 1000);

  build_shelf(characters, (index) => choose(index).catch(() => {}));
  label();
  follow_pointer(stage, place);
  listen_to_keys(stage, follower, hide);
  const wanted = options.get("character") ?? "0";
  const first = characters.findIndex(({ name }, i) => name === wanted || String(i) === wanted);
  const ready = choose(Math.max(first, 0));
  ready.catch(() => {});
  offer_api(stage, follower, characters, { choose, change_background: (color) => settings.change_background(color) }, ready);
  stage.start();
  if (is_on(options, "camera", false) && has_tracker()) follower.start();
}
