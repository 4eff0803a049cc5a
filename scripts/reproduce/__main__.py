"""Runs what the paper's tables report and writes one page of our numbers beside them; scripts/reproduce.sh calls this."""

import argparse
import sys
from pathlib import Path

from page import write_page
from plan import Options, Plan
from runner import Interrupted, PartFailed, Runner
from scale import Scale, UsageError, scale_names

ROOT = Path(__file__).resolve().parents[2]

DESCRIPTION = """\
Draws data, trains both teachers (THA4 and the THA3 baseline), distils three students, the two other architectures of
Table 6 and the phase ablations A to F of Table 7, evaluates and times all of them, and writes OUT/report.html: our
numbers beside the paper's Tables 1, 2, 4, 5, 6 and 7, with seeds, commands, machine, versions and pictures. The scales
fast and fast_smoke train no teacher: theirs is the project's own, and the tables are 5, 6 and 7.

Run again, it only does what is not done yet: an interrupted part goes on where its command can, a part whose command or
settings have changed is run anew, and with it what was made of it. The log of each part is in OUT/logs.
"""


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(prog="scripts/reproduce.sh", description=DESCRIPTION,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="Example:\n  scripts/reproduce.sh --scale smoke --out out/smoke")
    parser.add_argument("--scale", required=True, metavar="|".join(scale_names(ROOT)),
                        help="smoke: two CPU cores, minutes, a test of the plumbing alone; small: one GPU, hours; "
                             "paper: the paper's schedule; fast: Tables 5 to 7, minutes a student on a GPU; fast_smoke: "
                             "its plumbing")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for everything that is made")
    parser.add_argument("--device", help="auto, cpu, cuda or cuda:N, for every command")
    parser.add_argument("--data", metavar="SOURCE",
                        help="characters to draw in place of the scale's: procedural:N[:SEED] or a folder of .vrm files; "
                             "or a folder of finished datasets: eyebrows, face, body and whole")
    parser.add_argument("--online", action="store_true", help="draw while training, instead of making datasets first")
    parser.add_argument("--vgg16", type=Path, metavar="FILE",
                        help="torchvision's weights of VGG16, for the perceptual loss of small and paper")
    parser.add_argument("--no-perceptual-loss", action="store_true", help="train teachers without it")
    parser.add_argument("--lpips-backbone", type=Path, metavar="FILE",
                        help="torchvision's weights of AlexNet, for LPIPS; without it, that column stays empty")
    parser.add_argument("--processes", type=int, default=1, metavar="N",
                        help="processes, one a GPU, that train and evaluate teachers together (by torchrun)")
    parser.add_argument("--share", type=float, default=1, metavar="S",
                        help="distil with this fraction of the scale's examples, above 0 and at most 1")
    parser.add_argument("--gpus", type=int, default=1, metavar="N",
                        help="parts that run side by side where none needs the other, one a GPU; frame times are measured "
                             "when nothing else runs")
    parser.add_argument("--minutes", type=float, metavar="M",
                        help="begin no part that would not be finished by then, as far as is known, and stop what runs; "
                             "run again, it goes on")
    parser.add_argument("--keep-going", action="store_true",
                        help="after a part has failed, go on with those that do not need it")
    parser.add_argument("--bin", type=Path, metavar="DIR",
                        help="folder of the commands; if it is given, nothing is set up or built")
    parser.add_argument("--dry-run", action="store_true", help="print the parts and their commands, and do nothing")
    return parser.parse_args(arguments)


def absolute(path, what):
    if path is not None and not path.exists():
        raise UsageError(f"{what} {path}: there is no such file")
    return path and path.resolve()


def options_of(arguments):
    for name in ("processes", "gpus"):
        if getattr(arguments, name) < 1:
            raise UsageError(f"--{name} must be at least 1")
    if arguments.minutes is not None and not 0 < arguments.minutes < 1e6:
        raise UsageError("--minutes must be above 0")
    if not 0 < arguments.share <= 1:
        raise UsageError("--share must be above 0 and at most 1")
    if arguments.gpus > 1 and arguments.processes > 1:
        raise UsageError("--gpus and --processes both share out the GPUs; choose one of them")
    if arguments.gpus > 1 and (arguments.device or "").startswith("cuda:"):
        raise UsageError(f"--gpus gives each part a GPU of its own; --device {arguments.device} is only one")
    data = arguments.data
    if data and not data.startswith("procedural:"):
        data = str(absolute(Path(data), "--data"))
    options = Options(root=ROOT, out=arguments.out.resolve(), bin=(arguments.bin or ROOT / "build/release/bin").resolve(),
                      device=arguments.device, data=data, online=arguments.online,
                      vgg16=absolute(arguments.vgg16, "--vgg16"), perceptual_loss=not arguments.no_perceptual_loss,
                      lpips_backbone=absolute(arguments.lpips_backbone, "--lpips-backbone"), processes=arguments.processes,
                      gpus=arguments.gpus, minutes=arguments.minutes, keeps_going=arguments.keep_going)
    options.visible_gpus()
    return options


def reproduce(arguments):
    plan = Plan(options_of(arguments), Scale(ROOT, arguments.scale, arguments.share))
    runner = Runner(plan)
    if arguments.dry_run:
        runner.show()
        return
    try:
        runner.run()
    except (PartFailed, Interrupted):
        if plan.options.minutes is not None or plan.options.keeps_going:
            show_page(plan, runner)  # of what there is
        raise
    show_page(plan, runner)


def show_page(plan, runner):
    page = plan.out / "report.html"
    write_page(page, plan, runner)
    print(f"reproduce: look at {page}")


def main():
    arguments = parse_arguments(sys.argv[1:])
    try:
        reproduce(arguments)
    except UsageError as error:
        sys.exit(fail(error, 2))
    except PartFailed as error:
        sys.exit(fail(error, 1))
    except Interrupted as error:
        sys.exit(fail(error, 130))


def fail(error, status):
    print(f"reproduce: error: {error}", file=sys.stderr)
    return status


main()
