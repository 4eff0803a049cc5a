"""The parts of a reproduction, in the order in which they are run, with the commands of each."""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from scale import UsageError

# The networks that are trained, in an order in which each finds what it learns with, and the files that they become: those
# of include/tha4/nn/teacher/teacher_architecture.h.
NETWORK_FILES = {
    "eyebrow_networks": ["eyebrow_decomposer.pt", "eyebrow_morphing_combiner.pt"],
    "face_morpher": ["face_morpher.pt"],
    "half_resolution_rotator": ["body_morpher.pt"],
    "editor": ["upscaler.pt"],
    "tha3_rotator": ["two_algo_face_body_rotator.pt"],
    "tha3_editor": ["editor.pt"],
}
FACE_NETWORKS = ["eyebrow_networks", "face_morpher"]
TEACHERS = {"tha4": FACE_NETWORKS + ["half_resolution_rotator", "editor"],
            "tha3": FACE_NETWORKS + ["tha3_rotator", "tha3_editor"]}
# What tha4-distill leaves of a character (docs/files.md).
CHARACTER_FILES = ["character_model.yaml", "character.png", "face_morpher.pt", "body_morpher.pt", "report.json", "report.html"]
TEACHER_NAMES = {"tha4": "teacher", "tha3": "tha3"}  # as the commands and configs/bench call them
LEARNED_WITH = {"editor": "half_resolution_rotator", "tha3_editor": "tha3_rotator"}
# What the triples show that a network learns from, a dataset each.
STEPS = {"eyebrow_networks": "eyebrows", "face_morpher": "face"}
OTHER_STEP = "body"
ALL_STEPS = ["eyebrows", "face", "body"]
TEST_STEP = "whole"


@dataclass
class Part:
    """One thing to do, whose result is kept once it is there."""

    name: str
    title: str
    commands: list  # of lists of arguments
    outputs: list  # the files that it leaves
    owned: list  # files and folders that are removed before it is run anew
    inputs: list = field(default_factory=list)  # names of the parts whose results it uses
    configs: list = field(default_factory=list)  # files of settings that it reads
    run_folder: Path = None  # where its command finds an interrupted run, and goes on with --resume
    continues: bool = False  # whether its command goes on by itself after an interruption
    alone: bool = False  # whether what runs beside it would spoil its result
    kind: str = ""  # parts of a kind take about as long as each other

    def __post_init__(self):
        self.kind = self.kind or self.name.split("_")[0]


@dataclass
class Options:
    """What the user asked for; paths are absolute."""

    root: Path
    out: Path
    bin: Path
    device: str = None
    data: str = None
    online: bool = False
    vgg16: Path = None
    perceptual_loss: bool = True
    lpips_backbone: Path = None
    processes: int = 1
    gpus: int = 1
    minutes: float = None
    keeps_going: bool = False

    def visible_gpus(self):
        """The names of the GPUs that parts run on side by side, as CUDA_VISIBLE_DEVICES has them."""
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        names = visible.split(",") if visible else [str(number) for number in range(self.gpus)]
        if len(names) < self.gpus:
            raise UsageError(f"--gpus {self.gpus}: CUDA_VISIBLE_DEVICES names only {len(names)}")
        return names

