// A small picture of what the camera sees, with the points of the face.

import { element } from "./elements.js";
import { text } from "./texts.js";

const POINTS = 478;
/** Width of the picture that points are drawn in, whatever its size on the page. */
const WIDTH = 320;

export class CameraPreview {
  video = element("video", { muted: true, playsinline: true, tabindex: -1, "aria-hidden": "true" });
  #canvas = element("canvas", { "aria-hidden": "true" });
  #place = element("figure", { id: "preview", class: "is-off" }, this.video, this.#canvas);
  #is_wanted = true;

  /** @param theatre  the element that it lies on */
  constructor(theatre) {
    this.video.muted = true;  // the attribute alone does not do for an element that is made by a script
    theatre.append(this.#place);
  }

  get is_wanted() {
    return this.#is_wanted;
  }

  /** Shows what `follower` sees from now on. */
  follow(follower) {
    const show = () => {
      this.#place.classList.toggle("is-off", !follower.is_on || !this.#is_wanted);
      this.#place.classList.toggle("is-mirrored", follower.settings.mirror);
      this.#place.classList.toggle("is-lost", follower.state !== "found");
      this.#place.title = text("camera_preview");
    };
    follower.addEventListener("changed", show);
    follower.addEventListener("looked", () => {
      if (this.#is_wanted) this.#draw(follower.result);
    });
    this.want = (on) => {
      this.#is_wanted = on;
      show();
    };
  }

  #draw({ found, points, width }) {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth) return;
    const canvas = this.#canvas, height = Math.round(WIDTH * videoHeight / videoWidth);
    if (canvas.width !== WIDTH || canvas.height !== height) Object.assign(canvas, { width: WIDTH, height });
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, WIDTH, height);
    if (!found) return;
    const scale = WIDTH / width;
    context.fillStyle = getComputedStyle(this.#place).getPropertyValue("--points");
    for (let i = 0; i < POINTS; ++i) context.fillRect(points[3 * i] * scale - 0.75, points[3 * i + 1] * scale - 0.75, 1.5, 1.5);
  }
}
