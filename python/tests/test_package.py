"""The package as it is installed: what is in it, and what it does not need."""

import importlib.metadata
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from paths import REPOSITORY

import lamina

FOLDER = Path(lamina.__file__).parent
HEADER = (REPOSITORY / "Sources/CLamina/include/lamina.h").read_text()


class PackageTests(unittest.TestCase):
    def test_what_is_tested_is_installed(self):
        self.assertFalse(FOLDER.is_relative_to(REPOSITORY), FOLDER)
        for name in ("liblamina.so.1", "py.typed"):
            self.assertTrue((FOLDER / name).is_file(), name)
        sources = {path.relative_to(REPOSITORY / "python") for path in (REPOSITORY / "python/lamina").rglob("*.py")}
        installed = {path.relative_to(FOLDER.parent) for path in FOLDER.rglob("*.py")}
        self.assertEqual(sources, installed)

    def test_wheel_tag(self):
        wheel = importlib.metadata.distribution("lamina").read_text("WHEEL")
        self.assertRegex(wheel, r"(?m)^Tag: py3-none-\w+$")
        self.assertNotIn("-any", wheel)
        self.assertIn("Root-Is-Purelib: false", wheel)

    def test_no_swift_and_no_torch(self):
        self.assertIsNone(shutil.which("swift"))
        needed = subprocess.run(["ldd", FOLDER / "liblamina.so.1"], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("swift", needed.lower())
        program = "import sys, lamina; print(sorted({'torch', 'lamina.torch'} & set(sys.modules)))"
        shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        self.assertEqual(shown, "[]\n")

    def test_only_the_modules_of_the_interface_know_ctypes(self):
        core = {path for path in FOLDER.glob("*.py") if re.search(r"^\s*(import|from) ctypes", path.read_text(), re.M)}
        self.assertEqual(core, {FOLDER / "_abi.py", FOLDER / "_abi_exchange.py"})

    def test_numbers_are_those_of_the_header(self):
        from lamina import _abi

        constants = {name: int(value) for name, value in re.findall(r"^\s*LAMINA_(\w+) = (\d+),", HEADER, re.M)}
        for name in ("EXACT", "LEVELS", "DITHERED", "AGREED", "ROTATED", "BUCKET", "LAYER", "VECTOR"):
            self.assertEqual(getattr(_abi, name), constants[name], name)
        names = {"fixed": "FIXED_WIDTH"}
        for code, number in _abi.CODES.items():
            self.assertEqual(number, constants[names.get(code, code.upper().replace("-", "_"))])
        for norm, number in _abi.NORMS.items():
            self.assertEqual(number, constants[norm.upper()])
        names = {"alq-gd": "ALQ_GRADIENT"}
        for method, number in _abi.METHODS.items():
            self.assertEqual(number, constants[names.get(method, method.upper().replace("-", "_"))])
        self.assertIn(f"LAMINA_ABI_VERSION {_abi.ABI_VERSION}u", HEADER)

    def test_everything_public_is_documented(self):
        for name in lamina.__all__:
            value = getattr(lamina, name)
            if not inspect.isclass(value) and not inspect.isfunction(value):
                continue
            self.assertTrue(inspect.getdoc(value), name)
            for member, definition in vars(value).items() if inspect.isclass(value) else ():
                if not member.startswith("_") and member != "record" and callable(definition):
                    self.assertTrue(inspect.getdoc(definition), f"{name}.{member}")
        for module in pkgutil.iter_modules([str(FOLDER)]):
            if not module.ispkg:
                self.assertTrue((FOLDER / f"{module.name}.py").read_text().startswith('"""'), module.name)

    def test_examples_of_the_documentation_run(self):
        page = (REPOSITORY / "Documentation/Python.md").read_text()
        examples = re.findall(r"^```python\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?", page, re.M | re.S)
        self.assertGreaterEqual(len(examples), 2)
        for program, output in examples:
            child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
            self.assertEqual(child.returncode, 0, child.stderr)
            self.assertEqual(child.stdout, output)

    def test_names_in_the_documentation(self):
        page = (REPOSITORY / "Documentation/Python.md").read_text()
        self.assertEqual([name for name in lamina.__all__ if f"`{name}" not in page], [])


class LibraryTests(unittest.TestCase):
    def message(self, library):
        """What an import says where the library is this file."""
        program = f"import ctypes; real = ctypes.CDLL; ctypes.CDLL = lambda path: real({library!r})\nimport lamina"
        child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual(child.returncode, 1)
        return child.stderr.strip().split("\n")[-1]

    def test_missing_library(self):
        self.assertRegex(self.message("/nowhere/liblamina.so.1"), "LibraryError: .*nowhere")

    def test_other_library(self):
        self.assertRegex(self.message("libm.so.6"), "LibraryError: .*lamina_abi_version")


if __name__ == "__main__":
    unittest.main()
