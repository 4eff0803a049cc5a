"""The scripts that check the project itself: its includes, its readers of files by fuzzers, its sources by clang-tidy."""

import os
import re
import shutil
import sys
import unittest

from scripts_test import SCRIPTS, ScriptTest


class CheckIncludes(ScriptTest):
    def check(self, path, line):
        self.write(path, f"#pragma once\n{line}\n")
        return self.run_program(sys.executable, SCRIPTS / "check_includes.py", self.root)

    def assert_refused(self, path, line, rule):
        result = self.check(path, line)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{path}:2: ", result.stderr)
        self.assertIn(rule, result.stderr)

    def test_takes_areas_further_up_the_list(self):
        result = self.check("src/poser/a.cpp", '#include "tha4/nn/a.h"\n#include "tha4/poser/a.h"\n#include "a.h"')
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_takes_everything_in_apps_and_tests(self):
        self.assertEqual(self.check("apps/tha4-pose/a.cpp", '#include "tha4/teacher/a.h"').returncode, 0)
        self.assertEqual(self.check("tests/base/a.cpp", '#include "tha4/teacher/a.h"').returncode, 0)

    def test_refuses_areas_further_down_the_list(self):
        self.assert_refused("include/tha4/nn/a.h", '#include "tha4/poser/a.h"', "poser comes after it")
        self.assert_refused("src/base/a.cu", '# include <tha4/image/a.h>', "image comes after it")

    def test_refuses_ways_around(self):
        self.assert_refused("src/base/a.cpp", '#include "../poser/a.h"', "leaves its folder")
        self.assert_refused("src/base/a.cpp", '#include "tha4/tools/a.h"', "'tools'")
        self.assert_refused("src/tools/a.cpp", '#include "a.h"', "'tools'")

    def test_refuses_the_whole_of_torch(self):
        self.assertEqual(self.check("src/nn/a.cpp", "#include <torch/types.h>").returncode, 0)
        self.assert_refused("include/tha4/nn/a.h", "#include <torch/torch.h>", "templates")
        self.assert_refused("src/nn/a.cpp", "#include <torch/all.h>", "templates")

    def test_refuses_opencv_outside_the_image_area(self):
        self.assert_refused("src/poser/a.cpp", "#include <opencv2/core.hpp>", "OpenCV")
        self.assert_refused("include/tha4/image/a.h", "#include <opencv2/core.hpp>", "OpenCV")
        (self.root / "src/poser/a.cpp").unlink()
        (self.root / "include/tha4/image/a.h").unlink()
        self.assertEqual(self.check("src/image/a.cpp", "#include <opencv2/core.hpp>").returncode, 0)


