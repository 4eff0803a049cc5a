"""The page with everything on it: one HTML file that needs nothing beside it."""

import base64
import html
import json
import platform
import shlex
import subprocess
import sys
from pathlib import Path

from plan import ALL_STEPS, NETWORK_FILES
from results import Results
from runner import duration, now, source_version, write_text
from tables import Tables

STYLE = """
body { font: 15px/1.5 sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; color: #222; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2.2em; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; margin: .7em 0; } .wide { overflow-x: auto; }
th, td { padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right; vertical-align: top; }
th { border-bottom: 1px solid #888; } th:first-child, td:first-child, .text td { text-align: left; }
.ours { background: #eef5ff; } .note { color: #555; font-size: 90%; max-width: 55em; margin: .3em 0; }
.warning { background: #fff0c8; border: 2px solid #d99a00; padding: .8em 1em; font-size: 120%; font-weight: bold; }
.pictures { display: flex; flex-wrap: wrap; gap: 1em; } figure { margin: 0; } figcaption { font-size: 90%; color: #555; }
.pictures figure { width: calc(50% - .5em); } img { max-width: 100%; } .pictures.third figure { width: calc(33.3% - .7em); }
pre { background: #f5f5f5; padding: .7em; overflow-x: auto; font-size: 85%; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def text(value):
    return html.escape(str(value))


def table_html(table):
    def cells(tag, values):
        return "".join(f'<{tag}{" class=ours" if index in table.ours else ""}>{text(value)}</{tag}>'
                       for index, value in enumerate(values))
    rows = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in table.rows)
    notes = "".join(f'<p class="note">{text(note)}</p>' for note in table.notes)
    return (f'<h3>{text(table.title)}</h3><div class="wide"><table><tr>{cells("th", table.columns)}</tr>\n'
            f"{rows}</table></div>{notes}")


def pairs_html(pairs):
    rows = "\n".join(f"<tr><td>{text(name)}</td><td>{text(value)}</td></tr>" for name, value in pairs)
    return f'<table class="text">{rows}</table>'


def figure_html(caption, file):
    kind = "jpeg" if file.suffix == ".jpg" else "png"
    data = base64.b64encode(file.read_bytes()).decode("ascii")
    return (f'<figure><img src="data:image/{kind};base64,{data}" alt="{text(caption)}">'
            f"<figcaption>{text(caption)}</figcaption></figure>")


def figures_html(figures, style="pictures"):
    """Of those that have been drawn."""
    drawn = [(caption, file) for caption, file in figures if file.exists()]
    return f'<div class="{style}">' + "\n".join(figure_html(*figure) for figure in drawn) + "</div>"


class Page:
    def __init__(self, plan, runner):
        self.plan = plan
        self.scale = plan.scale
        self.runner = runner
        self.results = Results(plan)
        self.tables = Tables(plan, self.results)
        stamps = {name: runner.stamps.read(name) for name in plan.parts}
        self.stamps = {name: stamp for name, stamp in stamps.items() if stamp}  # of what has been begun
        self.unfinished = [part.title for name, part in plan.parts.items()
                           if self.stamps.get(name, {}).get("state") != "finished"]

    def html(self):
        title = f"The paper's tables, reproduced at the scale {self.scale.name}"
        body = "\n".join([self.opening(title), "<h2>The tables</h2>", *map(table_html, self.tables.all()),
                          self.more_numbers(), self.pictures(), self.origin(), self.commands()])
        return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{text(title)}</title>'
                f"<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n")

    def opening(self, title):
        warning = self.scale["warning"]
        parts = [f"<h1>{text(title)}</h1>"]
        if warning:
            parts.append(f'<p class="warning">{text(warning)}</p>')
        parts.append(
            "<p>Khungurn, “Talking Head(?) Anime from a Single Image 4: Improved Model and Its Distillation”, 2023. "
            f'White columns: the paper’s numbers. <span class="ours">Blue columns: measured here</span>, with '
            f"{text(self.scale['summary'])}, on {text(self.results.device_name())}.</p>")
        if self.scale.fraction != 1:
            parts.append(f"<p>Students saw {self.scale.fraction:g} of the examples of the settings (--share).</p>")
        if self.unfinished:
            parts.append(f"<p><b>Not finished yet:</b> {text(', '.join(self.unfinished))}.</p>")
        if not self.scale.trains_teachers:
            parts.append(f"<p>All students learn from {text(self.scale['teacher'])}, the teacher that comes with the project: "
                         "Tables 1, 2 and 4, which are about teachers that are trained, are not here; scales that train them "
                         "have them.</p>")
            return "\n".join(parts)
        if self.scale.settings["teacher_configs"].endswith("smoke") or self.plan.options.perceptual_loss:
            return "\n".join(parts)
        parts.append("<p>The teachers were trained without the perceptual loss (--no-perceptual-loss).</p>")
        return "\n".join(parts)

    def more_numbers(self):
        tables = [self.tables.costs(), self.tables.students()]
        if self.scale.trains_teachers:
            tables.append(self.tables.trainings(NETWORK_FILES))
        return "<h2>More numbers</h2>" + "\n".join(map(table_html, tables))

    # Pictures

    def pictures(self):
        parts = ["<h2>Pictures</h2>"]
        titles = {"tha3": "the THA3 baseline", "tha4": "the teacher", None: "the teacher"}
        for character in self.scale["students"]:
            sheets = [(titles[architecture], sheet) for architecture, sheet in self.plan.teacher_pictures(character).items()]
            sheets = [*reversed(sheets), ("the student", self.plan.picture(character))]
            parts.append(f"<h3>{text(character)}</h3>" + figures_html(sheets, "pictures third"))
        ablations = [(self.student_title(student), self.plan.picture(student))
                     for student in self.scale.students_settings() if student not in self.scale["students"]]
        parts.append(f"<h3>Ablations, of {text(self.scale['ablated_student'])}</h3>" + figures_html(ablations, "pictures third"))
        if not self.scale.trains_teachers:
            return "\n".join(parts)
        samples = [(network, self.last_sample(network)) for network in NETWORK_FILES if self.last_sample(network)]
        parts.append("<h3>Test triples at the end of the trainings</h3>" + figures_html(samples))
        data = [(f"triples of the step {step}: rest image and posed image", self.plan.out / "data" / f"{step}.png")
                for step in ALL_STEPS]
        if f"data_{ALL_STEPS[0]}" in self.plan.parts:
            parts.append("<h3>Data</h3>" + figures_html(data, "pictures third"))
        return "\n".join(parts)

    def student_title(self, student):
        return {"vanilla_siren": "vanilla SIREN", "siren_single_resolution": "w/o multi-res"}.get(
            student, student.replace("phases_", "model "))

    def last_sample(self, network):
        return max((self.plan.out / "teacher/runs" / network / "samples").glob("*.png"), default=None)

    # Where the numbers come from

    def origin(self):
        return "\n".join(["<h2>Where the numbers come from</h2>",
                          "<h3>Machine</h3>", pairs_html(self.machine()),
                          "<h3>Versions</h3>", pairs_html(self.versions()),
                          "<h3>Seeds</h3>", pairs_html(self.seeds()),
                          f"<details><summary>Settings: configs/reproduce/{text(self.scale.name)}.json</summary><pre>"
                          f"{text(json.dumps(self.scale.settings, indent=2))}</pre></details>"])

    def machine(self):
        machine = self.results.machine()
        if not machine:
            return [("device", "not measured yet")]
        pairs = [("processor", f"{machine['processor']}, {machine['processors']} processors"),
                 ("memory", f"{machine['memory_bytes'] / (1 << 30):.1f} GiB"), ("device", machine["device"])]
        if "gpu" in machine:
            gpu = machine["gpu"]
            pairs.append(("GPU", f"{gpu['name']}, {gpu['memory_bytes'] / (1 << 30):.1f} GiB, driver {gpu['driver']}"))
        if self.plan.options.processes > 1:
            pairs.append(("processes", f"{self.plan.options.processes} train and evaluate the teachers together"))
        if self.plan.options.gpus > 1:
            pairs.append(("GPUs", f"parts ran side by side on {self.plan.options.gpus}, frame times were measured alone"))
        return pairs

    def versions(self):
        command = [self.plan.options.bin / "tha4-eval", "--version"]
        project = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        sources = {stamp.get("source") for stamp in self.stamps.values()} - {None}
        return [("project", project), ("source of the page", source_version(self.plan.options.root) or "not known"),
                ("sources of the parts", ", ".join(sorted(sources)) or "not known"),
                ("LibTorch", self.results.machine().get("libtorch", "not measured yet")),
                ("system", f"{system_name()}, {platform.release()}, Python {platform.python_version()}")]

    def seeds(self):
        distill = self.scale.distill_settings
        of_students = [
            ("characters of the students", ", ".join(map("{0[0]}: {0[1]}".format, self.scale["students"].items()))),
            ("distillation", f"poses {distill['poses']['seed']}, face morpher {distill['face_morpher']['seed']}, body "
                             f"rotator {distill['body_rotator']['seed']}, held-out poses {distill['held_out']['seed']}"),
            ("poses that students are evaluated in", self.scale["evaluation"]["student_seed"]),
            ("images that teachers are evaluated on, poses that are timed", "fixed in tha4-eval and tha4-bench: 0")]
        if not self.scale.trains_teachers:
            return of_students
        networks = ", ".join(f"{network} {self.scale.teacher_settings(network)['seed']}" for network in NETWORK_FILES)
        characters = self.plan.options.data or self.scale["data"]["source"]
        return [("characters of the data (procedural:COUNT:FIRST SEED)", characters),
                ("poses of the datasets", self.scale["data"]["seed"]),
                ("training of the teachers", networks), *of_students]

    def commands(self):
        seconds = sum(stamp["seconds"] for stamp in self.stamps.values())
        begun = min((stamp["started"] for stamp in self.stamps.values()), default=now())
        parts = [f"<h2>Commands</h2><p>{text(shlex.join(['scripts/reproduce.sh', *sys.argv[1:]]))}</p>"
                 f"<p>Begun {text(begun)}, this page written {text(now())}; {duration(seconds)} in all. The commands below run "
                 f"in the project’s folder, with its build/release/bin on PATH and OUT={text(self.plan.out)}.</p>"]
        for name, part in self.plan.parts.items():
            if name not in self.stamps:
                continue
            stamp = self.stamps[name]
            lines = "\n".join(shlex.join(command).replace("'$OUT/", "'\"$OUT\"'/") for command in stamp["commands"])
            parts.append(f"<details><summary>{text(part.title)}: {duration(stamp['seconds'])}</summary>"
                         f"<pre>{text(lines)}</pre></details>")
        for file, settings in self.plan.generated_configs.items():
            parts.append(f"<details><summary>{text(self.plan.shown(file))}</summary><pre>{text(settings)}</pre></details>")
        return "\n".join(parts)


def system_name():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def write_page(file, plan, runner):
    write_text(Path(file), Page(plan, runner).html())
