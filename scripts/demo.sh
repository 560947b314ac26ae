#!/usr/bin/env bash
# Trains a Wasserstein GAN twice with four workers, at 5 bits and at full precision, and compares the two runs.
# usage: scripts/demo.sh [STEPS]
set -euo pipefail
cd "$(dirname "$0")/.."

steps=${1:-1000}
[[ $steps =~ ^[1-9][0-9]*$ ]] || { echo "demo: the number of steps is a positive integer, not '$steps'" >&2; exit 2; }

lamina=.build-torch/release/lamina
data=data/emoji

stage() { # NAME COMMAND...
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@"
  printf '== %s: %d s\n' "$name" "$((SECONDS - start))"
}

train() { # RUN PRECISION...
  local run=$1
  shift
  "$lamina" train wgan --data "$data" --workers 4 "$@" --steps "$steps" --out "runs/$run"
}

stage "Build" swift build -c release --product lamina --traits Torch --scratch-path .build-torch
if [[ ! -e $data ]]; then
  stage "Prepare the pictures" "$lamina" data prepare --out "$data"
fi
mkdir -p runs
rm -rf runs/demo-5bit runs/demo-fp32 runs/demo.html
stage "Train at 5 bits" train demo-5bit --bits 5
stage "Train at full precision" train demo-fp32 --full-precision
stage "Compare" "$lamina" compare runs/demo-5bit runs/demo-fp32 --html runs/demo.html

printf '\nThe demo took %d s. Open %s/runs/demo.html in a browser.\n' "$SECONDS" "$PWD"
