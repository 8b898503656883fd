"""A picture that shows which way up it is."""

import numpy as np

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 180, 30), (30, 30, 200), (230, 230, 230)


def quadrants(width=96, height=64):
    """Red top left, green top right, blue bottom left, white bottom right."""
    image = np.empty((height, width, 3), np.uint8)
    middle_y, middle_x = height // 2, width // 2
    image[:middle_y, :middle_x] = RED
    image[:middle_y, middle_x:] = GREEN
    image[middle_y:, :middle_x] = BLUE
    image[middle_y:, middle_x:] = WHITE
    return image


def corners(image):
    """The colours in the middle of the four quadrants, in reading order."""
    height, width = image.shape[:2]
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return np.array([image[place] for place in places], int)


def forget_codec(path):
    """Give the first sound track of an mp4 a codec that FFmpeg does not know, as some phones write."""
    data = path.read_bytes()
    assert b"mp4a" in data
    path.write_bytes(data.replace(b"mp4a", b"apac", 1).replace(b"esds", b"none", 1))
