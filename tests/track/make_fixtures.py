#!/usr/bin/env python3
"""Makes tests/fixtures/track anew: a face, and what MediaPipe itself makes of it. The tests need none of this.

Usage: make_fixtures.py OUT

Needs the PyPI packages mediapipe 0.10.21 (Python 3.11 or so), scikit-image and Pillow. The face is NASA's portrait of
Eileen Collins, in the public domain, which scikit-image ships as `astronaut`.

face.png          256x256, the part of the picture with the head
detector.f32      what the detector gives for all of it: scores of cells 16x16x2 and 8x8x6, then boxes of both
mesh.f32          what the mesh gives for the 192x192 from (31, 25) on: its seven results one after the other
points.f32        478 times x, y, z in pixels of face.png, by mediapipe.solutions.face_mesh, after four frames of it
"""

import os
import sys

import mediapipe
import numpy as np
from mediapipe.python import packet_creator, packet_getter
from mediapipe.python._framework_bindings import resource_util
from PIL import Image
from skimage import data

GRAPH = """
input_stream: "image"
{streams}
node {{ calculator: "TfLiteCustomOpResolverCalculator" output_side_packet: "OP_RESOLVER:resolver" }}
node {{
  calculator: "ImageToTensorCalculator" input_stream: "IMAGE:image" output_stream: "TENSORS:seen"
  options: {{ [mediapipe.ImageToTensorCalculatorOptions.ext] {{
    output_tensor_width: {size} output_tensor_height: {size} output_tensor_float_range {{ min: {least} max: 1.0 }} }} }}
}}
node {{
  calculator: "InferenceCalculator" input_side_packet: "OP_RESOLVER:resolver"
  input_stream: "TENSORS:seen" output_stream: "TENSORS:results"
  options: {{ [mediapipe.InferenceCalculatorOptions.ext] {{ model_path: "{model}" delegate {{ tflite {{}} }} }} }}
}}
node {{
  calculator: "SplitTensorVectorCalculator" input_stream: "results" {parts}
  options: {{ [mediapipe.SplitVectorCalculatorOptions.ext] {{ {ranges} }} }}
}}
{floats}
"""


def results_of(model, pixels, least, count):
    """What the model `model` gives for [size][size][3] of 8 bits, which it sees in [least, 1]."""
    each = range(count)
    text = GRAPH.format(
        model=model, size=pixels.shape[0], least=least,
        streams=" ".join(f'output_stream: "floats{i}"' for i in each),
        parts=" ".join(f'output_stream: "part{i}"' for i in each),
        ranges=" ".join(f"ranges {{ begin: {i} end: {i + 1} }}" for i in each),
        floats="\n".join(f'node {{ calculator: "TensorsToFloatsCalculator" input_stream: "TENSORS:part{i}" '
                         f'output_stream: "FLOATS:floats{i}" }}' for i in each))
    graph = mediapipe.CalculatorGraph(graph_config=text)
    results = {}
    for i in each:
        graph.observe_output_stream(
            f"floats{i}", lambda _, packet, i=i: results.__setitem__(i, packet_getter.get_float_list(packet)))
    graph.start_run()
    frame = mediapipe.ImageFrame(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(pixels))
    graph.add_packet_to_input_stream("image", packet_creator.create_image_frame(frame).at(0))
    graph.wait_until_idle()
    graph.close()
    return [np.array(results[i], np.float32) for i in each]


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    resource_util.set_resource_dir(os.path.dirname(os.path.dirname(os.path.abspath(mediapipe.__file__))))
    face = data.astronaut()[0:256, 96:352]
    Image.fromarray(face).save(os.path.join(out, "face.png"), optimize=True)

    def save(name, *values):
        np.concatenate([np.asarray(value, np.float32).ravel() for value in values]).tofile(os.path.join(out, name))

    # The detector sees 8 bits: the mean of each 2x2, rounded down. The test does the same.
    half = face.reshape(128, 2, 128, 2, 3).astype(np.int64).sum((1, 3)) // 4
    boxes, scores = results_of("mediapipe/modules/face_detection/face_detection_short_range.tflite",
                               half.astype(np.uint8), -1.0, 2)
    save("detector.f32", scores, boxes)
    save("mesh.f32", *results_of("mediapipe/modules/face_landmark/face_landmark_with_attention.tflite",
                                 face[25:217, 31:223], 0.0, 7))
    with mediapipe.solutions.face_mesh.FaceMesh(refine_landmarks=True, max_num_faces=1) as mesh:
        for _ in range(4):
            found = mesh.process(np.ascontiguousarray(face))
    save("points.f32", [[point.x * 256, point.y * 256, point.z * 256]
                        for point in found.multi_face_landmarks[0].landmark])


if __name__ == "__main__":
    main()
