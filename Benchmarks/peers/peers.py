"""Times codecs of other projects, and Lamina, on one vector in one run.

Every peer codes the same 2^24 Gaussian binary32 coordinates with one thread. Peers take turns, the least time of each
counts, and every speed is a ratio to a memcpy of the same coordinates in the same run (NumPy's for the peers, the C
library's for Lamina): 1 is as fast as copying. Bits are all bytes that a receiver needs; the error is the squared norm
of the difference over that of the vector. A peer that is not installed, or fails, is a line that says so.
"""

import argparse
import json
import subprocess
import time
from collections import namedtuple

import numpy as np

Peer = namedtuple("Peer", "name encode decode size")
Row = namedtuple("Row", "name encode decode bits error note")


def torch_peers(x):
    import torch

    torch.set_num_threads(1)
    t = torch.from_numpy(x)
    scale = float(t.abs().max()) / 127

    def cast(dtype):
        return Peer(
            f"torch {torch.__version__} cast to {str(dtype).split('.')[-1]}",
            lambda: t.to(dtype), lambda q: q.to(torch.float32).numpy(), lambda q: q.numel() * q.element_size())

    yield cast(torch.bfloat16)
    yield cast(torch.float16)
    yield Peer(
        f"torch {torch.__version__} quantize_per_tensor int8",
        lambda: torch.quantize_per_tensor(t, scale, 0, torch.qint8), lambda q: q.dequantize().numpy(),
        lambda q: q.numel() + 8)


def bitsandbytes_peers(x):
    import bitsandbytes as bnb
    import torch
    from bitsandbytes import functional

    torch.set_num_threads(1)
    t = torch.from_numpy(x)
    for block in (1024, 4096):
        yield Peer(
            f"bitsandbytes {bnb.__version__} 8 bits, block {block}",
            lambda block=block: functional.quantize_blockwise(t, blocksize=block, nested=False),
            lambda q: functional.dequantize_blockwise(*q).numpy(), lambda q: q[0].numel() + 4 * q[1].absmax.numel())
    yield Peer(
        f"bitsandbytes {bnb.__version__} nf4, block 64",
        lambda: functional.quantize_4bit(t, blocksize=64, quant_type="nf4"),
        lambda q: functional.dequantize_4bit(*q).numpy().reshape(-1), lambda q: q[0].numel() + 4 * q[1].absmax.numel())


def hivemind_peers(x):
    import hivemind
    import torch
    from hivemind import compression
    from hivemind.compression import CompressionInfo

    torch.set_num_threads(1)
    t = torch.from_numpy(x)
    info = CompressionInfo.from_tensor(t)
    for name in ("Uniform8BitQuantization", "Quantile8BitQuantization", "BlockwiseQuantization", "Float16Compression"):
        codec = getattr(compression, name)()
        yield Peer(
            f"hivemind {hivemind.__version__} {name}", lambda codec=codec: codec.compress(t, info),
            lambda q, codec=codec: codec.extract(q).numpy(), lambda q: len(q.buffer))


def sz3_peers(x):
    from importlib.metadata import version

    from pysz import sz, szConfig, szErrorBoundMode

    def peer(bound):
        config = szConfig()
        config.errorBoundMode = szErrorBoundMode.ABS
        config.absErrorBound = bound
        return Peer(
            f"SZ3 (pysz {version('pysz')}), error at most {bound}", lambda: sz.compress(x, config)[0],
            lambda q: sz.decompress(q, np.float32, x.shape)[0], len)

    # Half the steps of Lamina at 3, 4 and 5 bits, so that the errors are alike.
    for bound in (0.258, 0.129, 0.0646):
        yield peer(bound)


def zfp_peers(x):
    from importlib.metadata import version

    import zfpy

    for rate in (4, 5, 8):
        yield Peer(
            f"zfp (zfpy {version('zfpy')}), rate {rate}", lambda rate=rate: zfpy.compress_numpy(x, rate=rate),
            lambda q: zfpy.decompress_numpy(q), len)


def symbols(x):
    """The numbers of cells that hold 4 bits of entropy, one byte each, and the width of a cell."""
    width = np.float32(4.1327 / 16)
    return np.clip(np.rint(x / width) + 16, 0, 31).astype(np.uint8), width


def zstandard_peers(x):
    import zstandard

    numbers, width = symbols(x)
    raw = numbers.tobytes()
    compressor, decompressor = zstandard.ZstdCompressor(level=1), zstandard.ZstdDecompressor()
    yield Peer(
        f"zstd (zstandard {zstandard.__version__}) -1, coder of 4-bit symbols alone",
        lambda: compressor.compress(raw), lambda q: np.frombuffer(decompressor.decompress(q), np.uint8), len)


def constriction_peers(x):
    from importlib.metadata import version

    import constriction

    numbers, width = symbols(x)
    words = numbers.astype(np.int32)
    shares = np.bincount(numbers, minlength=32).astype(np.float64) + 1
    model = constriction.stream.model.Categorical(shares / shares.sum(), perfect=False)

    def encode():
        coder = constriction.stream.stack.AnsCoder()
        coder.encode_reverse(words, model)
        return coder.get_compressed()

    yield Peer(
        f"constriction {version('constriction')} ANS, coder of 4-bit symbols alone", encode,
        lambda q: constriction.stream.stack.AnsCoder(q).decode(model, len(words)), lambda q: 4 * len(q))


