"""What compression does to the loss and accuracy of Examples/PyTorch/train_ddp.py, over several seeds.

usage: python Benchmarks/ddp/accuracy.py RESULTS.jsonl [--task text|images] [--seeds 1 2 3] [--steps N] [--workers K]
       python Benchmarks/ddp/accuracy.py RESULTS.jsonl --report      prints the table of what is there

Needs the data of Examples/PyTorch/prepare_data.py. Every run starts from the parameters of its seed and sees the
examples of its seed, whatever compresses its gradients. Results are appended; of several runs with the same settings
the last counts.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
from schemes import LAMINA_MISSING  # noqa: E402

SCHEMES = {
    "plain DDP": ["--compression", "none"],
    "PowerSGD, rank 2": ["--compression", "powersgd", "--rank", "2"],
    "Lamina, 4 bits": ["--compression", "lamina", "--bits", "4"],
    "Lamina, dithered 3 bits": ["--compression", "lamina", "--bits", "3", "--quantizer", "dithered"],
}


def train(arguments: argparse.Namespace, flags: list, seed: int) -> None:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node",
                str(arguments.workers)]
    script = [str(ROOT / "Examples" / "PyTorch" / "train_ddp.py"), "--task", arguments.task, "--seed", str(seed),
              "--steps", str(arguments.steps), "--evaluate-every", str(arguments.steps),
              "--out", str(arguments.results)]
    path = os.pathsep.join(filter(None, [str(ROOT / "python"), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path}
    subprocess.run([*launcher, *script, *flags], check=True, env=environment)


def title_of(row: dict) -> str:
    """The scheme of a result of train_ddp.py."""
    if row["compression"] == "lamina":
        return f"Lamina, {'dithered ' if row['quantizer'] == 'dithered' else ''}{row['bits']} bits"
    return {"none": "plain DDP", "fp16": "fp16 hook"}.get(row["compression"], f"PowerSGD, rank {row['rank']}")


def spread(values: list) -> str:
    """Mean ± sample deviation."""
    if len(values) < 2:
        return f"{values[0]:.4g}"
    return f"{statistics.mean(values):.4g} ± {statistics.stdev(values):.2g}"


def report(file: Path) -> str:
    """A table for each task, number of workers and number of steps in the file."""
    groups: dict = {}
    for line in file.read_text().splitlines():
        row = json.loads(line)
        setting = (row["task"], row["workers"], row["step"])
        groups.setdefault(setting, {}).setdefault(title_of(row), {})[row["seed"]] = row
    lines = []
    for (task, workers, steps), schemes in sorted(groups.items()):
        lines += [f"{task}, {workers} workers, {steps} steps, mean ± deviation over seeds:", "",
                  "| exchange | seeds | loss | accuracy, % | sent a step |", "|---|---|---|---|---|"]
        for title, rows in schemes.items():
            columns = [[row[name] * factor for row in rows.values()]
                       for name, factor in (("loss", 1), ("accuracy", 100), ("bytes_per_step", 1e-6))]
            loss, accuracy, sent = (spread(column) for column in columns)
            lines.append(f"| {title} | {len(rows)} | {loss} | {accuracy} | {sent.split(' ')[0]} MB |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--report", action="store_true", help="print the table of what is there, and train nothing")
    parser.add_argument("--task", choices=["text", "images"], default="text")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    arguments.results = arguments.results.resolve()
    if not arguments.report:
        for title, flags in SCHEMES.items():
            if "lamina" in flags and LAMINA_MISSING is not None:
                print(f"skipped {title}: lamina.torch cannot be imported ({LAMINA_MISSING})", file=sys.stderr)
                continue
            for seed in arguments.seeds:
                print(f"== {title}, seed {seed}", file=sys.stderr)
                train(arguments, flags, seed)
    if not arguments.results.exists():
        sys.exit(f"There are no results in '{arguments.results}'.")
    print(report(arguments.results))


if __name__ == "__main__":
    main()