class Plan:
    """The parts by name, and the settings that have to be written for them."""

    def __init__(self, options, scale):
        self.options = options
        self.scale = scale
        self.out = options.out
        self.generated_configs = {}  # file: text
        self.parts = {}
        if scale.trains_teachers:
            self.teacher = self.out / "teacher"
            self._check_perceptual_loss()
            self._add_data()
            self._add_teachers()
        else:
            self.teacher = options.root / scale["teacher"]
            self._check_no_training()
        self._add_characters()
        self._add_students()
        self._add_evaluations()
        self._add_measurements()
        self._add_pictures()

    def shown(self, argument):
        """An argument as it is shown and compared: without the folders of this machine."""
        text = str(argument)
        for folder, name in ((self.out, "$OUT/"), (self.options.bin, ""), (self.options.root, "")):
            text = text.replace(f"{folder}/", name)
        return text

    def _add(self, part):
        self.parts[part.name] = part

    def _command(self, app, *arguments, processes=1):
        command = [self.options.bin / app, *arguments]
        if self.options.device:
            command += ["--device", self.options.device]
        if processes > 1:
            command = [self._torchrun(), "--standalone", "--no-python", "--nproc-per-node", processes] + command
        return [str(argument) for argument in command]

    def _torchrun(self):
        own = self.options.root / ".venv/bin/torchrun"
        found = own if own.exists() else shutil.which("torchrun")
        if not found:
            raise UsageError("--processes needs torchrun, which PyTorch brings; put it on PATH, or run scripts/setup.sh")
        return found

    def _check_perceptual_loss(self):
        backbones = {self.scale.teacher_settings(network)["perceptual"]["backbone"] for network in NETWORK_FILES}
        if "vgg16" in backbones and self.options.perceptual_loss and not self.options.vgg16:
            raise UsageError(
                f"the scale {self.scale.name} trains with the perceptual loss, which needs torchvision's weights of VGG16: "
                "download https://download.pytorch.org/models/vgg16-397923af.pth and name the file by --vgg16, or train "
                "without it by --no-perceptual-loss")

    def _check_no_training(self):
        options = self.options
        for name, is_given in (("--data", options.data), ("--online", options.online), ("--vgg16", options.vgg16),
                               ("--no-perceptual-loss", not options.perceptual_loss), ("--processes", options.processes > 1)):
            if is_given:
                raise UsageError(f"{name} is about training teachers, and the scale {self.scale.name} trains none")

    def architectures(self):
        """Of the teachers that are trained."""
        return list(TEACHERS) if self.scale.trains_teachers else []

    def teacher_parts(self, architecture):
        """The parts that make a teacher."""
        return [f"train_{network}" for network in TEACHERS[architecture]] if self.scale.trains_teachers else []

    # Data

    def _is_on_disk(self):
        """Whether --data names a folder of finished datasets, one for each step."""
        return self.options.data is not None and (Path(self.options.data) / OTHER_STEP / "dataset.json").exists()

    def _makes_datasets(self):
        return not self.options.online and not self._is_on_disk()

    def _characters(self):
        return self.options.data or self.scale["data"]["source"]

    def _add_data(self):
        if self.options.data and (Path(self.options.data) / "dataset.json").exists():
            raise UsageError(f"--data {self.options.data} is one dataset; every step of the teacher needs its own: name a "
                             f"folder that holds the datasets {', '.join(ALL_STEPS + [TEST_STEP])}")
        if self._is_on_disk():
            for step in ALL_STEPS + [TEST_STEP]:
                if not (Path(self.options.data) / step / "dataset.json").exists():
                    raise UsageError(f"--data {self.options.data} has no {step}/dataset.json; make it with "
                                     f"tha4-make-dataset --step {step}")
        if not self._makes_datasets():
            return
        data = self.scale["data"]
        for step in ALL_STEPS:
            folder = self.out / "data" / step
            preview = self.out / "data" / f"{step}.png"
            self._add(Part(
                name=f"data_{step}", title=f"dataset of the step {step}", continues=True,
                commands=[[str(argument) for argument in (
                    self.options.bin / "tha4-make-dataset", "--characters", self._characters(), "--step", step,
                    "--poses-per-character", data["poses_per_character"], "--test-fraction", data["test_fraction"],
                    "--seed", data["seed"], "--out", folder, "--preview", preview)]],
                outputs=[folder / "dataset.json", preview], owned=[folder, preview],
                configs=[self.options.root / "configs/dataset/standard.json"]))

    def _training_data(self, network):
        """The --data of a network's training, with what else says what it learns from, and the part that makes it."""
        step = STEPS.get(network, OTHER_STEP)
        if self._is_on_disk():
            return ["--data", Path(self.options.data) / step], []
        if self.options.online:
            return ["--data", self._characters(), "--set", f"data.test_fraction={self.scale['data']['test_fraction']}"], []
        return ["--data", self.out / "data" / step], [f"data_{step}"]

    def _test_data(self):
        if self._is_on_disk():
            return ["--data", Path(self.options.data) / TEST_STEP]
        return ["--data", self._characters(), "--test-fraction", self.scale["data"]["test_fraction"]]

    # Teachers

    def _add_teachers(self):
        folder = self.out / "teacher"
        for network, files in NETWORK_FILES.items():
            data, inputs = self._training_data(network)
            if network in LEARNED_WITH:
                inputs = inputs + [f"train_{LEARNED_WITH[network]}"]
            arguments = ["--config", self.scale.teacher_config(network), *data, "--out", folder]
            if self.options.vgg16:
                arguments += ["--vgg16", self.options.vgg16]
            if not self.options.perceptual_loss:
                arguments += ["--set", "perceptual.backbone=none"]
            scores = self.training_scores(network)
            outputs = [folder / file for file in files] + [scores]
            arguments += ["--json", scores]
            run_folder = folder / "runs" / network
            self._add(Part(
                name=f"train_{network}", title=f"training of {network}",
                commands=[self._command("tha4-train-teacher", *arguments, processes=self.options.processes)],
                outputs=outputs, owned=outputs + [run_folder], inputs=inputs,
                configs=[self.scale.teacher_config(network)], run_folder=run_folder))

    def training_scores(self, network):
        """What a network's training says of its result."""
        return self.out / "teacher" / "runs" / f"{network}.json"

    # Students

    def image_of(self, character):
        """The rest image of a character of the scale."""
        source = self.scale["students"][character]
        if source.startswith("procedural:"):
            return self.out / "characters" / f"{character}.png"
        return self.options.root / source

    def _image_parts(self, character):
        """The part that draws the rest image, if there is one."""
        return [name for name in (f"character_{character}",) if name in self.parts]

    def _add_characters(self):
        for character, source in self.scale["students"].items():
            image = self.image_of(character)
            if not source.startswith("procedural:"):
                continue
            self._add(Part(
                name=f"character_{character}", title=f"rest image of {source}",
                commands=[self._command("tha4-pose", "--teacher", source, "--poses", "rest", "--out", image)],
                outputs=[image], owned=[image]))

    def _distill_config(self, student, settings):
        if settings is None:
            return self.options.root / self.scale["distill_config"]
        file = self.out / "configs" / f"{student}.json"
        self.generated_configs[file] = json.dumps(settings, indent=2) + "\n"
        return file

    def _add_students(self):
        teacher = self.teacher_parts("tha4")
        for student, settings in self.scale.students_settings().items():
            character = self.scale.image_of(student)
            config = self._distill_config(student, settings)
            folder = self.out / "students" / student
            self._add(Part(
                name=f"distill_{student}", title=f"distillation of {student}",
                commands=[self._command("tha4-distill", "--image", self.image_of(character), "--teacher",
                                        self.teacher, "--config", config, "--out", folder)],
                outputs=[folder / file for file in CHARACTER_FILES],
                owned=[folder], inputs=teacher + self._image_parts(character), configs=[config], run_folder=folder,
                kind=f"distill {(settings or self.scale.distill_settings)['body_rotator']['kind']}"))

    # What is measured

    def _evaluation(self, name, arguments, inputs, processes=1):
        json_file = self.out / "evaluation" / f"{name}.json"
        html_file = json_file.with_suffix(".html")
        if self.options.lpips_backbone:
            arguments = arguments + ["--lpips-backbone", self.options.lpips_backbone]
        self._add(Part(
            name=f"eval_{name}", title=f"evaluation of {name}",
            commands=[self._command("tha4-eval", *arguments, "--json", json_file, "--html", html_file,
                                    processes=processes)],
            outputs=[json_file, html_file], owned=[json_file, html_file], inputs=inputs))

    def _add_evaluations(self):
        settings = self.scale["evaluation"]
        for architecture in self.architectures():
            self._evaluation(
                TEACHER_NAMES[architecture],
                ["teacher", "--teacher", self.teacher, "--arch", architecture, *self._test_data(), "--images",
                 settings["teacher_images"], "--batch", settings["teacher_batch"]],
                self.teacher_parts(architecture), self.options.processes)
        for student in self.scale.students_settings():
            self._evaluation(
                student,
                ["student", "--character", self.out / "students" / student, "--teacher", self.teacher,
                 "--poses", settings["student_poses"], "--seed", settings["student_seed"], "--batch",
                 settings["student_batch"]],
                [f"distill_{student}"])

    def _measurement(self, name, arguments, inputs):
        file = self.out / "bench" / f"{name}.json"
        settings = self.scale["bench"]
        arguments = arguments + ["--frames", settings["frames"]]
        if settings["warm_up"] is not None:
            arguments += ["--warm-up", settings["warm_up"]]
        self._add(Part(
            name=f"bench_{name}", title=f"frame times of {name}",
            commands=[self._command("tha4-bench", *arguments, "--json", file)],
            outputs=[file], owned=[file], inputs=inputs, alone=True))

    def _add_measurements(self):
        for architecture in self.architectures():
            name = TEACHER_NAMES[architecture]
            self._measurement(name, [name, "--teacher", self.teacher], self.teacher_parts(architecture))
        for student in [self.scale["ablated_student"], *self.scale["architectures"]]:
            self._measurement(student, ["student", "--character", self.out / "students" / student],
                              [f"distill_{student}"])

    # Pictures

    def picture(self, subject, character=None):
        """The sheet of poses of a student, or of a teacher posing a character."""
        return self.out / "pictures" / (f"{subject}_{character}.jpg" if character else f"{subject}.jpg")

    def _posing(self, *subject, out):
        return self._command("tha4-pose", *subject, "--poses", self.options.root / self.scale["poses"], "--out", out)

    def teacher_pictures(self, character):
        """The sheets of the teachers posing a character, by their architecture; None: that of a teacher that is there."""
        return {architecture: self.picture(architecture or "teacher", character)
                for architecture in self.architectures() or [None]}

    def _add_pictures(self):
        poses = [self.options.root / self.scale["poses"]]
        trained = [f"train_{network}" for network in NETWORK_FILES] if self.scale.trains_teachers else []
        for character in self.scale["students"]:
            sheets = self.teacher_pictures(character)
            self._add(Part(
                name=f"pictures_{character}", title=f"pictures of the teacher posing {character}",
                commands=[self._posing("--teacher", self.teacher, *(["--arch", architecture] if architecture else []),
                                       "--image", self.image_of(character), out=sheet)
                          for architecture, sheet in sheets.items()],
                outputs=[*sheets.values()], owned=[*sheets.values()], inputs=trained + self._image_parts(character),
                configs=poses))
        for student in self.scale.students_settings():
            sheet = self.picture(student)
            self._add(Part(
                name=f"picture_{student}", title=f"pictures of {student}",
                commands=[self._posing("--character", self.out / "students" / student, out=sheet)],
                outputs=[sheet], owned=[sheet], inputs=[f"distill_{student}"], configs=poses))
