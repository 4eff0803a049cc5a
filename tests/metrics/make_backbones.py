"""Writes narrow classifiers with random weights as torchvision lays them out, an image, and what PyTorch makes of it,
for the tests in this folder: make_backbones.py OUT_FOLDER.

For NET of vgg16, alexnet and squeezenet: NET.pt, the state dict with a classifier; NET_features.safetensors, with
`image` (normalised) and `feature_0`, `feature_1`, ... of the layers that LPIPS compares.
"""

import pathlib
import sys

try:
    import safetensors.torch
    import torch
    from torch import nn
except ImportError:
    sys.exit(77)


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = self.squeeze(x).relu()
        return torch.cat([self.expand1x1(x).relu(), self.expand3x3(x).relu()], 1)


def vgg16():
    layers, channels = [], 3
    for width, count in [(3, 2), (4, 2), (5, 3), (6, 3), (7, 3)]:
        for _ in range(count):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers), [3, 8, 15, 22, 29]


def alexnet():
    return nn.Sequential(
        nn.Conv2d(3, 4, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(4, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(6, 7, 3, padding=1), nn.ReLU(),
        nn.Conv2d(7, 5, 3, padding=1), nn.ReLU(),
        nn.Conv2d(5, 5, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)), [1, 4, 7, 9, 11]


def squeezenet():
    pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), pool(),
        Fire(6, 2, 3), Fire(6, 2, 3), pool(),
        Fire(6, 3, 4), Fire(8, 3, 4), pool(),
        Fire(8, 3, 5), Fire(10, 4, 5), Fire(10, 4, 6), Fire(12, 4, 6)), [1, 4, 7, 9, 10, 11, 12]


def features_of(layers, taps, image):
    features, x = [], image
    for index, layer in enumerate(layers):
        x = layer(x)
        if index in taps:
            features.append(x)
    return features


def main(folder):
    torch.manual_seed(0)
    image = torch.randn(2, 3, 67, 75)
    for make in (vgg16, alexnet, squeezenet):
        layers, taps = make()
        state = {"features." + name: value for name, value in layers.state_dict().items()}
        state["classifier.0.weight"] = torch.zeros(2, 2)
        torch.save(state, folder / f"{make.__name__}.pt")
        with torch.no_grad():
            features = features_of(layers, taps, image)
        safetensors.torch.save_file(
            {"image": image} | {f"feature_{i}": feature for i, feature in enumerate(features)},
            folder / f"{make.__name__}_features.safetensors")


main(pathlib.Path(sys.argv[1]))
