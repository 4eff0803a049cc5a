"""Opens exported pages in Chromium with a fake camera: does the character follow a face, does nothing of it leave the page?

Usage: camera_test.py BIN [UNITTEST_OPTION...], with the folder of the project's commands.
"""

import functools
import http.server
import importlib.util
import json
import math
import struct
import subprocess
import sys
import threading
import time
import unittest
import wave
from pathlib import Path

import page_case
from chromium import SOFTWARE
from face_clip import BITS, HEIGHT, SECONDS, SEGMENTS, SQUARE, WIDTH
from page_case import ROOT, PageTest, folder

FAKE = (*SOFTWARE, "--use-fake-device-for-media-stream")
STILL = "?character=blendshape&blink=0&breathe=0&follow=0&language=en"

# Which segment of the clip the camera shows.
SEGMENT = f"""(() => {{
  const video = document.querySelector("#preview video");
  const context = new OffscreenCanvas({WIDTH}, {HEIGHT}).getContext("2d");
  context.drawImage(video, 0, 0, {WIDTH}, {HEIGHT});
  let number = 0;
  for (let bit = 0; bit < {BITS}; ++bit) {{
    const [bright] = context.getImageData({SQUARE} * (bit + 0.5), {HEIGHT - SQUARE // 2}, 1, 1).data;
    number |= (bright > 127) << bit;
  }}
  return number;
}})()"""

# Keeps what the tracker's worker has said last.
LISTEN = """self.Worker = class extends Worker {
  constructor(...all) {
    super(...all);
    this.addEventListener("message", ({ data }) => { if (data.value?.pose) self.told = data.value.pose; });
  }
}"""

# What is seen of each segment, until all were seen: [{segment, seconds since it began, state, angles, pose,
# how far it is from the tracker's}, ...].
WATCH = f"""new Promise((resolve) => {{
  const samples = [], seen = new Set();
  let segment = -1, began = 0;
  const timer = setInterval(() => {{
    const now = {SEGMENT}, {{ state, angles, pose }} = tha4.camera();
    if (now !== segment) {{
      if (segment >= 0 && seen.size === {len(SEGMENTS)} && now === samples[0].segment) {{
        clearInterval(timer);
        return resolve(samples);
      }}
      segment = now;
      began = performance.now();
      seen.add(now);
    }}
    const apart = Math.max(...tha4.parameters().map(({{ name }}, i) => Math.abs((pose?.[name] ?? 0) - self.told[i])));
    samples.push({{ segment, seconds: (performance.now() - began) / 1000, state, angles, pose: pose ?? {{}}, apart }});
  }}, 40);
}})"""


def python_with_pictures():
    """A Python that has numpy and pillow, or None: that of .venv, or this one."""
    own = ROOT / ".venv/bin/python"
    if own.exists():
        return own
    return sys.executable if all(map(importlib.util.find_spec, ("numpy", "PIL"))) else None


@functools.cache
def clip():
    """The clip of face_clip.py."""
    file = folder() / "face.mjpeg"
    subprocess.run([python_with_pictures(), "-B", ROOT / "tests/export/face_clip.py", file], check=True)
    return file


@functools.cache
def voice():
    """A second of silence, then a second of a tone."""
    file = folder() / "voice.wav"
    rate = 48000
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", round(12000 * math.sin(0.03 * i)) if i > rate else 0) for i in range(2 * rate)))
    return file


class CameraTest(PageTest):
    """A browser whose page was allowed camera and microphone."""

    @property
    def options(self):
        return (*FAKE, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={clip()}",
                f"--use-file-for-fake-audio-capture={voice()}")

    def setUp(self):
        if not python_with_pictures():
            self.skipTest("there is no Python with numpy and pillow to make a clip of a face; scripts/setup.sh makes one")
        super().setUp()
        self.page = self.path / "camera.html"

    def start(self, options=STILL, **size):
        self.open(options, **size)
        self.browser.click("#tab-camera")
        self.browser.click("[data-action=camera]")
        self.wait_for("tha4.camera().state === 'found'", "no face is found")


