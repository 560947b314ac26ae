#!/usr/bin/env bash
# Installs what Lamina's networks, images, demo and tests over MPI need on Debian and Ubuntu, and only what is missing.
# Swift itself is not installed: see https://www.swift.org/install.
set -euo pipefail

packages=(
  fonts-noto-color-emoji  # the pictures of the demo's data set
  libmpich-dev            # both implementations of MPI live side by side; their launchers have names of their own
  libopenblas-dev         # without it LibTorch runs on the reference BLAS, five times slower
  libopenmpi-dev
  libpng-dev
  libtorch-dev
  mpich
  openmpi-bin
  pkg-config
  python3
  python3-venv            # the tests of the Python package install its wheel in an environment of their own
  zlib1g-dev
)

fail() {
  echo "install-dependencies: $*" >&2
  exit 1
}

command -v swift >/dev/null || fail "no 'swift' on PATH; install Swift 6.2 or later from https://www.swift.org/install"

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "install-dependencies: no apt-get here; please see to it that these are installed: ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    fail "missing packages: ${missing[*]}. Run this script as root, or install sudo, or install them by hand."
  as_root=(sudo)
fi

echo "install-dependencies: installing ${missing[*]}"
apt_options=(-o DPkg::Lock::Timeout=600 -qq)
"${as_root[@]}" apt-get "${apt_options[@]}" update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get "${apt_options[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null
