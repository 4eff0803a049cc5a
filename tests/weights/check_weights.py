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


def check_int8(folder):
    """The pieces of a network with the weights -127 to 127, twice, times 1, 0.5, 0.25 and 0."""
    tensors = {}
    for index in (1, 2):
        with safetensors.safe_open(folder / f"int8-0000{index}-of-00002.safetensors", "pt") as file:
            assert file.metadata()["quantization"] == "int8 per output channel", file.metadata()
            tensors |= {name: file.get_tensor(name) for name in file.keys()}
    assert set(tensors) == {"weight", "weight.scale", "bias"}, set(tensors)
    assert tensors["weight"].dtype == torch.int8 and tensors["weight.scale"].dtype == torch.float32
    weight = tensors["weight"] * tensors["weight.scale"].reshape(-1, 1)
    expected = torch.arange(-127, 128).repeat(4, 2) * torch.tensor([[1.0], [0.5], [0.25], [0.0]])
    assert torch.equal(weight, expected), weight
    assert torch.equal(tensors["bias"], torch.ones(4))


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

    check_int8(folder)

    module = torch.nn.Linear(3, 2)
    module.load_state_dict(torch.load(folder / "linear.pt", weights_only=True))
    assert torch.equal(module.weight, torch.arange(6.0).reshape(2, 3))


main(pathlib.Path(sys.argv[1]))
