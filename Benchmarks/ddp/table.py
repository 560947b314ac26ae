"""The table of what run.sh measured, in Markdown, and a drawing of it.

usage: python Benchmarks/ddp/table.py RESULTS.jsonl [--plot PLOT.svg]

Of several lines for the same scheme, workers and link the last counts. A gain is over plain DDP in the same run.
"""

import argparse
import json
import sys
from pathlib import Path

import schemes


def read(file: Path) -> dict:
    """Rows by (workers, link in Mbit/s) and scheme."""
    groups: dict = {}
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            row = json.loads(line)
            groups.setdefault((row["workers"], row["link_mbit"]), {})[row["scheme"]] = row
        except (ValueError, KeyError) as error:
            sys.exit(f"'{file}', line {number}, is no result of steps.py: {error!r}.")
    return dict(sorted(groups.items()))


def gain(group: dict, name: str) -> float:
    return group["plain"]["step_seconds"] / group[name]["step_seconds"]


def link_name(mbit: float) -> str:
    return f"{mbit / 1000:g} Gbit/s"


def markdown(groups: dict) -> str:
    lines = ["| workers | link | exchange | step | gain | sent a step |", "|---|---|---|---|---|---|"]
    for (workers, link), group in groups.items():
        for name, scheme in schemes.SCHEMES.items():
            if name not in group:
                continue
            row = group[name]
            ratio = f"{gain(group, name):.2f}×" if "plain" in group else ""
            lines.append(
                f"| {workers} | {link_name(link)} | {scheme.title} | {1000 * row['step_seconds']:.0f} ms | {ratio} "
                f"| {row['sent_bytes'] / 1e6:.2f} MB |")
    rows = [row for group in groups.values() for row in group.values()]
    lines.append("")
    for workers in sorted({row["workers"] for row in rows}):
        alone = [row["alone_seconds"] for row in rows if row["workers"] == workers]
        span = f"{1000 * min(alone):.0f} to {1000 * max(alone):.0f} ms"
        lines.append(f"{workers} workers: {span} a step without an exchange.")
    return "\n".join(lines)


def plot(groups: dict, file: Path) -> None:
    import matplotlib
    matplotlib.use("agg")
    from matplotlib import pyplot, ticker

    counts = sorted({workers for workers, _ in groups})
    figure, axes = pyplot.subplots(1, len(counts), figsize=(5.2 * len(counts), 4), sharey=True, squeeze=False)
    for axis, count in zip(axes[0], counts):
        for name, scheme in schemes.SCHEMES.items():
            points = [(link / 1000, gain(group, name)) for (workers, link), group in groups.items()
                      if workers == count and name in group and "plain" in group]
            if points:
                axis.plot(*zip(*points), marker="o", label=scheme.title, linestyle="--" if name == "plain" else "-")
        axis.set(xscale="log", yscale="log", xlabel="link, Gbit/s", title=f"{count} workers")
        for scale in (axis.xaxis, axis.yaxis):
            scale.set_major_formatter(ticker.FormatStrFormatter("%g"))
            scale.set_minor_formatter(ticker.NullFormatter())
        axis.grid(True, which="both", alpha=0.3)
    axes[0][0].set_ylabel("times as fast as plain DDP")
    axes[0][-1].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--plot", type=Path, help="a file .svg or .png to draw to; needs matplotlib")
    arguments = parser.parse_args()
    found = read(arguments.results)
    print(markdown(found))
    if arguments.plot:
        plot(found, arguments.plot)
