#!/usr/bin/env python3
"""Prints the table src/engine/measured_layouts.json, of what try_convolutions found.

join_trials.py FOLDER/trials-*.txt > src/engine/measured_layouts.json

A convolution gets a row where a layout by warpgroups is faster than the one by warps. Convolutions that differ
only in what the table does not know, activations and additions, share the layout that is fastest for them
together, and each of them must gain by it.
"""
import argparse
import json
import re
import sys

LEAST_GAIN = 1.03  # in time: less may be noise
LEAST_DECIBELS = 40  # against what the kernel by warps gives
CONVOLUTION = re.compile(
    r"\s*(?P<count>\d+) x (?P<images>\d+)x(?P<height>\d+)x(?P<width>\d+) (?P<taps>\d+)(?P<halves>h?) "
    r"\[(?P<inputs>[\d,]*)\]\+\[(?P<skipped>[\d,]*)\]>(?P<outputs>\d+) ")
TRIAL = re.compile(r"\s+(?P<layout>\S+) (?P<time>[\d.]+) us, (?P<results>\S+) dB, sums (?P<sums>\S+) dB")
LAYOUT = re.compile(r"wg-(?P<teams>\d+)x(?P<pixels>\d+)x(?P<outputs>\d+)-l(?P<loaders>\d+)-.*?(?P<copies>-c)?$")


def numbers(text):
    return tuple(int(number) for number in text.split(",") if number)


def shape_of(match):
    """What a row of the table begins with."""
    shape = {name: int(match[name]) for name in ("images", "height", "width", "taps")}
    shape["halves"] = match["halves"] == "h"
    shape["inputs"], shape["skipped"] = numbers(match["inputs"]), numbers(match["skipped"])
    shape["outputs"] = int(match["outputs"])
    return shape


def read_trials(file, convolutions):
    """Adds to {shape as items: [{"warps": time, layout: time}]} in the order of the file; times of all calls."""
    trials = {}
    for line in file:
        if match := CONVOLUTION.match(line):
            trials, count = {}, int(match["count"])
            convolutions.setdefault(tuple(shape_of(match).items()), []).append(trials)
        elif match := TRIAL.match(line):
            is_right = min(float(match["results"]), float(match["sums"])) > LEAST_DECIBELS
            name = "warps" if match["layout"].startswith("warps") else match["layout"]
            if is_right:
                trials[name] = count * float(match["time"])


def best_layout(kinds):
    """The layout that all kinds of a convolution gain by, or None."""
    def gains(name):
        return all(name in trials and trials[name] < trials["warps"] for trials in kinds)

    def time(name):
        return sum(trials[name] for trials in kinds)

    names = [name for name in kinds[0] if name != "warps" and gains(name)]
    best = min(names, key=time, default=None)
    return best if best and time(best) * LEAST_GAIN < time("warps") else None


def row_of(shape, name):
    match = LAYOUT.match(name)
    layout = {key: int(match[key]) for key in ("outputs", "teams", "loaders")}
    layout["blocks"] = int(match["pixels"]) // 64
    if match["copies"]:
        layout["copies"] = True
    return {**dict(shape), "layout": layout}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trials", nargs="+", type=argparse.FileType())
    convolutions = {}
    for file in parser.parse_args().trials:
        read_trials(file, convolutions)
    before = after = 0
    rows = []
    for shape, kinds in convolutions.items():
        best = best_layout(kinds)
        before += sum(trials["warps"] for trials in kinds)
        after += sum(trials[best or "warps"] for trials in kinds)
        if best:
            rows.append(json.dumps(row_of(shape, best)))
    print("[\n " + ",\n ".join(rows) + "\n]")
    print(f"{len(rows)} of {len(convolutions)} convolutions: {before:.0f} us -> {after:.0f} us", file=sys.stderr)


if __name__ == "__main__":
    main()
