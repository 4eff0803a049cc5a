#!/usr/bin/env python3
"""Times steps of a teacher's training in eager PyTorch, to set beside `tha4-bench train`: the same network at the
published size, losses, optimiser and configuration, on random pictures that lie on the device already.

Example: .venv/bin/python tests/teacher/bench_pytorch.py --config configs/teacher/small/editor.json --device cuda
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch
from pytorch_teacher import losses_of, run

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts" / "reproduce"))
from scale import read_settings  # noqa: E402

MANIFEST = Path(__file__).resolve().parents[1] / "fixtures" / "state_dict_manifest.json"
FILES = {"half_resolution_rotator": "body_morpher", "editor": "upscaler"}
VGG16 = {0: (3, 64), 2: (64, 64), 5: (64, 128), 7: (128, 128), 10: (128, 256), 12: (256, 256), 14: (256, 256)}
TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def random_weights(network, device):
    """Of the published shapes; time does not depend on the values."""
    shapes = {key: shape for key, (shape, _) in json.loads(MANIFEST.read_text())[FILES[network]].items()}
    return {key: torch.randn(shape, device=device) * 0.02 for key, shape in shapes.items()}


def random_vgg16(device):
    weights = {}
    for layer, (inputs, outputs) in VGG16.items():
        weights[f"features.{layer}.weight"] = torch.randn(outputs, inputs, 3, 3, device=device) * 0.05
        weights[f"features.{layer}.bias"] = torch.zeros(outputs, device=device)
    return weights


def sizes_of_rotator(config_file):
    return read_settings(Path(config_file).parent / "half_resolution_rotator.json")["sizes"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/teacher/small/half_resolution_rotator.json")
    parser.add_argument("--phase", type=int, help="counted from 1; the last if left out")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--precision", choices=["fp32", "bf16", "fp16"])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--json")
    arguments = parser.parse_args()

    config = read_settings(Path(arguments.config))
    phase = config["phases"][(arguments.phase or len(config["phases"])) - 1]
    batch, precision = arguments.batch or config["batch"], arguments.precision or config["precision"]
    layout = torch.channels_last if config["channels_last"] else torch.contiguous_format
    device = torch.device(arguments.device)
    torch.backends.cudnn.benchmark = True  # as tha4-train-teacher

    def in_layout(tensors):
        return {k: v.contiguous(memory_format=layout) if v.dim() == 4 else v for k, v in tensors.items()}

    weights = {k: v.requires_grad_() for k, v in in_layout(random_weights(config["network"], device)).items()}
    has_coarse_inputs = phase.get("coarse_inputs", False)
    trained = [v for k, v in weights.items() if has_coarse_inputs or not k.startswith("coarse_image_conv.")]
    rotator = in_layout(random_weights("half_resolution_rotator", device)) if has_coarse_inputs else None
    vgg = in_layout(random_vgg16(device))
    case = {"network": config["network"], "sizes": config["sizes"], "phase": phase, "part": "rgb"}
    case["rotator_sizes"] = sizes_of_rotator(arguments.config)
    adam = torch.optim.Adam(trained, lr=config["learning_rate"]["value"],
                            betas=(config["adam"]["beta1"], config["adam"]["beta2"]), fused=True)
    picture = lambda: (torch.rand(batch, 4, 512, 512, device=device) * 2 - 1).contiguous(memory_format=layout)
    rest, posed, poses = picture(), picture(), torch.rand(batch, 45, device=device)
    scaler = torch.amp.GradScaler(device.type, enabled=precision == "fp16")

    def step():
        with torch.autocast(device.type, TYPES.get(precision), enabled=precision != "fp32"):
            images, target = run(case, weights, rotator, rest, posed, poses)
            loss = losses_of(case, images, target, vgg)["loss"]
        adam.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(adam)
        scaler.update()

    seconds = []
    for number in range(arguments.warm_up + arguments.steps):
        start = time.perf_counter()
        step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        if number >= arguments.warm_up:
            seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    result = {"network": config["network"], "batch": batch, "precision": precision, "device": str(device),
              "steps": len(seconds), "median_ms": median * 1000, "examples_per_second": batch / median}
    if device.type == "cuda":
        result["memory_bytes"] = torch.cuda.max_memory_allocated(device)
    print(f"PyTorch {torch.__version__} eager, {config['network']}, batch {batch}, {precision}: "
          f"{median * 1000:.1f} ms a step, {batch / median:.2f} examples/s (median of {len(seconds)} steps)")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
