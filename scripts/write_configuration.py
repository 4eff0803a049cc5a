#!/usr/bin/env python3
"""Writes docs/configuration.md from what the commands say of their settings. Needs nothing but Python 3.

Usage: write_configuration.py [--check] [BIN]

Runs the commands in the folder BIN (build/release/bin if left out) with --help-config. With --check nothing is written,
and the exit status is 1 if the page is not what they say.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/configuration.md"
COMMANDS = ["tha4-distill", "tha4-train-teacher", "tha4-make-dataset"]

BEGINNING = """# Settings

Every setting that a configuration may hold: what `COMMAND --help-config` says, of all commands.
`scripts/write_configuration.py` writes this page; do not change it by hand.

A configuration is a JSON file with `//` comments: a preset of `configs`, or one of your own, named by `--config`.
[files.md](files.md#settings) says how one file builds upon another, and how `--set` changes a value. In a list below,
`a.b` is the key `b` of the object `a`, and `N` the place in a list, counted from 0, as `--set` takes them. A key must be
there if the list does not say what holds without it. All amounts of training are in examples seen, so that the batch
can change without the schedule.
"""


def help_of(command):
    result = subprocess.run([command, "--help-config"], stdout=subprocess.PIPE, text=True, check=True)
    return result.stdout.strip()


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.exit(__doc__.strip())
    folder = Path(arguments[0]) if arguments else ROOT / "build/release/bin"
    try:
        page = "\n".join([BEGINNING] + [help_of(folder / command) + "\n" for command in COMMANDS])
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"write_configuration.py: {error}; build the commands, or name the folder that they are in")
    if "--check" not in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/configuration.md is not what the commands say; run scripts/write_configuration.py")


if __name__ == "__main__":
    main()
