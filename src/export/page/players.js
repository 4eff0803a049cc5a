// Which player draws a character: the best one that the browser has.

import { BlendGlPlayer } from "./blend_gl.js";
import { CpuPlayer } from "./cpu_player.js";
import { GpuPlayer } from "./gpu_player.js";
import { SirenGlPlayer } from "./siren_gl_player.js";
import { WorkerPlayer } from "./worker_player.js";

/**
 * In the order in which they are tried. `plays` is the kind of body that it draws, all without it; `asked` ones are for
 * whoever names them.
 */
const WAYS = {
  gpu: { plays: "siren", player: GpuPlayer, options: { refuse_software: true } },
  gl: { plays: "blendshape", player: BlendGlPlayer, options: { refuse_software: true } },
  siren_gl: { plays: "siren", player: SirenGlPlayer, options: { refuse_software: true } },
  worker: { player: WorkerPlayer },
  cpu: { player: CpuPlayer },
  software_gpu: { plays: "siren", player: GpuPlayer, asked: true },
  rounded_gpu: { plays: "siren", player: GpuPlayer, options: { rounded: true }, asked: true },
  software_gl: { plays: "blendshape", player: BlendGlPlayer, asked: true },
  software_siren_gl: { plays: "siren", player: SirenGlPlayer, asked: true },
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
  for (const [name, { plays, player: kind, options, asked }] of Object.entries(WAYS)) {
    if (wanted === "auto" ? asked : wanted !== name) continue;
    if (plays && plays !== character.body.kind) continue;
    try {
      const canvas = new_canvas();
      const player = await kind.make(character, canvas, options);
      if (player) return { player, canvas };
      failures.push(`${name}: the browser has none`);
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    }
  }
  throw new Error(failures.join("; "));
}
