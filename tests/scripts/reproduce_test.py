"""Runs scripts/reproduce.sh with stand-ins for the project's commands, and reads the page that it writes."""

import html.parser
import os
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from scripts_test import SCRIPTS, ScriptTest  # noqa: E402
from stand_in_command import CASES, REST_IMAGE_PSNR, TRAINED_PSNR  # noqa: E402

sys.path.insert(0, str(SCRIPTS / "reproduce"))
from scale import UsageError, read_settings, settings_files  # noqa: E402

COMMANDS = ["make-dataset", "train-teacher", "distill", "pose", "eval", "bench"]


class Tables(html.parser.HTMLParser):
    """The tables of a page by their headings: lists of rows, of texts."""

    def __init__(self, page):
        super().__init__()
        self.tables = {}
        self.heading = None
        self.text = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.tables.setdefault(self.heading, []).append([])
        if tag in ("h3", "td", "th"):
            self.text = ""

    def handle_data(self, data):
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "h3":
            self.heading = self.text
        elif tag in ("td", "th"):
            self.tables[self.heading][-1].append(self.text)
        if tag in ("h3", "td", "th"):
            self.text = None


def psnr(name, decimals=3):
    return f"{CASES[name][0]:.{decimals}f}"


def milliseconds(name):
    return f"{CASES[name][1]:.3f}"


class Bases(ScriptTest):
    """That files of settings with a base mean here what they mean to the commands (tests/base/config_test.cpp)."""

    def test_hold_what_differs(self):
        whole = self.write("whole.json", '{"a": {"b": 1, "c": [1, 2]}, "d": 3, "n": 4, "x": {"kind": "siren", "w": 1}}')
        less = self.write("inner/less.json", '{"base": "../whole.json", "a": {"c": [5]}, "n": null}')
        least = self.write("least.json", '{"base": "inner/less.json", // a comment\n "x": {"kind": "mesh", "e": 2}}')
        self.assertEqual(read_settings(least),
                         {"a": {"b": 1, "c": [5]}, "d": 3, "n": None, "x": {"kind": "mesh", "e": 2}})
        self.assertEqual([file.resolve() for file in settings_files(least)],
                         [file.resolve() for file in (whole, less, least)])

    def test_must_be_there_and_end(self):
        for base, message in (("none.json", "'none.json' is not there"), ("b.json", "'a.json' is based on this file")):
            first = self.write("a.json", f'{{"base": "{base}"}}')
            self.write("b.json", '{"base": "a.json"}')
            with self.assertRaisesRegex(UsageError, message):
                read_settings(first)


class ReproducePage(ScriptTest):
    def setUp(self):
        super().setUp()
        script = Path(__file__).with_name("stand_in_command.py").read_text()
        for command in COMMANDS:
            self.write(f"bin/tha4-{command}", f"#!{sys.executable} -IS\n{script}").chmod(0o755)
        self.stand_in("git", "echo 0123abc")  # looks at a tree of any size in no time

    def reproduce(self, *options):
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        result = self.run_program("bash", SCRIPTS / "reproduce.sh", "--scale", "smoke", "--out", self.root / "out",
                                  "--bin", self.root / "bin", *options, env=environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def calls(self):
        """What was called since this was last asked."""
        file = self.root / "calls"
        lines = file.read_text().splitlines()
        file.unlink()
        return [line for line in lines if not line.endswith(" --version")]

    def test_has_our_numbers_beside_the_papers_and_runs_no_part_twice(self):
        first = self.reproduce()
        self.check_page((self.root / "out/report.html").read_text(encoding="utf-8"))
        self.check_what_runs(first)

    def check_page(self, page):
        tables = {title.split(":")[0]: rows[1:] for title, rows in Tables(page).tables.items() if title}
        # The paper's numbers stand in its section 4.3 and 5.3.
        self.assertEqual([row[:5] for row in tables["Table 1"]], [
            ["THA3", "22.369330", psnr("tha3", 6), "0.909369", "0.875000"],
            ["Section 4: the teacher", "22.962184", psnr("teacher", 6), "0.919532", "0.875000"],
            ["the rest image, not moved", "–", f"{REST_IMAGE_PSNR:.6f}", "–", "0.875000"]])
        self.assertEqual(tables["Table 1"][0][5:7], ["0.048016", "needs the backbone file"])
        self.assertEqual(tables["Table 2"], [
            ["THA3", "128", "1.5", "33", "2.5", "517", "3.0", "35.899", "41.409", "64.607", milliseconds("tha3")],
            ["Section 4: the teacher", "136", "1.5", "137", "2.5", "627", "3.0", "125.843", "116.763", "159.647",
             milliseconds("teacher")]])
        self.assertEqual([row[-1] for row in tables["Table 4"]], [milliseconds(name) for name in ("tha3", "teacher", "demo")])
        self.assertEqual([row[1:] for row in tables["Table 5"]], [
            ["36.156", "demo", psnr("demo")], ["36.048", "procedural-7", psnr("procedural-7")],
            ["34.543", "procedural-21", psnr("procedural-21")]])
        self.assertEqual([[row[1], row[2], row[-1]] for row in tables["Table 6"]], [
            [paper, psnr(name), milliseconds(name)] for paper, name in
            (("38.259", "vanilla_siren"), ("38.923", "siren_single_resolution"), ("38.881", "demo"))])
        self.assertEqual([[row[0], *row[-2:]] for row in tables["Table 7"]], [
            [model, paper, psnr(f"phases_{model}" if model != "G" else "demo")] for model, paper in
            zip("ABCDEFG", ("29.308", "29.118", "29.484", "38.026", "38.668", "37.399", "38.881"))])
        self.assertIn("This is a test of the plumbing alone", page)
        self.assertIn(f"{TRAINED_PSNR:.2f}", [row[3] for row in tables["Training of the teachers' networks"]])
        self.assertNotIn("src=\"http", page, "nothing is fetched")

    def check_what_runs(self, first):
        self.assertNotIn("done before", first)
        ran = self.calls()
        self.assertEqual(len([call for call in ran if call.startswith("tha4-distill ")]), 3 + 2 + 6)
        self.assertEqual(len([call for call in ran if call.startswith("tha4-train-teacher ")]), 6)

        again = self.reproduce()
        self.assertEqual(again.count("done before"), first.count("reproduce: ") - 1, again)
        self.assertEqual(self.calls(), [])

        (self.root / "out/evaluation/demo.html").unlink()
        self.assertIn("anew: $OUT/evaluation/demo.html is not as it left it", self.reproduce())
        self.assertEqual([call.split()[:2] for call in self.calls()], [["tha4-eval", "student"]])

        shutil.rmtree(self.root / "out/students/procedural-7")
        self.reproduce()
        made_of_it = [call.split()[0] for call in self.calls()]
        self.assertEqual(made_of_it[:2], ["tha4-distill", "tha4-eval"], "and what is made of it")
        self.assertEqual(set(made_of_it[2:]), {"tha4-pose"}, "the sheets of the students")


if __name__ == "__main__":
    os.umask(0o022)
    unittest.main()
