"""Makes a clip of a face that turns, tilts, blinks and speaks out of one photograph, for a browser's fake camera.

Usage: face_clip.py CLIP.mjpeg [SHEET.png [SEGMENTS]]. Needs numpy and pillow. SEGMENTS, as below or in JSON, says what is seen
one after the other; the number of the segment is written into each picture, as squares along its lower edge.
"""

import io
import json
import sys
from pathlib import Path

PHOTOGRAPH = Path(__file__).resolve().parents[1] / "fixtures/faces/astronaut.jpg"
WIDTH, HEIGHT, RATE = 640, 480, 30  # Chromium takes 30 pictures a second for granted
SECONDS = 2  # of each segment
RAMP = 6  # pictures of its way in
SQUARE, BITS = 16, 4

# Degrees, as tracker.js has them: pitch up, yaw and roll to the picture's left. Of the others 1 is all. Left and right are
# the person's own.
SEGMENTS = [
    {},
    {"yaw": 15}, {"yaw": -15}, {"pitch": 10}, {"pitch": -10}, {"roll": 15}, {"roll": -15},
    {"left_eye": 1, "right_eye": 1}, {"right_eye": 1}, {"brows": 1}, {"mouth": 1},
    {"covered": 1},
    {"noise": 1},
]
NOISE = 2.5  # of 255, as of a webcam by lamplight: the deviation of each colour from one picture to the next

# Places in the photograph and sizes there, in pixels; measured by eye. A centimetre of this head is about 7 pixels.
MIDDLE = (135.0, 108.0)  # of the head, between the ears
HEAD = {"half_width": 55.0, "half_height": 100.0, "depth": 54.0}  # from the ears to the forehead between the eyes
CHIN = {"below": 76.0, "back": 0.1}  # the face's middle goes back from the eyes down
# What rises from that, and where the eyes lie in it: place, height and size of each, as on faces at large.
RELIEF = [((136.0, 127.0), 17.0, (6.5, 9.0)), ((137.0, 145.0), 5.0, (14.0, 8.0)), ((114.5, 101.0), -6.0, (9.0, 6.0)),
          ((159.5, 102.5), -6.0, (9.0, 6.0))]
MOVED = {"half_width": 68.0, "half_height": 92.0, "until": 1.7}  # what moves with the head, and where nothing does
EYES = {"right_eye": {"place": (114.5, 100.5), "half_width": 12.5}, "left_eye": {"place": (159.5, 102.8), "half_width": 13.5}}
LIDS = {"above": 4.5, "below": 4.0, "skin": 6.5}  # an eye's height above and below its place, and of the skin that closes it
LIPS = {"place": (137.0, 149.0), "half_width": 23.0, "bent": 8.5, "opening": 15.0, "until": 205.0}
BROWS = {"places": ((112.0, 89.5), (163.0, 92.8)), "sigma": (16.0, 6.0), "way": 5.5}
LASH, INSIDE = (70, 45, 40), (70, 22, 24)


def smooth_step(x):
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def bump(x, y, place, sigma):
    return np.exp(-((x - place[0]) / sigma[0]) ** 2 / 2 - ((y - place[1]) / sigma[1]) ** 2 / 2)


def depth(x, y):
    """How far the head's surface is before the ears, at a place relative to its middle."""
    across = 1 - np.minimum(np.abs(x / HEAD["half_width"]), 1) ** 2.5
    down = 1 - CHIN["back"] * (y / CHIN["below"]) ** 2
    within = smooth_step(2 - 2 * np.abs(y / HEAD["half_height"]) ** 4)
    relief = sum(height * bump(x, y, np.subtract(place, MIDDLE), size) for place, height, size in RELIEF)
    return HEAD["depth"] * across * down * within + relief


def turned(x, y, yaw=0, pitch=0, roll=0):
    """Where in the photograph that is what a turned head shows at x, y."""
    yaw, pitch, roll = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    turn = about_z @ about_x @ about_y
    back = np.linalg.inv(turn[:2, :2])
    to_x, to_y = x - MIDDLE[0], y - MIDDLE[1]
    from_x, from_y = to_x, to_y
    for _ in range(12):
        z = depth(from_x, from_y)
        rest_x, rest_y = to_x - turn[0, 2] * z, to_y - turn[1, 2] * z
        from_x = 0.5 * from_x + 0.5 * (back[0, 0] * rest_x + back[0, 1] * rest_y)
        from_y = 0.5 * from_y + 0.5 * (back[1, 0] * rest_x + back[1, 1] * rest_y)
    radius = np.hypot(to_x / MOVED["half_width"], to_y / MOVED["half_height"])
    fraction = 1 - smooth_step((radius - 1) / (MOVED["until"] - 1))
    return x + fraction * (from_x + MIDDLE[0] - x), y + fraction * (from_y + MIDDLE[1] - y)


