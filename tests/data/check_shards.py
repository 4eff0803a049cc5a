"""Reads the shards of a dataset the way a user of WebDataset would: tarfile, pillow and json alone."""

import io
import json
import sys
import tarfile
from pathlib import Path

try:
    from PIL import Image
except ImportError:
    sys.exit(77)


def samples_of(shard):
    samples = {}
    with tarfile.open(shard) as tar:
        for member in tar:
            assert member.isfile() and member.mtime == 0 and member.uid == 0, member.name
            key, _, suffix = member.name.partition(".")
            samples.setdefault(key, {})[suffix] = tar.extractfile(member).read()
    return samples


def main():
    folder = Path(sys.argv[1])
    dataset = json.loads((folder / "dataset.json").read_text())
    counted = {"train": 0, "test": 0}
    for shard in dataset["shards"]:
        samples = samples_of(folder / shard["file"])
        assert len(samples) == shard["samples"]
        assert (folder / shard["file"]).stat().st_size == shard["bytes"]
        counted[shard["split"]] += len(samples)
        for key, sample in samples.items():
            assert sorted(sample) == ["pose.json", "posed.png", "rest.png"], key
            for name in ("rest.png", "posed.png"):
                with Image.open(io.BytesIO(sample[name])) as picture:
                    assert picture.size == (512, 512) and picture.mode == "RGBA"
                    picture.load()
            pose = json.loads(sample["pose.json"])
            assert len(pose["pose"]) == 45
            assert pose["character"] in dataset["characters_by_split"][shard["split"]]
            assert key.startswith(pose["character"] + "-")
    assert counted == dataset["samples"]


main()
