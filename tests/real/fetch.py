"""Pinned source distributions: downloaded once with pip, verified, unpacked."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A source distribution: its project, version, digest and file name without the suffix."""

    project: str
    version: str
    sha256: str
    stem: str


def cache() -> Path:
    """Where downloads and virtual environments are kept between runs (`CODEMOD_TEST_CACHE` wins)."""
    chosen = os.environ.get("CODEMOD_TEST_CACHE")
    home = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "codemod-tests"
    home.mkdir(parents=True, exist_ok=True)
    return home


def archive(source: Source) -> Path:
    """The verified archive; downloaded when the cache lacks it.

    pip runs the package's own build backend to read its metadata, so the package alone is taken as source
    and what builds it as wheels.
    """
    kept = cache() / "sources" / f"{source.stem}.tar.gz"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--no-binary", source.project]
                + ["-d", folder, f"{source.project}=={source.version}"],
                check=True,
            )
            (found,) = Path(folder).glob("*.tar.gz")
            found.replace(kept)
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    if digest != source.sha256:
        kept.unlink()
        raise ValueError(f"{source.project} {source.version}: sha256 is {digest}, pinned is {source.sha256}")
    return kept


def unpack(source: Source, folder: Path) -> Path:
    """The distribution's top folder, unpacked below `folder`."""
    with tarfile.open(archive(source)) as tar:
        tar.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


def environment(requirements: tuple[str, ...]) -> Path:
    """The interpreter of a virtual environment that holds `requirements`, built once for each set of them."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    key = hashlib.sha256("\n".join((version, sys.prefix, *sorted(requirements))).encode()).hexdigest()[:16]
    home = cache() / "environments" / key
    python = home / "bin" / "python"
    done = home / "complete"
    if not done.is_file():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", *requirements], check=True)
        done.touch()
    return python
