"""Stands in for all of the project's commands: writes the files that scripts/reproduce.sh expects, with fixed numbers.

Scores and times follow from the name of what is measured: CASES below, which the test knows too. Every call is noted in
the file `calls` in the folder above, its beginning with the GPU that it sees and its end in the file `times`. What the file
`failing` there names fails. Where there is a pipe `meeting`, the distillations of MEETING wait in it for each other.
"""

import json
import os
import sys
from pathlib import Path

from plan import CHARACTER_FILES, NETWORK_FILES  # of scripts/reproduce, which the test puts on the path

FOLDER = Path(sys.argv[0]).resolve().parent.parent
# Network PSNR and frame time by what is measured.
CASES = {name: (30 + index / 8, 500 + index / 8) for index, name in enumerate([
    "teacher", "tha3", "demo", "procedural-7", "procedural-21", "vanilla_siren", "siren_single_resolution",
    "phases_A", "phases_B", "phases_C", "phases_D", "phases_E", "phases_F"])}
MEETING = ("demo", "procedural-7")  # characters
REST_IMAGE_PSNR = 12.75
TRAINED_PSNR = 24.5


def write(path, content="x"):
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))


def mean(value):
    return {"mean": value}


def scores(psnr):
    return {"network_psnr": mean(psnr), "psnr": mean(psnr + 1), "ssim": mean(0.875)}


def evaluate(options, name):
    psnr = CASES[name][0]
    summary = {"teacher": scores(psnr), "rest_image": scores(REST_IMAGE_PSNR), "student": scores(psnr)}
    write(options["--json"], {"images": [{}, {}], "summary": summary})
    write(options["--html"])


def measure(options, name):
    ms = CASES[name][1]
    frames = [{"title": f"{name}, image kept", "as_in_paper": False, "mean_ms": 1, "flops": 1},
              {"title": name, "as_in_paper": True, "mean_ms": ms, "median_ms": ms, "p99_ms": ms, "flops": 2e9,
               "frames_per_second": 1000 / ms}]
    # Of 4 bytes each: 1.5 and 2.5 units of 1,024,000 bytes, and 3 of 2^20 in all.
    parameters = {"half_resolution_rotator": 384_000, "editor": 640_000, "total": 786_432}
    machine = {"processor": "a stand-in", "processors": 2, "memory_bytes": 1 << 33, "libtorch": "2.11.0", "device": "cpu"}
    write(options["--json"], {"machine": machine, "frames": 3, "precision": "fp32",
                              "systems": [{"parameters": parameters, "weight_bytes": 1 << 20, "frames": frames}]})


def note(file, *words):
    with open(FOLDER / file, "a", encoding="utf-8") as notes:
        notes.write(" ".join(words) + "\n")


def fail_if_asked(name):
    failing = FOLDER / "failing"
    if failing.exists() and failing.read_text() == name:
        sys.exit(f"{name} fails")


def meet(name):
    """A pipe is opened when the other end is, too."""
    meeting = FOLDER / "meeting"
    if meeting.exists() and name in MEETING:
        with open(meeting, "w" if name == MEETING[0] else "r", encoding="utf-8"):
            pass


def main():
    command = Path(sys.argv[0]).name
    arguments = sys.argv[1:]
    note("calls", command, *arguments)
    if arguments == ["--version"]:
        print("0.1.0")
        return
    options = dict(zip(arguments, arguments[1:]))
    result = options.get("--json") or options["--out"]
    note("times", "begin", command, Path(result).stem, os.environ.get("CUDA_VISIBLE_DEVICES", "any"))
    make(command, options)
    note("times", "end", command, Path(result).stem)


def make(command, options):
    if command == "tha4-make-dataset":
        write(f"{options['--out']}/dataset.json")
        write(options["--preview"])
    elif command == "tha4-train-teacher":
        network = Path(options["--config"]).stem
        for file in NETWORK_FILES[network]:
            write(f"{options['--out']}/{file}")
        write(options["--json"], {"validation": {"validation_psnr": TRAINED_PSNR}})
    elif command == "tha4-distill":
        name = Path(options["--out"]).name
        fail_if_asked(name)
        meet(name)
        for file in CHARACTER_FILES:
            write(f"{options['--out']}/{file}")
    elif command == "tha4-pose":
        write(options["--out"])
    elif command == "tha4-eval":
        evaluate(options, Path(options["--json"]).stem)
    elif command == "tha4-bench":
        measure(options, Path(options["--json"]).stem)


if __name__ == "__main__":
    main()
