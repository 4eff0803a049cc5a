// Which player draws a character: the best one that the browser has.

import { BlendGlPlayer } from "./blend_gl.js";
import { CpuPlayer } from "./cpu_player.js";
import { GpuPlayer } from "./gpu_player.js";
import { WorkerPlayer } from "./worker_player.js";

/** In the order in which they are tried; `plays` is the kind of body, or all. `asked` ones are for whoever names them. */
const WAYS = {
  gpu: { plays: "siren", make: (character, canvas) => GpuPlayer.make(character, canvas, { refuse_software: true }) },
  gl: { plays: "blendshape", make: BlendGlPlayer.make },
  worker: { make: WorkerPlayer.make },
  cpu: { make: CpuPlayer.make },
  software_gpu: { plays: "siren", make: GpuPlayer.make, asked: true },
  rounded_gpu: { plays: "siren", make: (character, canvas) => GpuPlayer.make(character, canvas, { rounded: true }), asked: true },
};

function new_canvas() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 512;
  return canvas;
}

/**
 * A player of `character` with a canvas of its own: {player, canvas}.
 * @param wanted  "auto", or the one of the ways above to be tried
 */
export async function make_player(character, wanted = "auto") {
  await character.open();
  const failures = [];
  for (const [name, { plays, make, asked }] of Object.entries(WAYS)) {
    if (wanted === "auto" ? asked : wanted !== name) continue;
    if (plays && plays !== character.body.kind) continue;
    try {
      const canvas = new_canvas();
      const player = await make(character, canvas);
      if (player) return { player, canvas };
      failures.push(`${name}: the browser has none`);
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    }
  }
  throw new Error(failures.join("; "));
}
