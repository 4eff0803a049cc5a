// Plays a character with a blendshape body by WebGL2. The MLPs and the face are the processor's share.

import appearance_source from "./appearance.glsl";
import { BlendMap } from "./blend_map.js";
import { FACE_PLACE, IMAGE_SIZE } from "./character.js";
import { linear_image } from "./color.js";
import { face_on_processor } from "./faces.js";
import flow_source from "./flow.glsl";
import frame_source from "./blend_frame.glsl";
import { FLOATS, GlFrame, HALVES } from "./gl_frame.js";
import { float_context, is_software, Program, target_of, texture_of } from "./gl.js";
import { Kernel } from "./kernel.js";

const SHORTS = { 1: { internal: "R16I", format: "RED_INTEGER", type: "SHORT" },
  2: { internal: "RG16I", format: "RG_INTEGER", type: "SHORT" },
  4: { internal: "RGBA16I", format: "RGBA_INTEGER", type: "SHORT" } };

/** Channels `first` to `first + count` of planes of `area` values, beside each other. */
function interleaved(planes, area, first, count, Type) {
  const result = new Type(area * count);
  for (let channel = 0; channel < count; ++channel) {
    for (let i = 0; i < area; ++i) result[i * count + channel] = planes[(first + channel) * area + i];
  }
  return result;
}

/** The bases of a map as one picture: a row of tiles for each tile, one for each base. */
function atlas_of({ integers, tiles, bases, channels, side }, first, count) {
  const width = bases * side;
  const atlas = new Int16Array(width * tiles.length * side * count);
  for (let tile = 0; tile < tiles.length; ++tile) {
    for (let base = 0; base < bases; ++base) {
      const from = (tile * bases + base) * channels * side * side;
      const planes = integers.subarray(from, from + channels * side * side);
      const values = interleaved(planes, side * side, first, count, Int16Array);
      for (let y = 0; y < side; ++y) {
        const to = ((tile * side + y) * width + base * side) * count;
        atlas.set(values.subarray(y * side * count, (y + 1) * side * count), to);
      }
    }
  }
  return atlas;
}

/** A BlendMap in textures. */
class MapInTextures {
  constructor(gl, map) {
    this.gl = gl;
    this.map = map;
    const { across, tiles, bases } = map;
    const places = new Int16Array(across * across).fill(-1);
    tiles.forEach((place, row) => { places[place] = row; });
    this.places = texture_of(gl, across, across, SHORTS[1], places);
    this.scales = texture_of(gl, bases, tiles.length, FLOATS[1], map.scales);
    this.integers = { side: map.side, count: bases };
  }

  mean(first, count) {
    const { mean, size } = this.map;
    return texture_of(this.gl, size, size, FLOATS[count], interleaved(mean, size * size, first, count, Float32Array));
  }

  bases(first, count) {
    const { bases, side, tiles } = this.map;
    return texture_of(this.gl, bases * side, tiles.length * side, SHORTS[count], atlas_of(this.map, first, count));
  }

  weigh(pose) {
    const { gl, map } = this;
    map.weigh(pose);
    gl.bindTexture(gl.TEXTURE_2D, this.scales);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, map.bases, map.tiles.length, gl.RED, gl.FLOAT, map.scales);
  }
}

export class BlendGlPlayer {
  /**
   * Null where the browser has no WebGL2 that draws to floats.
   * @param refuse_software  null, too, where the processor draws, which the kernel does faster
   */
  static async make(character, canvas, { refuse_software = false } = {}) {
    const gl = float_context(canvas);
    if (!gl || (refuse_software && is_software(gl))) return null;
    return new BlendGlPlayer(gl, await Kernel.start(), character);
  }

  name = "WebGL2";
  at_a_time = 1;
  #gl;
  #face;
  #image;
  #parts = {};  // the maps, by name
  #programs;
  #targets;
  #frame;

  constructor(gl, kernel, character) {
    this.#gl = gl;
    this.#face = face_on_processor(kernel, character.face);
    const map_form = gl.has_float_maps ? FLOATS[4] : HALVES;
    this.#image = texture_of(gl, IMAGE_SIZE, IMAGE_SIZE, map_form, linear_image(character.pixels), "LINEAR");
    const map_of = (name) => new BlendMap(kernel, character.body.weights, name);
    this.#parts.flow = this.#flow_textures(map_of("flow"));
    this.#parts.appearance = this.#appearance_textures(map_of("appearance"));
    if (character.body.weights.has("motion.mean")) this.#parts.motion = this.#flow_textures(map_of("motion"));
    const map = (size) => texture_of(gl, size, size, map_form, null, "LINEAR");
    const flow = map(this.#parts.flow.map.size), { size } = this.#parts.appearance.map;
    const drawn = map(size), alpha = map(size);
    this.#targets = { flow: target_of(gl, [flow]), appearance: target_of(gl, [drawn, alpha]) };
    let motion = texture_of(gl, 1, 1, FLOATS[4], new Float32Array(4));
    if (this.#parts.motion) {
      motion = map(this.#parts.motion.map.size);
      this.#targets.motion = target_of(gl, [motion]);
    }
    this.#frame = new GlFrame(gl, frame_source, { motion, image: this.#image, flow, drawn, alpha });
    const flow_program = new Program(gl, flow_source);
    this.#programs = { motion: flow_program, flow: flow_program, appearance: new Program(gl, appearance_source) };
  }

  #flow_textures(map) {
    const flow = new MapInTextures(this.#gl, map);
    flow.textures = { mean: flow.mean(0, 2), bases: flow.bases(0, 2), places: flow.places, scales: flow.scales };
    return flow;
  }

  #appearance_textures(map) {
    const appearance = new MapInTextures(this.#gl, map);
    appearance.textures = { mean: appearance.mean(1, 4), mean_alpha: appearance.mean(0, 1),
      bases: appearance.bases(1, 4), bases_alpha: appearance.bases(0, 1), places: appearance.places,
      scales: appearance.scales };
    return appearance;
  }

  #draw_maps(pose) {
    const gl = this.#gl;
    if (this.#face.draw(pose)) {
      const { x, y, size } = FACE_PLACE;
      gl.bindTexture(gl.TEXTURE_2D, this.#image);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, size, size, gl.RGBA, gl.FLOAT, this.#face.face);
    }
    for (const [name, part] of Object.entries(this.#parts)) {
      part.weigh(pose);
      this.#programs[name].draw(this.#targets[name], part.map.size, part.textures, part.integers);
    }
  }

  async draw(pose) {
    this.#draw_maps(pose);
    this.#frame.show();
  }

  /** The frame of `pose`, straight RGBA. */
  async read(pose) {
    this.#draw_maps(pose);
    return this.#frame.read();
  }

  close() {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
