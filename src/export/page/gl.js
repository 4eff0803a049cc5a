// What takes many calls of WebGL2: programs, textures that never repeat, drawing one triangle over a target.

import whole_vertex from "./whole.vertex.glsl";

/** A WebGL2 context of `canvas` that can draw to floats; null where there is none. */
export function float_context(canvas) {
  const options = { alpha: true, premultipliedAlpha: true, antialias: false, depth: false, stencil: false,
    preserveDrawingBuffer: true };
  const gl = canvas.getContext("webgl2", options);
  if (!gl) return null;
  const has_floats = gl.getExtension("EXT_color_buffer_float");
  if (!has_floats && !gl.getExtension("EXT_color_buffer_half_float")) return null;
  gl.has_float_maps = Boolean(has_floats && gl.getExtension("OES_texture_float_linear"));
  return gl;
}

/** Whether the context draws in software, by what it calls itself. */
export function is_software(gl) {
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}

function compiled(gl, type, source) {
  const shader = gl.createShader(type);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
  return shader;
}

/** A program that draws fragments by `source`. */
export class Program {
  #gl;
  #program;
  #places = new Map();

  constructor(gl, source) {
    this.#gl = gl;
    this.#program = gl.createProgram();
    gl.attachShader(this.#program, compiled(gl, gl.VERTEX_SHADER, whole_vertex));
    gl.attachShader(this.#program, compiled(gl, gl.FRAGMENT_SHADER, source));
    gl.linkProgram(this.#program);
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.#program));
  }

  /** Draws over all of `target` (null: the canvas), of `size` pixels, with textures and whole numbers by their names. */
  draw(target, size, textures, integers = {}, floats = {}) {
    const gl = this.#gl;
    gl.useProgram(this.#program);
    Object.entries(textures).forEach(([name, texture], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform1i(this.#place(name), unit);
    });
    for (const [name, value] of Object.entries(integers)) gl.uniform1i(this.#place(name), value);
    for (const [name, value] of Object.entries(floats)) gl.uniform2f(this.#place(name), ...value);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.viewport(0, 0, size, size);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /**
   * Draws over a part of `target`, [x, y, width, height], with arrays of textures, whole numbers (or pairs), vectors of
   * four and a buffer of weights.
   */
  draw_layers(target, [x, y, width, height], arrays, integers, vectors, weights = null) {
    const gl = this.#gl;
    gl.useProgram(this.#program);
    Object.entries(arrays).forEach(([name, texture], unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
      gl.uniform1i(this.#place(name), unit);
    });
    for (const [name, value] of Object.entries(integers)) {
      if (Array.isArray(value)) gl.uniform2i(this.#place(name), ...value);
      else gl.uniform1i(this.#place(name), value);
    }
    for (const [name, values] of Object.entries(vectors)) gl.uniform4fv(this.#place(name), values);
    if (weights) gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, weights);  // a program's only block is number 0
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.viewport(x, y, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #place(name) {
    if (!this.#places.has(name)) this.#places.set(name, this.#gl.getUniformLocation(this.#program, name));
    return this.#places.get(name);
  }
}

/** A texture; `values` may be null. @param form  {internal, format, type}, names of constants of WebGL2 */
export function texture_of(gl, width, height, { internal, format, type }, values, filter = "NEAREST") {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl[internal], width, height);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  if (values) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl[format], gl[type], values);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl[filter]);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl[filter]);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}

/** A framebuffer that draws to `textures`. */
export function target_of(gl, textures) {
  const target = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, target);
  textures.forEach((texture, i) => {
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, texture, 0);
  });
  gl.drawBuffers(textures.map((_, i) => gl.COLOR_ATTACHMENT0 + i));
  if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) throw new Error("cannot draw to such textures");
  return target;
}

/** An array of textures of floats. @param internal  the name of a format of R, G, B, A */
export function texture_array(gl, width, height, layers, internal) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
  gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl[internal], width, height, layers);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  return texture;
}

/** A framebuffer that draws to `count` layers of an array, from `first` on. */
export function target_of_layers(gl, texture, first, count) {
  const target = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, target);
  for (let i = 0; i < count; ++i) gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, texture, 0, first + i);
  gl.drawBuffers(Array.from({ length: count }, (_, i) => gl.COLOR_ATTACHMENT0 + i));
  if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) throw new Error("cannot draw to such textures");
  return target;
}
