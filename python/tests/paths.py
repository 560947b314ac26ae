"""Where the tests find the rest of the repository."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent
REPOSITORY = TESTS.parents[1]
SWIFT_GOLDEN = REPOSITORY / "Tests/WireFormatTests/Golden"
"""The frames that pin the wire format."""
GOLDEN = TESTS / "golden"
"""One vector, and files of `lamina encode` that the command in Swift made of it."""
