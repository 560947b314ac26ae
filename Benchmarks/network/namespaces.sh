# shellcheck shell=bash
# Hosts of a shaped network on one machine: network namespaces joined by a bridge. To be sourced; needs root.
#
# make_network HOSTS MBIT   makes host 1 to HOSTS, each behind a link of MBIT Mbit/s in both directions
# in_host N COMMAND...      runs a command on host N, which has a host name of its own
# remove_network            removes all of it; also run at the end of the script, whatever happens
#
# Names carry the number of this process, so that two scripts do not meet.

prefix=lam$$
made=()

make_network() {
  local hosts=$1 rate=$2 burst=256kb i
  ((rate < 2500)) || burst=1mb
  ip netns add "$prefix-hub"
  made+=("$prefix-hub")
  ip -n "$prefix-hub" link add bridge0 type bridge
  ip -n "$prefix-hub" link set bridge0 up
  for ((i = 1; i <= hosts; i++)); do
    ip netns add "$prefix-$i"
    made+=("$prefix-$i")
    ip link add "$prefix.$i" type veth peer name eth0 netns "$prefix-$i"
    ip link set "$prefix.$i" netns "$prefix-hub"
    ip -n "$prefix-hub" link set "$prefix.$i" master bridge0 up
    ip -n "$prefix-$i" link set lo up
    ip -n "$prefix-$i" addr add "10.77.0.$i/24" dev eth0
    ip -n "$prefix-$i" link set eth0 up
    ip netns exec "$prefix-$i" tc qdisc add dev eth0 root tbf rate "${rate}mbit" burst "$burst" latency 50ms
    ip netns exec "$prefix-hub" tc qdisc add dev "$prefix.$i" root tbf rate "${rate}mbit" burst "$burst" latency 50ms
    mkdir -p "/etc/netns/$prefix-$i"
    for ((j = 1; j <= hosts; j++)); do echo "10.77.0.$j host$j"; done >"/etc/netns/$prefix-$i/hosts"
    echo "127.0.0.1 localhost" >>"/etc/netns/$prefix-$i/hosts"
  done
}

in_host() {
  local host=$1
  shift
  ip netns exec "$prefix-$host" unshare --uts bash -c 'hostname "$0"; exec "$@"' "host$host" "$@"
}

remove_network() {
  local namespace
  for namespace in "${made[@]}"; do
    # What still runs there would keep the namespace alive.
    ip netns pids "$namespace" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
    ip netns del "$namespace" 2>/dev/null || true
    rm -rf "/etc/netns/${namespace:?}"
  done
  made=()
}

trap remove_network EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
