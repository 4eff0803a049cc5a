"""Runs scripts/reproduce.sh with stand-ins for the project's commands, and reads the page that it writes."""

import html.parser
import json
import os
import re
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from scripts_test import SCRIPTS, ScriptTest  # noqa: E402

sys.path.insert(0, str(SCRIPTS / "reproduce"))
from plan import NETWORK_FILES, TEACHERS, Options, Part, Plan  # noqa: E402
from scale import Scale, UsageError, read_settings, settings_files  # noqa: E402
from schedule import Schedule, expected_seconds  # noqa: E402
from stand_in_command import CASES, REST_IMAGE_PSNR, TRAINED_PSNR  # noqa: E402

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


class Scheduling(unittest.TestCase):
    """Which parts are run at the same time."""

    @staticmethod
    def part(name, *inputs, alone=False, kind=""):
        return Part(name=name, title=name, commands=[], outputs=[], owned=[], inputs=list(inputs), alone=alone, kind=kind)

    def begin_all(self, schedule, **options):
        names = []
        while part := schedule.begin(**options):
            names.append(part.name)
        return names

    def end(self, schedule, name, is_made=True):
        schedule.end(next(part for part in schedule.running if part.name == name), is_made)

    def test_waits_for_what_a_part_uses_and_measures_alone(self):
        parts = [self.part("distill_a"), self.part("distill_b"), self.part("distill_c"), self.part("eval_a", "distill_a"),
                 self.part("eval_c", "distill_c"),
                 self.part("bench_a", "distill_a", alone=True), self.part("bench_b", "distill_b", alone=True)]
        schedule = Schedule(parts, 2)
        self.assertEqual(self.begin_all(schedule), ["distill_a", "distill_b"])
        self.end(schedule, "distill_a")
        self.assertEqual(self.begin_all(schedule), ["eval_a"], "measured as soon as it can be")
        self.end(schedule, "eval_a")
        self.assertEqual(self.begin_all(schedule), ["distill_c"])
        self.end(schedule, "distill_b")
        self.assertEqual(self.begin_all(schedule), [], "not beside another")
        self.end(schedule, "distill_c")
        for name in ("eval_c", "bench_a", "bench_b"):
            self.assertEqual(self.begin_all(schedule), [name])
            self.end(schedule, name)
        self.assertEqual(schedule.waiting, [])

    def test_keeps_the_order_where_one_runs_at_a_time(self):
        parts = [self.part("a"), self.part("bench_a", "a", alone=True), self.part("b"), self.part("eval_a", "a")]
        schedule, names = Schedule(parts, 1), []
        while part := schedule.begin():
            names.append(part.name)
            schedule.end(part, True)
        self.assertEqual(names, [part.name for part in parts])

    def test_leaves_out_what_needs_a_part_that_failed(self):
        schedule = Schedule([self.part("a"), self.part("b"), self.part("eval_a", "a"), self.part("sum", "b", "eval_a")], 1)
        schedule.begin()
        self.end(schedule, "a", is_made=False)
        self.assertEqual(self.begin_all(schedule), ["b"])
        self.end(schedule, "b")
        self.assertEqual(self.begin_all(schedule), [])
        self.assertEqual([part.name for part in schedule.skipped], ["eval_a", "sum"])

    def test_begins_nothing_that_there_is_no_time_for(self):
        schedule = Schedule([self.part("distill_a"), self.part("eval_b")], 2)
        self.assertEqual(self.begin_all(schedule, is_timely=lambda part: part.name == "eval_b"), ["eval_b"])

    def test_expects_what_parts_of_a_kind_have_taken(self):
        wide, other = self.part("distill_w", kind="distill wide"), self.part("distill_o", kind="distill narrow")
        taken = [(self.part("eval_a"), 3), (other, 20), (self.part("distill_p", kind="distill narrow"), 25)]
        self.assertEqual(expected_seconds(self.part("distill_q", kind="distill narrow"), taken), 25)
        self.assertEqual(expected_seconds(wide, taken), 25, "at least as long as others, most likely")
        self.assertEqual(expected_seconds(wide, [*taken, (wide, 90)]), 90)
        self.assertEqual(expected_seconds(self.part("bench_a"), taken), 0)