class Fuzz(ScriptTest):
    """fuzz.sh with fuzzers of two readers, of which one finds something."""

    def fuzz(self, *options, more=None):
        (self.root / "scripts").mkdir(exist_ok=True)
        shutil.copy(SCRIPTS / "fuzz.sh", self.root / "scripts")
        self.write("scripts/setup.sh", "#!/bin/bash\n").chmod(0o755)
        self.stand_in("cmake", "exit 0")
        self.write("tests/fuzz/CMakeLists.txt", "# readers\nset(reader_names good\n    bad)\n")
        programs = {"write_seeds": "mkdir -p $1/good $1/bad; echo seed >$1/good/0",
                    "fuzz_good": "echo '#9 DONE cov: 12 ft: 3'; echo 'Done 7 runs in 2 second(s)'\n"
                                 "echo 'stat::number_of_executed_units: 7'; echo $* >arguments",
                    "fuzz_bad": "echo 'stat::number_of_executed_units: 3'\n"
                                "echo 'SUMMARY: AddressSanitizer: heap-use-after-free'\n"
                                "echo \"artifact_prefix='x'; Test unit written to build/fuzz/finds/bad-crash\"; exit 77"}
        programs.update(more or {})
        for name, script in programs.items():
            self.write(f"build/fuzz/bin/{name}", f"#!/bin/bash\n{script}\n").chmod(0o755)
        environment = {"PATH": f"{self.root}/bin:/usr/bin:/bin"}
        return self.run_program("bash", self.root / "scripts/fuzz.sh", *options, cwd="/", env=environment)

    def test_tells_figures_and_failures(self):
        result = self.fuzz("--seconds", "5")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"(?m)^good +7 +2 +12$")
        self.assertRegex(result.stdout, r"(?m)^bad +3 .*failed, see build/fuzz/bad.log$")
        self.assertIn("\n  AddressSanitizer: heap-use-after-free\n  input: build/fuzz/finds/bad-crash\n", result.stdout)
        self.assertEqual(result.stderr, "fuzz: failed: bad\n")
        self.assertIn("-max_total_time=5 -runs=-1", (self.root / "arguments").read_text())

    def test_runs_the_readers_that_are_named(self):
        result = self.fuzz("--runs", "10", "good")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertNotIn("bad", result.stdout)
        self.assertEqual(self.fuzz("--list").stdout, "good\nbad\n")

    def test_wrong_usage_is_told_before_the_build(self):
        for options, message in ((["--fast"], "unknown option --fast"), (["--seconds"], "--seconds takes a number"),
                                 (["--runs", "many"], "not 'many'"), (["god"], "no reader 'god'; there are: good bad")):
            result = self.fuzz(*options)
            self.assertEqual((result.returncode, result.stdout), (2, ""), options)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            self.assertIn(message, result.stderr)

    def test_an_interruption_ends_all(self):
        # libFuzzer ends with a status of its own after Ctrl-C, which goes to the shell, too.
        result = self.fuzz(more={"fuzz_good": "kill -INT $PPID; exit 72"})
        self.assertEqual((result.returncode, result.stderr), (130, "fuzz: interrupted\n"))
        self.assertNotIn("bad", result.stdout)

    def test_every_reader_has_a_fuzzer(self):
        folder = SCRIPTS.parent / "tests/fuzz"
        rows = "".join(file.read_text() for file in sorted(folder.glob("*_readers.cpp")))
        readers = re.findall(r'\{"(\w+)", read_\w+, \w+_seeds\}', rows)
        listed = re.search(r"set\(reader_names ([^)]*)\)", (folder / "CMakeLists.txt").read_text()).group(1).split()
        self.assertGreater(len(readers), 5)
        self.assertEqual(sorted(readers), sorted(listed))
        kept = {folder.name for folder in (folder / "kept").iterdir()}
        self.assertLessEqual(kept, set(readers))


@unittest.skipUnless(shutil.which("git"), "there is no git")
class Tidy(ScriptTest):
    """Which sources test.sh --tidy looks at, in a repository of its own."""

    def git(self, *arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        result = self.run_program("git", "-C", self.root, *identity, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)

    def tidy(self, *files):
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        result = self.run_program("bash", self.root / "scripts/test.sh", "--tidy", *files, env=environment)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout.splitlines()[-1]

    def test_looks_at_what_differs_from_the_last_commit_or_is_named(self):
        (self.root / "scripts").mkdir()
        shutil.copy(SCRIPTS / "test.sh", self.root / "scripts")
        self.write("scripts/setup.sh", "#!/bin/bash\n").chmod(0o755)
        self.stand_in("clang-tidy-14", 'while [[ $1 == -* || $1 == build/* ]]; do shift; done; echo "looks at $*"')
        for file in ("src/base/same.cpp", "src/base/changed.cpp", "src/base/removed.cpp"):
            self.write(file, "")
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a")
        self.assertIn("no source differs", self.tidy())
        self.write("src/base/changed.cpp", "int a;")
        self.write("apps/tha4-new/main.cpp", "")
        self.write("README.md", "")
        (self.root / "src/base/removed.cpp").unlink()
        self.assertEqual(self.tidy(), "looks at src/base/changed.cpp apps/tha4-new/main.cpp")
        self.assertEqual(self.tidy("src/base/same.cpp"), "looks at src/base/same.cpp")


if __name__ == "__main__":
    unittest.main()
