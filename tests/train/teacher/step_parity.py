#!/usr/bin/env python3
"""Takes the training steps of step_parity_test.cpp once more, in PyTorch, in float64.

Usage: step_parity.py FOLDER

FOLDER holds case.json (sizes, the phase, Adam's settings) and case.safetensors (pictures, poses, weights before and
after, losses, all by their names). Networks, losses and steps are written here from the paper's appendices A and B,
not from the C++ code. Exits 1 where losses or weights differ by more than 1e-5.
"""

import json
import math
import sys
from pathlib import Path

try:
    import torch
    import torch.nn.functional as F
    from safetensors.torch import load_file
except ImportError:
    sys.exit(77)

TOLERANCE = 1e-5
ATTENTION_HEADS = 8
# Where the exact gradient is zero (a bias that a normalisation removes again), the computed one is rounding noise, and
# Adam makes a whole step of it.
LEAST_GRADIENT = 1e-12
SHOWN_FAILURES = 8


class UNet:
    """The U-Net with attention of appendix A.1, from the tensors of a state dict."""

    def __init__(self, weights, sizes):
        self.w = weights
        self.sizes = sizes

    def conv(self, name, x):
        weight = self.w[name + ".weight"]
        return F.conv2d(x, weight, self.w[name + ".bias"], padding=weight.shape[2] // 2)

    def linear(self, name, x):
        return F.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def norm(self, name, x):
        return F.group_norm(x, min(32, x.shape[1]), self.w[name + ".weight"], self.w[name + ".bias"])

    def residual(self, name, x, time, pose, resample=lambda x: x):
        h = self.conv(name + ".conv0", resample(F.silu(self.norm(name + ".norm0", x))))
        h = self.norm(name + ".norm1", h)
        for layers, condition in ((".cond0_layers.1", time), (".cond1_layers.1", pose)):
            scale, shift = self.linear(name + layers, condition)[:, :, None, None].chunk(2, 1)
            h = h * (1 + scale) + shift
        h = self.conv(name + ".conv1", F.silu(h))
        x = resample(x)
        return h + (self.conv(name + ".skip", x) if name + ".skip.weight" in self.w else x)

    def attention(self, name, x):
        heads = ATTENTION_HEADS
        n, c, height, width = x.shape
        qkv = self.conv(name + ".qkv", self.norm(name + ".norm", x))
        q, k, v = qkv.reshape(n, 3, heads, c // heads, height * width).transpose(3, 4).unbind(1)
        weight = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(c // heads), -1)
        return x + self.conv(name + ".conv", (weight @ v).transpose(2, 3).reshape(x.shape))

    def __call__(self, image, pose, addition=0):
        half = self.sizes["model_channels"] // 2
        time = torch.cat([torch.ones(1, half), torch.zeros(1, half)], 1).to(image)
        time = F.silu(self.linear("body.time_embed.3", F.silu(self.linear("body.time_embed.1", time))))
        pose = F.silu(self.linear("body.cond_embed.2", F.silu(self.linear("body.cond_embed.0", pose))))
        levels = len(self.sizes["level_channels"])
        attends = lambda level: level in self.sizes["attention_levels"]
        halve = lambda x: F.avg_pool2d(x, 2)
        double = lambda x: F.interpolate(x, scale_factor=2, mode="nearest")
        features = [self.conv("body.first_conv", image) + addition]
        for level in range(levels):
            name = f"body.down_blocks.{level}"
            for block in range(self.sizes["blocks_per_level"]):
                x = self.residual(f"{name}.res_blocks.{block}", features[-1], time, pose)
                if attends(level):
                    x = self.attention(f"{name}.attention_blocks.{block}", x)
                features.append(x)
            if level + 1 < levels:
                features.append(self.residual(f"{name}.downsample", features[-1], time, pose, halve))
        x = features[-1]
        for block in range(2 * self.sizes["middle_blocks"] - 1):
            name = f"body.middle_blocks.{block}"
            x = self.attention(name + ".module", x) if block % 2 else self.residual(name, x, time, pose)
        for up, level in enumerate(reversed(range(levels))):
            name = f"body.up_blocks.{up}"
            for block in range(self.sizes["blocks_per_level"] + 1):
                x = torch.cat([x, features.pop()], 1)
                x = self.residual(f"{name}.resnet_blocks.{block}", x, time, pose)
                if attends(level):
                    x = self.attention(f"{name}.attention_blocks.{block}", x)
            if level > 0:
                x = self.residual(f"{name}.upsample", x, time, pose, double)
        return self.conv("body.last.2", F.silu(self.norm("body.last.0", x)))


def warp(image, flow):
    identity = F.affine_grid(torch.eye(2, 3).to(image).expand(len(image), 2, 3), image.shape, align_corners=False)
    grid = identity + flow.permute(0, 2, 3, 1)
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)


def scaled(image, size):
    return F.interpolate(image, size=(size, size), mode="bilinear", align_corners=False)


def halved(image):
    return scaled(image, image.shape[2] // 2)


def images_of(channels, image):
    direct, flow, alpha = channels[:, :4], channels[:, 4:6], torch.sigmoid(channels[:, 6:7])
    warped = warp(image, flow)
    return {"direct": direct, "flow": flow, "warped": warped, "blended": (1 - alpha) * warped + alpha * direct}


def run(case, weights, rotator, rest, posed, poses):
    """The network's images and what they should be."""
    pose = poses[:, 39:]
    unet = UNet(weights, case["sizes"])
    if case["network"] == "half_resolution_rotator":
        image = halved(rest)
        return images_of(unet(image, pose), image), halved(posed)
    addition = 0
    if case["phase"].get("coarse_inputs"):
        with torch.no_grad():
            half_image, size = halved(rest), rest.shape[2]
            half = images_of(UNet(rotator, case["rotator_sizes"])(half_image, pose), half_image)
            coarse_posed, coarse_flow = scaled(half["blended"], size), scaled(half["flow"], size)
            coarse = torch.cat([coarse_posed, warp(rest, coarse_flow), coarse_flow], 1)
        addition = unet.conv("coarse_image_conv", coarse)
    return images_of(unet(rest, pose, addition), rest), posed


def vgg_features(vgg, image):
    mean = torch.tensor([0.485, 0.456, 0.406]).to(image)[:, None, None]
    deviation = torch.tensor([0.229, 0.224, 0.225]).to(image)[:, None, None]
    x = ((image + 1) / 2 - mean) / deviation
    features = []
    for layers in ((0, 2), (5, 7), (10, 12, 14)):
        if features:
            x = F.max_pool2d(x, 2)
        for layer in layers:
            x = F.relu(F.conv2d(x, vgg[f"features.{layer}.weight"], vgg[f"features.{layer}.bias"], padding=1))
        features.append(x)
    return features


def perceptual(vgg, part, a, b):
    """The evaluated part of Φ: with probability 1 it is not scaled."""
    select = (lambda x: x[:, :3]) if part == "rgb" else (lambda x: x[:, 3:].expand(-1, 3, -1, -1))
    pairs = zip(vgg_features(vgg, select(a)), vgg_features(vgg, select(b)))
    return sum((x - y).abs().mean() for x, y in pairs)


def quadrants(x):
    return [quarter for half in x.chunk(2, 2) for quarter in half.chunk(2, 3)]


def losses_of(case, images, target, vgg):
    phase, terms = case["phase"], {}
    total = 0
    for name in phase["l1"]["images"]:
        terms["l1_" + name] = (images[name] - target).abs().mean()
        total = total + phase["l1"]["weight"] * terms["l1_" + name]
    for key, prefix, views in (
        ("images", "perceptual_", lambda x: [x]),
        ("half_images", "perceptual_half_", lambda x: [halved(x)]),
        ("quadrant_images", "perceptual_quadrants_", quadrants),
    ):
        for name in phase.get("perceptual", {}).get(key, []):
            pairs = zip(views(images[name]), views(target))
            terms[prefix + name] = sum(perceptual(vgg, case["part"], a, b) for a, b in pairs)
            total = total + phase["perceptual"]["weight"] * terms[prefix + name]
    return {"loss": total, **terms}


def part(tensors, prefix):
    return {key[len(prefix) :]: value.double() for key, value in tensors.items() if key.startswith(prefix)}


def main(folder):
    case = json.loads((folder / "case.json").read_text())
    tensors = load_file(folder / "case.safetensors")
    weights = {key: value.requires_grad_() for key, value in part(tensors, "before.").items()}
    rotator, vgg = part(tensors, "rotator."), part(tensors, "vgg.")
    has_coarse_inputs = case["phase"].get("coarse_inputs")
    trained = {k: v for k, v in weights.items() if has_coarse_inputs or not k.startswith("coarse_image_conv.")}
    adam = torch.optim.Adam(trained.values(), lr=case["learning_rate"], betas=(case["beta1"], case["beta2"]))
    has_gradient = {key: torch.ones_like(value, dtype=torch.bool) for key, value in trained.items()}
    failures = []
    for step in range(case["steps"]):
        batch = [tensors[f"{name}.{step}"] for name in ("rest", "posed", "poses")]
        images, target = run(case, weights, rotator, *batch)
        losses = losses_of(case, images, target, vgg)
        for name, value in losses.items():
            difference = abs(value.item() - tensors[f"loss.{step}.{name}"].item())
            if not difference <= TOLERANCE:
                failures.append(f"step {step}: {name} differs by {difference:.3g}")
        adam.zero_grad()
        losses["loss"].backward()
        for key, value in trained.items():
            has_gradient[key] &= value.grad.abs() > LEAST_GRADIENT
        adam.step()
    compared = total = 0
    for key, value in weights.items():
        difference = (value.detach() - tensors["after." + key]).abs()
        mask = has_gradient.get(key, torch.ones_like(value, dtype=torch.bool))
        if not difference.max() <= 2.1 * case["steps"] * case["learning_rate"]:
            failures.append(f"{key}: differs by {difference.max():.3g}, more than its steps are long")
        if mask.any() and not difference[mask].max() <= TOLERANCE:
            failures.append(f"{key}: differs by {difference[mask].max():.3g}")
        compared += mask.sum().item()
        total += mask.numel()
    if compared < 0.9 * total:
        failures.append(f"only {compared} of {total} weights have gradients that can be compared")
    print(f"{folder.name}: {compared} of {total} weights compared to {TOLERANCE}, the others to their steps' length")
    print("\n".join(failures[:SHOWN_FAILURES]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