FAMILIES = [
    ("torch", torch_peers), ("bitsandbytes", bitsandbytes_peers), ("hivemind", hivemind_peers), ("SZ3", sz3_peers),
    ("zfp", zfp_peers), ("zstandard", zstandard_peers), ("constriction", constriction_peers),
]


def seconds(action):
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def measured(x, peers, repetitions):
    """The least times of everybody and of memcpy, all in turn."""
    target = np.zeros_like(x)
    copy = float("inf")
    times = {peer.name: [float("inf"), float("inf")] for peer in peers}
    results, failures = {}, {}
    for _ in range(repetitions):
        for _ in range(3):
            copy = min(copy, seconds(lambda: np.copyto(target, x))[0])
        for peer in peers:
            if peer.name in failures:
                continue
            try:
                spent, coded = seconds(peer.encode)
                times[peer.name][0] = min(times[peer.name][0], spent)
                spent, decoded = seconds(lambda: peer.decode(coded))
                times[peer.name][1] = min(times[peer.name][1], spent)
                results[peer.name] = (peer.size(coded), decoded)
            except Exception as error:  # A peer that fails is a result.
                failures[peer.name] = f"failed: {type(error).__name__}: {error}".splitlines()[0]
    return copy, times, results, failures


def peer_rows(x, repetitions):
    peers, missing = [], []
    for name, family in FAMILIES:
        try:
            peers += list(family(x))
        except Exception as error:  # So is one that does not even load.
            missing.append(Row(name, None, None, None, None, f"not available: {type(error).__name__}: {error}"))
    copy, times, results, failures = measured(x, peers, repetitions)
    norm = float(np.dot(x.astype(np.float64), x))
    rows = []
    for peer in peers:
        if peer.name in failures:
            rows.append(Row(peer.name, None, None, None, None, failures[peer.name]))
            continue
        size, decoded = results[peer.name]
        error = None
        if decoded.dtype == np.float32:
            error = float(np.sum((decoded.astype(np.float64) - x) ** 2)) / norm
        encode, decode = times[peer.name]
        rows.append(Row(peer.name, copy / encode, copy / decode, 8 * size / x.size, error, ""))
    return copy, rows + missing


def lamina_rows(lamina, size, repetitions):
    command = [lamina, "bench", "speed", "--json", "--threads", "1", "--size", str(size)]
    output = subprocess.run(
        command + ["--repetitions", str(max(12, repetitions))], check=True, capture_output=True, text=True).stdout
    report = json.loads(output)
    copy = next(r["seconds"] for r in report["results"] if r["name"]["operation"] == "memcpy")
    tier = report["machine"]["tier"]
    found = {}
    for result in report["results"]:
        name = result["name"]
        if name["group"] in ("packed", "dithered") and name.get("tier") == tier:
            variant = name["variant"]
            key = (name["group"], name["bits"], variant.split(", ")[-1])
            entry = found.setdefault(key, {})
            kind = variant.split(", ")[0] if ", " in variant else ""
            entry[(name["operation"], kind)] = result
    rows = []
    for (group, bits, variant), entry in sorted(found.items()):
        decode = entry[("accumulate", "")]
        for kind in ("", "uniform", "optimal"):
            encode = entry.get(("encode", kind))
            if encode is not None:
                label = f"Lamina {group} {bits} bits, {kind + ', ' if kind else ''}{variant}"
                quality = encode["quality"]
                rows.append(Row(
                    label, copy / encode["seconds"], copy / decode["seconds"], quality["bitsPerCoordinate"],
                    quality["normalizedError"], "unbiased; decodes into a sum"))
    return report["machine"], copy, rows


def shown(value, pattern):
    return "-" if value is None else format(value, pattern)


def table(rows):
    titles = ("encode x", "decode x", "bits", "error", "codec", "")
    cells = [titles] + [
        (shown(r.encode, ".3f"), shown(r.decode, ".3f"), shown(r.bits, ".3f"), shown(r.error, ".3e"), r.name, r.note)
        for r in rows
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(len(titles))]
    lines = []
    for row in cells:
        parts = [cell.rjust(width) if column < 4 else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lamina", required=True, help="the command lamina")
    parser.add_argument("--size", type=int, default=1 << 24, help="coordinates (default: 2^24, 64 MiB)")
    parser.add_argument("--repetitions", type=int, default=5, help="runs of each peer (default: 5)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()

    x = np.random.default_rng(20).standard_normal(arguments.size, dtype=np.float32)
    copy, peers = peer_rows(x, arguments.repetitions)
    machine, own_copy, own = lamina_rows(arguments.lamina, arguments.size, arguments.repetitions)
    if arguments.json:
        print(json.dumps({
            "machine": machine, "size": arguments.size, "memcpySeconds": {"peers": copy, "lamina": own_copy},
            "rows": [row._asdict() for row in own + peers]}))
        return
    print(f"{machine['processor']}, {machine['system']}, load {machine.get('load')}")
    print(f"{arguments.size} Gaussian coordinates, one thread; memcpy {1e3 * copy:.2f} ms in NumPy, "
          f"{1e3 * own_copy:.2f} ms beside Lamina")
    print(table(own + peers))


if __name__ == "__main__":
    main()
