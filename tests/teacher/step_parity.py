#!/usr/bin/env python3
"""Takes the training steps of step_parity_test.cpp once more, in PyTorch, in float64.

Usage: step_parity.py FOLDER

FOLDER holds case.json (sizes, the phase, Adam's settings) and case.safetensors (pictures, poses, weights before and
after, losses, all by their names). Exits 1 where losses or weights differ by more than 1e-5.
"""

import json
import sys
from pathlib import Path

try:
    import torch
    from pytorch_teacher import losses_of, run
    from safetensors.torch import load_file
except ImportError:
    sys.exit(77)

TOLERANCE = 1e-5
# Where the exact gradient is zero (a bias that a normalisation removes again), the computed one is rounding noise, and
# Adam makes a whole step of it.
LEAST_GRADIENT = 1e-12
SHOWN_FAILURES = 8


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
    for failure in failures[:SHOWN_FAILURES]:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
