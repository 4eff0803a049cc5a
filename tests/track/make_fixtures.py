#!/usr/bin/env python3
"""Makes tests/fixtures/track anew: a face, and what MediaPipe itself makes of it. The tests need none of this.

Usage: make_fixtures.py OUT

Needs the PyPI packages mediapipe 0.10.21 (Python 3.11 or so), scikit-image and Pillow. The face is NASA's portrait of
Eileen Collins, in the public domain, which scikit-image ships as `astronaut`.

face.png          256x256, the part of the picture with the head
detector.f32      what the detector gives for all of it: scores of cells 16x16x2 and 8x8x6, then boxes of both
mesh.f32          what the mesh gives for the 192x192 from (31, 25) on: its seven results one after the other
turned_P_Y_R.png  the head turned by pitch, yaw and roll in degrees, 208x208: the mesh of points.f32 as a surface, drawn anew;
                  of `closed`, with its lids closed; of `left_closed`, the person's left ones
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

HULL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
        172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]
HOLES = [[33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246],
         [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466],
         [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191]]
# Of the eye at the picture's left, then of the other: upper lid, lower lid, the line above the upper one.
LIDS = [([246, 161, 160, 159, 158, 157, 173], [7, 163, 144, 145, 153, 154, 155], [247, 30, 29, 27, 28, 56, 190]),
        ([466, 388, 387, 386, 385, 384, 398], [249, 390, 373, 374, 380, 381, 382], [467, 260, 259, 257, 258, 286, 414])]

GRAPH = """
input_stream: "image"
{streams}
node {{ calculator: "TfLiteCustomOpResolverCalculator" output_side_packet: "OP_RESOLVER:resolver" }}
node {{
  calculator: "ImageToTensorCalculator" input_stream: "IMAGE:image" output_stream: "TENSORS:seen"
  options: {{ [mediapipe.ImageToTensorCalculatorOptions.ext] {{
    output_tensor_width: {size} output_tensor_height: {size} output_tensor_float_range {{ min: {minimum} max: 1.0 }} }} }}
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


def results_of(model, pixels, minimum, count):
    """What the model `model` gives for [size][size][3] of 8 bits, which it sees in [minimum, 1]."""
    each = range(count)
    text = GRAPH.format(
        model=model, size=pixels.shape[0], minimum=minimum,
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


class Surface:
    """The face as a surface of triangles that carry the picture, with a rim around it and nothing behind it."""

    def __init__(self, picture, points):
        self.picture = picture.astype(np.float64)
        edges = {tuple(sorted(edge)) for edge in mediapipe.solutions.face_mesh.FACEMESH_TESSELATION}
        near = {}
        for a, b in edges:
            near.setdefault(a, set()).add(b)
            near.setdefault(b, set()).add(a)
        triangles = {tuple(sorted((a, b, c))) for a, b in edges for c in near[a] & near[b]}
        middle = points[:, :2].mean(0)
        rows = [HULL]
        places = [points]
        for larger, deeper in ((1.25, 25), (1.6, 45)):
            rows.append([sum(map(len, places)) + i for i in range(len(HULL))])
            rim = points[HULL].copy()
            rim[:, :2] = middle + larger * (rim[:, :2] - middle)
            rim[:, 2] += deeper
            places.append(rim)
        for inner, outer in zip(rows, rows[1:]):
            for i, j in zip(range(len(HULL)), [*range(1, len(HULL)), 0]):
                triangles |= {(inner[i], inner[j], outer[i]), (inner[j], outer[j], outer[i])}
        for hole in HOLES:
            places.append(points[hole].mean(0)[None])
            last = sum(map(len, places)) - 1
            triangles |= {(a, b, last) for a, b in zip(hole, hole[1:] + hole[:1])}
        self.places, self.triangles = np.vstack(places), sorted(triangles)
        self.pivot = np.array([*middle, 30.0])

    def with_closed_lids(self, eyes):
        places = self.places.copy()
        for upper, lower, above in (LIDS[eye] for eye in eyes):
            way = self.places[lower] - self.places[upper]
            places[upper] += way
            places[above] += 0.6 * way
        return places

    def drawn(self, size, pitch, yaw, roll, places=None):
        x, y, z = np.radians([-pitch, yaw, -roll])
        turn_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
        turn_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
        turn_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
        turned = ((self.places if places is None else places) - self.pivot) @ (turn_z @ turn_y @ turn_x).T
        turned[:, :2] += size / 2
        drawn, depths = np.full((size, size, 3), 110.0), np.full((size, size), np.inf)
        for triangle in self.triangles:
            corners = turned[list(triangle)]
            low = np.maximum(np.floor(corners[:, :2].min(0)), 0).astype(int)
            high = np.minimum(np.ceil(corners[:, :2].max(0)), size - 1).astype(int)
            if (low > high).any():
                continue
            at_x, at_y = (axis.ravel() for axis in np.meshgrid(*[np.arange(a, b + 1) for a, b in zip(low, high)]))
            (ax, ay), (bx, by), (cx, cy) = corners[:, :2]
            area = (by - cy) * (ax - cx) + (cx - bx) * (ay - cy)
            if abs(area) < 1e-9:
                continue
            first = ((by - cy) * (at_x - cx) + (cx - bx) * (at_y - cy)) / area
            second = ((cy - ay) * (at_x - cx) + (ax - cx) * (at_y - cy)) / area
            fractions = np.stack([first, second, 1 - first - second])
            depth = corners[:, 2] @ fractions
            seen = (fractions >= -1e-6).all(0) & (depth < depths[at_y, at_x])
            at_x, at_y = at_x[seen], at_y[seen]
            depths[at_y, at_x] = depth[seen]
            drawn[at_y, at_x] = self.color(self.places[list(triangle), :2].T @ fractions[:, seen])
        return drawn.round().astype(np.uint8)

    def color(self, places):
        x, y = np.clip(places, 0, 254.999)
        left, top = x.astype(int), y.astype(int)
        right, down = (x - left)[:, None], (y - top)[:, None]
        rows = [self.picture[row, left] * (1 - right) + self.picture[row, left + 1] * right for row in (top, top + 1)]
        return rows[0] * (1 - down) + rows[1] * down


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
    points = np.array([[point.x * 256, point.y * 256, point.z * 256]
                       for point in found.multi_face_landmarks[0].landmark])
    save("points.f32", points)

    surface = Surface(face, points[:468])
    pictures = {f"turned_{pitch}_{yaw}_{roll}": surface.drawn(208, pitch, yaw, roll)
                for pitch, yaw, roll in [(0, 0, 0), (0, 25, 0), (0, -25, 0), (18, 0, 0), (-18, 0, 0), (10, 15, -10)]}
    pictures["closed"] = surface.drawn(208, 0, 0, 0, surface.with_closed_lids([0, 1]))
    pictures["left_closed"] = surface.drawn(208, -5, 8, 0, surface.with_closed_lids([1]))
    for name, picture in pictures.items():
        Image.fromarray(picture).save(os.path.join(out, name + ".png"), optimize=True)


if __name__ == "__main__":
    main()
