"""What a scale runs: configs/reproduce/<scale>.json, and the settings that follow from it."""

import copy
import json
import re

STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*')


class UsageError(Exception):
    """What the user can mend; the text says how."""


def read_json(file):
    """The project's configurations are JSON with // comments."""
    try:
        text = file.read_text(encoding="utf-8")
        return json.loads(STRING_OR_COMMENT.sub(lambda match: match.group(1) or "", text))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{file} is not valid JSON: {error}") from error


def settings_files(file):
    """A file of settings and those that it is based on, the last base first: its "base" is relative to it."""
    files = [file]
    while base := based_on(read_json(files[0])):
        base = files[0].parent / base
        if not base.is_file():
            raise UsageError(f"{files[0]}: its base '{base.name}' is not there")
        if any(base.samefile(other) for other in files):
            raise UsageError(f"{files[0]}: its base '{base.name}' is based on this file")
        files.insert(0, base)
    return files


def based_on(settings):
    return settings.get("base") if isinstance(settings, dict) else None


def merged(base, changes):
    """`changes` over `base`, as read_config_file() of the library merges them: objects key by key, but for those of
    another kind."""
    are_objects = isinstance(base, dict) and isinstance(changes, dict)
    if not are_objects or base.get("kind", changes.get("kind")) != changes.get("kind", base.get("kind")):
        return changes
    return {**base, **{key: merged(base.get(key), value) for key, value in changes.items()}}


def read_settings(file):
    """A file of settings with its bases."""
    settings = {}
    for part in settings_files(file):
        settings = merged(settings, read_json(part))
    settings.pop("base", None)
    return settings


def scale_names(root):
    return sorted(file.stem for file in (root / "configs/reproduce").glob("*.json"))


def paper_table(root, name):
    """The rows of one of the paper's tables, for example "Table 7"."""
    for file in ("paper.json", "paper_quality.json"):
        for table in read_json(root / "configs/bench" / file)["tables"]:
            if table["name"] == name:
                return table["rows"]
    raise UsageError(f"configs/bench has no '{name}' of the paper")


def with_changes(settings, changes):
    """`settings` with the values of `changes` in place of its own; null takes a key away."""
    changed = {**settings, **changes}
    return {key: value for key, value in changed.items() if value is not None}


def with_fraction_of_examples(settings, fraction):
    """A distillation's settings with a fraction of all amounts of examples, so that its phases keep theirs of the whole."""
    if isinstance(settings, list):
        return [with_fraction_of_examples(value, fraction) for value in settings]
    if not isinstance(settings, dict):
        return settings
    return {key: max(1, round(value * fraction)) if key in ("examples", "until_examples", "early_examples")
            else with_fraction_of_examples(value, fraction) for key, value in settings.items()}


def kept_phases(phases, numbers):
    """The loss phases with these numbers, counted from 1, over the same number of examples.

    The paper does not say what happens to the examples of a phase that is left out. Here each phase that is kept lasts
    until its own end, what went before it belongs to it, and the last one goes on to the end of the training.
    """
    kept = [dict(phases[number - 1]) for number in numbers]
    kept[-1]["until_examples"] = phases[-1]["until_examples"]
    return kept


class Scale:
    """The settings of a scale."""

    def __init__(self, root, name, fraction=1):
        """`fraction`: of the examples of its distillations."""
        self.root = root
        self.fraction = fraction
        self.name = name
        file = root / "configs/reproduce" / f"{name}.json"
        if not file.exists():
            raise UsageError(f"there is no scale '{name}'; the scales are {', '.join(scale_names(root))}")
        self.settings = read_settings(file)
        self.distill_settings = merged(read_settings(root / self.settings["distill_config"]),
                                       self.settings["distill_changes"])
        if fraction != 1:
            self.distill_settings = with_fraction_of_examples(self.distill_settings, fraction)

    def __getitem__(self, key):
        return self.settings[key]

    @property
    def trains_teachers(self):
        return self["teacher"] is None

    def teacher_config(self, network):
        return self.root / self["teacher_configs"] / f"{network}.json"

    def teacher_settings(self, network):
        return read_settings(self.teacher_config(network))

    def students_settings(self):
        """The settings of every distillation by the name of its student; None: the scale's own, as they are."""
        own = None if self.fraction == 1 and not self["distill_changes"] else self.distill_settings
        settings = {name: own for name in self["students"]}
        for kind, changes in self["architectures"].items():
            settings[kind] = self._with_body_rotator({"kind": kind, **changes})
        phases = self.distill_settings["body_rotator"]["loss_phases"]
        for row in paper_table(self.root, "Table 7"):
            if len(row["phases"]) < len(phases):
                kept = kept_phases(phases, row["phases"])
                settings[phases_student(row["model"])] = self._with_body_rotator({"loss_phases": kept})
        return settings

    def image_of(self, student):
        """The name of the character that a student is distilled from."""
        return student if student in self["students"] else self["ablated_student"]

    def student_of_model(self, row):
        """The student of a row of Table 7; that with all phases is the ablated student itself."""
        name = phases_student(row["model"])
        return name if name in self.students_settings() else self["ablated_student"]

    def _with_body_rotator(self, changes):
        settings = copy.deepcopy(self.distill_settings)
        settings["body_rotator"] = with_changes(settings["body_rotator"], changes)
        return settings


def phases_student(model):
    return f"phases_{model}"
