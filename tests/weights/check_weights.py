"""Checks weights files that the test wrote: check_weights.py FOLDER.

Each must load in PyTorch and hold, for every element type, 0 to 5 as a 2x3 tensor; bool holds i % 2.
"""

import pathlib
import sys
import zipfile

import safetensors.torch
import torch


def check(tensors, where):
    assert len(tensors) == 17, (where, list(tensors))
    for name, tensor in tensors.items():
        if name == "scalar":
            expected = torch.tensor(7.0)
        elif name == "empty":
            expected = torch.zeros(0, 3)
        else:
            dtype = getattr(torch, name)
            expected = torch.arange(6).reshape(2, 3)
            expected = expected % 2 == 1 if dtype == torch.bool else expected.to(dtype)
        assert tensor.dtype == expected.dtype and tensor.shape == expected.shape, (where, name, tensor)
        assert torch.equal(tensor.double(), expected.double()), (where, name, tensor)


def main(folder):
    for file in ("written.pt", "zip64.pt"):
        state = torch.load(folder / file, weights_only=True)
        assert type(state).__name__ == "OrderedDict"
        check(state, file)
        check(torch.load(folder / file, weights_only=False), file)
        check(torch.load(folder / file, weights_only=True, mmap=True), file)
        assert zipfile.ZipFile(folder / file).testzip() is None
    check(safetensors.torch.load_file(folder / "written.safetensors"), "written.safetensors")
    with safetensors.safe_open(folder / "written.safetensors", "pt") as file:
        assert file.metadata() == {"name": 'with "quotes" and \u00e4'}, file.metadata()

    module = torch.nn.Linear(3, 2)
    module.load_state_dict(torch.load(folder / "linear.pt", weights_only=True))
    assert torch.equal(module.weight, torch.arange(6.0).reshape(2, 3))


main(pathlib.Path(sys.argv[1]))
