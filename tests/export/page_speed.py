"""Measures how fast Chromium draws exported pages: a line for every character and way of drawing.

Usage: page_speed.py [--siren PAGE...] [--blendshape PAGE...] [OPTION...]

Run it where there is a GPU, too: it says which one draws. A frame's time is that of drawing a new pose and reading the
frame back, of one at least, however slow; frames a second are those that the page draws while it plays, without waiting for
a display.
"""

import argparse
import base64
import json
import math
import os
import time
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

# Milliseconds that a frame takes to be drawn and read back.
FRAME_TIME = """(async (pose) => {
  const begin = performance.now();
  await tha4.frame(pose);
  return [performance.now() - begin, tha4.status().drawnBy];
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

# Milliseconds that the GPU takes for the layers of a frame: many of them in one submission less one alone, or where one alone
# takes long, that.
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
  const one = await time(1);
  if (one > 500 * seconds) return one;
  const frames = Math.min(Math.max(Math.round(500 * seconds / one), 2), 256), times = [];
  for (let i = 0; i < 3; ++i) times.push((await time(frames) - await time(1)) / (frames - 1));
  return times.sort((a, b) => a - b)[1];
})"""

# How often a frame is drawn while poses are played, each of them another one: how many frames, in which time. That begins
# with a frame and ends with one, the first that is drawn when the seconds are over.
PLAYED = """(async (poses, seconds) => {
  const next = async (frames) => {
    while (tha4.status().frames === frames) await new Promise((resolve) => setTimeout(resolve));
    return [tha4.status().frames, performance.now()];
  };
  tha4.play(poses, { rate: 997 });
  const [first, begin] = await next(tha4.status().frames);
  let [last, now] = await next(first);
  while (now < begin + 1000 * seconds) [last, now] = await next(last);
  tha4.stop();
  return [last - first, (now - begin) / 1000, tha4.status().drawnBy];
})"""


# The ways of drawing a body of each kind, and whether they take graphics.
WAYS = {"siren": {"software_gpu": True, "software_siren_gl": True, "worker": False},
        "blendshape": {"software_gl": True, "worker": False}}


class Patience:
    """Seconds that a way of drawing has for all its measurements."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def left(self):
        """Seconds until it ends. Raises TimeoutError where it has ended."""
        seconds = self.end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("its time is over")
        return seconds


def processor_seconds(root):
    """What the process `root` and those that it started have taken of the processors so far."""
    processes = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        processes[int(file.parent.name)] = int(fields[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    family, total = [root], 0
    for process in family:
        total += processes.get(process, (0, 0))[1]
        family += [child for child, (parent, _) in processes.items() if parent == process]
    return total


def check(drawn_by, expected):
    """A GPU that is lost is replaced by the processor, whose figures are not those of the way."""
    if drawn_by != expected:
        raise ProtocolError(f"{expected} was lost")


def frame_times(browser, drawn_by, seconds, patience):
    """
    Milliseconds of frames for some seconds, ascending, and what one takes of the processors, whatever else they
    do: of one frame at least, the first one not counted where it is not alone.
    """
    poses, times, taken = random_poses(64), [], []
    end = time.monotonic() + seconds
    before = processor_seconds(browser.process.pid)
    while not times or (time.monotonic() < end and len(times) < 1000):
        try:
            took, by = browser.run(f"({FRAME_TIME})({json.dumps(poses[len(times) % len(poses)])})", patience.left())
            check(by, drawn_by)
            times.append(took)
            taken.append(processor_seconds(browser.process.pid) - before)
        except TimeoutError:
            if not times:
                raise
            break
    if len(times) == 1:
        return times, taken[0]
    return sorted(times[1:]), (taken[-1] - taken[0]) / (len(times) - 1)


def worst_decibels(browser, drawn_by, folder, patience):
    """The least agreement with the frames of `folder`, poses.json and a picture of each pose, and of how many there was time."""
    poses = json.loads((folder / "poses.json").read_text())
    errors = []
    for pose, picture in zip(poses, sorted(folder.glob("*.png"))):
        frame = base64.b64encode(picture.read_bytes()).decode()
        compared = f"async (frame) => [await ({COMPARE})(frame, '{frame}'), tha4.status().drawnBy]"
        try:
            error, by = browser.run(f"tha4.frame({json.dumps(pose)}).then({compared})", patience.left())
        except TimeoutError:
            if not errors:
                raise
            break
        check(by, drawn_by)
        errors.append(error)
    return 20 * math.log10(255 / math.sqrt(max(*errors, 1e-6))), len(errors)


def measured(browser, page, way, arguments):
    """What a way of drawing gives, bit by bit: what comes late does not take the rest with it."""
    patience = Patience(arguments.patience)
    browser.call("Page.addScriptToEvaluateOnNewDocument", source=RECORD)
    begin = time.monotonic()
    browser.open(f"file://{page.resolve()}?draw={way}&blink=0&breathe=0&follow=0", width=320, height=240)
    browser.run("tha4.ready", patience.left())
    drawn_by = browser.run("tha4.status().drawnBy")
    if way != "worker" and drawn_by == "WebAssembly":
        raise ProtocolError(f"{way} was lost at the first frame")
    yield f"{drawn_by}, first frame after {time.monotonic() - begin:.1f} s"
    times, taken = frame_times(browser, drawn_by, arguments.seconds, patience)
    yield (f"{times[len(times) // 2]:.4g} ms a frame (median of {len(times)}; least {times[0]:.4g}; {1000 * taken:.4g} ms of the "
           "processors' time)")
    frames, seconds, by = browser.run(f"({PLAYED})({json.dumps(random_poses(64))}, {arguments.seconds})", patience.left())
    check(by, drawn_by)
    yield f"{frames / seconds:.3g} frames a second ({frames} in {seconds:.1f} s)"
    if browser.run("self.recorded?.calls.length"):
        layers = browser.run(f"({LAYER_TIME})({arguments.seconds})", patience.left())
        yield f"{layers:.4g} ms of the GPU's for the layers of a frame"
    if arguments.expected:
        decibels, count = worst_decibels(browser, drawn_by, arguments.expected / page.stem, patience)
        yield f"{decibels:.1f} dB in the worst of {count} poses"


def adapters(browser, page):
    browser.open(f"file://{page.resolve()}?draw=worker")  # a blank page has no WebGPU
    yield browser.run(ADAPTERS, 30)


def say(what, options, told):
    """Prints what `told(browser)` gives, one by one, for a browser with `options`, or why it gives nothing more."""
    print(f"{what}:", end="", flush=True)
    try:
        browser = Chromium(*UNLIMITED, *options)
        try:
            for part, text in enumerate(told(browser)):
                print(f"{',' if part else ''} {text}", end="", flush=True)
        finally:
            browser.close()
        print(flush=True)
    except (OSError, EOFError, ProtocolError) as error:  # a TimeoutError is an OSError
        print(f"; nothing more: {error}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for kind in WAYS:
        parser.add_argument(f"--{kind}", nargs="+", type=Path, default=[], metavar="PAGE",
                            help=f"pages whose character's body is a {kind}")
    parser.add_argument("--graphics", nargs="+", choices=GRAPHICS, default=list(GRAPHICS), help="what is tried of the GPU's ways")
    parser.add_argument("--expected", type=Path, metavar="FOLDER",
                        help="has a folder for each page, of its name: poses.json and pictures of them by tha4-pose")
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement (default: 2)")
    parser.add_argument("--patience", type=float, default=120, help="seconds that a way of drawing has in all (default: 120)")
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
