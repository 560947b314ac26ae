#!/usr/bin/env bash
# Builds liblamina, which needs no Swift on the machine that it runs on, and puts it and its header into a folder.
# usage: scripts/build-library.sh FOLDER
set -euo pipefail
folder=$(realpath -m "${1:?usage: scripts/build-library.sh FOLDER}")
cd "$(dirname "$0")/.."

version=1
build=.build-library
exports=$(mktemp)
trap 'rm -f "$exports"' EXIT
echo '{ global: lamina_*; local: *; };' >"$exports"

swift build -c release --scratch-path "$build" --product LaminaABI -Xswiftc -static-stdlib \
  -Xlinker --version-script="$exports" -Xlinker -soname="liblamina.so.$version" -Xlinker --gc-sections
if [[ $(nm -D "$build/release/libLaminaABI.so") != *" T lamina_abi_version"* ]]; then
  echo "error: liblamina needs Swift 6.3 or later to build; this is $(swift --version 2>&1 | head -n 1)" >&2
  exit 1
fi
mkdir -p "$folder/lib" "$folder/include"
install -m 755 "$build/release/libLaminaABI.so" "$folder/lib/liblamina.so.$version"
strip --strip-unneeded "$folder/lib/liblamina.so.$version"
ln -sf "liblamina.so.$version" "$folder/lib/liblamina.so"
install -m 644 Sources/CLamina/include/lamina.h "$folder/include/lamina.h"
