"""Runs ONNX files by onnxruntime: check_onnx.py FOLDER ERROR.

FOLDER holds whole.onnx, networks/*.onnx, and what they must make of an image and poses: expected.safetensors with `image`,
`poses` and `frames`, to within ERROR, and the same as files: picture.png and frame_0.png, frame_1.png. Exits with 77
where onnx or onnxruntime is missing.
"""

import json
import pathlib
import sys

import numpy
from PIL import Image
from safetensors.numpy import load_file

try:
    import onnx
    import onnxruntime
except ImportError:
    sys.exit(77)

OPSET = 17
NOT_IN_OPSET = {"AffineGrid"}  # but functions of newer ones, which a converter would write


def check_file(file):
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    assert [opset.version for opset in model.opset_import] == [OPSET], file
    assert not NOT_IN_OPSET & {node.op_type for node in model.graph.node}, file
    texts = {entry.key: entry.value for entry in model.metadata_props}
    names, ranges = json.loads(texts["pose_parameters"]), json.loads(texts["pose_ranges"])
    assert len(names) == len(ranges) == 45 and names[0] == "eyebrow_troubled_left" and names[-1] == "breathing", names
    assert ranges[0] == [0, 1] and ranges[39] == [-1, 1], ranges
    for port in [*model.graph.input, *model.graph.output]:
        assert port.doc_string, (file, port.name)


def session_of(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def check_whole(folder, expected, error):
    session = session_of(folder / "whole.onnx")
    assert [port.name for port in session.get_inputs()] == ["image_prepared", "pose"]
    image, poses, frames = expected["image"], expected["poses"], expected["frames"]
    cases = {
        "one image in two poses": (image, poses, frames),
        "an image for each pose": (numpy.repeat(image, 2, 0), poses, frames),
        "one pose": (image, poses[1:], frames[1:]),
    }
    for name, (images, pose, frame) in cases.items():
        made = session.run(["blended"], {"image_prepared": images, "pose": pose})[0]
        difference = numpy.abs(made - frame)
        print(f"{folder.name}, {name}: {difference.max():.2g} at most, {difference.mean():.2g} on average")
        assert made.shape == frame.shape and difference.max() <= error


def premultiplied(picture):
    values = picture.astype(numpy.float64)
    return numpy.concatenate([values[..., :3] * values[..., 3:] / 255, values[..., 3:]], -1)


class Networks:
    """The files of a folder, each fed with what those before it gave."""

    # What one network gives, and what another calls it.
    RENAMED = {
        "background_layer": "eyebrow_background_layer",
        "eyebrow_image": "im_morpher_crop",
        "full_warped_image": "rotated_warped_image",
        "full_grid_change": "rotated_grid_change",
    }
    ORDER = ["face_morpher", "decomposer", "combiner", "morpher", "body_morpher", "rotator", "upscaler", "editor"]

    def __init__(self, folder):
        files = sorted(folder.glob("*.onnx"), key=lambda file: self.ORDER.index(file.stem))
        self.sessions = [session_of(file) for file in files]

    def run(self, picture, poses):
        values = {"input_image": picture, "eyebrow_pose": poses[:, :12], "rotation_pose": poses[:, 39:]}
        for session in self.sessions:
            inputs = {}
            for port in session.get_inputs():
                if port.name in ("pose", "face_pose"):
                    count = port.shape[1]
                    inputs[port.name] = poses[:, 39 - count:39] if count < 45 else poses
                elif port.name in ("rest_image", "morphed_image"):
                    inputs[port.name] = values["face_morphed_full"]
                else:
                    inputs[port.name] = values[port.name]
            for port, value in zip(session.get_outputs(), session.run(None, inputs)):
                values[port.name] = values[self.RENAMED.get(port.name, port.name)] = value
        return values


def check_networks(folder, expected):
    picture = numpy.asarray(Image.open(folder / "picture.png").convert("RGBA"))[..., [2, 1, 0, 3]]
    values = Networks(folder / "networks").run(numpy.ascontiguousarray(picture), expected["poses"])
    assert values["cv_result"].shape == (1024, 512, 4) and values["result"].shape == (2, 4, 512, 512)
    for index in range(2):
        frame = numpy.asarray(Image.open(folder / f"frame_{index}.png").convert("RGBA"))
        made = values["cv_result"][512 * index:512 * (index + 1), :, [2, 1, 0, 3]]
        # Colours of hardly any alpha may differ, but not what is seen of them.
        difference = numpy.abs(premultiplied(made) - premultiplied(frame)).max()
        print(f"{folder.name}, frame {index} by its networks: {difference:.2g} levels at most")
        assert difference <= 2
        straight = values["result"][index].transpose(1, 2, 0) * 255
        assert numpy.abs(straight - made).max() <= 0.51


def main():
    folder, error = pathlib.Path(sys.argv[1]), float(sys.argv[2])
    for file in [folder / "whole.onnx", *sorted((folder / "networks").glob("*.onnx"))]:
        check_file(file)
    expected = load_file(folder / "expected.safetensors")
    check_whole(folder, expected, error)
    check_networks(folder, expected)


if __name__ == "__main__":
    main()
