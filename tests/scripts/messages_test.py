"""The library's messages name no options: these belong to the commands (apps/command_line/remedy_text.cpp)."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = {".h", ".cpp", ".cu", ".cuh"}
# NVRTC's own options.
EXCEPTED = {Path("src/base/cuda_program.cpp")}
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
OPTION = re.compile(r"--[a-z]")


def options_in(text):
    """The string literals of C++ source that hold an option, each with the number of its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("//"):
            continue
        yield from ((number, literal) for literal in STRING.findall(line) if OPTION.search(literal))


class LibraryMessages(unittest.TestCase):
    def test_options_are_found(self):
        source = '// "--no"\nx--; f("a-b");\nthrow Error("take " + name + "; use \\"--device\\" cpu");\n'
        self.assertEqual([number for number, _ in options_in(source)], [3])

    def test_no_source_of_the_library_names_an_option(self):
        found = [f"{file.relative_to(ROOT)}:{number}: {literal}"
                 for top in ("include", "src") for file in sorted((ROOT / top).rglob("*"))
                 if file.suffix in SUFFIXES and file.relative_to(ROOT) not in EXCEPTED
                 for number, literal in options_in(file.read_text(encoding="utf-8"))]
        self.assertEqual(found, [], "an Error has a Remedy for this, and a text that is parsed a ValueError")


if __name__ == "__main__":
    unittest.main()
