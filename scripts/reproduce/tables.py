"""The paper's tables with our numbers beside its own."""

from dataclasses import dataclass, field

from results import MEBIBYTE
from scale import paper_table, read_json

NOTHING = "–"
HERE = "here"
NEEDS_BACKBONE = "needs the backbone file"
SYSTEM_TITLES = {"tha3": "THA3", "teacher": "Section 4: the teacher", "student": "Section 5.1: the student",
                 "vanilla_siren": "Vanilla SIREN", "student_single_resolution": "Section 5.1 w/o multi-res"}


@dataclass
class Table:
    title: str
    columns: list  # their headings
    rows: list  # of lists of texts
    notes: list = field(default_factory=list)
    ours: set = field(default_factory=set)  # the columns that hold our numbers

    def __post_init__(self):
        self.ours = self.ours or {index for index, column in enumerate(self.columns) if HERE in column.split(", ")}


def number(value, decimals):
    """Scores that no number stands for are texts already, such as inf."""
    if value is None:
        return NOTHING
    return f"{value:.{decimals}f}" if isinstance(value, (int, float)) else value


def millimetric(value):
    return number(value, 3 if value is not None and value < 1000 else 1)


class Tables:
    def __init__(self, plan, results):
        self.plan = plan
        self.scale = plan.scale
        self.results = results
        self.computers = read_json(self.scale.root / "configs/bench/paper.json")["computers"]

    def _paper(self, name):
        return paper_table(self.scale.root, name)

    def all(self):
        of_students = [self.table_5(), self.table_6(), self.table_7()]
        if not self.scale.trains_teachers:
            return of_students
        return [self.table_1(), self.table_2(), self.table_4(), *of_students]

    # Quality

    def _lpips(self, name, subject):
        value = self.results.mean(name, subject, "lpips")
        return NEEDS_BACKBONE if value is None else number(value, 6)

    def _quality_row(self, title, paper, name, subject):
        mean = self.results.mean
        return [title,
                number(paper.get("psnr_db"), 6), number(mean(name, subject, "network_psnr"), 6),
                number(paper.get("ssim"), 6), number(mean(name, subject, "ssim"), 6),
                number(paper.get("lpips"), 6), self._lpips(name, subject),
                number(mean(name, subject, "psnr"), 6)]

    def table_1(self):
        rows = [self._quality_row(SYSTEM_TITLES[row["system"]], row, row["system"], "teacher")
                for row in self._paper("Table 1")]
        rows.append(self._quality_row("the rest image, not moved", {}, "teacher", "rest_image"))
        images = self.results.evaluated_images("teacher", "tha3")
        return Table(
            "Table 1: body rotators",
            ["Network", "PSNR ↑", HERE, "SSIM ↑", HERE, "LPIPS ↓", HERE, "PSNR seen on white, here"], rows,
            [f"Means against the posed images: over 10,000 images of the paper's test dataset, which is not public; here "
             f"over {images} images of characters kept for tests. Other characters and poses give other numbers; what can be "
             "compared is how the rows differ.",
             "PSNR is that of RGBA values in linear light, premultiplied by alpha; SSIM and LPIPS are those of sRGB pictures "
             "on white."])

    def _psnr(self, student):
        return number(self.results.mean(student, "student", "network_psnr"), 3)

    def _poses_note(self):
        count = self.results.evaluated_images(*self.scale.students_settings())
        return (f"Mean PSNR against the teacher's frames: over 1,000 poses of the paper's test dataset; here over {count} natural "
                f"poses of the seed {self.scale['evaluation']['student_seed']}.")

    def table_5(self):
        rows = []
        for paper, student in zip(self._paper("Table 5"), self.scale["students"]):
            rows.append([paper["character"], number(paper["psnr_db"], 3), student, self._psnr(student)])
        return Table("Table 5: students of three characters",
                     ["Paper's character", "PSNR (dB)", "Our character", "PSNR (dB), here"], rows,
                     [self._poses_note(), "The characters are others: the rows have nothing in common but their order."])

    def table_7(self):
        rows, scores = [], []
        for row in self._paper("Table 7"):
            student = self.scale.student_of_model(row)
            scores.append((row["model"], row["psnr_db"], self.results.mean(student, "student", "network_psnr")))
            ticks = ["✓" if phase in row["phases"] else "" for phase in (1, 2, 3)]
            rows.append([row["model"], *ticks, number(row["psnr_db"], 3), self._psnr(student)])
        return Table("Table 7: ablation of the training phases", ["Model", "#1", "#2", "#3", "PSNR (dB)", HERE], rows,
                     [self._poses_note(), self._order_note(scores),
                      "The paper does not say what happens to the examples of a phase that is left out. Here all models see as "
                      "many: each phase that is kept lasts until its own end, what went before it belongs to it, and the last "
                      "one goes on to the end of the training."])

    # Cost

    def _computer_columns(self):
        return [f"{computer['name']} ({computer['gpu']})" for computer in self.computers]

    def _times(self, row, name):
        paper = [number(row["frame_ms"].get(computer["name"]), 3) for computer in self.computers]
        return paper + [millimetric(self.results.frames(name).get("mean_ms"))]

    def _time_notes(self):
        bench = self.results.any_bench()
        here = (f"here of {bench['frames']} on {self.results.device_name()}, {bench['precision']}" if bench
                else "here not measured yet")
        return [f"Milliseconds a frame, one image and one pose in and one frame out: means of 1,000 on the paper's computers; "
                f"{here}."]

    def _order_note(self, scores):
        """Of `scores`: name, the paper's PSNR, ours."""
        if any(ours is None for _, _, ours in scores):
            return "Not all of it has been run yet."

        def order(of):
            return " > ".join(row[0] for row in sorted(scores, key=lambda row: -row[of]))
        return f"From the highest PSNR to the lowest, the paper: {order(1)}; here: {order(2)}."

    def table_2(self):
        rows = []
        for row in self._paper("Table 2"):
            sizes = []
            for network in ("half_resolution_rotator", "editor", "total"):
                sizes += [f"{row['size_mb'][network]:g}", number(self.results.megabytes(row["system"], network), 1)]
            rows.append([SYSTEM_TITLES[row["system"]], *sizes, *self._times(row, row["system"])])
        return Table(
            "Table 2: size and speed of the teachers",
            ["System", "HRR (MB)", HERE, "Editor (MB)", HERE, "Total (MB)", HERE, *self._computer_columns(), HERE], rows,
            self._time_notes() + ["Sizes in the units that the paper's numbers agree with: 1,024,000 bytes for a network, "
                                  "2²⁰ bytes for the total. HRR: half-resolution rotator."])

    def _bench_of(self, system):
        """The name of our measurement of one of the paper's systems."""
        return {"student": self.scale["ablated_student"],
                "student_single_resolution": "siren_single_resolution"}.get(system, system)

    def table_4(self):
        rows = [[SYSTEM_TITLES[row["system"]], *self._times(row, self._bench_of(row["system"]))]
                for row in self._paper("Table 4")]
        return Table("Table 4: frame times", ["System", *self._computer_columns(), HERE], rows, self._time_notes())

    def table_6(self):
        rows, scores = [], []
        for row in self._paper("Table 6"):
            name = self._bench_of(row["system"])
            scores.append((SYSTEM_TITLES[row["system"]], row["psnr_db"], self.results.mean(name, "student", "network_psnr")))
            rows.append([SYSTEM_TITLES[row["system"]], number(row["psnr_db"], 3), self._psnr(name), *self._times(row, name)])
        return Table("Table 6: ablation of the student's architecture",
                     ["Architecture", "PSNR (dB)", HERE, *self._computer_columns(), HERE], rows,
                     [self._poses_note(), self._order_note(scores), *self._time_notes(),
                      "A vanilla SIREN draws the frame alone, without a face morpher, and is timed so. The paper does not give "
                      "its sizes; ours are in configs/reproduce."])

    # What the paper does not print

    def costs(self):
        rows = []
        teachers = ["tha3", "teacher"] if self.scale.trains_teachers else []
        for name in (*teachers, self.scale["ablated_student"], *self.scale["architectures"]):
            system = self.results.system(name)
            for frames in system.get("frames", []):
                rows.append([frames["title"], f"{system['parameters']['total']:,}",
                             number(system["weight_bytes"] / MEBIBYTE, 2), number(frames["flops"] / 1e9 if frames["flops"] else None, 2),
                             millimetric(frames.get("mean_ms")), millimetric(frames.get("median_ms")),
                             millimetric(frames.get("p99_ms")), number(frames.get("frames_per_second"), 2),
                             number(frames["working_bytes"] / MEBIBYTE if frames.get("working_bytes") else None, 1)])
        return Table("What frames cost here", ["System", "parameters", "weights MiB", "GFLOP a frame", "mean ms", "median ms",
                                               "p99 ms", "frames/s", "working MiB"], rows, ours=set(range(1, 9)))

    def students(self):
        rows = []
        for student in self.scale.students_settings():
            mean = self.results.mean
            rows.append([student, self._psnr(student), number(mean(student, "student", "psnr"), 3),
                         number(mean(student, "student", "ssim"), 5), self._lpips(student, "student")])
        return Table("All students against the teacher", ["Student", "network PSNR (dB)", "seen PSNR (dB)", "SSIM", "LPIPS"],
                     rows, ours=set(range(1, 5)))

    def trainings(self, networks):
        rows = []
        for network in networks:
            settings = self.scale.teacher_settings(network)
            scores = self.results.training(network).get("validation", {})
            rows.append([network, f"{sum(phase['examples'] for phase in settings['phases']):,}", str(settings["batch"]),
                         *(number(scores.get(f"validation_{key}"), decimals)
                           for key, decimals in (("psnr", 2), ("rest_psnr", 2), ("ssim", 4), ("rest_ssim", 4)))])
        return Table("Training of the teachers' networks",
                     ["Network", "examples", "batch", "PSNR", "of what it was given", "SSIM", "of what it was given"], rows,
                     ["At the end of each training, against the images of its own step of test characters."],
                     ours=set(range(1, 7)))
