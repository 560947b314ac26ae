#!/usr/bin/env bash
# Compares the NEON kernels with the portable ones: natively on ARM, else under user-mode emulation, for which it installs
# what is missing on Debian and Ubuntu. Where that is not to be had it says so and succeeds.
set -euo pipefail
cd "$(dirname "$0")/.."

sources=(Sources/CLaminaKernels/*.c Tests/KernelTiers/main.c)
options=(-O2 -Wall -Wextra -Werror -ISources/CLaminaKernels/include)
program=.build-neon/KernelTiers
trials=${1:-10}

skip() {
  echo "NEON tests skipped: $*"
  exit 0
}

# The C compiler of the Swift toolchain is the one that builds the package.
compiler=$(command -v clang) || compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
[[ -x $compiler ]] || skip "no clang on PATH or beside swift"
mkdir -p "$(dirname "$program")"

if [[ $(uname -m) == aarch64 || $(uname -m) == arm64 ]]; then
  "$compiler" "${options[@]}" "${sources[@]}" -lm -o "$program"
  exec "$program" "$trials"
fi

packages=(libc6-dev-arm64-cross libgcc-12-dev-arm64-cross qemu-user)
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  skip "no apt-get here to install ${packages[*]}"
fi
missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
if ((${#missing[@]} > 0)); then
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || skip "missing packages: ${missing[*]}, and neither root nor sudo to install them"
    as_root=(sudo)
  fi
  echo "test-neon: installing ${missing[*]}"
  apt_options=(-o DPkg::Lock::Timeout=600 -qq)
  { "${as_root[@]}" apt-get "${apt_options[@]}" update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get "${apt_options[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null; } ||
    skip "could not install ${missing[*]}"
fi

root=/usr/aarch64-linux-gnu
"$compiler" --target=aarch64-linux-gnu "${options[@]}" -isystem "$root/include" "${sources[@]}" -fuse-ld=lld -static \
  -B"$root/lib" -L"$root/lib" -L/usr/lib/gcc-cross/aarch64-linux-gnu/12 -lm -o "$program"
timeout 600 qemu-aarch64 "$program" "$trials"
