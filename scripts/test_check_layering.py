"""Proves that every rule of check-layering.py can fail, and that a tidy house passes."""

import importlib.util
import re
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
SPECIFICATION = importlib.util.spec_from_file_location("check_layering", SCRIPTS / "check-layering.py")
layering = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(layering)


class HouseTest(unittest.TestCase):
    """Builds a small house in a temporary folder: every room of the table, one file in each, no violation."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        self.targets = {}
        for room in layering.LEVELS:
            if room == "CLaminaKernels":
                self.add_c_target(room)
                continue
            self.add_target(room, "library")
            self.write(f"Sources/{room}/{room}Thing.swift", "struct Thing {}\n")
        for shim in layering.SHIMS:
            self.add_c_target(shim)
        self.add_target("QuantizationTests", "test", folder="Tests")
        self.add_target("TestSupport", "library", folder="Tests")

    def add_target(self, name, kind, module_type="SwiftTarget", folder="Sources"):
        self.targets[name] = {
            "name": name, "c99name": name, "type": kind, "module_type": module_type, "path": f"{folder}/{name}",
            "sources": [], "target_dependencies": [],
        }

    def add_c_target(self, name):
        self.add_target(name, "library", module_type="ClangTarget")
        self.write(f"Sources/{name}/{name}.c", f'#include "{name}.h"\n')
        self.write(f"Sources/{name}/include/{name}.h", "#pragma once\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def violations(self):
        return layering.violations({"targets": list(self.targets.values())}, self.root)

    def assert_clean(self):
        self.assertEqual(self.violations(), [])

    def assert_one(self, path, line, words):
        found = self.violations()
        self.assertEqual([(each.path, each.line) for each in found], [(path, line)], found)
        self.assertIn(words, found[0].message)


class RoomsTest(HouseTest):
    def test_a_tidy_house_passes(self):
        self.write("Sources/WireFormat/Frame.swift", "import EntropyCoding\nimport Quantization\nimport RealModule\n")
        self.write("Sources/Experiments/Run.swift", "public import Foundation\nimport DistributedVI\n")
        self.write("Sources/NeuralNetworks/Tensor_C.swift", "import CTorchShims\nimport Foundation\n")
        self.write("Sources/Quantization/Kernels_C.swift", "import CLaminaKernels\n")
        self.write("Tests/QuantizationTests/LawTests.swift", "import Foundation\nimport WireFormat\nimport TestSupport\n")
        self.assert_clean()

    def test_an_unknown_target_fails(self):
        self.add_target("Utilities", "library")
        self.write("Package.swift", '// swift-tools-version: 6.2\n.target(name: "Utilities")\n')
        self.assert_one("Package.swift", 2, "target Utilities has no level")

    def test_a_room_without_a_target_fails(self):
        del self.targets["Experiments"]
        self.assert_one("scripts/check-layering.py", 1, "Experiments, which is no target")

    def test_the_table_mirrors_the_architecture(self):
        page = (SCRIPTS.parent / "Documentation" / "Architecture.md").read_text(encoding="utf-8")
        rooms = re.findall(r"^\| (\d) \| `(\w+)` \|", page, flags=re.MULTILINE)
        documented = {name: int(level) for level, name in rooms}
        shims = {name: documented.pop(name, None) for name in layering.SHIMS}
        self.assertEqual(documented, layering.LEVELS)
        self.assertNotIn(None, shims.values(), "a shim is missing from the table of rooms")


class DoorsTest(HouseTest):
    def test_an_upward_import_fails(self):
        self.write("Sources/Quantization/Up.swift", "\nimport WireFormat\n")
        self.assert_one("Sources/Quantization/Up.swift", 2, "Quantization (level 2) imports WireFormat (level 3)")

    def test_a_sideways_import_fails(self):
        self.write("Sources/Quantization/Side.swift", "@_exported public import struct EntropyCoding.BitReader\n")
        self.assert_one("Sources/Quantization/Side.swift", 1, "rooms of level 2")

    def test_an_upward_declared_dependency_fails(self):
        self.targets["Collectives"]["target_dependencies"] = ["GradientExchange"]
        self.assert_one("Package.swift", 1, "declared dependency: Collectives (level 2)")

    def test_a_room_that_imports_test_support_fails(self):
        self.write("Sources/Lamina/Odd.swift", "import TestSupport\n")
        self.assert_one("Sources/Lamina/Odd.swift", 1, "serves tests only")

    def test_a_shim_that_includes_another_target_fails(self):
        self.write("Sources/CTorchShims/Extra.cpp", "// C++\n#include <CPNGShims.h>\n")
        self.assert_one("Sources/CTorchShims/Extra.cpp", 2, "a shim and imports no other target")

    def test_a_system_library_opens_to_its_shim_only(self):
        self.targets["CMPIShims"]["target_dependencies"] = ["CMPI"]
        self.assert_clean()
        self.targets["MPICollectives"]["target_dependencies"] = ["CMPI"]
        self.assert_one("Package.swift", 1, "only by CMPIShims, not by MPICollectives")

    def test_a_kernel_that_includes_an_upper_target_fails(self):
        self.write("Sources/CLaminaKernels/extra.c", '#include "CPNGShims.h"\n')
        self.assert_one("Sources/CLaminaKernels/extra.c", 1, "only by NeuralNetworks, not by CLaminaKernels")

    def test_a_shim_opens_to_its_own_room_only(self):
        self.write("Sources/Experiments/Picture_C.swift", "import CPNGShims\n")
        self.assert_one("Sources/Experiments/Picture_C.swift", 1, "only by NeuralNetworks")

    def test_comments_and_strings_are_not_imports(self):
        self.write(
            "Sources/LaminaNumerics/Quiet.swift",
            '/* import Lamina\n/* nested */\nimport Lamina\n*/\n// import Lamina\n'
            'let page = """\n  import Lamina\n  """\nlet raw = #"""\nimport Lamina\n"""#\nlet one = "/*"\n')
        self.assert_clean()

    def test_an_import_after_tricky_strings_is_seen(self):
        self.write(
            "Sources/LaminaNumerics/Loud.swift",
            'let a = "\\"/*"\nlet b = """\n  a "quote" and \\""" three\n  """\nlet c = #"\\"#\nimport Lamina\n')
        self.assert_one("Sources/LaminaNumerics/Loud.swift", 6, "LaminaNumerics (level 1) imports Lamina (level 6)")


