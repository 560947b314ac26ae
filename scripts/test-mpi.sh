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

quietly() { "$@" >"$scratch/out" 2>&1 || fail "$*: $(cat "$scratch/out")"; }

# A run on 3 processes, stopped on the way and gone on with, leaves what one on 3 threads leaves.
training_runs() {
  local run=("$build/release/lamina" train wgan) status=0
  mkdir "$scratch/images"
  python3 - "$scratch/images/data_batch_1.bin" <<'EOF'
import random, sys
random.seed(1)
open(sys.argv[1], "wb").write(b"".join(bytes([i % 10]) + random.randbytes(3072) for i in range(300)))
EOF
  local settings=(--data "$scratch/images" --width 2 --batch 2 --evaluate-every 20 --checkpoint-every 20)
  quietly "${run[@]}" "${settings[@]}" --workers 3 --steps 40 --out "$scratch/in-threads"
  quietly launch 3 120 "${run[@]}" "${settings[@]}" --transport mpi --steps 20 --out "$scratch/in-processes"
  quietly launch 3 120 "${run[@]}" --resume "$scratch/in-processes" --transport mpi --steps 40
  cmp "$scratch/in-threads/checkpoint.safetensors" "$scratch/in-processes/checkpoint.safetensors" ||
    fail "train wgan --resume: not the parameters of threads"
  quietly launch 3 120 "${run[@]}" "${settings[@]}" --transport mpi --steps 40 --out "$scratch/whole"
  cmp "$scratch/in-threads/records.jsonl" "$scratch/whole/records.jsonl" ||
    fail "train wgan: not the records of threads"
  launch 3 60 "${run[@]}" "${settings[@]}" --transport mpi --out "$scratch/whole" >"$scratch/out" 2>&1 || status=$?
  ((status == 1)) || fail "train wgan into a folder that holds a run: exit status $status"
  (($(grep -c "^lamina: rank [012]: .*already holds a run" "$scratch/out") == 3)) || fail "$(cat "$scratch/out")"
  echo "MPI tests over $module: lamina train wgan leaves on 3 processes the files that it leaves in threads"
}

# A run one of whose processes is killed ends in time, and goes on from its last checkpoint: to the parameters of a run
# that nothing stopped, and on another number of workers, too.
killed_training_runs() {
  local run=("$build/release/lamina" train wgan) status=0 group victim waited
  local settings=(--data "$scratch/images" --width 2 --batch 2 --evaluate-every 300 --checkpoint-every 20)
  quietly "${run[@]}" "${settings[@]}" --workers 3 --steps 300 --out "$scratch/unstopped"
  launch 3 120 "${run[@]}" "${settings[@]}" --transport mpi --steps 300 --out "$scratch/killed" >"$scratch/out" 2>&1 &
  group=$!
  for ((waited = 0; waited < 600; waited++)); do
    [[ -e $scratch/killed/checkpoint.safetensors ]] && break
    sleep 0.05
  done
  victim=$(pgrep -f "^$build/release/lamina .*--out $scratch/killed" | tail -n 1)
  kill -KILL "$victim"
  SECONDS=0
  wait "$group" || status=$?
  ((status != 0 && status != 124 && SECONDS <= 10)) || fail "train wgan, one killed: exit status $status, $SECONDS s"
  cp -r "$scratch/killed" "$scratch/fewer"
  quietly launch 3 120 "${run[@]}" --resume "$scratch/killed" --transport mpi
  cmp "$scratch/unstopped/checkpoint.safetensors" "$scratch/killed/checkpoint.safetensors" ||
    fail "train wgan, killed and resumed: not the parameters of a run that went through"
  quietly launch 2 120 "${run[@]}" --resume "$scratch/fewer" --workers 2 --transport mpi
  echo "MPI tests over $module: a run whose process is killed goes on from its checkpoint, on 3 and on 2 processes"
}

command_is_tested=false
for implementation in openmpi mpich; do
  choose "$implementation" || continue
  traits=MPI
  if ! $command_is_tested && [[ -e /usr/include/ATen/ATen.h ]]; then traits=Torch,MPI; fi
  swift build -c release --traits "$traits" --scratch-path "$build" --product MPILaws
  laws
  losses
  if $command_is_tested; then continue; fi
  # The command is the same whatever carries its messages: one implementation is enough.
  swift build -c release --traits "$traits" --scratch-path "$build" --product lamina
  command_runs
  if [[ $traits == Torch,MPI ]]; then
    training_runs
    killed_training_runs
  fi
  command_is_tested=true
done
