// The controls beside the character.

import { camera_sheet } from "./camera_sheet.js";
import { element } from "./elements.js";
import { EXPRESSIONS } from "./expressions.js";
import { pose_of, rest_pose, SECTIONS } from "./parameters.js";
import { has_sides, section_sliders } from "./sliders.js";
import { studio } from "./studio.js";
import { switch_row } from "./switch_row.js";
import { text } from "./texts.js";

const TABS = ["face", "camera", ...Object.keys(SECTIONS), "studio"];
/** How often what changes by itself is shown anew, in milliseconds. */
const REFRESH = 500;

/** The panel: call build() after a change of language. */
export class Panel {
  #stage;
  #place;
  #settings;
  #camera;
  #tab = "face";
  #show = () => {};

  /**
   * @param settings  {linked, background, change_background(color)}, which outlive a build
   * @param camera  {follower, preview}
   */
  constructor(stage, place, settings, camera) {
    this.#stage = stage;
    this.#place = place;
    this.#settings = settings;
    this.#camera = camera;
    stage.addEventListener("posed", () => this.#show());
    const show_camera = () => {
      if (this.#tab === "camera") this.#show();
    };
    camera.follower.addEventListener("changed", show_camera);
    setInterval(show_camera, REFRESH);
  }

  build() {
    const tabs = element("div", { class: "tabs", role: "tablist", "aria-label": text("panel"), onkeydown: (event) => this.#move(event) },
      ...TABS.map((name) => element("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "sheet",
        "aria-selected": String(name === this.#tab), tabindex: name === this.#tab ? 0 : -1,
        onclick: () => this.#choose(name) }, text(name))));
    const sheet = element("div", { class: "sheet", id: "sheet", role: "tabpanel", "aria-labelledby": `tab-${this.#tab}` });
    this.#place.replaceChildren(tabs, sheet);
    this.#fill(sheet);
  }

  #choose(name) {
    this.#tab = name;
    this.build();
    this.#place.querySelector(`#tab-${name}`).focus({ preventScroll: true });
  }

  #move(event) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    this.#choose(TABS[(TABS.indexOf(this.#tab) + way + TABS.length) % TABS.length]);
  }

  #fill(sheet) {
    this.#show = () => {};
    if (this.#tab === "face") sheet.append(...this.#faces());
    else if (this.#tab === "camera") sheet.append(...this.#followed());
    else if (this.#tab === "studio") sheet.append(...studio(this.#stage, this.#settings));
    else sheet.append(...this.#section(this.#tab));
    this.#show();
  }

  #faces() {
    const chips = Object.entries(EXPRESSIONS).map(([name, pose], i) => element("button", { type: "button", class: "chip",
      "data-expression": name, onclick: () => this.#stage.set_pose(pose_of(pose)) },
      element("span", {}, text(name)), ...(i < 10 ? [element("kbd", { "aria-hidden": "true" }, String(i))] : [])));
    const { motion } = this.#stage;
    this.#show = () => {
      Object.values(EXPRESSIONS).forEach((pose, i) => {
        const is_on = pose_of(pose).every((value, k) => Math.abs(value - this.#stage.pose[k]) < 1e-4);
        chips[i].setAttribute("aria-pressed", String(is_on));
      });
    };
    return [element("h2", {}, text("expressions")), element("div", { class: "chips" }, ...chips),
      element("h2", {}, text("by_itself")),
      ...["follow", "blink", "breathe"].map((name) => switch_row(text(name), motion[name], (on) => { motion[name] = on; }))];
  }

  #followed() {
    const { parts, show } = camera_sheet(this.#camera.follower, this.#camera.preview);
    this.#show = show;
    return parts;
  }

  #section(name) {
    const { view, show } = section_sliders(this.#stage, name, this.#settings.linked);
    this.#show = show;
    const link = switch_row(text("linked"), this.#settings.linked, (linked) => {
      this.#settings.linked = linked;
      this.build();
    });
    const reset = element("button", { type: "button", class: "quiet", onclick: () => this.#stage.set_pose(rest_pose()) },
      text("reset_all"));
    return [...(has_sides(name) ? [link] : []), view, reset];
  }
}