def close_eye(x, y, closed, place, half_width):
    """The skin above an eye is drawn over it: where it comes from, and how much of the lashes is seen."""
    across = (x - place[0]) / half_width
    arch = np.sqrt(np.clip(1 - across**2, 0, 1))
    upper, lower = place[1] - LIDS["above"] * arch, place[1] + LIDS["below"] * arch
    lid = upper + closed * (lower - upper)  # where its edge is
    top = upper - LIDS["skin"]
    stretched = top + (y - top) * (upper - top) / np.maximum(lid - top, 1e-3)
    covers = (np.abs(across) < 1) & (y > top) & (y < lid)
    lashes = np.where(np.abs(across) < 1, np.exp(-((y - lid) / 0.9) ** 2), 0) * closed * np.sqrt(arch)
    return np.where(covers, stretched, y), lashes


def open_mouth(x, y, way):
    """Lower lip and chin go down by `way` pixels: where they come from, and what shows the inside."""
    across = (x - LIPS["place"][0]) / LIPS["half_width"]
    drop = way * np.clip(1 - across**2, 0, 1)
    line = LIPS["place"][1] - LIPS["bent"] * np.minimum(across**2, 1)
    # Below it all is shown that was there, in less and less room.
    room = (LIPS["until"] - line) / (LIPS["until"] - line - drop)
    lowered = line + (y - line - drop) * room
    inside = (y > line) & (y < line + drop)
    return np.where((y > line + drop) & (y < LIPS["until"]), lowered, y), inside


def sampled(photograph, x, y):
    """Bilinear; beyond the edges as at them."""
    height, width = photograph.shape[:2]
    x, y = np.clip(x, 0, width - 1.001), np.clip(y, 0, height - 1.001)
    column, row = x.astype(int), y.astype(int)
    right, down = (x - column)[..., None], (y - row)[..., None]
    above = photograph[row, column] * (1 - right) + photograph[row, column + 1] * right
    below = photograph[row + 1, column] * (1 - right) + photograph[row + 1, column + 1] * right
    return above * (1 - down) + below * down


def picture(photograph, yaw=0, pitch=0, roll=0, left_eye=0, right_eye=0, mouth=0, brows=0, covered=0):
    """[HEIGHT][WIDTH][3] of 0 to 255."""
    if covered:
        return np.full((HEIGHT, WIDTH, 3), 170.0)
    scale = photograph.shape[0] / HEIGHT
    row, column = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    x, y = (column - WIDTH / 2 + 0.5) * scale + MIDDLE[0], (row + 0.5) * scale - 0.5
    if yaw or pitch or roll:
        x, y = turned(x, y, yaw, pitch, roll)
    inside, lashes = np.zeros_like(x), np.zeros_like(x)
    if mouth:
        y, inside = open_mouth(x, y, mouth * LIPS["opening"])
    if brows:
        y = y + brows * BROWS["way"] * sum(bump(x, y, (place[0], place[1] - BROWS["way"]), BROWS["sigma"]) for place in BROWS["places"])
    for name, closed in (("left_eye", left_eye), ("right_eye", right_eye)):
        if closed:
            y, more = close_eye(x, y, closed, **EYES[name])
            lashes = np.maximum(lashes, more)
    drawn = sampled(photograph, x, y)
    for fraction, color in ((inside, INSIDE), (lashes, LASH)):
        drawn += np.asarray(fraction, float)[..., None] * (np.array(color) - drawn)
    return drawn


def numbered(drawn, number):
    """`number` in binary in the lower left corner, black and white, the last bit first."""
    for bit in range(BITS):
        drawn[-SQUARE:, bit * SQUARE:(bit + 1) * SQUARE] = 255 * (number >> bit & 1)
    return drawn


def pictures_of(photograph, number, random):
    """The pictures of a segment, as files, on its way in, then as it stays."""
    count = round(SECONDS * RATE)
    before, after = (dict(SEGMENTS[i]) for i in (number - 1, number))
    before.pop("noise", 0)
    if after.pop("noise", 0):
        drawn = picture(photograph)
        return [jpeg(numbered(drawn + random.normal(0, NOISE, drawn.shape), number)) for _ in range(count)]
    files = []
    for i in range(1, RAMP + 1):
        fraction = i / RAMP
        mixed = {name: (1 - fraction) * before.get(name, 0) + fraction * after.get(name, 0) for name in {*before, *after} - {"covered"}}
        files.append(jpeg(numbered(picture(photograph, **mixed, covered=after.get("covered", 0)), number)))
    return files + files[-1:] * (count - RAMP)


def jpeg(drawn):
    file = io.BytesIO()
    Image.fromarray(drawn.round().clip(0, 255).astype(np.uint8)).save(file, "jpeg", quality=92)
    return file.getvalue()


def main(clip, sheet=None, segments=None):
    if segments:
        SEGMENTS[:] = json.loads(segments)
    photograph = np.asarray(Image.open(PHOTOGRAPH).convert("RGB"), float)
    random, last = np.random.default_rng(1), []
    with open(clip, "wb") as file:
        for number in range(len(SEGMENTS)):
            pictures = pictures_of(photograph, number, random)
            file.write(b"".join(pictures))
            last.append(pictures[-1])
    if sheet:
        columns = 4
        whole = Image.new("RGB", (columns * WIDTH, -(-len(last) // columns) * HEIGHT))
        for i, data in enumerate(last):
            whole.paste(Image.open(io.BytesIO(data)), (i % columns * WIDTH, i // columns * HEIGHT))
        whole.save(sheet)


if __name__ == "__main__":
    import numpy as np
    from PIL import Image

    main(*sys.argv[1:])
