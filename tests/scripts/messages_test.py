"""The library's messages name neither options nor commands (apps/command_line/remedy_text.cpp knows them)."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = {".h", ".cpp", ".cu", ".cuh"}
# NVRTC's own options.
EXCEPTED = {Path("src/base/cuda_program.cpp")}
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
COMMANDS = sorted(folder.name for folder in (ROOT / "apps").glob("tha4-*"))
OPTION_OR_COMMAND = re.compile("|".join(["--[a-z]", *(rf"\b{command}\b" for command in COMMANDS)]))
# Pages that explain settings say in their title whose they are.
TITLE = "settings_help("


def options_and_commands_in(text):
    """The string literals of C++ source that hold an option or a command, each with the number of its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("//") or TITLE in line:
            continue
        yield from ((number, literal) for literal in STRING.findall(line) if OPTION_OR_COMMAND.search(literal))


class LibraryMessages(unittest.TestCase):
    def test_options_and_commands_are_found(self):
        source = '// "--no"\nx--; f("a-b");\nthrow Error("take " + name + "; use \\"--device\\" cpu");\n'
        self.assertEqual([number for number, _ in options_and_commands_in(source)], [3])
        self.assertEqual(len(list(options_and_commands_in('f("by tha4-pose");\ng("tha4-triples");\n'))), 1)

    def test_no_source_of_the_library_names_an_option_or_a_command(self):
        found = [f"{file.relative_to(ROOT)}:{number}: {literal}"
                 for top in ("include", "src") for file in sorted((ROOT / top).rglob("*"))
                 if file.suffix in SUFFIXES and file.relative_to(ROOT) not in EXCEPTED
                 for number, literal in options_and_commands_in(file.read_text(encoding="utf-8"))]
        self.assertEqual(found, [], "an Error has a Remedy for this, and a text that is parsed a ValueError")


if __name__ == "__main__":
    unittest.main()