class HabitsTest(HouseTest):
    def test_foundation_at_a_low_level_fails(self):
        self.write("Sources/GradientExchange/Clock.swift", "import FoundationEssentials\n")
        self.assert_one("Sources/GradientExchange/Clock.swift", 1, "allowed above level 4 only")

    def test_foundation_in_the_landing_fails(self):
        self.write("Sources/DistributedVI/Clock.swift", "import class Foundation.FileManager\n")
        self.assert_one("Sources/DistributedVI/Clock.swift", 1, "Foundation is not allowed in DistributedVI")

    def test_a_c_module_outside_a_marked_file_fails(self):
        self.write("Sources/NeuralNetworks/Tensor.swift", "internal import CTorchShims\n")
        self.assert_one("Sources/NeuralNetworks/Tensor.swift", 1, "outside a file named *_C.swift")

    def test_a_testable_import_fails(self):
        self.write("Tests/QuantizationTests/LawTests.swift", "@testable import Quantization\n")
        self.assert_one("Tests/QuantizationTests/LawTests.swift", 1, "@testable import")

    def test_a_repeated_file_name_fails_whatever_its_case(self):
        self.write("Sources/Quantization/Norm.swift", "")
        self.write("Tests/QuantizationTests/norm.swift", "")
        self.assert_one("Tests/QuantizationTests/norm.swift", 1, "taken by Sources/Quantization/Norm.swift")

    def test_a_type_named_as_its_module_fails_even_nested(self):
        self.write("Sources/Quantization/Bad.swift", "extension Int {\n  public struct Quantization {}\n}\n")
        self.assert_one("Sources/Quantization/Bad.swift", 2, "the type Quantization has the name of a module")

    def test_a_type_named_as_another_module_fails_at_the_top(self):
        self.write("Sources/Experiments/Bad.swift", "@frozen public final class Lamina {}\n")
        self.assert_one("Sources/Experiments/Bad.swift", 1, "the type Lamina has the name of a module")

    def test_a_long_file_fails_and_one_of_the_limit_passes(self):
        self.write("Sources/Quantization/Limit.swift", "//\n" * layering.LONGEST_FILE)
        self.assert_clean()
        self.write("Sources/Quantization/Long.swift", "//\n" * (layering.LONGEST_FILE + 1))
        self.assert_one("Sources/Quantization/Long.swift", layering.LONGEST_FILE + 1, "401 lines")


if __name__ == "__main__":
    unittest.main()
