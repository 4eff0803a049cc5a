"""Opens exported pages in Chromium: are frames those of tha4-pose, do the controls work, does nothing leave the page?

Usage: page_test.py BIN [UNITTEST_OPTION...], with the folder of the project's commands.
"""

import base64
import hashlib
import json
import os
import sys
import time
import unittest

import page_case
from chromium import SOFTWARE
from page_case import CHARACTERS, LEAST_DECIBELS, PATIENCE, POSES, ROOT, PageTest, command

FEW_POSES = POSES[:3]  # of what takes long, or is made of what all poses are drawn by elsewhere
PUBLISHED = ROOT.parent / "shared/reference/lambda_00"


class Kernel(unittest.TestCase):
    def test_is_compiled_of_the_source_that_is_there(self):
        source = (ROOT / "src/export/kernel/page_kernel.cpp").read_bytes()
        kept = (ROOT / "src/export/kernel/page_kernel.sha256").read_text().strip()
        self.assertEqual(hashlib.sha256(source).hexdigest(), kept, "run scripts/build_page_kernel.sh")


class Frames(PageTest):
    options = SOFTWARE

    def test_of_a_blendshape_by_webgl(self):
        self.check_frames("blendshape", "software_gl", "WebGL2")

    def test_of_a_blendshape_by_the_processor(self):
        self.check_frames("blendshape", "worker", "WebAssembly")

    def test_of_maps_that_move(self):
        page = self.path / "moving.html"
        command("tha4-export", "--character", CHARACTERS / "moving", "--to", "web", "--no-tracker", "--out", page)
        for way, drawn_by in (("software_gl", "WebGL2"), ("worker", "WebAssembly")):
            with self.subTest(way=way):
                self.check_frames("moving", way, drawn_by, page=page)

    def test_of_a_siren_by_webgpu(self):
        self.check_frames("siren", "software_gpu", "WebGPU, f32")

    def test_of_a_siren_by_webgpu_rounded_as_float16(self):
        self.check_frames("siren", "rounded_gpu", "WebGPU, rounded")

    def test_of_a_siren_by_webgl(self):
        self.check_frames("siren", "software_siren_gl", "WebGL2")

    def test_of_a_siren_by_the_processor(self):
        self.check_frames("siren", "worker", "WebAssembly")

    def mixed(self, face, body):
        """The page of a character whose networks are of two kinds."""
        character, page = self.path / f"{face}_{body}", self.path / f"{face}_{body}.html"
        if not character.exists():
            character.mkdir()
            suffixes = {"siren": "pt", "blendshape": "safetensors"}
            (character / "character_model.yaml").write_text(
                f"character_image_file_name: {CHARACTERS}/character.png\n"
                f"face_morpher_file_name: {CHARACTERS}/{face}/face_morpher.{suffixes[face]}\nface_morpher_kind: {face}\n"
                f"body_morpher_file_name: {CHARACTERS}/{body}/body_morpher.{suffixes[body]}\nbody_morpher_kind: {body}\n")
            command("tha4-export", "--character", character, "--to", "web", "--out", page)
        return page

    def test_of_characters_that_mix_kinds(self):
        for face, body, way, drawn_by in (("siren", "blendshape", "software_gl", "WebGL2"),
                                          ("siren", "blendshape", "worker", "WebAssembly"),
                                          ("blendshape", "siren", "software_gpu", "WebGPU, f32"),
                                          ("blendshape", "siren", "software_siren_gl", "WebGL2")):
            with self.subTest(face=face, body=body, way=way):
                self.check_frames(f"{face}_{body}", way, drawn_by, self.path, self.mixed(face, body), FEW_POSES)

    def test_of_the_published_siren(self):
        if not PUBLISHED.exists():
            self.skipTest(f"there is no published character {PUBLISHED}")
        character = self.path / "published"
        if not character.exists():
            os.mkdir(character)
            for file in PUBLISHED.iterdir():
                (character / file.name).symlink_to(file)
        page = self.path / "published.html"
        command("tha4-export", "--character", character, "--to", "web", "--no-tracker", "--out", page)
        self.assertLess(page.stat().st_size, 2.5 * 2**20)
        self.open("?blink=0&breathe=0", page=page)
        self.assertEqual(self.browser.run("tha4.status().drawnBy"), "WebAssembly", "software is no GPU to draw SIRENs by")
        self.assertGreater(self.decibels(FEW_POSES, self.expected_frames(character, FEW_POSES)), LEAST_DECIBELS)