class ReproducePage(ScriptTest):
    def setUp(self):
        super().setUp()
        script = Path(__file__).with_name("stand_in_command.py").read_text()
        for command in COMMANDS:
            path = f"import sys; sys.path.insert(0, {str(SCRIPTS / 'reproduce')!r})"
            self.write(f"bin/tha4-{command}", f"#!{sys.executable} -IS\n{path}\n{script}").chmod(0o755)
        self.stand_in("git", "echo 0123abc")  # looks at a tree of any size in no time

    def run_scale(self, scale, *options):
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        environment.pop("CUDA_VISIBLE_DEVICES", None)
        return self.run_program("bash", SCRIPTS / "reproduce.sh", "--scale", scale, "--out", self.root / "out",
                                "--bin", self.root / "bin", *options, env=environment)

    def reproduce(self, *options, scale="smoke"):
        result = self.run_scale(scale, *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def tables(self):
        page = (self.root / "out/report.html").read_text(encoding="utf-8")
        return {title.split(":")[0]: rows[1:] for title, rows in Tables(page).tables.items() if title}

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
        tables = self.tables()
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

    # Students of a teacher that is there

    def test_shows_the_tables_of_students_alone_where_no_teacher_is_trained(self):
        os.mkfifo(self.root / "meeting")
        self.reproduce("--gpus", "2", scale="fast")
        tables = self.tables()
        self.assertEqual([name for name in tables if name.startswith("Table ")], ["Table 5", "Table 6", "Table 7"])
        self.assertEqual([row[-1] for row in tables["Table 5"]],
                         [psnr(name) for name in ("demo", "procedural-7", "procedural-21")])
        self.assertEqual(tables["Table 6"][0][-1], milliseconds("vanilla_siren"))
        page = (self.root / "out/report.html").read_text(encoding="utf-8")
        self.assertIn("Tables 1, 2 and 4", page)
        self.assertIn("the paper: G &gt; E &gt; D &gt; F &gt; C &gt; A &gt; B; here: F &gt; E", page)
        ran = self.calls()
        self.assertEqual([call for call in ran if call.startswith(("tha4-train-teacher", "tha4-make-dataset"))], [])
        self.assertEqual(len([call for call in ran if call.startswith("tha4-distill ")]), 3 + 2 + 6)
        self.check_gpus()
        self.assertEqual(self.reproduce("--gpus", "2", scale="fast").count("done before"), 41)

    def check_gpus(self):
        """Two parts ran at a time, on a GPU each, and frame times were measured alone."""
        running, max_running = {}, 0
        for line in (self.root / "times").read_text().splitlines():
            what, command, name, *gpu = line.split()
            if what == "end":
                del running[command, name]
                continue
            self.assertNotIn(gpu[0], running.values(), line)
            self.assertIn(gpu[0], ("0", "1"))
            running[command, name] = gpu[0]
            self.assertFalse(len(running) > 1 and any(command == "tha4-bench" for command, _ in running), line)
            max_running = max(max_running, len(running))
        self.assertEqual(max_running, 2)

    def test_goes_on_without_a_part_that_fails_if_asked(self):
        self.write("failing", "vanilla_siren")
        stopped = self.run_scale("fast")
        self.assertEqual(stopped.returncode, 1)
        self.assertFalse((self.root / "out/report.html").exists())
        going = self.run_scale("fast", "--keep-going", "--gpus", "2")
        self.assertEqual(going.returncode, 1)
        self.assertIn("the part distill_vanilla_siren failed", going.stderr)
        self.assertEqual([row[2] for row in self.tables()["Table 6"]], ["–", psnr("siren_single_resolution"), psnr("demo")])
        self.assertIn("evaluation of vanilla_siren", (self.root / "out/report.html").read_text(encoding="utf-8"))
        (self.root / "failing").unlink()
        self.calls()
        self.reproduce("--gpus", "2", scale="fast")
        self.assertEqual({call.split()[0] for call in self.calls()}, {"tha4-distill", "tha4-eval", "tha4-bench", "tha4-pose"})
        self.assertEqual(self.tables()["Table 6"][0][2], psnr("vanilla_siren"))

    def test_begins_nothing_that_would_not_be_finished_in_time(self):
        self.reproduce(scale="fast")
        for stamp in (self.root / "out/parts").glob("distill_*.json"):
            stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "seconds": 7200}))
        shutil.rmtree(self.root / "out/students/phases_B")
        self.calls()
        result = self.run_scale("fast", "--minutes", "60")
        self.assertEqual(result.returncode, 130)
        self.assertIn("the time is up", result.stderr)
        self.assertEqual(self.calls(), [])
        self.reproduce("--minutes", "180", scale="fast")
        self.assertEqual([call.split()[0] for call in self.calls()], ["tha4-distill", "tha4-eval", "tha4-pose"])

    def test_stops_what_runs_when_the_time_is_up_and_goes_on_later(self):
        os.mkfifo(self.root / "meeting")  # where the student of demo waits for another one, in vain
        result = self.run_scale("fast", "--minutes", "0.05")
        self.assertEqual(result.returncode, 130, result.stderr)
        self.assertIn("the same command goes on there", result.stderr)
        self.assertIn("Not finished yet", (self.root / "out/report.html").read_text(encoding="utf-8"))
        (self.root / "meeting").unlink()
        self.reproduce(scale="fast")
        self.assertNotIn("Not finished yet", (self.root / "out/report.html").read_text(encoding="utf-8"))

    def test_refuses_options_that_do_not_go_together(self):
        for options, message in ((["--online"], "--online is about training teachers"),
                                 (["--gpus", "2", "--processes", "2"], "choose one of them"),
                                 (["--gpus", "2", "--device", "cuda:1"], "--device cuda:1 is only one"),
                                 (["--gpus", "0"], "--gpus must be at least 1"),
                                 (["--minutes", "0"], "--minutes must be above 0"),
                                 (["--share", "2"], "--share must be above 0 and at most 1")):
            result = self.run_scale("fast", *options)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(message, result.stderr)


