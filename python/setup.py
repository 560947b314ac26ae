"""Puts liblamina, the codec in Swift behind a C interface, into the package; pyproject.toml has the rest.

The library is built by scripts/build-library.sh, or taken from where the environment variable LAMINA_LIBRARY points.
"""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = "liblamina.so.1"
ABI_VERSION = 1
OLDEST_SWIFT = (6, 3)
ADVICE = "Install Swift from https://www.swift.org/install, or name a built liblamina in LAMINA_LIBRARY."


def check_swift() -> None:
    """Ends the build with a sentence where no compiler can build the library."""
    needed = ".".join(map(str, OLDEST_SWIFT))
    swift = shutil.which("swift")
    if swift is None:
        sys.exit(f"error: liblamina needs Swift {needed} or later to build, and there is no 'swift' on PATH. {ADVICE}")
    shown = subprocess.run([swift, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"Swift version (\d+)\.(\d+)", shown)
    if found is None or tuple(map(int, found.groups())) < OLDEST_SWIFT:
        first = shown.strip().split("\n")[0] or "unknown"
        sys.exit(f"error: liblamina needs Swift {needed} or later to build; this is '{first}'. {ADVICE}")


def check_library(path: Path) -> None:
    """Ends the build with a sentence where a file is not the library that this package calls."""
    try:
        found = ctypes.CDLL(str(path)).lamina_abi_version()
    except (OSError, AttributeError) as error:
        sys.exit(f"error: {path} is no liblamina: {error}")
    if found != ABI_VERSION:
        sys.exit(f"error: {path} has version {found} of the C interface; this package needs version {ABI_VERSION}.")


def put_library(folder: Path) -> None:
    """Puts the library into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    given = os.environ.get("LAMINA_LIBRARY")
    if given:
        path = Path(given)
        if not path.is_absolute() or not path.is_file():
            sys.exit(f"error: LAMINA_LIBRARY must be the absolute path of a library, and '{given}' is no such file.")
        check_library(path)
        shutil.copyfile(path, folder / LIBRARY)
        return
    script = ROOT / "scripts/build-library.sh"
    if not script.is_file():
        sys.exit(f"error: the sources of liblamina are not beside this folder, in {ROOT}. {ADVICE}")
    check_swift()
    with tempfile.TemporaryDirectory() as built:
        if subprocess.run([str(script), built]).returncode != 0:
            sys.exit(f"error: {script} could not build liblamina; its messages are above.")
        shutil.copyfile(Path(built) / "lib" / LIBRARY, folder / LIBRARY)
    check_library(folder / LIBRARY)


class BuildWithLibrary(build_py):
    """Modules, and the library beside them; with an editable install, in the source tree."""

    def run(self) -> None:
        target = Path("lamina") if self.editable_mode else Path(self.build_lib) / "lamina"
        if not self.editable_mode:
            shutil.rmtree(target, ignore_errors=True)  # Modules that were deleted since the last build.
        super().run()
        put_library(target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [*super().get_outputs(include_bytecode), str(Path(self.build_lib) / "lamina" / LIBRARY)]


class PlatformWheel(bdist_wheel):
    """A wheel for every Python 3 on one platform: the library is native and knows nothing of Python."""

    def get_tag(self) -> tuple[str, str, str]:
        return ("py3", "none", super().get_tag()[2])


class NativeDistribution(Distribution):
    """Keeps the wheel from being tagged for all platforms."""

    def has_ext_modules(self) -> bool:
        return True


setup(cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel}, distclass=NativeDistribution)
