"""Runs the scripts in small trees of their own, with stand-ins for the programs that would change the system."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
ALL_INSTALLED = 'shift 2; for package in "$@"; do echo "installed $package"; done'
TWO_MISSING = ALL_INSTALLED + " | grep -vxE 'installed (ccache|libopencv-dev)'"


class ScriptTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.root.chmod(0o777)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def stand_in(self, program, script):
        self.write(f"bin/{program}", f"#!/bin/bash\n{script}\n").chmod(0o755)

    def run_program(self, *command, **options):
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False, **options)


class DrawAreas(ScriptTest):
    """What draw_areas.py makes of small trees, and whether docs/areas.svg is the drawing of this one."""

    def write_areas(self, uses):
        self.write("cmake/areas.txt", "# the list\n" + "".join(f"{area}\n" for area in uses))
        for area, words in uses.items():
            self.write(f"src/{area}/CMakeLists.txt",
                       f"# tha4_add_area(\ntha4_add_area({area}\n  SOURCES a.cpp\n  {words}\n  TORCH)\n")

    def draw(self, *options):
        return self.run_program(sys.executable, SCRIPTS / "draw_areas.py", *options, self.root)

    def arrows(self):
        """The points of each arrow of the drawing, [x, y] each."""
        drawing = xml.etree.ElementTree.parse(self.root / "docs/areas.svg")
        paths = [path.get("d") for path in drawing.iter() if path.get("class") == "arrow"]
        numbers = [[float(number) for number in re.findall(r"-?[0-9]+", path)] for path in paths]
        return [list(zip(of_path[::2], of_path[1::2])) for of_path in numbers]

    def test_draws_what_does_not_follow_from_other_arrows(self):
        self.write_areas({"base": "USES Some::Library", "pose": "USES tha4::base  # tha4::image",
                          "image": "USES tha4::base", "poser": "USES tha4::base tha4::pose PRIVATE_USES tha4::image",
                          "render": "PRIVATE_USES tha4::base tha4::poser"})
        result = self.draw()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(len(self.arrows()), 5)
        self.assertEqual(self.draw("--check").returncode, 0)

    def test_everything_points_down(self):
        self.write_areas({"a": "", "b": "USES tha4::a", "c": "USES tha4::b", "d": "USES tha4::a",
                          "e": "USES tha4::c tha4::d"})
        self.assertEqual(self.draw().returncode, 0)
        for points in self.arrows():
            self.assertEqual([y for _, y in points], sorted(y for _, y in points))
            self.assertLess(points[0][1], points[-1][1])

    def test_check_finds_a_drawing_that_is_out_of_date(self):
        self.write_areas({"base": "", "pose": "USES tha4::base"})
        result = self.draw("--check")
        self.assertEqual(result.returncode, 1)
        self.assertFalse((self.root / "docs").exists())
        self.draw()
        self.write_areas({"base": "", "pose": "USES tha4::base", "image": "USES tha4::base"})
        result = self.draw("--check")
        self.assertEqual(result.returncode, 1)
        self.assertIn("run scripts/draw_areas.py", result.stderr)

    def test_refuses_what_points_up_or_nowhere(self):
        self.write_areas({"base": "USES tha4::pose", "pose": ""})
        self.assertIn("base uses pose, which does not stand before it", self.draw().stderr)
        self.write_areas({"base": "", "pose": "USES tha4::bsae"})
        result = self.draw()
        self.assertEqual(result.returncode, 1)
        self.assertIn("tha4::bsae is no area", result.stderr)
        (self.root / "src/pose/CMakeLists.txt").unlink()
        self.assertEqual(self.draw().returncode, 1)

    def test_the_drawing_of_the_project_is_up_to_date(self):
        result = self.run_program(sys.executable, SCRIPTS / "draw_areas.py", "--check")
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class Documents(unittest.TestCase):
    """That what the documents name is there."""

    ROOT = SCRIPTS.parent
    FOLDERS = ("apps", "cmake", "configs", "data", "docs", "include", "scripts", "src", "tests")
    # What docs/extending.md tells its reader to make.
    EXAMPLES = {"include/tha4/metrics/mean_absolute_error.h", "src/metrics/mean_absolute_error.cpp",
                "apps/tha4-check/main.cpp", "tests/cli/check_command_test.cpp"}

    def setUp(self):
        files = [self.ROOT / "README.md", self.ROOT / "CONTRIBUTING.md", *sorted((self.ROOT / "docs").glob("*.md"))]
        self.documents = {file: file.read_text(encoding="utf-8") for file in files}

    def sources(self):
        files = [file for folder in ("apps", "cmake", "include", "src", "tests")
                 for file in (self.ROOT / folder).rglob("*")]
        return "\n".join(file.read_text(encoding="utf-8") for file in files
                         if file.suffix in {".h", ".cpp", ".cmake", ".js"})

    @staticmethod
    def headings(text):
        """What links call the headings of a document."""
        lines = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?s)```.*?```", "", text))
        return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}

    def test_links_lead_somewhere(self):
        for file, text in self.documents.items():
            for link in re.findall(r"\]\(([^)\s]+)\)", text):
                if link.startswith("https://"):
                    continue
                path, _, heading = link.partition("#")
                target = file.parent / path if path else file
                self.assertTrue(target.exists(), f"{file.name}: {link}")
                if heading:
                    self.assertIn(heading, self.headings(target.read_text(encoding="utf-8")), f"{file.name}: {link}")

    def test_files_and_folders_are_there(self):
        path = re.compile(rf"(?<![\w/.:-])(?:{'|'.join(self.FOLDERS)})/[\w./-]*[\w]")
        for file, text in self.documents.items():
            for name in path.findall(text):
                # AREA, NAME, VERB and the like stand for many.
                if re.search(r"[A-Z]{4}", name.replace("README", "")) or name in self.EXAMPLES:
                    continue
                self.assertTrue((self.ROOT / name).exists(), f"{file.name}: {name}")

    def test_functions_and_tests_are_there(self):
        sources = self.sources()
        functions = set(re.findall(r"\b([a-z_]\w+)(?:: (?:async )?)?\(", sources))  # `name(`, and `name: (` of scripts
        tests = set(re.findall(r"TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", sources))
        suites = {suite for suite, _ in tests}
        for file, text in self.documents.items():
            for code in re.findall(r"`([^`\n]+)`", text):
                for name in re.findall(r"\b([a-z_]\w+)\(\)", code):
                    self.assertTrue(name in functions, f"{file.name}: there is no {name}()")
                test = re.fullmatch(r"(\w+)\.([A-Z]\w+)", code)
                if test and test.group(1) in suites:
                    self.assertTrue(test.groups() in tests, f"{file.name}: there is no test {code}")


class SetUp(ScriptTest):
    """setup.sh as a user who is not root, in a copy of the tree in which LibTorch is given."""

    def set_up(self, *options):
        (self.root / "scripts").mkdir(exist_ok=True)
        shutil.copy(SCRIPTS / "setup.sh", self.root / "scripts")
        self.write("libtorch/include/torch/csrc/api/include/torch/torch.h", "")
        environment = {"PATH": f"{self.root}/bin:/usr/bin:/bin", "CMAKE_PREFIX_PATH": f"/nowhere:{self.root}/libtorch"}
        as_nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        return self.run_program("bash", self.root / "scripts/setup.sh", *options, cwd="/", env=environment, **as_nobody)

    def test_touches_nothing_when_all_is_there(self):
        self.stand_in("dpkg-query", ALL_INSTALLED)
        self.stand_in("sudo", "exit 1")
        result = self.set_up("--no-build")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(f"using the LibTorch in {self.root.resolve()}/libtorch", result.stdout)
        self.assertFalse((self.root / ".venv").exists())

    def test_installs_only_the_missing_packages(self):
        self.stand_in("dpkg-query", TWO_MISSING)
        self.stand_in("sudo", '[[ $1 == -n ]] && shift; exec "$@"')
        self.stand_in("apt-get", 'echo "$DEBIAN_FRONTEND apt-get $*"')
        result = self.set_up("--no-build")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        log = (self.root / "build/setup.log").read_text()
        self.assertRegex(log, r"(?m)^noninteractive apt-get .* update$")
        self.assertRegex(log, r"(?m)^noninteractive apt-get .* install -y --no-install-recommends ccache libopencv-dev$")

    def test_installs_a_browser_for_tests_alone(self):
        self.stand_in("dpkg-query", ALL_INSTALLED + " | grep -vx 'installed chromium'")
        self.stand_in("sudo", "exit 1")
        self.assertEqual(self.set_up("--no-build").returncode, 0)
        is_debian = "ID=debian" in Path("/etc/os-release").read_text().splitlines()
        result = self.set_up("--no-build", "--for-tests")
        self.assertEqual("to install: chromium\n" in result.stderr, is_debian, result.stderr)

    def test_names_the_missing_packages_where_it_cannot_install_them(self):
        self.stand_in("dpkg-query", TWO_MISSING)
        self.stand_in("sudo", "exit 1")
        result = self.set_up("--no-build")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "setup: error: these packages are missing and need root or sudo to install: "
                                        "ccache libopencv-dev\n")

    def test_shows_the_end_of_the_log_when_a_step_fails(self):
        self.stand_in("dpkg-query", ALL_INSTALLED)
        self.stand_in("cmake", 'echo "no such preset: ${@: -1}"; exit 1')
        result = self.set_up("--preset", "nonsense")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no such preset", result.stderr)
        self.assertIn("this step failed: configuring build/nonsense", result.stderr)

    def test_refuses_unknown_options(self):
        self.assertEqual(self.set_up("--fast").returncode, 2)


class Demo(ScriptTest):
    """What demo.sh refuses before it sets anything up, and what it runs."""

    def setUp(self):
        super().setUp()
        (self.root / "scripts").mkdir()
        shutil.copy(SCRIPTS / "demo.sh", self.root / "scripts")
        self.write("scripts/setup.sh", "#!/bin/bash\n").chmod(0o755)

    def demo(self, *arguments):
        return self.run_program("bash", self.root / "scripts/demo.sh", *arguments, cwd=self.root)

    def test_explains_its_arguments(self):
        result = self.demo("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("IMAGE", result.stdout)
        self.assertIn("TEACHER", result.stdout)

    def test_refuses_what_is_not_there(self):
        self.write("rest.png", "")
        self.assertIn("there is no picture missing.png", self.demo("missing.png", ".").stderr)
        self.assertEqual(self.demo("rest.png", "missing").returncode, 2)
        without_own_teacher = self.demo("rest.png", "--device", "cpu")
        self.assertEqual(without_own_teacher.returncode, 2)
        self.assertIn("data/teacher; give a teacher", without_own_teacher.stderr)

    def stand_in_for_the_commands(self):
        for command in ("tha4-distill", "tha4-pose", "tha4-export"):
            self.stand_in(command, f'echo "{command} $*"; [[ $1 != --image ]] || [[ -f $2 ]]')
        (self.root / "build/release").mkdir(parents=True)
        (self.root / "bin").rename(self.root / "build/release/bin")

    def test_distils_the_projects_own_character_by_default(self):
        self.write("data/demo/character.png", "")
        self.stand_in_for_the_commands()
        result = self.demo("--device", "cpu")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        root = self.root.resolve()
        command = result.stdout.splitlines()[0]
        self.assertTrue(command.startswith(
            f"tha4-distill --image {root}/data/demo/character.png --teacher rig --preset quick --out {root}/out/demo"
            " --set "), command)
        self.assertTrue(command.endswith(" --device cpu"), command)

    def test_runs_the_commands_from_the_callers_folder(self):
        self.write("rest.png", "")
        self.write("teacher/a", "")
        self.stand_in_for_the_commands()
        result = self.demo("rest.png", "teacher", "--device", "cpu")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        out = f"{self.root.resolve()}/out/demo"
        self.assertEqual(result.stdout.splitlines()[:4], [
            f"tha4-distill --image rest.png --teacher teacher --preset quick --out {out} --device cpu",
            f"tha4-pose --character {out} --poses demo --out {out}/demo.mp4",
            f"tha4-pose --character {out} --poses random:16:1 --out {out}/sheet.png",
            f"tha4-export --character {out} --to web --out {out}/index.html"])
        last = result.stdout.splitlines()[4:]
        for file in ("index.html", "report.html", "sheet.png", "demo.mp4"):
            self.assertTrue(any(f"{out}/{file}" in line for line in last), f"{file} is to be looked at: {last}")
        self.assertTrue(all(line.startswith("demo: ") for line in last), last)
        self.assertIn("demo: try next   build/release/bin/tha4-pose --character out/demo", result.stdout)

    def test_a_picture_alone_has_the_projects_own_teacher(self):
        self.write("rest.png", "")
        self.write("data/teacher/a", "")
        self.stand_in_for_the_commands()
        for options in ([], ["--device", "cpu"]):
            result = self.demo("rest.png", *options)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(result.stdout.splitlines()[0], " ".join(
                ["tha4-distill --image rest.png --preset quick --out", f"{self.root.resolve()}/out/demo", *options]))

    def test_takes_every_kind_of_teacher(self):
        self.write("rest.png", "")
        self.write("avatar.vrm", "")
        self.stand_in_for_the_commands()
        for teacher in ("avatar.vrm", "procedural:7", "rig"):
            result = self.demo("rest.png", teacher)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(f"--teacher {teacher} ", result.stdout)

    def test_an_earlier_demo_goes_only_when_there_is_a_new_one(self):
        self.write("rest.png", "")
        self.write("teacher/a", "")
        self.write("out/demo/report.html", "earlier")
        self.stand_in_for_the_commands()
        distill = self.root / "build/release/bin/tha4-distill"
        report = self.root / "out/demo/report.html"

        def demo_of(script):
            distill.write_text(f"#!/bin/bash\n{script}\n")
            return self.demo("rest.png", "teacher").returncode

        self.assertEqual(demo_of("exit 2"), 2, "nothing was made of a picture that is refused")
        self.assertEqual(report.read_text(), "earlier")
        for _ in range(2):  # interrupted: what it has saved can be resumed, and makes way for the next attempt
            self.assertEqual(demo_of(f"mkdir {self.root}/out/demo; exit 130"), 130)
            self.assertEqual((self.root / "out/demo.earlier/report.html").read_text(), "earlier")
            self.assertEqual(list((self.root / "out/demo").iterdir()), [])
        self.assertEqual(demo_of(f"mkdir {self.root}/out/demo && echo new >{report}"), 0)
        self.assertEqual(report.read_text(), "new\n")
        self.assertFalse((self.root / "out/demo.earlier").exists())


class Reproduce(ScriptTest):
    """What reproduce.sh plans, and what it says where a part fails; `--bin` keeps it from setting anything up."""

    def reproduce(self, *options):
        return self.run_program("bash", SCRIPTS / "reproduce.sh", "--out", self.root / "out", *options)

    def test_plans_all_of_the_tables(self):
        result = self.reproduce("--scale", "smoke", "--dry-run")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for network in ("eyebrow_networks", "face_morpher", "half_resolution_rotator", "editor", "tha3_rotator",
                        "tha3_editor"):
            self.assertIn(f"--config configs/teacher/smoke/{network}.json", result.stdout)
        for model in ("vanilla_siren", "siren_single_resolution", *(f"phases_{letter}" for letter in "ABCDEF")):
            self.assertIn(f"distill_{model} (to do)", result.stdout)
        for verb in ("tha4-eval teacher", "tha4-eval student", "tha4-bench teacher", "tha4-bench tha3"):
            self.assertIn(verb, result.stdout)
        self.assertFalse((self.root / "out").exists())

    def test_passes_options_on(self):
        result = self.reproduce("--scale", "small", "--dry-run", "--vgg16", self.write("vgg.pth", ""), "--processes", "4",
                                "--device", "cuda")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"torchrun .*--nproc.per.node[= ]4 .*tha4-train-teacher .*vgg\.pth")
        self.assertIn("--device cuda", result.stdout)

    def test_refuses_unknown_scales(self):
        result = self.reproduce("--scale", "tiny", "--dry-run")
        self.assertEqual(result.returncode, 2)
        self.assertIn("fast, fast_smoke, paper, small, smoke", result.stderr)

    def test_stops_at_a_part_that_fails_and_goes_on_there(self):
        self.stand_in("tha4-make-dataset", 'echo "no driver here" >&2; exit 1')
        for _ in range(2):
            result = self.reproduce("--scale", "smoke", "--bin", self.root / "bin")
            self.assertEqual(result.returncode, 1)
            self.assertIn("no driver here", result.stderr)
            self.assertIn("the part data_eyebrows failed", result.stderr)
            self.assertIn("out/logs/data_eyebrows.log", result.stderr)
            self.assertIn(" 1/54 dataset of the step eyebrows", result.stdout)


if __name__ == "__main__":
    os.umask(0o022)  # another user runs what is written here
    unittest.main()
