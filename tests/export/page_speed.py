"""Measures how fast Chromium draws exported pages: a line for every character and way of drawing.

Usage: page_speed.py [--siren PAGE...] [--blendshape PAGE...] [OPTION...]

Run it where there is a GPU, too: it says which one draws. A frame's time is that of drawing a new pose and reading the
frame back; frames a second are those that the page itself counts while it plays, without waiting for a display.
"""

import argparse
import base64
import json
import math
from pathlib import Path

from chromium import SOFTWARE, Chromium, ProtocolError
from page_case import COMPARE, random_poses

# Both kinds of graphics as a GPU's Vulkan driver gives them to a browser without a window.
VULKAN = ("--use-angle=vulkan", "--use-vulkan=native", "--enable-features=Vulkan,DefaultANGLEVulkan,VulkanFromANGLE",
          "--disable-vulkan-surface", "--enable-unsafe-webgpu", "--ignore-gpu-blocklist")
EGL = ("--use-gl=angle", "--use-angle=gl-egl", "--enable-unsafe-webgpu", "--ignore-gpu-blocklist")
# WebGPU by the GPU alone, where its driver gives no surfaces for anything else.
COMPUTE = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--use-vulkan=native", "--enable-features=Vulkan",
           "--disable-vulkan-surface", "--enable-unsafe-webgpu", "--use-webgpu-adapter=default", "--ignore-gpu-blocklist")
GRAPHICS = {"vulkan": VULKAN, "egl": EGL, "compute": COMPUTE, "software": SOFTWARE}
UNLIMITED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")

# What draws, as the browser tells a page.
ADAPTERS = """(async () => {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  const gl = document.createElement("canvas").getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter?.info ?? {};
  const f16 = adapter?.features.has("shader-f16");
  return { webgpu: adapter ? { vendor, architecture, device, description, isFallbackAdapter, f16 } : null,
    webgl2: gl ? gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER) : null };
})()"""

# Milliseconds of each of the frames that are drawn and read back, one after the other, for some seconds.
FRAME_TIMES = """(async (poses, seconds) => {
  const times = [], end = performance.now() + 1000 * seconds;
  await tha4.frame(poses[0]);
  for (let i = 0; performance.now() < end || times.length < 3; ++i) {
    const begin = performance.now();
    await tha4.frame(poses[i % poses.length]);
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b);
})"""

# Keeps what the page has last given to WebGPU for one frame's layers, so that it can be given again.
RECORD = """(() => {
  if (!self.GPUComputePassEncoder) return;
  const recorded = self.recorded = { device: null, calls: [] };
  const watch = (kind, name, note) => {
    const call = kind.prototype[name];
    kind.prototype[name] = function (...values) { note(this, values); return call.apply(this, values); };
  };
  watch(GPUDevice, "createCommandEncoder", (device) => { recorded.device = device; });
  watch(GPUCommandEncoder, "beginComputePass", () => { recorded.calls = []; });
  for (const name of ["setPipeline", "setBindGroup", "dispatchWorkgroups"]) {
    watch(GPUComputePassEncoder, name, (_, values) => recorded.calls.push([name, values]));
  }
})()"""

# Milliseconds that the GPU takes for the layers of a frame: many of them in one submission less one alone.
LAYER_TIME = """(async (seconds) => {
  const { device, calls } = recorded;
  const time = async (frames) => {
    const encoder = device.createCommandEncoder();
    for (let i = 0; i < frames; ++i) {
      const pass = encoder.beginComputePass();
      for (const [name, values] of calls) pass[name](...values);
      pass.end();
    }
    const commands = encoder.finish(), begin = performance.now();
    device.queue.submit([commands]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - begin;
  };
  await time(1);
  const one = await time(1), frames = Math.min(Math.max(Math.round(500 * seconds / one), 2), 256), times = [];
  for (let i = 0; i < 3; ++i) times.push((await time(frames) - await time(1)) / (frames - 1));
  return times.sort((a, b) => a - b)[1];
})"""