class Controls(PageTest):
    def setUp(self):
        super().setUp()
        self.open("?blink=0&breathe=0&follow=0&language=en")

    def test_sliders_move_both_sides_or_one(self):
        self.browser.click("#tab-eyes")
        self.browser.run("document.querySelector('input[type=range]').focus()")
        for _ in range(3):
            self.browser.press("ArrowRight", 39)
        self.assertEqual(self.pose(), {"eye_wink_left": 0.03, "eye_wink_right": 0.03})
        self.browser.click(".sheet .switch")
        self.assertEqual(self.browser.run("document.querySelectorAll('input[type=range]').length"), 12)
        self.browser.run("document.querySelectorAll('input[type=range]')[1].focus()")
        self.browser.press("End", 35)
        self.assertEqual(self.pose(), {"eye_wink_left": 0.03, "eye_wink_right": 1})
        self.browser.click(".sheet .quiet")
        self.assertEqual(self.pose(), {})

    def test_every_parameter_has_a_slider(self):
        names = []
        self.browser.click("#tab-brows")
        self.browser.click(".sheet .switch")
        for section in ("brows", "eyes", "iris", "mouth", "head", "body"):
            self.browser.click(f"#tab-{section}")
            for i in range(self.browser.run("document.querySelectorAll('input[type=range]').length")):
                self.browser.run("tha4.setPose({})")
                self.browser.run(f"document.querySelectorAll('input[type=range]')[{i}].focus()")
                self.browser.press("End", 35)
                names += self.pose()
        self.assertEqual(sorted(names), sorted(self.browser.run("tha4.parameters().map(({name}) => name)")))

    def test_expressions_by_click_and_by_key(self):
        self.browser.click("[data-expression=smile]")
        self.assertEqual(self.pose()["mouth_raised_corner_left"], 1)
        self.assertEqual(self.browser.run("document.querySelector('[data-expression=smile]').ariaPressed"), "true")
        self.browser.press("4", 52)  # the button that was clicked has the focus
        self.assertEqual(self.pose()["eye_surprised_left"], 1)
        self.browser.press("0", 48)
        self.assertEqual(self.pose(), {})
        self.browser.press("ArrowUp", 38)
        self.assertEqual(self.pose(), {"head_x": 0.1})
        self.browser.press(" ", 32)
        self.assertEqual(self.pose()["mouth_raised_corner_left"], 1, "the button is pressed by the space bar")

    def test_copies_the_pose_as_pose_files_have_it(self):
        self.browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        self.browser.run("tha4.setPose({head_y: -0.25, mouth_aaa: 1})")
        self.browser.click("#tab-studio")
        self.browser.click("[data-action=copy]")
        self.wait_for("document.querySelector('[data-action=copy]').textContent === 'Copied'", "nothing was copied")
        copied = self.browser.run("navigator.clipboard.readText()")
        self.assertEqual(json.loads(copied), [{"head_y": -0.25, "mouth_aaa": 1}])
        file = self.path / "copied.json"
        file.write_text(copied)
        command("tha4-pose", "--character", CHARACTERS / "siren", "--poses", file, "--out", self.path / "copied.png")
        self.browser.run("tha4.setPose({})")
        self.browser.click("[data-action=paste]")
        self.wait_for("tha4.getPose().mouth_aaa === 1", "nothing was pasted")

    def choose_file(self, name, text):
        file = self.path / name
        file.write_text(text)
        document = self.browser.call("DOM.getDocument")["root"]["nodeId"]
        node = self.browser.call("DOM.querySelector", nodeId=document, selector="input[type=file]")["nodeId"]
        self.browser.call("DOM.setFileInputFiles", files=[str(file)], nodeId=node)

    def test_plays_pose_files(self):
        self.browser.click("#tab-studio")
        self.choose_file("clip.json", json.dumps([{"head_x": 0.01 * i} for i in range(1, 60)]))
        self.wait_for("tha4.getPose().head_x > 0.1", "the poses are not played")
        self.browser.click("[data-action=play]")
        stopped = self.pose()
        time.sleep(0.3)
        self.assertEqual(self.pose(), stopped)
        self.choose_file("clip.csv", "head_y,mouth_aaa\n0.5,1\n")
        self.wait_for("tha4.getPose().head_y === 0.5", "the CSV file is not played")
        self.choose_file("wrong.json", '[{"haed_x": 1}]')
        self.wait_for("document.querySelector('#problem').textContent.includes('haed_x')", "a wrong name is not told")

    def downloaded(self, suffix):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            files = [file for file in self.path.glob(f"*{suffix}") if file.stat().st_size > 0]
            if files:
                return files[0].read_bytes()
            time.sleep(0.05)
        return self.fail(f"no {suffix} was saved")

    def record(self, action):
        """Records the character's breath for at least ten frames and a second."""
        self.browser.run("""(() => {
          const { prototype } = CanvasRenderingContext2D, put = prototype.putImageData;
          window.shown = 0;
          prototype.putImageData = function (...all) { ++window.shown; return put.apply(this, all); };
        })()""")
        self.browser.click(f"[data-action={action}]")
        self.browser.run("tha4.setMotion({breathe: true}); window.began = performance.now()")
        self.wait_for("window.shown > 10 && performance.now() - window.began > 1000", "nothing is drawn")
        self.browser.click(f"[data-action={action}]")

    def test_saves_a_picture_and_a_video(self):
        self.browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.path))
        self.browser.click("#tab-studio")
        self.browser.click("[data-action=save]")
        picture = self.downloaded("blendshape.png")
        self.assertEqual(picture[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual((picture[24], picture[25]), (8, 6), "8 bits of R, G, B and A")
        self.record("record")
        self.assertEqual(self.downloaded("blendshape.webm")[:4], b"\x1aE\xdf\xa3")

    def test_records_a_gif(self):
        self.browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.path))
        self.browser.run("tha4.setPose({head_y: 0.5, mouth_aaa: 1})")
        self.browser.click("#tab-studio")
        self.wait_for("Promise.all([tha4.frame(), tha4.frame(tha4.getPose())]).then("
                      "([shown, posed]) => shown.data.every((value, i) => value === posed.data[i]))", "the pose is not reached")
        self.record("record_gif")
        file = base64.b64encode(self.downloaded("blendshape.gif")).decode()
        frames, decibels = self.browser.run(f"""(async () => {{
          const data = Uint8Array.from(atob("{file}"), (letter) => letter.charCodeAt(0));
          const decoder = new ImageDecoder({{ data, type: "image/gif" }});
          await decoder.completed;
          const pixels = (picture) => {{
            const context = new OffscreenCanvas(360, 360).getContext("2d");
            context.drawImage(picture, 0, 0, 360, 360);
            return context.getImageData(0, 0, 360, 360).data;
          }};
          const {{ image }} = await decoder.decode({{ frameIndex: 0 }});
          const seen = pixels(image), drawn = pixels(await createImageBitmap(await tha4.frame()));
          let sum = 0, count = 0;
          for (let i = 0; i < seen.length; ++i) {{
            if (drawn[i | 3] < 255 || i % 4 === 3) continue;
            sum += (seen[i] - drawn[i]) ** 2;
            ++count;
          }}
          return [decoder.tracks.selectedTrack.frameCount, 20 * Math.log10(255 / Math.sqrt(sum / count))];
        }})()""")
        self.assertGreater(frames, 3)
        self.assertGreater(decibels, 30)

    def test_follows_the_pointer_blinks_and_breathes(self):
        still = self.browser.run("tha4.frame().then(({data}) => data.reduce((sum, value) => sum + value, 0))")
        self.browser.run("tha4.setMotion({follow: true})")
        self.browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=40, y=100)
        self.wait_for(f"tha4.frame().then(({{data}}) => data.reduce((sum, value) => sum + value, 0) !== {still})",
                      "nothing moves")
        self.assertEqual(self.pose(), {}, "what it does by itself is not the pose that was asked for")

    def test_speaks_japanese(self):
        self.browser.click("#language")
        self.assertEqual(self.browser.run("[document.documentElement.lang, document.querySelector('#tab-eyes').textContent]"),
                         ["ja", "目"])

    def test_the_shelf_changes_the_character(self):
        self.browser.click("#shelf button:nth-child(2)")
        self.wait_for("document.title === 'siren'", "the other character is not shown")
        self.assertEqual(self.browser.run("tha4.status().character"), "siren")

    def test_nothing_is_wider_than_a_phone(self):
        self.browser.open(f"file://{self.page}?language=ja", width=360, height=740, mobile=True)
        self.browser.run("tha4.ready")
        for section in ("face", "brows", "mouth", "studio"):
            self.browser.click(f"#tab-{section}")
            self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 360)


