// Plays a character with a SIREN body by WebGPU. A face of another kind is the processor's share.

import { FACE_PLACE, IMAGE_SIZE } from "./character.js";
import { linear_image } from "./color.js";
import { face_on_processor } from "./faces.js";
import frame_source from "./frame.wgsl";
import { Kernel } from "./kernel.js";
import { body_levels, face_levels } from "./siren.js";
import { SirenOnGpu } from "./siren_gpu.js";

/** The browser's adapter, or null. */
async function gpu_adapter() {
  try {
    return (await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" })) ?? null;
  } catch {
    return null;
  }
}

/** Whether an adapter draws in software. */
function is_software_adapter(adapter) {
  return adapter.info?.isFallbackAdapter || /swiftshader|llvmpipe/i.test(`${adapter.info?.architecture} ${adapter.info?.description}`);
}

function signed(values) {
  return values.map((value) => 2 * value - 1);
}

export class GpuPlayer {
  /**
   * Null where the browser has no WebGPU.
   * @param refuse_software  null, too, where it is calculated by the processor, which the kernel does faster
   * @param rounded  float32, but rounded as where there is float16: for tests of what that costs
   */
  static async make(character, canvas, { refuse_software = false, rounded = false } = {}) {
    const adapter = await gpu_adapter();
    if (!adapter || (refuse_software && is_software_adapter(adapter))) return null;
    const has_half = adapter.features.has("shader-f16") && !rounded;
    const device = await adapter.requestDevice({ requiredFeatures: has_half ? ["shader-f16"] : [] });
    const kernel = character.face.kind === "blendshape" ? await Kernel.start() : null;
    device.pushErrorScope("validation");
    const player = new GpuPlayer(device, kernel, character, canvas, has_half ? "f16" : rounded ? "rounded" : "f32");
    const error = await device.popErrorScope();
    if (error) throw new Error(error.message);
    return player;
  }

  at_a_time = 1;
  /** A canvas of WebGPU can be read in the task that drew to it alone. */
  shows_at_once = true;
  #device;
  #is_lost = false;
  #face_on_processor = null;
  #face_on_gpu = null;
  #body;
  #face;
  #context;
  #screen;
  #file = null;
  #bindings = new Map();
  #image;

  constructor(device, kernel, character, canvas, precision) {
    this.name = `WebGPU, ${precision}`;
    this.#device = device;
    device.lost.then(() => { this.#is_lost = true; });
    const { STORAGE, COPY_DST } = GPUBufferUsage;
    this.#image = device.createBuffer({ size: 16 * IMAGE_SIZE ** 2, usage: STORAGE | COPY_DST });
    device.queue.writeBuffer(this.#image, 0, signed(linear_image(character.pixels)));
    this.#make_face(kernel, character.face, precision);
    this.#body = new SirenOnGpu(device, body_levels(character.body.weights, IMAGE_SIZE),
      (x, y, size) => character.is_empty(x, y, size), precision);
    this.#fill_empty();
    this.#context = canvas?.getContext("webgpu") ?? null;
    const format = navigator.gpu.getPreferredCanvasFormat();
    this.#context?.configure({ device, format, alphaMode: "premultiplied" });
    this.#screen = this.#pipeline(format, true);
  }

  #make_face(kernel, face, precision) {
    const { STORAGE, COPY_DST } = GPUBufferUsage, { size } = FACE_PLACE;
    if (face.kind === "siren") {
      this.#face_on_gpu = new SirenOnGpu(this.#device, face_levels(face.weights, size), () => false, precision);
      this.#face = this.#face_on_gpu.drawn;
    } else {
      this.#face_on_processor = face_on_processor(kernel, face);
      this.#face = this.#device.createBuffer({ size: 16 * size ** 2, usage: STORAGE | COPY_DST });
    }
  }

  /** What is never drawn is transparent: alpha is 1 there, and the colours drawn are the least there are. */
  #fill_empty() {
    const values = new Float32Array(8 * IMAGE_SIZE ** 2);
    for (let i = 0; i < values.length; i += 8) values.set([0, 0, 1, -1, -1, -1, -1, 0], i);
    this.#device.queue.writeBuffer(this.#body.drawn, 0, values);
  }

  #pipeline(format, is_screen) {
    const module = this.#device.createShaderModule({ code: frame_source });
    return this.#device.createRenderPipeline({ layout: "auto", vertex: { module },
      fragment: { module, targets: [{ format }], constants: { is_screen: is_screen ? 1 : 0 } } });
  }

  #encode_frame(encoder, pipeline, view) {
    if (!this.#bindings.has(pipeline)) {
      const buffers = [this.#image, this.#face, this.#body.drawn];
      this.#bindings.set(pipeline, this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0),
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })) }));
    }
    const pass = encoder.beginRenderPass({ colorAttachments: [{ view, loadOp: "clear", storeOp: "store",
      clearValue: [0, 0, 0, 0] }] });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#bindings.get(pipeline));
    pass.draw(3);
    pass.end();
  }

  #begin(pose) {
    if (this.#is_lost) throw new Error("the browser has lost the GPU");
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    if (this.#face_on_processor?.draw(pose)) {
      this.#device.queue.writeBuffer(this.#face, 0, signed(this.#face_on_processor.face));
    }
    for (const siren of [this.#face_on_gpu, this.#body]) {
      siren?.prepare(pose);
      siren?.encode(pass);
    }
    pass.end();
    return encoder;
  }

  async draw(pose) {
    const encoder = this.#begin(pose);
    this.#encode_frame(encoder, this.#screen, this.#context.getCurrentTexture().createView());
    this.#device.queue.submit([encoder.finish()]);
    await this.#device.queue.onSubmittedWorkDone();
  }

  /** The frame of `pose`, straight RGBA. */
  async read(pose) {
    const device = this.#device;
    this.#file ??= this.#make_file();
    const { pipeline, texture, buffer } = this.#file;
    const encoder = this.#begin(pose);
    this.#encode_frame(encoder, pipeline, texture.createView());
    encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow: 4 * IMAGE_SIZE }, [IMAGE_SIZE, IMAGE_SIZE]);
    device.queue.submit([encoder.finish()]);
    await buffer.mapAsync(GPUMapMode.READ);
    const pixels = new Uint8ClampedArray(buffer.getMappedRange().slice(0));
    buffer.unmap();
    return pixels;
  }

  #make_file() {
    const { RENDER_ATTACHMENT, COPY_SRC } = GPUTextureUsage;
    return {
      pipeline: this.#pipeline("rgba8unorm", false),
      texture: this.#device.createTexture({ size: [IMAGE_SIZE, IMAGE_SIZE], format: "rgba8unorm",
        usage: RENDER_ATTACHMENT | COPY_SRC }),
      buffer: this.#device.createBuffer({ size: 4 * IMAGE_SIZE ** 2, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ }),
    };
  }

  close() {
    this.#device.destroy();
  }
}