class Files(unittest.TestCase):
    """That the files that trainings leave are those that the library reads a teacher of."""

    def test_of_networks_are_the_library_s(self):
        table = (SCRIPTS.parent / "include/tha4/nn/teacher/teacher_architecture.h").read_text()
        for architecture, networks in TEACHERS.items():
            rows = re.findall(rf'ArchitectureRow{{Architecture::{architecture}, TeacherNetwork::\w+,\s*"(\w+)"}}', table)
            self.assertEqual([file for network in networks for file in NETWORK_FILES[network]], [f"{row}.pt" for row in rows])


class Settings(ScriptTest):
    """That the command takes the settings of every student."""

    def test_keep_the_fractions_of_phases_in_a_fraction_of_the_examples(self):
        whole, part = (Scale(SCRIPTS.parent, "fast", fraction) for fraction in (1, 0.25))
        for name, settings in whole.students_settings().items():
            body, less = settings["body_rotator"], part.students_settings()[name]["body_rotator"]
            for key in ("learning_rate", "loss_phases"):
                self.assertEqual([piece["until_examples"] for piece in less[key]],
                                 [round(piece["until_examples"] / 4) for piece in body[key]])
                self.assertEqual(less[key][-1]["until_examples"], less["examples"])
            self.assertEqual(less["early_examples"], round(body["early_examples"] / 4))
            self.assertEqual(less["warm_up_examples"], body["warm_up_examples"])

    @unittest.skipUnless(os.environ.get("THA4_BIN"), "THA4_BIN does not name the folder of the commands")
    def test_of_students_are_read_by_the_command(self):
        for scale, fraction, ablations in (("fast", 1, 2 + 6), ("fast_smoke", 1, 2), ("fast", 0.37, 0)):
            plan = Plan(Options(root=SCRIPTS.parent, out=self.root, bin=self.root), Scale(SCRIPTS.parent, scale, fraction))
            files = list(plan.generated_configs)
            self.assertEqual([file.stem for file in files[:3]], ["demo", "procedural-7", "procedural-21"])
            self.assertEqual(len({plan.generated_configs[file] for file in files[:3]}), 1)
            for file in files[2:3 + ablations]:
                self.write(file, plan.generated_configs[file])
                result = self.run_program(
                    f"{os.environ['THA4_BIN']}/tha4-distill", "--config", file, "--image",
                    SCRIPTS.parent / "data/demo/character.png", "--teacher", self.root / "none", "--out",
                    self.root / "student")
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(str(self.root / "none"), result.stderr, f"only the teacher is wrong: {file}")


if __name__ == "__main__":
    os.umask(0o022)
    unittest.main()
