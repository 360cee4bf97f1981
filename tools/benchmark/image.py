"""What a fresh runner has to pull: `python3 -m tools.benchmark.image IMAGE` prints it. Needs no packages."""

import gzip
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True)
class Contents:
    """All layers of an image together, those of its base included."""

    compressed: int
    """Bytes to pull: each layer compressed with gzip as registries have it."""
    uncompressed: int
    """Bytes of all files."""
    files: int


def contents(image: str) -> Contents:
    """Read an image from the Docker engine."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "image.tar")
        subprocess.run(["docker", "save", "--output", path, image], check=True)
        with tarfile.open(path) as saved:
            [manifest] = json.load(_member(saved, "manifest.json"))
            layers = [_layer(saved, name) for name in manifest["Layers"]]
    return Contents(
        sum(layer.compressed for layer in layers),
        sum(layer.uncompressed for layer in layers),
        sum(layer.files for layer in layers),
    )


def _layer(saved: tarfile.TarFile, name: str) -> Contents:
    data = _member(saved, name).read()
    compressed = data if data.startswith(b"\x1f\x8b") else gzip.compress(data, 6)
    with tempfile.TemporaryFile() as file:
        file.write(gzip.decompress(compressed))
        file.seek(0)
        with tarfile.open(fileobj=file) as layer:
            files = [member for member in layer if member.isfile()]
    return Contents(len(compressed), sum(file.size for file in files), len(files))


def _member(archive: tarfile.TarFile, name: str) -> BinaryIO:
    file = archive.extractfile(name)
    assert file
    return file  # type: ignore[return-value]


if __name__ == "__main__":
    found = contents(sys.argv[1])
    print(f"{found.compressed / 1e6:.1f} MB to pull, {found.uncompressed / 1e6:.1f} MB in {found.files} files")
