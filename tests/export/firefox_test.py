"""Opens exported pages in Firefox, whose WebGL2 and WebAssembly are not Chromium's.

Usage: firefox_test.py BIN [UNITTEST_OPTION...], with the folder of the project's commands.
"""

import functools
import unittest

import page_case
from firefox import Firefox, find_firefox
from page_case import PageCase


@functools.cache
def browser():
    made = Firefox()
    unittest.addModuleCleanup(made.close)
    return made


@unittest.skipUnless(find_firefox(), "there is no Firefox with a screen; install the packages firefox-esr and xvfb")
class FirefoxTest(PageCase):
    def setUp(self):
        super().setUp()
        self.browser = browser()


class Frames(FirefoxTest):
    def test_of_a_blendshape_by_webgl(self):
        self.check_frames("blendshape", "software_gl", "WebGL2")

    def test_of_a_blendshape_by_the_processor(self):
        self.check_frames("blendshape", "worker", "WebAssembly")

    def test_of_a_siren_by_webgl(self):
        self.check_frames("siren", "software_siren_gl", "WebGL2")

    def test_of_a_siren_by_the_processor(self):
        self.check_frames("siren", "worker", "WebAssembly")


class Camera(FirefoxTest):
    def test_that_shows_no_face_finds_none(self):
        self.open(page=self.path / "camera.html")
        self.browser.run("document.querySelector('#tab-camera').click()")
        self.browser.run("document.querySelector('[data-action=camera]').click()")
        self.wait_for("tha4.camera().rate > 0", "nothing is looked at")
        self.assertEqual(self.browser.run("[tha4.camera().state, tha4.camera().problem]"), ["lost", None])
        self.browser.run("document.querySelector('[data-action=camera]').click()")
        self.assertEqual(self.browser.run("tha4.camera().state"), "off")


if __name__ == "__main__":
    page_case.main()
