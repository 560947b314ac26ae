#!/usr/bin/env bash
# Builds liblamina and uses it as its users do, without Swift: from C, and from Python's ctypes on golden frames.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
scripts/build-library.sh "$folder"
compile() { # LANGUAGE OUTPUT SOURCE FLAGS...
  local compiler=$1 output=$2 source=$3
  shift 3
  "$compiler" -O1 -Wall -Wextra -Werror "$@" -I"$folder/include" "$source" -o "$output" -L"$folder/lib" \
    -Wl,-rpath,"$folder/lib" -llamina -lm
}
compile "${CC:-clang}" "$folder/two_workers" Examples/C/two_workers.c -std=c11
env -i "$folder/two_workers"
# The frame that Swift made of the same numbers.
compile "${CC:-clang}" "$folder/uniform_file" Tests/CInterface/uniform_file.c -std=c11
env -i "$folder/uniform_file" python/tests/golden/layers.f32 | cmp - python/tests/golden/uniform.lamina
echo '#include <lamina.h>' >"$folder/header.cpp"
"${CXX:-clang++}" -std=c++17 -Wall -Wextra -Werror -fsyntax-only -I"$folder/include" "$folder/header.cpp"
env -i PATH=/usr/bin:/bin LAMINA_LIBRARY="$folder/lib/liblamina.so.1" python3 Tests/CInterface/interface_laws.py
