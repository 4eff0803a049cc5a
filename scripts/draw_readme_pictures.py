#!/usr/bin/env python3
"""Draws the README's pictures anew from a finished demo: scripts/demo.sh && scripts/draw_readme_pictures.py [DEMO [DATA]]

DEMO is the character folder that scripts/demo.sh leaves (out/demo), DATA where the pictures go (data/demo). Needs the
built programs, a Chromium, which lays out frames and shows the demo's page, and a Python with numpy and pillow (.venv), which
makes the clip of a face that is before that page's camera.
"""

import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "build" / "release" / "bin"
sys.path.insert(0, str(ROOT / "tests" / "export"))

from camera_test import FAKE, SEGMENT, python_with_pictures  # noqa: E402 (beside the tests of the page)
from chromium import SOFTWARE, Chromium, find_chromium  # noqa: E402

RIG = ROOT / "data" / "demo" / "character.vrm"
POSES = ROOT / "data" / "demo" / "poses.json"
SIDE = 256  # of one frame of teacher and student
FACE = {"roll": 6, "right_eye": 1, "mouth": 1}
SEEN = [{}, FACE, FACE, FACE]  # by the camera, one after the other: a face at rest, then one that does something


def pose(*options):
    subprocess.run([BIN / "tha4-pose", "-q", *map(str, options)], check=True)


def screenshot(browser, file):
    answer = browser.call("Page.captureScreenshot", format="png")
    file.write_bytes(base64.b64decode(answer["data"]))
    print(f"wrote {file}")


def rows_of_frames(demo, folder):
    """The frames of the rig and of its student in all poses but the first, which is at rest."""
    poses = folder / "poses.json"
    poses.write_text(json.dumps(json.loads(POSES.read_text())[1:]))
    for name, poser in (("teacher", ("--teacher", RIG)), ("student", ("--character", demo))):
        pose(*poser, "--poses", poses, "--region", f"128,24,{SIDE},{SIDE}", "--out", f"{folder / name}/")
        yield sorted((folder / name).glob("*.png"))


def draw_teacher_and_student(browser, demo, folder, file):
    rows = list(rows_of_frames(demo, folder))
    html = "".join(f'<div style="display:flex">{"".join(f"<img src=file://{frame}>" for frame in row)}</div>' for row in rows)
    page = folder / "rows.html"
    page.write_text(f"<body style='margin:0;background:white'>{html}</body>")
    browser.open(f"file://{page}", width=SIDE * len(rows[0]), height=SIDE * len(rows))
    screenshot(browser, file)


def has_japanese_letters():
    return bool(shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=ja"], capture_output=True, check=False).stdout)


def open_page(browser, demo):
    browser.open(f"file://{demo / 'index.html'}?blink=0&breathe=0&follow=0&language=en", width=1120, height=700)
    browser.run("tha4.ready")
    if not has_japanese_letters():
        browser.run("document.querySelector('#language').style.visibility = 'hidden'")


def draw_page(browser, demo, file):
    open_page(browser, demo)
    browser.run("document.querySelector('#tab-mouth').click()")
    browser.run("document.activeElement.blur()")
    browser.run("tha4.setPose({mouth_aaa: 0.5, mouth_raised_corner: 1, head_y: 0.2})")
    browser.run("new Promise((done) => setTimeout(done, 2000))")
    screenshot(browser, file)


def wait_for_segment(browser, number, then=""):
    """Until the camera has shown the segment for a second; `then` is done at once, by the page."""
    browser.run(f"""new Promise((resolve) => {{
      let began = null;
      const timer = setInterval(() => {{
        if ({SEGMENT} !== {number}) began = null;
        else if (performance.now() - (began ??= performance.now()) > 1000) {{
          clearInterval(timer);
          {then};
          resolve();
        }}
      }}, 40);
    }})""")


def draw_camera(demo, clip, file):
    """The page before a camera that sees the face of the clip: FAKE draws in software, which the page leaves to WebAssembly."""
    browser = Chromium(*FAKE, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={clip}")
    try:
        open_page(browser, demo)
        browser.run("document.querySelector('#tab-camera').click()")
        browser.run("document.activeElement.blur()")
        browser.run("tha4.startCamera()")
        browser.run("new Promise((done) => setInterval(() => { if (tha4.camera().state === 'found') done(); }, 50))")
        wait_for_segment(browser, 0, "tha4.setNeutral()")
        wait_for_segment(browser, 2)
        screenshot(browser, file)
    finally:
        browser.close()


def main():
    demo = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "out" / "demo").resolve()
    data = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "data" / "demo").resolve()
    if not (demo / "index.html").exists():
        sys.exit(f"there is no {demo / 'index.html'}; run scripts/demo.sh first")
    if not find_chromium():
        sys.exit("there is no Chromium; install the package chromium")
    if not python_with_pictures():
        sys.exit("there is no Python with numpy and pillow; scripts/setup.sh makes one")
    pose("--teacher", RIG, "--poses", POSES, "--region", "96,16,320,320", "--out", data / "poses.png")
    pose("--teacher", "procedural:1..49", "--resolution", "256", "--region", "56,2,144,150", "--out", data / "characters.png")
    browser = Chromium(*SOFTWARE)
    try:
        with tempfile.TemporaryDirectory() as folder:
            draw_teacher_and_student(browser, demo, pathlib.Path(folder), data / "teacher_and_student.png")
        draw_page(browser, demo, data / "page.png")
    finally:
        browser.close()
    with tempfile.TemporaryDirectory() as folder:
        clip, sheet = pathlib.Path(folder) / "face.mjpeg", pathlib.Path(folder) / "sheet.png"
        script = ROOT / "tests" / "export" / "face_clip.py"
        subprocess.run([python_with_pictures(), "-B", script, clip, sheet, json.dumps(SEEN)], check=True)
        draw_camera(demo, clip, data / "camera.png")


if __name__ == "__main__":
    main()
