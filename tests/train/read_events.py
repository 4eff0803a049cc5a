"""Prints what TensorBoard reads from a folder of event files, as one line of JSON."""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0, "tensors": 0})
events.Reload()
tags = events.Tags()
print(json.dumps({
    "scalars": {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in tags["scalars"]},
    "images": {tag: [[event.step, event.width, event.height, len(event.encoded_image_string)]
                     for event in events.Images(tag)] for tag in tags["images"]},
    "texts": {tag: [[event.step, event.tensor_proto.string_val[0].decode()] for event in events.Tensors(tag)]
              for tag in tags["tensors"]},
}))