# Frames a second while poses are played, each of them another one.
PLAYED = """(async (poses, seconds) => {
  tha4.play(poses, { rate: 997 });
  await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(seconds, 1.2)));
  const { rate } = tha4.status();
  tha4.stop();
  return rate;
})"""


# The ways of drawing a body of each kind, and whether they take graphics.
WAYS = {"siren": {"software_gpu": True, "software_siren_gl": True, "worker": False},
        "blendshape": {"software_gl": True, "worker": False}}


def worst_decibels(browser, folder):
    """The least agreement with the frames of `folder`: poses.json, and a picture of each pose."""
    poses = json.loads((folder / "poses.json").read_text())
    worst = 0
    for pose, picture in zip(poses, sorted(folder.glob("*.png"))):
        frame = base64.b64encode(picture.read_bytes()).decode()
        error = browser.run(f"tha4.frame({json.dumps(pose)}).then((frame) => ({COMPARE})(frame, '{frame}'))")
        worst = max(worst, error)
    return 20 * math.log10(255 / math.sqrt(max(worst, 1e-6)))


def measured(browser, page, way, arguments):
    """What a way of drawing gives, as a line."""
    browser.call("Page.addScriptToEvaluateOnNewDocument", source=RECORD)
    browser.open(f"file://{page.resolve()}?draw={way}&blink=0&breathe=0&follow=0")
    browser.run("tha4.ready", arguments.patience)
    call = f"({json.dumps(random_poses(64))}, {arguments.seconds})"
    times = browser.run(FRAME_TIMES + call, arguments.patience)
    rate = browser.run(PLAYED + call, arguments.patience)
    line = (f"{browser.run('tha4.status().drawnBy')}: {times[len(times) // 2]:.2f} ms a frame (median of {len(times)}; least "
            f"{times[0]:.2f}), {rate} frames a second")
    if browser.run("self.recorded?.calls.length"):
        layers = browser.run(f"{LAYER_TIME}({arguments.seconds})", arguments.patience)
        line += f", {layers:.2f} ms of the GPU's for the layers of a frame"
    if arguments.expected:
        line += f", {worst_decibels(browser, arguments.expected / page.stem):.1f} dB"
    return line


def adapters(browser, page):
    browser.open(f"file://{page.resolve()}?draw=worker")  # a blank page has no WebGPU
    return browser.run(ADAPTERS, 30)


def say(what, options, told):
    """Prints what `told(browser)` gives for a browser with `options`, or why it gives nothing."""
    try:
        browser = Chromium(*UNLIMITED, *options)
        try:
            print(f"{what}: {told(browser)}", flush=True)
        finally:
            browser.close()
    except (OSError, EOFError, ProtocolError) as error:  # a TimeoutError is an OSError
        print(f"{what}: nothing: {error}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for kind in WAYS:
        parser.add_argument(f"--{kind}", nargs="+", type=Path, default=[], metavar="PAGE",
                            help=f"pages whose character's body is a {kind}")
    parser.add_argument("--graphics", nargs="+", choices=GRAPHICS, default=list(GRAPHICS), help="what is tried of the GPU's ways")
    parser.add_argument("--expected", type=Path, metavar="FOLDER",
                        help="has a folder for each page, of its name: poses.json and pictures of them by tha4-pose")
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement (default: 2)")
    parser.add_argument("--patience", type=float, default=60, help="seconds after which one is given up (default: 60)")
    arguments = parser.parse_args()
    pages = [(kind, page) for kind in WAYS for page in getattr(arguments, kind)]
    for graphics in arguments.graphics:
        say(graphics, GRAPHICS[graphics], lambda browser: adapters(browser, pages[0][1]))
        for kind, page in pages:
            for way in (way for way, takes_graphics in WAYS[kind].items() if takes_graphics):
                say(f"{graphics}, {page.stem}", GRAPHICS[graphics], lambda browser: measured(browser, page, way, arguments))
    for _, page in pages:
        say(page.stem, (), lambda browser: measured(browser, page, "worker", arguments))


if __name__ == "__main__":
    main()
