// Records what is on the stage as a video.

const RATE = 30;
const KINDS = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];

export function can_record() {
  return typeof MediaRecorder === "function" && "captureStream" in HTMLCanvasElement.prototype;
}

export class Recorder {
  #stage;
  #recorder = null;
  #draw;

  constructor(stage) {
    this.#stage = stage;
  }

  get is_recording() {
    return this.#recorder !== null;
  }

  /** Begins. @param background  a CSS colour, since videos have no transparency */
  start(background) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 512;
    const context = canvas.getContext("2d", { alpha: false });
    this.#draw = () => {
      context.fillStyle = background;
      context.fillRect(0, 0, 512, 512);
      context.drawImage(this.#stage.canvas, 0, 0);
    };
    this.#stage.addEventListener("drawn", this.#draw);
    this.#stage.redraw();
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.#recorder = new MediaRecorder(canvas.captureStream(RATE), { mimeType, videoBitsPerSecond: 8e6 });
    this.#recorder.parts = [];
    this.#recorder.ondataavailable = ({ data }) => this.#recorder?.parts.push(data);
    this.#recorder.start(1000);
  }

  /** Ends, and gives the video: {blob, suffix}. */
  async stop() {
    const recorder = this.#recorder;
    const ended = new Promise((resolve) => { recorder.onstop = resolve; });
    recorder.stop();
    await ended;
    this.#recorder = null;
    this.#stage.removeEventListener("drawn", this.#draw);
    const type = recorder.mimeType.split(";")[0];
    return { blob: new Blob(recorder.parts, { type }), suffix: type === "video/mp4" ? "mp4" : "webm" };
  }
}
