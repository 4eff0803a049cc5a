"""What tests of exported pages share. Each of their programs is called with the folder of the project's commands."""

import base64
import functools
import json
import math
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from random import Random

from chromium import WITHOUT_GRAPHICS, Chromium, find_chromium

ROOT = Path(__file__).resolve().parents[2]
CHARACTERS = ROOT / "tests/fixtures/characters"
LEAST_DECIBELS = 45
PATIENCE = 60  # seconds after which something does not happen at all; machines of tests may be busy
BIN = None  # the folder of the commands; set by main()


def random_poses(count):
    """Poses whose parameters are all random."""
    random, parameters = Random(17), json.loads((ROOT / "tests/fixtures/pose_parameters.json").read_text())
    return [{each["name"]: round(random.uniform(*each["range"]), 3) for each in parameters} for _ in range(count)]


# Some that are easily understood where they fail, and random ones.
POSES = [
    {},
    {"eye_wink_left": 0.8, "mouth_aaa": 0.9, "eyebrow_raised_right": 1, "head_y": 0.6, "neck_z": -0.5, "breathing": 0.7},
    {"iris_rotation_x": -0.7, "mouth_smirk": 1, "eye_happy_wink_right": 0.6, "head_x": -0.8, "body_y": -0.9, "body_z": 0.6},
]
POSES += random_poses(64 - len(POSES))

# Pictures are compared as they are seen on white, and by their alpha. Both pass a canvas, which rounds what is hardly seen.
COMPARE = """async (frame, expected) => {
  const bytes = Uint8Array.from(atob(expected), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }), { colorSpaceConversion: "none" });
  const [a, b] = [(context) => context.putImageData(frame, 0, 0), (context) => context.drawImage(picture, 0, 0)].map((draw) => {
    const context = new OffscreenCanvas(512, 512).getContext("2d", { willReadFrequently: true });
    draw(context);
    return context.getImageData(0, 0, 512, 512).data;
  });
  let sum = 0;
  for (let i = 0; i < a.length; i += 4) {
    const alpha = a[i + 3], other = b[i + 3], white = other - alpha;
    for (let k = i; k < i + 3; ++k) sum += ((a[k] * alpha - b[k] * other) / 255 + white) ** 2;
    sum += white ** 2;
  }
  return sum / a.length;
}"""


def command(name, *arguments):
    result = subprocess.run([BIN / name, "-q", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, check=False)
    if result.returncode != 0:
        raise AssertionError(result.stderr)


@functools.cache
def folder():
    """The folder of all tests, with pages of two characters: page.html, and camera.html, which follows faces."""
    made = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(made.cleanup)
    for name, tracker in (("page.html", "--no-tracker"), ("camera.html", "--tracker")):
        command("tha4-export", "--character", CHARACTERS / "blendshape", "--character", CHARACTERS / "siren", "--to", "web",
                tracker, "--out", Path(made.name) / name)
    return Path(made.name)


@functools.cache
def browser(options):
    """A browser for all tests that want one with `options`."""
    made = Chromium(*options)
    unittest.addModuleCleanup(made.close)
    return made


class PageCase(unittest.TestCase):
    """Tests of the page in whatever `self.browser` is."""

    def setUp(self):
        self.path = folder()
        self.page = self.path / "page.html"

    def open(self, options="", page=None, **size):
        self.browser.open(f"file://{page or self.page}{options}", **size)
        self.browser.run("tha4.ready")

    def pose(self):
        return self.browser.run("tha4.getPose()")

    def wait_for(self, expression, what):
        end = time.monotonic() + PATIENCE
        while not self.browser.run(expression):
            if time.monotonic() > end:
                self.fail(what)
            time.sleep(0.05)

    def expected_frames(self, character, poses):
        file, frames = self.path / "poses.json", self.path / f"frames_{character.name}"
        file.write_text(json.dumps(poses))
        if not frames.exists():
            command("tha4-pose", "--engine", "reference", "--character", character, "--poses", file, "--out", f"{frames}/")
        return [base64.b64encode(frame.read_bytes()).decode() for frame in sorted(frames.glob("*.png"))]

    def decibels(self, poses, frames):
        """The least that drawn frames agree with expected ones."""
        worst = 0
        for pose, frame in zip(poses, frames):
            worst = max(worst, self.browser.run(f"tha4.frame({json.dumps(pose)}).then((frame) => ({COMPARE})(frame, '{frame}'))"))
        return 20 * math.log10(255 / math.sqrt(max(worst, 1e-6)))

    def check_frames(self, character, way, drawn_by, folder_of=CHARACTERS, page=None, poses=POSES):
        frames = self.expected_frames(folder_of / character, poses)
        # The larger the window, the more the browser itself draws in software.
        self.open(f"?character={character}&draw={way}&blink=0&breathe=0", page=page, width=320, height=240)
        self.assertEqual(self.browser.run("tha4.status().drawnBy"), drawn_by)
        decibels = self.decibels(poses, frames)
        print(f"{character}, {drawn_by}: {decibels:.1f} dB", file=sys.stderr)
        self.assertGreater(decibels, LEAST_DECIBELS)


@unittest.skipUnless(find_chromium(), "there is no Chromium; install the package chromium")
class PageTest(PageCase):
    """Tests of the page in Chromium, whose graphics in software cost most of the time: only for tests that need some."""

    options = WITHOUT_GRAPHICS

    def setUp(self):
        super().setUp()
        self.browser = browser(self.options)


def main():
    """Runs the tests of the program that calls it."""
    global BIN
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
