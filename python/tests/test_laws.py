"""The laws of the quantizers, with fixed seeds: every bound is six standard errors, or exact."""

import unittest

import numpy as np

from lamina import (
    Agreed,
    Codec,
    Dithered,
    Exact,
    Layer,
    Levels,
    Plan,
    Rotated,
    expected_error,
    exponential,
    fit_levels,
    mirrored_without_zero,
    uniform,
)

COUNT = 600
VECTOR = np.random.default_rng(11).standard_t(3, COUNT).astype(np.float32)
LEVELS = {
    "uniform": Levels(uniform(7), scope=128),
    "l1": Levels(uniform(127), "l1", "layer"),
    "exponential": Levels(exponential(0.5, 6), "l2", "vector", "elias-gamma"),
    "ternary": Levels([0, 1], scope=64, code="elias-delta"),
    "without zero": Levels(mirrored_without_zero(uniform(8)), scope=100, code="huffman"),
    "asymmetric": Levels([-1, -0.25, 0, 0.125, 0.5, 1], scope=200, code="rans"),
}
DITHERED = {
    "dithered": Dithered(bits=3),
    "by layer": Dithered(step=0.25, scope="layer"),
    "by bucket": Dithered(bits=2, scope=200),
    "agreed": Agreed(0.5),
}
DIRECTIONS = np.stack([VECTOR, np.ones(COUNT), *np.random.default_rng(12).choice([-1.0, 1.0], (6, COUNT))])


def plan_of(quantizer, count=COUNT):
    return Plan([Layer("linear.weight", count)], quantizer, seed=5)


def draws(quantizer, number=400):
    """Decoded vectors, and the squared errors that their frames report."""
    with Codec(plan_of(quantizer)) as codec:
        frames = [codec.encode(VECTOR, step) for step in range(number)]
        return (
            np.stack([codec.decode(frame, step, 0) for step, frame in enumerate(frames)]).astype(np.float64),
            np.array([frame.squared_error for frame in frames]),
        )


def deviations(samples, expected):
    """How many standard errors the mean of the samples is from what is expected, column by column."""
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    return np.abs(samples.mean(axis=0) - expected) / error


class LawTests(unittest.TestCase):
    def test_rounding_is_unbiased(self):
        for name, quantizer in (LEVELS | DITHERED).items():
            decoded, _ = draws(quantizer)
            along = deviations((decoded - VECTOR) @ DIRECTIONS.T, np.zeros(len(DIRECTIONS)))
            self.assertLess(along.max(), 6, name)

    def test_errors_are_the_expected_ones(self):
        for name, quantizer in LEVELS.items():
            decoded, errors = draws(quantizer)
            np.testing.assert_allclose(((decoded - VECTOR) ** 2).sum(axis=1), errors, rtol=1e-5)
            self.assertLess(deviations(errors, expected_error(VECTOR, quantizer)), 6, name)

    def test_errors_of_dither_follow_from_the_step(self):
        squared_norm = float((VECTOR.astype(np.float64) ** 2).sum())
        for name, quantizer in DITHERED.items():
            _, errors = draws(quantizer)
            unit = COUNT if isinstance(quantizer, Agreed) else squared_norm
            self.assertLess(deviations(errors, quantizer.step**2 / 12 * unit), 6, name)

    def test_rotation_has_the_error_of_its_centroids(self):
        normal = np.random.default_rng(13).standard_normal(4096).astype(np.float32)
        # The least error of 1, 2, 3 and 4 bits of a normal coordinate, D/(1 - D) for the unbiased scale.
        for bits, least in [(1, 0.571), (2, 0.1331), (3, 0.0357), (4, 0.00959)]:
            frame = Codec(plan_of(Rotated(bits), 4096)).encode(normal, 0)
            self.assertAlmostEqual(frame.squared_error / frame.squared_norm, least, delta=0.05 * least)

    def test_fitted_levels_are_no_worse_than_uniform_ones(self):
        for norm in ("max", "l2"):
            for count, zero in [(4, True), (8, True), (16, True), (8, False), (16, False)]:
                start = uniform(count - 1) if zero else mirrored_without_zero(uniform(count // 2))
                plain = expected_error(VECTOR, Levels(start, norm, 128))
                best = fit_levels(VECTOR, count, "optimal", zero=zero, norm=norm, scope=128)
                # Fitted to a histogram of 128 bins an octave, which moves a coordinate by 0.6 % at most.
                self.assertLessEqual(expected_error(VECTOR, Levels(best, norm, 128)), 1.001 * plain)
                for method in ["alq", "alq-gd", "lloyd"] + (["amq-zero"] if zero else ["amq"]):
                    fitted = fit_levels(VECTOR, count, method, zero=zero, norm=norm, scope=128)
                    self.assertEqual(fitted.shape, (count,))
                    error = expected_error(VECTOR, Levels(fitted, norm, 128))
                    self.assertGreaterEqual(1.001 * error, expected_error(VECTOR, Levels(best, norm, 128)), method)
                    if method.startswith("alq") and norm == "max":
                        self.assertLessEqual(error, 1.001 * plain, method)

    def test_fitted_tables_shorten_frames(self):
        values = np.random.default_rng(14).standard_t(3, 50_000).astype(np.float32)
        for code in ("huffman", "rans"):
            plan = plan_of(Levels(uniform(15), code=code), values.size)
            fitted = plan.fit(values, "fixed")
            self.assertEqual(plan.quantizers, fitted.quantizers)
            sizes = [len(Codec(each).encode(values, 0).data) for each in (plan, fitted)]
            self.assertLess(sizes[1], 0.75 * sizes[0])

    def test_replicas_and_threads_agree_to_the_last_bit(self):
        values = np.random.default_rng(15).standard_normal((3, 30_000)).astype(np.float32)
        for quantizer in [Exact(), *LEVELS.values(), *DITHERED.values(), Rotated(4)]:
            plan = plan_of(quantizer, 30_000)
            frames = [Codec(plan, rank).encode(values[rank], 9).data for rank in range(3)]
            self.assertEqual(frames[1], Codec(plan, 1, threads=4).encode(values[1], 9).data)
            sums = []
            for threads in (1, 3):
                total = np.zeros(30_000, dtype=np.float32)
                with Codec(plan, threads, threads=threads) as codec:
                    for rank, frame in enumerate(frames):
                        codec.accumulate(frame, 9, rank, total)
                sums.append(total.tobytes())
            self.assertEqual(sums[0], sums[1])

    def test_special_values(self):
        values = VECTOR.copy()
        values[7], values[300] = np.nan, -np.inf
        for quantizer in (LEVELS | DITHERED).values():
            frame = Codec(plan_of(quantizer)).encode(values, 0)
            decoded = Codec(plan_of(quantizer)).decode(frame, 0, 0)
            self.assertGreater(frame.exact_buckets, 0)
            self.assertTrue(np.isnan(decoded[7]))
            self.assertEqual(decoded[300], -np.inf)
            zeros = Codec(plan_of(quantizer)).encode(np.zeros(COUNT), 0)
            self.assertEqual(zeros.squared_error, 0)
            self.assertFalse(Codec(plan_of(quantizer)).decode(zeros, 0, 0).any())


if __name__ == "__main__":
    unittest.main()