class OtherPrograms(PageTest):
    def test_functions_refuse_what_is_wrong(self):
        self.open()
        for call in ("setPose({haed_x: 1})", "setPose({head_x: 2})", "setPose([1, 2])", "choose('nobody')"):
            self.assertEqual(self.browser.run(f"Promise.resolve().then(() => tha4.{call}).then(() => 'taken', () => 'refused')"),
                             "refused", call)

    def test_set_leaves_the_other_parameters(self):
        self.open()
        self.browser.run("tha4.setPose({head_x: 0.5, eye_wink: 1}); tha4.set({eye_wink_left: 0, mouth_aaa: 0.5})")
        self.assertEqual(self.pose(), {"head_x": 0.5, "eye_wink_right": 1, "mouth_aaa": 0.5})

    def test_messages_of_a_page_around_it(self):
        around = self.path / "around.html"
        around.write_text("""<iframe src="page.html?embed" width="512" height="512"></iframe><script>
            const frame = document.querySelector("iframe"), answers = new Map();
            const ready = new Promise((resolve) => addEventListener("message", ({data}) => {
              if (data.tha4 === "ready") resolve();
              if (data.tha4 === "answer") answers.get(data.id)(data);
            }));
            async function ask(name, ...args) {
              await ready;
              return new Promise((resolve) => {
                answers.set(answers.size, resolve);
                frame.contentWindow.postMessage({tha4: name, arguments: args, id: answers.size - 1}, "*");
              });
            }</script>""")
        self.browser.open(f"file://{around}")
        self.assertNotIn("error", self.browser.run("ask('setPose', {neck_z: 0.5})"))
        self.assertEqual(self.browser.run("ask('getPose')")["value"], {"neck_z": 0.5})
        self.assertIn("haed_x", self.browser.run("ask('setPose', {haed_x: 1})")["error"])

    def test_a_wrong_pose_in_the_address_is_told(self):
        self.open("?pose={\"haed_x\":1}")
        self.assertIn("haed_x", self.browser.run("document.querySelector('#problem').textContent"))

    def test_embedded_it_is_bare_and_transparent(self):
        self.open("?embed&character=siren")
        shown = self.browser.run("""[...document.querySelectorAll("header, #panel, #shelf, #toggle")].filter(
            (element) => getComputedStyle(element).display !== "none").length""")
        self.assertEqual(shown, 0)
        for selector in ("html", "body", "main", ".theatre", "#stage"):
            style = self.browser.run(f"(({{backgroundColor, backgroundImage}}) => [backgroundColor, backgroundImage])"
                                     f"(getComputedStyle(document.querySelector('{selector}')))")
            self.assertEqual(style, ["rgba(0, 0, 0, 0)", "none"], selector)


