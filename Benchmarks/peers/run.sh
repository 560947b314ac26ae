#!/usr/bin/env bash
# Measures other codecs and `lamina bench speed` in one run: Benchmarks/peers/run.sh PATH-OF-LAMINA [ARGUMENT...]
# Arguments go to peers.py. The virtual environment is .build-peers; a peer that does not install is reported as missing.
set -euo pipefail
cd "$(dirname "$0")"
lamina=$(cd ../.. && realpath "${1:?usage: run.sh PATH-OF-LAMINA [ARGUMENT...]}")
shift
environment=../../.build-peers
python=$environment/bin/python

[[ -x $python ]] || python3 -m venv "$environment"
# One at a time, so that one that fails leaves the others; bitsandbytes and hivemind would pull in what they do not need.
while read -r requirement; do
  options=()
  case $requirement in
    bitsandbytes==* | hivemind==*) options=(--no-deps) ;;
  esac
  "$python" -m pip install --quiet --disable-pip-version-check "${options[@]}" "$requirement" ||
    echo "$requirement does not install" >&2
done <requirements.txt
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement hivemind-requirements.txt ||
  echo "the dependencies of hivemind do not install" >&2
"$python" -m pip install --quiet --disable-pip-version-check six cffi netaddr base58 py-cid typing_extensions \
  'pydantic==2.14.3' 'multiaddr==0.2.0' || echo "the dependencies of multiaddr do not install" >&2

# One thread for everybody, whatever library does the work.
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec "$python" peers.py --lamina "$lamina" "$@"
