"""Writes narrow classifiers with random weights as torchvision lays them out, an image, and what PyTorch makes of it,
for the tests in this folder: make_backbones.py OUT_FOLDER.

For NET of vgg16, alexnet and squeezenet: NET.pt, the state dict with a classifier; NET_heads.pt, as LPIPS has
them; NET_features.safetensors, with `image` (normalised), `feature_0`, `feature_1`, ... of the layers that LPIPS
compares, and the distances `lpips` of the images `a` and `b`, in [0, 1].
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


def lpips(layers, taps, heads, a, b):
    """Zhang et al. 2018, section 3 and equation 1; inputs in [0, 1]."""
    shift = torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1)
    of_a, of_b = (features_of(layers, taps, (2 * x - 1 - shift) / scale) for x in (a, b))
    distance = torch.zeros(len(a))
    for x, y, head in zip(of_a, of_b, heads):
        x, y = (f / (f.pow(2).sum(1, keepdim=True).sqrt() + 1e-10) for f in (x, y))
        distance += nn.functional.conv2d((x - y) ** 2, head).mean((1, 2, 3))
    return distance


def main(folder):
    torch.manual_seed(0)
    image, a, b = torch.randn(2, 3, 67, 75), torch.rand(2, 3, 67, 75), torch.rand(2, 3, 67, 75)
    for make in (vgg16, alexnet, squeezenet):
        layers, taps = make()
        state = {"features." + name: value for name, value in layers.state_dict().items()}
        state["classifier.0.weight"] = torch.zeros(2, 2)
        torch.save(state, folder / f"{make.__name__}.pt")
        with torch.no_grad():
            features = features_of(layers, taps, image)
            heads = [torch.rand(1, feature.shape[1], 1, 1) for feature in features]
            distance = lpips(layers, taps, heads, a, b)
        torch.save({f"lin{i}.model.1.weight": head for i, head in enumerate(heads)}, folder / f"{make.__name__}_heads.pt")
        safetensors.torch.save_file(
            {"image": image, "a": a, "b": b, "lpips": distance}
            | {f"feature_{i}": feature for i, feature in enumerate(features)},
            folder / f"{make.__name__}_features.safetensors")


main(pathlib.Path(sys.argv[1]))
