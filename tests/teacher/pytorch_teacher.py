"""The half-resolution rotator, the editor and their losses in PyTorch, written from the paper's appendices A and B, not
from the C++ code: for step_parity.py, which compares results, and bench_pytorch.py, which compares speeds."""

import math

import torch
import torch.nn.functional as F

ATTENTION_HEADS = 8


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


def part_features(vgg, part, image):
    """Features of the evaluated part of Φ: an image's colours, or its alpha taken for all three."""
    return vgg_features(vgg, image[:, :3] if part == "rgb" else image[:, 3:].expand(-1, 3, -1, -1))


def mean_difference(a, b):
    return sum((x - y).abs().mean() for x, y in zip(a, b))


def quadrants(x):
    return [quarter for half in x.chunk(2, 2) for quarter in half.chunk(2, 3)]


def losses_of(case, images, target, vgg):
    """The terms of a phase, with the part of Φ that is evaluated taken for certain: it is not scaled."""
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
        names = phase.get("perceptual", {}).get(key, [])
        if names:
            with torch.no_grad():
                expected = [part_features(vgg, case["part"], view) for view in views(target)]
        for name in names:
            features = [part_features(vgg, case["part"], view) for view in views(images[name])]
            terms[prefix + name] = sum(mean_difference(a, b) for a, b in zip(features, expected))
            total = total + phase["perceptual"]["weight"] * terms[prefix + name]
    return {"loss": total, **terms}