class Network(PageTest):
    options = SOFTWARE

    def test_nothing_leaves_the_page_and_nothing_is_wrong(self):
        self.browser.events.clear()
        self.open()
        for section in ("brows", "studio", "face"):
            self.browser.click(f"#tab-{section}")
        self.browser.run("tha4.choose('siren')")
        self.browser.run("tha4.png()")
        urls = [event["params"]["request"]["url"] for event in self.browser.events
                if event["method"] == "Network.requestWillBeSent"]
        others = [url for url in urls if not url.startswith((f"file://{self.page}", "data:", "blob:"))]
        self.assertEqual(others, [])
        problems = [event["params"] for event in self.browser.events if event["method"] == "Runtime.exceptionThrown" or
                    (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error")]
        self.assertEqual(problems, [])

    def test_the_policy_forbids_requests(self):
        self.open()
        self.assertEqual(self.browser.run("fetch('https://example.org/').then(() => 'sent', () => 'refused')"), "refused")
        violated = [event for event in self.browser.events if event["method"] == "Log.entryAdded" and
                    "Content Security Policy" in event["params"]["entry"]["text"]]
        self.assertTrue(violated)


class Notices(PageTest):
    def test_of_others_are_in_the_page(self):
        self.assertIn((ROOT / "data/tracker/NOTICE").read_text().strip(), self.page.read_text())


class LostGraphics(PageTest):
    options = SOFTWARE

    def test_are_replaced_by_the_processor(self):
        self.open("?character=blendshape&draw=software_gl")
        self.assertEqual(self.browser.run("tha4.status().drawnBy"), "WebGL2")
        self.browser.run("document.querySelector('canvas').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()")
        self.wait_for("tha4.status().drawnBy === 'WebAssembly'", "nothing draws")


class WithoutGraphics(PageTest):
    def test_the_processor_draws(self):
        for character in ("blendshape", "siren"):
            self.open(f"?character={character}")
            self.assertEqual(self.browser.run("tha4.status().drawnBy"), "WebAssembly")
            self.assertTrue(self.browser.run("tha4.frame().then(({data}) => data.some((value) => value > 0))"))


if __name__ == "__main__":
    page_case.main()
