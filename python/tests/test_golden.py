"""The frames and plans that pin the wire format: valid ones decode to the same bits, the others are refused."""

import json
import unittest

import numpy as np
from paths import SWIFT_GOLDEN

from lamina import Codec, DamagedFrame, FrameMismatch, Plan

MANIFEST = json.loads((SWIFT_GOLDEN / "manifest.json").read_text())
VALID = {entry["name"]: entry for entry in MANIFEST["valid"]}
OF_ANOTHER = {
    "unsupportedVersion",
    "kindMismatch",
    "workersMismatch",
    "staleLevels",
    "planMismatch",
    "stepMismatch",
    "rankMismatch",
}


def read(path):
    return (SWIFT_GOLDEN / path).read_bytes()


class GoldenTests(unittest.TestCase):
    def test_valid_frames_decode_to_the_same_bits(self):
        decoded = 0
        for name, entry in VALID.items():
            data = read(f"valid/{name}.plan")
            plan, frame = Plan.decode(data), read(f"valid/{name}.frame")
            self.assertEqual(plan.encode(), data)
            self.assertEqual(sum(layer.count for layer in plan.layers), plan.dimension)
            self.assertEqual(plan.digest, int.from_bytes(frame[6:14], "little"))
            codec = Codec(plan)
            if entry["kind"] == 0:
                found = codec.decode(frame, entry["step"], entry["rank"])
                self.assertEqual(found.tobytes(), read(f"valid/{name}.f32"), name)
                decoded += 1
            else:
                with self.assertRaises(FrameMismatch, msg=name):
                    codec.decode(frame, entry["step"], entry["rank"])
        self.assertGreater(decoded, 50)

    def test_invalid_frames_are_refused(self):
        self.assertGreater(len(MANIFEST["invalid"]), 50)
        for entry in MANIFEST["invalid"]:
            base = VALID[entry["base"]]
            plan = Plan.decode(read(f"valid/{base['name']}.plan"))
            frame = read(f"invalid/{entry['name']}.frame")
            kind = FrameMismatch if entry["error"] in OF_ANOTHER else DamagedFrame
            # A codec of one worker's frames sees a sum's kind first, or a sum that claims to be of its own kind.
            kinds = (DamagedFrame, FrameMismatch) if base["kind"] == 1 else (kind,)
            with self.assertRaises(kinds, msg=entry["name"]) as caught:
                Codec(plan).accumulate(frame, base["step"], base["rank"], np.zeros(plan.dimension, dtype=np.float32))
            self.assertRegex(str(caught.exception), r"^\S.*\.$")

    def test_invalid_plans_are_refused(self):
        self.assertGreater(len(MANIFEST["invalidPlans"]), 20)
        for entry in MANIFEST["invalidPlans"]:
            kind = FrameMismatch if entry["error"] in OF_ANOTHER else DamagedFrame
            with self.assertRaises(kind, msg=entry["name"]):
                Plan.decode(read(f"invalid/{entry['name']}.plan"))


if __name__ == "__main__":
    unittest.main()
