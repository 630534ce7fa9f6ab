"""Images as people keep them: IDX files (MNIST's form), a folder of pictures for each class, encoded cells of a table.

Only pixels leave this room: a picture's file name, comments and other metadata may hold its label.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from intern.experiments.files import DataError, bytes_of

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
LARGEST_SIDE = 64
"""Pictures of different or larger sizes are brought to a square of at most this side."""
MOST_PIXELS = 50_000_000


class Pixels(NamedTuple):
    """uint8[height, width] (grey) or uint8[height, width, 3] (red, green, blue), row by row."""

    shape: tuple[int, ...]
    data: bytes


def is_idx(name: str) -> bool:
    return "idx3-ubyte" in name or "idx1-ubyte" in name


def read_idx_images(file: Path) -> list[Pixels]:
    """The images of an IDX file (magic number 2051). Raises DataError."""
    content = bytes_of(file)
    if len(content) < 16 or content[:4] != b"\0\0\x08\x03":
        raise DataError(f"{file.name} is not an IDX file of images: its first bytes are {content[:4].hex() or 'none'}.")
    count, height, width = struct.unpack(">III", content[4:16])
    size = height * width
    if len(content) != 16 + count * size:
        raise DataError(
            f"{file.name} says it has {count} images of {height}×{width}, its length does not fit: "
            f"{len(content):,} bytes instead of {16 + count * size:,}."
        )
    return [Pixels((height, width), content[16 + n * size : 16 + (n + 1) * size]) for n in range(count)]


def read_idx_labels(file: Path) -> list[str]:
    """The labels of an IDX file (magic number 2049). Raises DataError."""
    content = bytes_of(file)
    if len(content) < 8 or content[:4] != b"\0\0\x08\x01":
        raise DataError(f"{file.name} is not an IDX file of labels: its first bytes are {content[:4].hex() or 'none'}.")
    (count,) = struct.unpack(">I", content[4:8])
    if len(content) != 8 + count:
        raise DataError(f"{file.name} says it has {count} labels and has {len(content) - 8}.")
    return [str(value) for value in content[8:]]


def decode_all(pictures: Iterable[tuple[str, bytes]]) -> tuple[list[Pixels], str]:
    """Encoded pictures (name for messages, content) as pixels of one shape, and what was done to get there ("" = nothing).

    Raises DataError that names the picture that cannot be read.
    """
    from PIL import Image

    opened = []
    for name, content in pictures:
        try:
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise DataError(f"{name} has {picture.width}×{picture.height} pixels, too many.")
                grey = picture.mode in ("1", "L", "I", "I;16", "F")
                image = picture.convert("L" if grey else "RGB")
                image.thumbnail((LARGEST_SIDE * 4, LARGEST_SIDE * 4))
                opened.append((picture.size, image))
        except DataError:
            raise
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise DataError(f"{name} is not a picture that can be read: {error}.") from error
    mode = "L" if all(image.mode == "L" for _, image in opened) else "RGB"
    sizes = sorted({size for size, _ in opened})
    side = min(LARGEST_SIDE, max(max(size) for size in sizes)) if sizes else 0
    same = len(sizes) == 1 and max(sizes[0]) <= LARGEST_SIDE
    target = sizes[0] if same else (side, side)
    note = (
        ""
        if same
        else f"The pictures have {len(sizes)} different sizes or are large; all are brought to {side}×{side}."
    )
    found = []
    for _, image in opened:
        pixels = image.convert(mode).resize(target) if image.size != target else image.convert(mode)
        shape = (target[1], target[0]) if mode == "L" else (target[1], target[0], 3)
        found.append(Pixels(shape, pixels.tobytes()))
    return found, note
