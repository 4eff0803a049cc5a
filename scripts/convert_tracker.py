#!/usr/bin/env python3
"""Converts MediaPipe's face detector and face mesh to data/tracker/face_tracker.models, which src/track/model_file.h
describes.

Usage: convert_tracker.py [--detector-bits N] [--mesh-bits N] MEDIAPIPE_FOLDER OUT

MEDIAPIPE_FOLDER is the folder `mediapipe` of an unpacked wheel of the PyPI package mediapipe 0.10.21 (Apache 2.0):
modules/face_detection/face_detection_short_range.tflite and modules/face_landmark/face_landmark_with_attention.tflite
are read. Needs numpy and the PyPI package tflite. Layers that follow one another always are joined: a depthwise
convolution, the 1x1 convolution behind it, what is added, and the PReLU are one layer here. Weights become integers of
N bits with a step for each output.
"""

import argparse
import os
import struct
import zlib

import numpy as np
import tflite

CONVOLUTION, SEPARABLE, POOL, MATRIX, CROP, TRANSFORM = range(6)
NONE = 0xFFFFFFFF
MAP_SCALE = 4  # the mesh is in pixels of the input, the map that regions are cut from has a quarter of its size

# Which points of the mesh the outputs behind the first are, by MediaPipe's graph TensorsToFaceLandmarksWithAttention.
LIPS = [
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409, 78, 95, 88, 178, 87, 14,
    317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415, 76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306,
    184, 74, 73, 72, 11, 302, 303, 304, 408, 62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268,
    271, 272, 407]
FIRST_EYE = [
    33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25, 110, 24, 23, 22, 26, 112, 243,
    247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189, 35,
    124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193]
SECOND_EYE = [
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255, 339, 254, 253, 252, 256,
    341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442,
    441, 413, 265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336,
    285, 417]
FIRST_IRIS = list(range(468, 473))
SECOND_IRIS = list(range(473, 478))


