#!/usr/bin/env bash
# Holds workers that are processes to the laws of those that are threads, over Open MPI and over MPICH, loses one of
# them in every way, and compares what the command computes over both.
# Where an implementation is not installed it says so and goes on, since the core does without.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "error: MPI tests over $module: $*" >&2
  exit 1
}

# Sets what is needed to build for an implementation and to start processes; fails where it is not installed.
choose() { # openmpi|mpich
  local launchers
  if [[ $1 == mpich ]]; then
    export LAMINA_MPI=mpich
    module=mpich build=.build-mpich package="libmpich-dev and mpich"
    launchers=(mpiexec.hydra mpiexec.mpich)
    options=()
  else
    unset LAMINA_MPI
    module=ompi-c build=.build-mpi package="libopenmpi-dev and openmpi-bin"
    launchers=(mpirun.openmpi mpirun)
    options=(--oversubscribe)
    ((EUID != 0)) || options+=(--allow-run-as-root)
  fi
  launcher=$({ command -v "${launchers[@]}" || true; } | head -n 1)
  if ! pkg-config --exists "$module" 2>/dev/null || [[ -z $launcher ]]; then
    echo "MPI tests skipped for $module: on Debian and Ubuntu install $package"
    return 1
  fi
}

launch() { # WORKERS SECONDS COMMAND...; a deadlock is a failure too
  local workers=$1 seconds=$2
  shift 2
  timeout --kill-after=5 "$seconds" "$launcher" "${options[@]}" -n "$workers" "$@"
}

laws() {
  local workers
  for workers in 1 2 3 4 8; do
    launch "$workers" 120 "$build/release/MPILaws" "$workers" || fail "laws broken on $workers worker(s)"
  done
  echo "MPI tests over $module: all laws hold on 1, 2, 3, 4 and 8 workers"
}

# One worker of three is lost: all end in time, with a failure, and the lines of the others name it.
loses() { # SCENARIO SECONDS RANKS LINE
  local status=0 rank
  launch 3 "$2" "$build/release/MPILaws" 3 "$1" >"$scratch/out" 2>&1 || status=$?
  ((status != 0 && status != 124 && status != 137)) || fail "$1: exit status $status"
  for rank in $3; do
    grep -qx "rank $rank: $4" "$scratch/out" || fail "$1: rank $rank does not say '$4': $(cat "$scratch/out")"
  done
}

losses() {
  loses thrown 10 "0 2" "Worker 1 is lost: the disk is full."
  loses early 10 "0 2" "Worker 1 failed or ended while others waited for it."
  loses silent 8 "0 2" "Worker 1 is lost: no sign of life for 2 s."
  loses unnoticed 10 "0 2" "Worker 1 is lost: no sign of life for 2 s."
  loses unheard 10 "0 2" "Worker 1 is lost: the disk is full."
  loses idle 8 "0 2" "Worker 1 is lost: it lives, but has not called for 1 s."
  loses version 10 "0 2" "Worker 1 cannot take part: it speaks version 2 of Lamina's protocol over MPI, rank [02] 1."
  if launch 3 15 "$build/release/MPILaws" 3 killed >"$scratch/out" 2>&1; then fail "killed: success"; fi
  launch 3 30 "$build/release/MPILaws" 3 slow || fail "slow: a worker that computes is taken for lost"
  echo "MPI tests over $module: a lost worker ends all, and is named"
}

equals() { # WORKERS ARGUMENT...: the command computes the same over MPI as in threads
  local workers=$1
  shift
  "$build/release/lamina" solve "$@" --workers "$workers" --json >"$scratch/threads"
  launch "$workers" 120 "$build/release/lamina" solve "$@" --transport mpi --json >"$scratch/processes"
  cmp "$scratch/threads" "$scratch/processes" || fail "$workers workers: $*: not the result of threads"
}

command_runs() {
  equals 2 bilinear --steps 300 --quantizer alq:6 --noise relative:0.5
  equals 4 bilinear --dimension 50 --steps 200 --quantizer dithered:3 --trajectory
  equals 8 bilinear --steps 50 --quantizer uniform:17
  equals 12 bilinear --dimension 2 --steps 30 --quantizer uniform:17
  local status=0
  launch 3 20 "$build/release/lamina" solve bilinear --workers 2 --transport mpi >"$scratch/out" 2>&1 || status=$?
  ((status == 64)) || fail "--workers 2 on 3 processes: exit status $status"
  grep -q "^lamina: rank 0: --workers is 2, but 3 processes were started$" "$scratch/out" || fail "$(cat "$scratch/out")"
  launch 2 20 "$build/release/lamina" solve bilinear --json 2>"$scratch/err" >/dev/null
  (($(grep -c "^lamina: 2 processes were started, .*--transport mpi" "$scratch/err") == 1)) || fail "no warning"
  echo "MPI tests over $module: lamina solve computes on 2, 4, 8 and 12 processes what it computes in threads"
}

for implementation in openmpi mpich; do
  choose "$implementation" || continue
  swift build -c release --traits MPI --scratch-path "$build" --product MPILaws
  swift build -c release --traits MPI --scratch-path "$build" --product lamina
  laws
  losses
  command_runs
done
