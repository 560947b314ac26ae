#!/usr/bin/env bash
# Stands in for ssh between the hosts of namespaces.sh: launch-in-host.sh [options] hostN COMMAND...
# LAMINA_HOSTS holds the prefix of their namespaces.
set -euo pipefail
while [[ $1 == -* ]]; do shift; done
host=$1
shift
exec ip netns exec "$LAMINA_HOSTS-${host#host}" unshare --uts bash -c "hostname $host; $*"
