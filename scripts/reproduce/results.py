"""What tha4-eval and tha4-bench have measured, read from what they wrote; nothing where a part has not been run."""

import json

MEBIBYTE = 1 << 20
# The units in which the paper's Table 2 gives sizes; see configs/bench/paper.json.
NETWORK_MEGABYTE = 1_024_000
TOTAL_MEGABYTE = MEBIBYTE
BYTES_OF_A_PARAMETER = 4


class Results:
    def __init__(self, plan):
        self.plan = plan
        self.cache = {}

    def _read(self, file):
        if file not in self.cache:
            self.cache[file] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return self.cache[file]

    def evaluation(self, name):
        return self._read(self.plan.out / "evaluation" / f"{name}.json")

    def mean(self, name, subject, metric):
        """The mean of a metric over all images; None if it was not measured."""
        scores = self.evaluation(name).get("summary", {}).get(subject, {}).get(metric)
        return scores and scores["mean"]

    def training(self, network):
        return self._read(self.plan.training_scores(network))

    def bench(self, name):
        return self._read(self.plan.out / "bench" / f"{name}.json")

    def evaluated_images(self, *names):
        """Of how many images the first of these that has been evaluated is a mean."""
        return next((len(self.evaluation(name)["images"]) for name in names if self.evaluation(name)), 0)

    def any_bench(self):
        """One of the measurements: what all have in common."""
        names = (part.removeprefix("bench_") for part in self.plan.parts if part.startswith("bench_"))
        return next(filter(None, map(self.bench, names)), {})

    def system(self, name):
        return self.bench(name).get("systems", [{}])[0]

    def frames(self, name):
        """The way of making frames that the paper measures."""
        return next((frames for frames in self.system(name).get("frames", []) if frames["as_in_paper"]), {})

    def megabytes(self, name, network):
        """The size of a network, or of all of a system's, in the paper's units."""
        unit = TOTAL_MEGABYTE if network == "total" else NETWORK_MEGABYTE
        parameters = self.system(name).get("parameters")
        return parameters and parameters[network] * BYTES_OF_A_PARAMETER / unit

    def machine(self):
        return self.any_bench().get("machine", {})

    def device_name(self):
        """What frames were made by, in a few words."""
        machine = self.machine()
        return machine["gpu"]["name"] if "gpu" in machine else machine.get("processor", "a machine not measured yet")