class Graph:
    """A .tflite file: its operators, and what constant tensors hold."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.model = tflite.Model.GetRootAs(file.read(), 0)
        self.graph = self.model.Subgraphs(0)
        self.names = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
        self.halves = {}  # of a dequantised tensor, the one that holds its float16 numbers
        self.operators = []
        for i in range(self.graph.OperatorsLength()):
            operator = self.graph.Operators(i)
            code = self.model.OperatorCodes(operator.OpcodeIndex())
            name = self.names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            if name == "CUSTOM":
                name = code.CustomCode().decode()
            if name == "DEQUANTIZE":
                self.halves[operator.Outputs(0)] = operator.Inputs(0)
            else:
                self.operators.append((name, operator, list(operator.InputsAsNumpy()), operator.Outputs(0)))

    def shape(self, tensor):
        return self.graph.Tensors(tensor).ShapeAsNumpy().tolist()

    def numbers(self, tensor):
        kept = self.graph.Tensors(self.halves.get(tensor, tensor))
        kind = {tflite.TensorType.FLOAT32: np.float32, tflite.TensorType.FLOAT16: np.float16,
                tflite.TensorType.INT32: np.int32}[kept.Type()]
        data = self.model.Buffers(kept.Buffer()).DataAsNumpy()
        return np.frombuffer(data.tobytes(), kind).astype(np.float64).reshape(self.shape(tensor))

    def outputs(self):
        return self.graph.OutputsAsNumpy().tolist()

    def users(self, tensor):
        return [entry for entry in self.operators if tensor in entry[2]]


def options(operator, kind):
    table = operator.BuiltinOptions()
    result = kind()
    result.Init(table.Bytes, table.Pos)
    return result


class Writer:
    """Collects layers, floats and integers of all networks."""

    def __init__(self, bits):
        self.bits = bits
        self.words = bytearray()
        self.floats = []
        self.integers = []

    def word(self, *values):
        for value in values:
            self.words += struct.pack("<I", value)

    def weights(self, weights):
        """[outputs][...]: a step of each output, then its integers."""
        rows = weights.reshape(weights.shape[0], -1)
        largest = np.abs(rows).max(axis=1)
        steps = np.where(largest > 0, largest, 1.0) / (2 ** (self.bits - 1) - 1)
        steps = steps.astype(np.float32).astype(np.float64)
        integers = np.rint(rows / steps[:, None]).astype(np.int64)
        self.floats += steps.tolist()
        self.integers += integers.ravel().tolist()

    def file(self):
        integers = np.array(self.integers, np.int64)
        folded = np.where(integers >= 0, 2 * integers, -2 * integers - 1).astype(np.uint16)
        planes = (folded & 0xFF).astype(np.uint8).tobytes() + (folded >> 8).astype(np.uint8).tobytes()
        head = b"THA4TRK1" + struct.pack("<III", len(self.words) // 4, len(self.floats), len(self.integers))
        return head + bytes(self.words) + np.array(self.floats, "<f4").tobytes() + planes


class Network:
    """Turns the operators of a graph into layers. `value[tensor]` is the layer's result that it has become; 0 is the
    input."""

    def __init__(self, graph, writer, input_size):
        self.graph, self.writer = graph, writer
        self.value = {graph.graph.Inputs(0): 0}
        self.layers = []
        self.depthwise, self.summed, self.padded = {}, {}, {}
        self.input_size = input_size

    def layer(self, tensor, *words):
        words = list(words) + [0] * (9 - len(words))
        self.layers.append(words)
        self.value[tensor] = len(self.layers)

    def convert(self):
        for name, operator, inputs, output in self.graph.operators:
            getattr(self, "on_" + name.lower())(operator, inputs, output)

    # What is seen before the convolution that it is joined with.
    def on_depthwise_conv_2d(self, operator, inputs, output):
        settings = options(operator, tflite.DepthwiseConv2DOptions)
        assert settings.Padding() == 0 and settings.DepthMultiplier() == 1 and settings.FusedActivationFunction() == 0
        self.depthwise[output] = (inputs, settings.StrideH())

    def on_pad(self, operator, inputs, output):
        pads = self.graph.numbers(inputs[1])
        assert not pads[:3].any() and pads[3, 0] == 0  # channels alone, behind the others
        self.value[output] = self.value[inputs[0]]

    def on_add(self, operator, inputs, output):
        assert self.value[output] is not None  # joined to its convolution

    def on_relu(self, operator, inputs, output):
        assert output in self.value

    on_prelu = on_relu

    def on_conv_2d(self, operator, inputs, output):
        graph, writer = self.graph, self.writer
        settings = options(operator, tflite.Conv2DOptions)
        assert settings.FusedActivationFunction() == 0
        source, stride, depthwise = inputs[0], settings.StrideH(), None
        weights, biases = graph.numbers(inputs[1]), graph.numbers(inputs[2])
        outputs, kernel = weights.shape[0], weights.shape[1]
        if source in self.depthwise:
            depthwise, stride = self.depthwise[source]
            assert kernel == 1
        tensor, residual, slopes = output, NONE, None
        users = graph.users(tensor)
        if len(users) == 1 and users[0][0] == "ADD":
            other = [i for i in users[0][2] if i != tensor]
            residual = self.value_of(other[0])
            tensor = users[0][3]
            users = graph.users(tensor)
        if len(users) == 1 and users[0][0] in ("RELU", "PRELU"):
            slopes = graph.numbers(users[0][2][1]).ravel() if users[0][0] == "PRELU" else np.zeros(outputs)
            tensor = users[0][3]
        same = 1 if settings.Padding() == 0 else 0
        if depthwise:
            filters = graph.numbers(depthwise[1])[0]  # [kernel][kernel][channels]
            self.layer(tensor, SEPARABLE, self.value[depthwise[0]], residual, outputs, filters.shape[0], stride, 1,
                       int(slopes is not None))
            writer.weights(filters.transpose(2, 0, 1))
            writer.floats += graph.numbers(depthwise[2]).tolist()
        else:
            self.layer(tensor, CONVOLUTION, self.value[source], residual, outputs, kernel, stride, same,
                       int(slopes is not None))
        for passed in {output, tensor}:
            self.value[passed] = len(self.layers)
        for user in graph.users(output):
            if user[0] == "ADD":
                self.value[user[3]] = len(self.layers)
        writer.weights(weights)
        writer.floats += biases.tolist()
        if slopes is not None:
            writer.floats += slopes.tolist()

    def value_of(self, tensor):
        """Of what is added: it may be padded later in the file than the convolution stands."""
        if tensor in self.value:
            return self.value[tensor]
        for name, _, inputs, output in self.graph.operators:
            if output == tensor and name == "PAD":
                return self.value_of(inputs[0])
            if output == tensor and name == "MAX_POOL_2D":
                self.pool(inputs[0], output)
                return self.value[tensor]
        raise KeyError(tensor)

    def pool(self, tensor, output):
        self.layer(output, POOL, self.value[tensor])

    def on_max_pool_2d(self, operator, inputs, output):
        settings = options(operator, tflite.Pool2DOptions)
        assert (settings.FilterHeight(), settings.StrideH()) == (2, 2)
        if output not in self.value:
            self.pool(inputs[0], output)

    def on_reshape(self, operator, inputs, output):
        self.value[output] = self.value[inputs[0]]

    on_strided_slice = on_reshape

    def on_concatenation(self, operator, inputs, output):
        pass

    def on_mul(self, operator, inputs, output):
        factors = self.graph.numbers(inputs[1]).ravel()
        if factors.size == 1:
            assert np.isclose(factors[0], 1 / MAP_SCALE)
        else:
            assert np.allclose(factors.reshape(4, 4)[:2], [[1, 1, MAP_SCALE, MAP_SCALE]] * 2)
            self.scaled = factors.reshape(4, 4)[:2]
        self.value[output] = self.value[inputs[0]]

    def on_landmarks2transformmatrix(self, operator, inputs, output):
        from flatbuffers import flexbuffers
        settings = flexbuffers.Loads(operator.CustomOptionsAsNumpy().tobytes())
        assert settings["output_height"] == settings["output_width"] and settings["target_rotation_radians"] == 0
        points = settings["subset_idxs"]
        self.layer(output, MATRIX, self.value[inputs[0]], settings["left_rotation_idx"], settings["right_rotation_idx"],
                   len(points), settings["output_width"])
        self.writer.floats += [1 / MAP_SCALE, settings["scale_x"], settings["scale_y"]]
        self.writer.integers += points

    def on_transformtensorbilinear(self, operator, inputs, output):
        self.layer(output, CROP, self.value[inputs[0]], self.value[inputs[1]], self.graph.shape(output)[1])

    def on_transformlandmarks(self, operator, inputs, output):
        self.layer(output, TRANSFORM, self.value[inputs[0]], self.value[inputs[1]])
        self.writer.floats += self.scaled.ravel().tolist()

    def write(self, outputs):
        """outputs: (tensor, points that it is) each."""
        writer = self.writer
        writer.word(self.input_size, len(self.layers), len(outputs))
        for words in self.layers:
            writer.word(*words)
        for tensor, points in outputs:
            writer.word(self.value[tensor], len(points))
            writer.integers += points


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--detector-bits", type=int, default=14, help="of its weights (default: %(default)s)")
    parser.add_argument("--mesh-bits", type=int, default=11, help="of its weights (default: %(default)s)")
    arguments = parser.parse_args()
    modules = os.path.join(arguments.folder, "modules")
    writer = Writer(arguments.detector_bits)

    graph = Graph(os.path.join(modules, "face_detection", "face_detection_short_range.tflite"))
    detector = Network(graph, writer, 128)
    detector.convert()
    joined = {output: inputs for name, _, inputs, output in graph.operators if name == "CONCATENATION"}
    boxes, scores = [joined[tensor] for tensor in graph.outputs()]
    detector.write([(tensor, []) for tensor in scores + boxes])

    graph = Graph(os.path.join(modules, "face_landmark", "face_landmark_with_attention.tflite"))
    writer.bits = arguments.mesh_bits
    mesh = Network(graph, writer, 192)
    mesh.convert()
    points, lips, first_eye, second_eye, first_iris, second_iris, flag = graph.outputs()
    mesh.write([(points, []), (lips, LIPS), (first_eye, FIRST_EYE), (second_eye, SECOND_EYE), (first_iris, FIRST_IRIS),
                (second_iris, SECOND_IRIS), (flag, [])])

    file = writer.file()
    packed = zlib.compress(file, 9)
    with open(arguments.out + ".part", "wb") as out:
        out.write(packed)
    os.replace(arguments.out + ".part", arguments.out)
    print(f"{len(writer.integers)} weights, {len(packed)} bytes")


if __name__ == "__main__":
    main()
