#!/usr/bin/env bash
# Runs the laws of collectives on 1, 2 and 4 processes over MPI: Open MPI, or MPICH where LAMINA_MPI=mpich.
# Where that is not installed it says so and succeeds, since the core does without.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${LAMINA_MPI-} == mpich ]]; then
  module=mpich build=.build-mpich package="libmpich-dev and mpich"
  launchers=(mpiexec.hydra mpiexec.mpich)
  options=()
else
  module=ompi-c build=.build-mpi package="libopenmpi-dev and openmpi-bin"
  launchers=(mpirun.openmpi mpirun)
  options=(--oversubscribe)
  ((EUID != 0)) || options+=(--allow-run-as-root)
fi

skip() {
  echo "MPI tests skipped: $*; on Debian and Ubuntu install $package"
  exit 0
}

command -v pkg-config >/dev/null || skip "no pkg-config on PATH"
pkg-config --exists "$module" || skip "pkg-config does not find $module"
launcher=$(command -v "${launchers[@]}" | head -n 1) || true
[[ -n $launcher ]] || skip "no ${launchers[0]} on PATH"

swift build -c release --traits MPI --scratch-path "$build" --product MPILaws
for workers in 1 2 4; do
  # A deadlock is a failure too; the laws take about a second.
  timeout 120 "$launcher" "${options[@]}" -n "$workers" "$build/release/MPILaws" "$workers"
  echo "MPI tests: all laws hold on $workers worker(s) over $module"
done
