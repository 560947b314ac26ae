#!/usr/bin/env bash
# Builds the wheel of the Python package and holds it to its tests as its users have it: installed, and without Swift.
# usage: scripts/test-python.sh
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
without_swift=/usr/bin:/bin

python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip wheel --no-deps --wheel-dir "$folder" ./python
wheel=$(echo "$folder"/lamina-*-py3-none-*.whl)
PATH=$without_swift pip install "$wheel" mypy==2.4.1 setuptools==80.9.0

refused() { # SENTENCE VARIABLE=VALUE...: the build ends with the sentence
  local sentence=$1 output
  shift
  if output=$(cd python && env "$@" "$folder/venv/bin/python" setup.py -q build_py --build-lib "$folder/refused" 2>&1) ||
    [[ $output != *"$sentence"* ]]; then
    printf 'error: the build was not refused by "%s":\n%s\n' "$sentence" "$output" >&2
    exit 1
  fi
}
mkdir "$folder/old"
printf '#!/bin/sh\necho Swift version 6.2.1\n' >"$folder/old/swift"
chmod +x "$folder/old/swift"
refused "there is no 'swift' on PATH" PATH="$without_swift"
refused "or later to build; this is 'Swift version 6.2.1'" PATH="$folder/old:$without_swift"
refused "'/nowhere' is no such file" LAMINA_LIBRARY=/nowhere
refused "is no liblamina" LAMINA_LIBRARY="$wheel"

"$folder/venv/bin/mypy" --config-file python/pyproject.toml python/lamina/*.py
cd "$folder"
env -i PATH="$without_swift" "$folder/venv/bin/python" -m unittest discover --start-directory "$OLDPWD/python/tests"
