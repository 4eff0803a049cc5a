// What draws a character's face on the processor, whichever kind it is.

import { BlendFace } from "./blend_face.js";
import { SirenFace } from "./siren_cpu.js";

/** Has `face`, [128][128][4] in [0, 1], and draw(pose), which is false where nothing changed. */
export function face_on_processor(kernel, { kind, weights }) {
  return kind === "blendshape" ? new BlendFace(kernel, weights) : new SirenFace(kernel, weights);
}