class Following(CameraTest):
    def test_the_character_does_what_the_face_does(self):
        self.browser.call("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
        self.start()
        # The face at rest, once it has been seen for a while. Clicked by the page itself: another process may be late.
        self.browser.run(f"""new Promise((resolve) => {{
          let began = null;
          const timer = setInterval(() => {{
            if ({SEGMENT} !== 0) began = null;
            else if (performance.now() - (began ??= performance.now()) > 1200) {{
              clearInterval(timer);
              document.querySelector("[data-action=neutral]").click();
              resolve();
            }}
          }}, 40);
        }})""")
        samples = self.browser.run(WATCH)
        at = self.end_of(samples)
        worst = 0
        for number, segment in enumerate(SEGMENTS):
            if "covered" in segment:
                continue
            self.assertEqual(at[number]["state"], "found", segment)
            print(segment, {name: round(angle, 1) for name, angle in at[number]["angles"].items()},
                  {name: round(value, 2) for name, value in at[number]["pose"].items() if abs(value) > 0.05}, file=sys.stderr)
            for name, angle in at[number]["angles"].items():
                worst = max(worst, abs(angle - segment.get(name, 0)))
        self.assertLess(worst, 5, "degrees")

        def value(name, **segment):
            return at[SEGMENTS.index(segment)]["pose"].get(name, 0)

        with self.subTest("blinks"):
            for side in ("left", "right"):
                self.assertGreater(value(f"eye_wink_{side}", left_eye=1, right_eye=1), 0.7)
                self.assertLess(value(f"eye_wink_{side}"), 0.1)
            # As in a mirror: the person's right eye is the character's left one.
            self.assertGreater(value("eye_wink_left", right_eye=1), 0.7)
            self.assertLess(value("eye_wink_right", right_eye=1), 0.3)
        with self.subTest("mouth"):
            self.assertGreater(value("mouth_aaa", mouth=1), 0.4)
            self.assertLess(value("mouth_aaa"), 0.1)
        with self.subTest("brows"):
            self.assertGreater(value("eyebrow_raised_left", brows=1), 0.3)
            self.assertLess(value("eyebrow_raised_left"), 0.1)
        with self.subTest("head, as in a mirror"):
            self.assertGreater(value("head_y", yaw=-15) * -value("head_y", yaw=15), 0.01)
            self.assertGreater(value("head_x", pitch=10), 0.1)
            self.assertLess(value("head_x", pitch=-10), -0.1)
        with self.subTest("a face that is lost is held, then let go"):
            lost = [sample for sample in samples if sample["segment"] == SEGMENTS.index({"covered": 1}) and sample["state"] == "lost"]
            self.assertGreater(lost[0]["pose"].get("mouth_aaa", 0), 0.3)
            self.assertLess(lost[-1]["pose"].get("mouth_aaa", 0), lost[0]["pose"]["mouth_aaa"] / 2)
            self.assertLess(max(sample["apart"] for sample in lost), 0.01, "for how long is the tracker's to say")
        with self.subTest("a still face before a noisy camera gives a still character"):
            noisy = [sample["pose"] for sample in samples if sample["segment"] == SEGMENTS.index({"noise": 1}) and sample["seconds"] > 1]
            for name, low, high in self.browser.run("tha4.parameters().map(({name, min, max}) => [name, min, max])"):
                values = [pose.get(name, 0) for pose in noisy]
                mean = sum(values) / len(values)
                deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
                self.assertLess(deviation / (high - low), 0.01, name)

    def end_of(self, samples):
        """The last sample of each segment, which was seen for a while."""
        last = {}
        for sample in samples:
            if sample["seconds"] > SECONDS / 2 or sample["segment"] == samples[0]["segment"]:
                last[sample["segment"]] = sample
        self.assertEqual(sorted(last), list(range(len(SEGMENTS))))
        return last


class Panel(CameraTest):
    def test_starts_and_stops(self):
        self.start()
        self.assertFalse(self.browser.run("document.querySelector('#preview').classList.contains('is-off')"))
        self.wait_for("document.querySelector('#preview canvas').getContext('2d').getImageData(0, 0, 320, 240).data.some((x) => x)",
                      "no points are drawn")
        self.browser.click("[data-action=camera]")
        self.assertEqual(self.browser.run("[tha4.camera().state, document.querySelector('#preview video').srcObject]"), ["off", None])
        self.wait_for("tha4.camera().pose === null", "the face is not let go")
        self.browser.run("document.activeElement.blur()")
        self.browser.press("c", 67)
        self.wait_for("tha4.camera().state === 'found'", "the key does not start it")

    def switch(self, label):
        self.browser.run(f"[...document.querySelectorAll('.option')].find((row) => row.textContent === {json.dumps(label)})"
                         ".querySelector('input').click()")

    def test_hides_the_picture_and_mirrors_it(self):
        self.start()
        self.switch("Show the camera’s picture")
        self.switch("Like a mirror")
        self.assertEqual(self.browser.run("document.querySelector('#preview').className"), "is-off")
        self.assertFalse(self.browser.run("tha4.camera().settings.mirror"))
        self.wait_for("tha4.camera().rate > 0", "it does not look on while it is hidden")

    def test_gains_by_key(self):
        self.start()
        self.browser.run("document.querySelector('[data-gain=head] input').focus()")
        self.browser.press("Home", 36)
        self.assertEqual(self.browser.run("tha4.camera().settings.gains.head"), 0)
        self.wait_for("Math.abs(tha4.camera().pose.head_y ?? 0) < 0.005", "the head goes on")

    def test_expressions_are_added_to_what_is_seen(self):
        self.start()
        self.browser.run("tha4.setPose({eye_happy_wink: 1})")
        self.assertEqual(self.browser.run("tha4.getPose()"), {"eye_happy_wink_left": 1, "eye_happy_wink_right": 1})

    def test_the_voice_opens_the_mouth(self):
        self.open(STILL)
        self.browser.click("#tab-camera")
        self.browser.click("[data-action=microphone] input")
        for condition, what in (("tha4.camera().pose?.mouth_aaa > 0.8", "stays shut"), ("tha4.camera().pose?.mouth_aaa === undefined",
                                                                                       "stays open")):
            self.wait_for(condition, f"the mouth {what}")
        self.browser.click("[data-action=microphone] input")
        self.wait_for("tha4.camera().pose === null", "it goes on listening")

    def test_says_what_becomes_of_the_picture_in_both_languages(self):
        for language, words in (("en", "never stored or sent"), ("ja", "保存も送信もされません")):
            self.open(f"?language={language}")
            self.browser.click("#tab-camera")
            self.assertIn(words, self.browser.run("document.querySelector('.promise').textContent"))

    def test_nothing_is_wider_than_a_phone(self):
        for language in ("en", "ja"):
            self.start(f"?language={language}", width=360, height=740, mobile=True)
            self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 360)
            wide = self.browser.run("[...document.querySelectorAll('#panel *')].filter((x) => x.getBoundingClientRect().right > 360).length")
            self.assertEqual(wide, 0)

    def test_the_address_starts_it(self):
        self.open("?camera&mirror=0&embed")
        self.wait_for("tha4.camera().state === 'found'", "the camera does not start")
        self.assertFalse(self.browser.run("tha4.camera().settings.mirror"))

    def test_nothing_leaves_the_page_and_nothing_is_wrong(self):
        self.browser.events.clear()
        self.start()
        self.browser.click("[data-action=microphone] input")
        self.wait_for("tha4.camera().pose?.mouth_aaa > 0.8", "nothing is heard")
        requests = [event["params"]["request"] for event in self.browser.events if event["method"] == "Network.requestWillBeSent"]
        others = [request["url"] for request in requests if not request["url"].startswith((f"file://{self.page}", "data:", "blob:"))]
        self.assertEqual(others, [])
        problems = [event["params"] for event in self.browser.events if event["method"] == "Runtime.exceptionThrown" or
                    (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error")]
        self.assertEqual(problems, [])

    def test_other_pages_neither_start_it_nor_learn_what_it_sees(self):
        self.start()
        for name in ("camera", "startCamera", "listen"):
            answer = self.browser.run(f"""new Promise((resolve) => {{
              addEventListener("message", ({{data}}) => {{ if (data.tha4 === "answer" && data.id === 2) resolve(data.value); }});
              postMessage({{tha4: "{name}", arguments: [], id: 1}}, "*");
              postMessage({{tha4: "characters", arguments: [], id: 2}}, "*");
              addEventListener("message", ({{data}}) => {{ if (data.tha4 === "answer" && data.id === 1) resolve("answered"); }});
            }})""")
            self.assertEqual(answer, ["blendshape", "siren"], name)


class RefusedTest(PageTest):
    """Pages that get no camera say why."""

    def setUp(self):
        super().setUp()
        self.page = self.path / "camera.html"

    def problem(self, url=None):
        self.browser.open(url or f"file://{self.page}{STILL}")
        self.browser.run("tha4.ready")
        self.browser.click("#tab-camera")
        self.browser.click("[data-action=camera]")
        self.wait_for("tha4.camera().problem", "nothing is said")
        self.assertTrue(self.browser.run("document.querySelector('.warning').offsetHeight > 0"))
        return self.browser.run("tha4.camera().problem.reason")


class Missing(RefusedTest):
    def test_is_told(self):
        self.assertEqual(self.problem(), "camera_missing")


class Denied(RefusedTest):
    options = FAKE

    def test_by_the_user(self):
        self.browser.call("Browser.setPermission", permission={"name": "camera"}, setting="denied")
        self.assertEqual(self.problem(), "camera_denied_on_disk")


class Served(RefusedTest):
    # Frames of other origins in the same process, where they can be asked.
    options = (*FAKE, "--host-resolver-rules=MAP page.test 127.0.0.1", "--disable-site-isolation-trials",
               "--disable-features=IsolateOrigins,site-per-process")

    def setUp(self):
        super().setUp()
        files = self.path

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=files)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.port = server.server_port

    def test_from_an_address_that_is_not_safe(self):
        self.assertEqual(self.problem(f"http://page.test:{self.port}/camera.html{STILL}"), "camera_insecure")

    def test_within_a_page_that_does_not_let_it(self):
        (self.path / "around_camera.html").write_text(f"""<iframe src="http://127.0.0.1:{self.port}/camera.html?camera"></iframe>""")
        self.browser.events.clear()
        self.browser.open(f"http://localhost:{self.port}/around_camera.html")
        frame = self.browser.call("Page.getFrameTree")["frameTree"]["childFrames"][0]["frame"]["id"]
        contexts = [event["params"]["context"] for event in self.browser.events if event["method"] == "Runtime.executionContextCreated"]
        of_frame = [each["id"] for each in contexts if each["auxData"].get("frameId") == frame and each["auxData"]["isDefault"]]
        answer = self.browser.call("Runtime.evaluate", contextId=of_frame[-1], awaitPromise=True, returnByValue=True, expression="""
            new Promise((resolve) => setInterval(() => { if (tha4.camera().problem) resolve(tha4.camera().problem.reason); }, 50))""")
        self.assertEqual(answer["result"]["value"], "camera_of_frame")


class WithoutTracker(PageTest):
    def test_there_is_the_voice_alone(self):
        self.open()
        self.browser.click("#tab-camera")
        self.assertEqual(self.browser.run("[...document.querySelectorAll('[data-action]')].map((x) => x.dataset.action)"), ["microphone"])
        self.assertEqual(self.browser.run("tha4.startCamera().then(() => tha4.camera().problem.reason)"), "no_tracker")
        self.assertLess((self.path / "page.html").stat().st_size + 2**20, (self.path / "camera.html").stat().st_size)


if __name__ == "__main__":
    page_case.main()
