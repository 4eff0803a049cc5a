"""The tracker's WebAssembly: that it was compiled of the sources that are there, and, by node where that is, that the page's
module finds what MediaPipe finds."""

import array
import base64
import hashlib
import json
import math
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "src/export/page"
FIXTURES = ROOT / "tests/fixtures/track"
SCRIPT = """
import fs from "node:fs";
import { deflateSync } from "node:zlib";
import { openTracker } from "./tracker.mjs";
const [models, pixels] = [process.argv[2], process.argv[3]].map((file) => fs.readFileSync(file));
const tracker = await openTracker(models.toString("base64"));
const face = { width: 256, height: 256, data: new Uint8ClampedArray(pixels) };
const empty = { width: 320, height: 200, data: new Uint8ClampedArray(320 * 200 * 4) };
const results = [tracker.update(empty, 0)];
for (let i = 1; i < 60; ++i) results.push(tracker.update(face, i / 30));
tracker.setNeutral();
results.push(tracker.update(face, 2), tracker.update(empty, 2.03));
const shown = [results[0], results[4], ...results.slice(-2)];
console.log(JSON.stringify(shown.map((one) => ({ ...one, points: Array.from(one.points), pose: Array.from(one.pose) }))));
let problem = "none";
try {
  await openTracker(deflateSync(Buffer.from("no models")).toString("base64"));
} catch (error) {
  problem = error.message;
}
console.log(JSON.stringify(problem));
"""


def rgba_of_png(file):
    """The pixels of a PNG of 8-bit RGB that is not interlaced."""
    data, place, stream = file.read_bytes(), 8, b""
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        if kind == b"IHDR":
            width, height = struct.unpack(">II", data[place + 8:place + 16])
        if kind == b"IDAT":
            stream += data[place + 8:place + 8 + length]
        place += length + 12
    rows, before, pixels = zlib.decompress(stream), bytearray(3 * width), bytearray()
    for y in range(height):
        kind, row = rows[y * (3 * width + 1)], bytearray(rows[y * (3 * width + 1) + 1:(y + 1) * (3 * width + 1)])
        for i, value in enumerate(row):
            a, b, c = (row[i - 3], before[i], before[i - 3]) if i >= 3 else (0, before[i], 0)
            nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            row[i] = (value + (0, a, b, (a + b) // 2, nearest)[kind]) & 0xFF
        for x in range(width):
            pixels += row[3 * x:3 * x + 3] + b"\xff"
        before = row
    return bytes(pixels)


class KernelTest(unittest.TestCase):
    def test_is_compiled_of_the_sources_that_are_there(self):
        files = [file for folder in ("src/track", "include/tha4/track") for file in (ROOT / folder).rglob("*")
                 if file.suffix in (".cpp", ".h") and file.name != "tracker_models.cpp"]
        content = b"".join(file.read_bytes() for file in sorted(files))
        kept = (ROOT / "src/track/page/tracker_kernel.sha256").read_text().strip()
        self.assertEqual(hashlib.sha256(content).hexdigest(), kept, "run scripts/build_tracker_kernel.sh")

    def test_asks_for_nothing_from_outside(self):
        kernel = zlib.decompress(base64.b64decode((PAGE / "tracker_kernel.base64").read_text()))
        sections, place = [], 8
        while place < len(kernel):
            sections.append(kernel[place])
            place, size, shift = place + 1, 0, 0
            while True:  # LEB128
                size |= (kernel[place] & 0x7F) << shift
                shift, place = shift + 7, place + 1
                if kernel[place - 1] < 0x80:
                    break
            place += size
        self.assertNotIn(2, sections, "it has imports")

    @unittest.skipUnless(shutil.which("node"), "there is no node")
    def test_finds_what_mediapipe_finds(self):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            kernel = (PAGE / "tracker_kernel.base64").read_text()
            (folder / "kernel.mjs").write_text(f'export default "{kernel}";\n')
            module = (PAGE / "tracker.js").read_text()
            (folder / "tracker.mjs").write_text(
                module.replace("./tracker_kernel.base64", "./kernel.mjs").replace("./bytes.js", "./bytes.mjs"))
            shutil.copy(PAGE / "bytes.js", folder / "bytes.mjs")
            (folder / "script.mjs").write_text(SCRIPT)
            (folder / "face.rgba").write_bytes(rgba_of_png(FIXTURES / "face.png"))
            run = subprocess.run(["node", folder / "script.mjs", ROOT / "data/tracker/face_tracker.models",
                                  folder / "face.rgba"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        results, problem = map(json.loads, run.stdout.splitlines())
        empty, early, last, lost = results
        self.assertEqual([one["found"] for one in results], [False, True, True, False])
        expected = array.array("f", (FIXTURES / "points.f32").read_bytes())
        distances = [math.dist(early["points"][i:i + 2], expected[i:i + 2]) for i in range(0, len(expected), 3)]
        self.assertLess(sum(distances) / len(distances), 0.5)
        self.assertEqual(set(empty["pose"]), {0})
        self.assertEqual(len(last["pose"]), 45)
        self.assertLess(max(map(abs, last["pose"])), 0.01)
        self.assertLess(max(map(abs, last["angles"].values())), 0.5)
        self.assertEqual(lost["points"], last["points"])
        self.assertEqual(lost["pose"], last["pose"])
        self.assertEqual(problem, "the models of the face tracker cannot be used")


if __name__ == "__main__":
    unittest.main()
