"""Writes weights files with PyTorch, for the tests in this folder: make_weights.py OUT_FOLDER.

tests/fixtures/weights/ was made by it; the interoperability test runs it again with the PyTorch that is installed.
"""

import argparse
import collections
import pathlib
import sys

try:
    import safetensors.torch
    import torch
except ImportError:
    sys.exit(77)

NAMES = """float16 bfloat16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64
           float8_e4m3fn float8_e5m2""".split()


def all_types():
    """Every element type holds 0 to 5 as a 2x3 tensor; bool holds i % 2."""
    tensors = {name: torch.arange(6).reshape(2, 3).to(getattr(torch, name)) for name in NAMES}
    tensors["bool"] = torch.arange(6).reshape(2, 3) % 2 == 1
    return tensors


def views():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    return {
        "base": base,
        "transposed": base.t(),
        "stepped": base[:, ::2],
        "offset": base[2:, 3:],
        "rows": base[1:3],
        "expanded": torch.arange(3, dtype=torch.float32)[:, None].expand(3, 4),
        "channels_last": torch.arange(24, dtype=torch.float32).reshape(1, 2, 3, 4).to(
            memory_format=torch.channels_last),
        "scalar": torch.tensor(7.0),
        "empty": torch.zeros(0, 3),
    }


def wrapped():
    """Parameters and module versions, inside what training scripts save."""
    module = torch.nn.Sequential(collections.OrderedDict(
        first=torch.nn.Linear(3, 2), norm=torch.nn.BatchNorm1d(2)))
    with torch.no_grad():
        module.first.weight.copy_(torch.arange(6).reshape(2, 3))
    state = module.state_dict(keep_vars=True)
    state["first.bias"].note = "a parameter with an attribute"
    return {"epoch": 3, "rate": 1e-4, "history": [1, 2.5, None, (True, -7), 2**40], "name": "x",
            "size": torch.Size([1, 2]), "state_dict": state}


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(all_types(), folder / "all_types.pt")
    for protocol in (3, 4, 5):
        torch.save(all_types(), folder / f"protocol{protocol}.pt", pickle_protocol=protocol)
    safetensors.torch.save_file(all_types(), folder / "all_types.safetensors", metadata={"format": "pt"})
    torch.save(views(), folder / "views.pt")
    torch.save(wrapped(), folder / "wrapped.pt")
    torch.save(torch.nn.Linear(1, 1), folder / "module.pt")
    torch.save({"options": argparse.Namespace(rate=1)}, folder / "object.pt")
    torch.save(all_types(), folder / "old_format.pt", _use_new_zipfile_serialization=False)
    torch.save(views(), folder / "old_views.pt", _use_new_zipfile_serialization=False)
    torch.save([torch.zeros(1)], folder / "list.pt")
    torch.save({"ema": {"a": torch.ones(2, 3), "b": torch.zeros(2)}, "step": torch.tensor(3)}, folder / "counted.pt")
    torch.save({"epoch": 3, "a": torch.zeros(1)}, folder / "number.pt")
    torch.serialization.set_crc32_options(False)
    torch.save(all_types(), folder / "no_crc.pt")


main(pathlib.Path(sys.argv[1]))
