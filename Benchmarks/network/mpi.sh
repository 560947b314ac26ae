# shellcheck shell=bash
# Runs commands over MPI on the hosts of namespaces.sh, which it includes. To be sourced from the root of the package.
#
# on_hosts COUNT COMMAND...   one rank on each of host 1 to COUNT, over TCP

((EUID == 0)) || { echo "network namespaces need root; try: sudo make bench-network" >&2; exit 1; }
for tool in ip tc unshare mpirun.openmpi; do
  command -v "$tool" >/dev/null ||
    { echo "no '$tool' on PATH; on Debian and Ubuntu: apt install iproute2 openmpi-bin" >&2; exit 1; }
done

# shellcheck source=Benchmarks/network/namespaces.sh
source Benchmarks/network/namespaces.sh
export LAMINA_HOSTS=$prefix

on_hosts() {
  local count=$1
  shift
  in_host 1 mpirun.openmpi --allow-run-as-root --mca plm_rsh_agent "$PWD/Benchmarks/network/launch-in-host.sh" \
    --mca plm_rsh_no_tree_spawn 1 --mca orte_keep_fqdn_hostnames 1 -host "$(seq -s, -f 'host%g' 1 "$count")" \
    -n "$count" --mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 \
    --mca mpi_yield_when_idle 1 -x LAMINA_HOSTS "$@"
}
