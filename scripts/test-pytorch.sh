#!/usr/bin/env bash
# Holds the PyTorch package to its tests as its users have it: installed from the wheel into a new environment, without Swift,
# and trains with it under torchrun. Fetches PyTorch.
# usage: scripts/test-pytorch.sh
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PATH_WITHOUT_SWIFT=$folder/venv/bin:/usr/bin:/bin

python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip wheel --no-deps --wheel-dir "$folder" ./python
PATH=$PATH_WITHOUT_SWIFT pip install "$(echo "$folder"/lamina-*-py3-none-*.whl)" torch==2.13.0 mypy==2.4.1

alone() { env -i PATH="$PATH_WITHOUT_SWIFT" HOME="$folder" OMP_NUM_THREADS=1 "$@"; }
cd "$folder"
alone mypy --config-file "$root/python/pyproject.toml" --package lamina.torch
alone python -m unittest discover --start-directory "$root/python/tests/torch"

# Two workers train on the text of the documentation, stop half-way, and go on: the same parameters, bit for bit.
mkdir text
for page in "$root"/Documentation/*.md "$root"/README.md; do cp "$page" "text/$(basename "$page" .md).txt"; done
train() { # STEPS FLAGS...
  local steps=$1
  shift
  alone torchrun --standalone --nproc-per-node 2 "$root/Examples/PyTorch/train_ddp.py" --data text --batch 2 \
    --compression lamina --evaluate-every 20 --steps "$steps" "$@"
}
train 12 --save half
train 20 --resume half | tee resumed
train 20 | tee whole
[[ $(grep -o 'parameters [0-9a-f]*' whole) == $(grep -o 'parameters [0-9a-f]*' resumed) ]] || {
  echo "error: the resumed run ended with other parameters than the uninterrupted one" >&2
  exit 1
}
