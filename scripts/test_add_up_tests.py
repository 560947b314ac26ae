"""Proves that add-up-tests.py counts right and never calls an empty, failed or broken run a success."""

import contextlib
import importlib.util
import io
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent / "add-up-tests.py"
SPECIFICATION = importlib.util.spec_from_file_location("add_up_tests", SCRIPT)
tally = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(tally)

XUNIT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="TestResults" errors="0" tests="4" failures="2" skipped="1" time="0.1">
  <testcase classname="A" name="one()" /><testcase classname="A" name="two()" />{}
</testsuite></testsuites>
"""
TWO_ISSUES = '<testcase name="three()"><failure message="a" /><failure message="b" /></testcase>'
SKIPPED = '<testcase name="four()"><skipped>why</skipped></testcase>'


class TallyTest(unittest.TestCase):
    def tally(self, **reports):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in reports.items():
                (Path(folder) / name.replace("_", ".")).write_text(text, encoding="utf-8")
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                status = tally.main([folder])
        return status, output.getvalue().splitlines()

    def test_passed_tests_of_all_reports_are_added(self):
        status, lines = self.tally(
            core_xml=XUNIT.format(""), torch_xml=XUNIT.format(SKIPPED), reference_unittest="Ran 3 tests in 0.1s\n\nOK\n")
        self.assertEqual((status, lines), (0, ["tests: 7 passed, 0 failed, 1 skipped"]))

    def test_a_test_with_two_issues_fails_once(self):
        status, lines = self.tally(core_xml=XUNIT.format(TWO_ISSUES + SKIPPED))
        self.assertEqual((status, lines), (1, ["tests: 2 passed, 1 failed, 1 skipped"]))

    def test_failures_errors_and_skips_of_unittest_are_counted(self):
        status, lines = self.tally(
            a_unittest="Ran 9 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=3)\n",
            b_unittest="Ran 2 tests in 0.1s\n\nOK (skipped=1)\n")
        self.assertEqual((status, lines), (1, ["tests: 4 passed, 3 failed, 4 skipped"]))

    def test_a_truncated_report_fails(self):
        status, lines = self.tally(core_xml=XUNIT.format("")[:120], other_xml=XUNIT.format(""))
        self.assertEqual(status, 1)
        self.assertIn("core.xml is incomplete", lines[0])
        self.assertEqual(lines[-1], "tests: 2 passed, 0 failed")

    def test_a_python_run_without_summary_fails(self):
        status, lines = self.tally(a_unittest="Traceback\n", other_xml=XUNIT.format(""))
        self.assertEqual((status, lines[0]), (1, "error: a.unittest has no summary"))

    def test_a_run_without_tests_fails_even_beside_another(self):
        status, lines = self.tally(a_unittest="Ran 0 tests in 0.0s\n\nOK\n", other_xml=XUNIT.format(""))
        self.assertEqual((status, lines), (1, ["error: a.unittest holds no test", "tests: 2 passed, 0 failed"]))

    def test_no_report_at_all_fails(self):
        self.assertEqual(self.tally(), (1, ["error: no test ran", "tests: 0 passed, 0 failed"]))


if __name__ == "__main__":
    unittest.main()
