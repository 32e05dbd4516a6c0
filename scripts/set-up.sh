#!/usr/bin/env bash
# Gets the parts that the integration and end-to-end tests need: etcd, a Docker Engine, containerd, nftables, kubectl, Prometheus.
# With root on Debian or Ubuntu it installs what is missing and starts dockerd when no Engine answers; elsewhere it names
# each missing part and changes nothing. Prints one line per part; the tests themselves say which suites they skip.
# Sourced by test.sh, which stops what was started here: the process ids are in STARTED_PIDS.
STARTED_PIDS=()

have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/usr/local/sbin/$1" ]; }
can_install() { [ "$(id -u)" = 0 ] && have apt-get; }
docker_answers() { [ -S /var/run/docker.sock ] && curl -fsS --max-time 5 --unix-socket /var/run/docker.sock http://docker/_ping >/dev/null 2>&1; }

install_missing() {
  local packages=()
  have etcd || packages+=(etcd-server)
  have etcdctl || packages+=(etcd-client)
  have dockerd || docker_answers || packages+=(docker.io)
  have containerd || packages+=(containerd)
  have runc || packages+=(runc)
  [ -e /usr/lib/cni/bridge ] || [ -e /opt/cni/bin/bridge ] || packages+=(containernetworking-plugins)
  have iptables || packages+=(iptables)
  have nft || packages+=(nftables)
  have ip || packages+=(iproute2)
  have conntrack || packages+=(conntrack)
  have kubectl || packages+=(kubernetes-client)
  have prometheus || packages+=(prometheus)
  have curl || packages+=(curl)
  [ -e /bin/busybox ] || packages+=(busybox)
  [ ${#packages[@]} -eq 0 ] && return 0
  if can_install; then
    echo "set-up: installing ${packages[*]}"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } >/tmp/gantry-set-up.log 2>&1 ||
      echo "set-up: the installation failed; the last lines of /tmp/gantry-set-up.log: $(tail -n 3 /tmp/gantry-set-up.log)"
  else
    echo "set-up: cannot install ${packages[*]} here (that takes root on Debian or Ubuntu); suites that need them are skipped and say so"
  fi
}

# After a crash of dockerd its pid files may name processes that have ended and that nobody has reaped: the next dockerd
# would wait for them in vain. A process that has ended has no program any more.
clear_stale_pids() {
  local file
  for file in /var/run/docker.pid /var/run/docker/containerd/containerd.pid; do
    if [ -f "$file" ] && ! readlink "/proc/$(cat "$file")/exe" >/dev/null 2>&1; then rm -f "$file"; fi
  done
}

start_docker() {
  docker_answers && return 0
  if ! have dockerd || [ "$(id -u)" != 0 ]; then return 0; fi
  clear_stale_pids
  echo "set-up: starting dockerd"
  dockerd >/tmp/gantry-dockerd.log 2>&1 &
  STARTED_PIDS+=($!)
  for _ in $(seq 100); do
    docker_answers && return 0
    sleep 0.3
  done
  echo "set-up: dockerd did not answer within 30 s; the last lines of /tmp/gantry-dockerd.log: $(tail -n 3 /tmp/gantry-dockerd.log)"
}

report() {
  local part=$1 state=missing
  shift
  "$@" >/dev/null 2>&1 && state=present
  echo "set-up: $part $state"
}

stop_started() {
  for pid in "${STARTED_PIDS[@]}"; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
}

PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin"
install_missing
start_docker
report etcd have etcd
report Docker docker_answers
report "containerd with root" eval 'have containerd && have runc && [ "$(id -u)" = 0 ]'
report "nftables with root" eval 'have nft && [ "$(id -u)" = 0 ]'
report kubectl have kubectl
report Prometheus have prometheus
