# shellcheck shell=bash
# What the scripts share; sourced, not run. Callers have set -euo pipefail.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Debian's own tools first: a Python or Meson installed beside them need not fit.
export PATH=/usr/bin:/bin:$PATH

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

need_space() {  # need_space DIRECTORY GIGABYTES
  local free
  free=$(df --output=avail -BM "$1" | tail -n 1 | tr -dc '0-9')
  ((free >= $2 * 1000)) ||
    die "$1 has $free MB of free space, and $2 GB are needed: free some, or clone to another disk"
}

explain() {  # explain LOG: what a failure of the machine means, where the log shows one
  if grep -aqiE 'no space left on device|disk quota exceeded' "$1"; then
    echo "The disk is full: free some space, or clone to another disk, and run this again."
  elif grep -aqiE 'temporary failure (in name resolution|resolving)|could not resolve|network is unreachable|could not connect to|unable to connect to|failed to fetch' "$1"; then
    echo "The package servers cannot be reached: check the network and the proxy settings, or install the packages yourself."
  elif grep -aqiE 'could not get lock|unable to acquire the dpkg' "$1"; then
    echo "Another program installs packages: wait until it is done, and run this again."
  elif grep -aqiE 'fatal error: killed signal|cannot allocate memory|virtual memory exhausted|out of memory: killed' "$1"; then
    echo "The machine has too little memory: end other programs, and run this again."
  elif grep -aqiE 'address already in use' "$1"; then
    echo "A port is in use: another server took it; run this again."
  fi
}

missing_packages=()
missing_tests=()
need() {  # need PACKAGE TEST...: the package is missing when the test fails
  if ! "${@:2}" >/dev/null 2>&1; then
    missing_packages+=("$1")
    missing_tests+=("${*:2}")
  fi
}

installed() {
  [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]
}

need_build_tools() {
  need g++ command -v g++
  need meson command -v meson
  need ninja-build command -v ninja
  need pkg-config command -v pkg-config
  need libssl-dev pkg-config --exists openssl
  need libspdlog-dev pkg-config --exists spdlog
  need zlib1g-dev pkg-config --exists zlib
  need liblzma-dev pkg-config --exists liblzma
  need liblz4-dev pkg-config --exists liblz4
  need libzstd-dev pkg-config --exists libzstd
  # Other versions have other package names, and any from 1.74 on will do.
  need libboost1.81-dev test -e /usr/include/boost/asio.hpp
}

install_missing() {
  ((${#missing_packages[@]})) || return 0
  command -v apt-get >/dev/null || die "please install: ${missing_packages[*]}"
  local as_root=() log still=() i
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "neither root nor sudo; please install: ${missing_packages[*]}"
    as_root=(sudo)
  fi
  echo "Installing ${missing_packages[*]}" >&2
  log=$(mktemp)
  {
    "${as_root[@]}" apt-get update -q &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        "${missing_packages[@]}"
  } >"$log" 2>&1 </dev/null || true
  # Whether apt was content is not the question: a redis-server package whose service cannot start, because
  # its port is taken, complains and is there.
  for i in "${!missing_packages[@]}"; do
    # The tests are words of ours, without quoting.
    # shellcheck disable=SC2086
    ${missing_tests[i]} >/dev/null 2>&1 || still+=("${missing_packages[i]}")
  done
  if ((${#still[@]})); then
    cat "$log" >&2
    explain "$log" >&2
    rm -f "$log"
    die "could not install ${still[*]}"
  fi
  rm -f "$log"
}

# Options of Meson, to be split into words: several files compile as one, in a third of the time. scripts/test --full
# compiles each alone as well.
export unity='-Dunity=on -Dunity_size=14'

configure() {  # configure DIRECTORY OPTION...: makes a build directory, unless it is there and just so
  local with
  with=$(printf '%s\n' "$root" "${CXX:-}" "${@:2}")
  # "meson configure" with the same options again would not do: it lets --buildtype undo -Ddebug, and all is
  # compiled anew.
  if [[ ! -f $1/build.ninja || $(cat "$1/configured-with" 2>/dev/null) != "$with" ]]; then
    rm -rf "$1"
    meson setup "$1" "$root" "${@:2}"
    printf '%s\n' "$with" >"$1/configured-with"
  fi
}

configure_asan() {  # configure_asan DIRECTORY: for the tests and the fuzzers
  # shellcheck disable=SC2086
  # Clang leaves the sanitizers' own symbols to the executable, hence b_lundef. Reports need lines, no more.
  CXX=clang++-19 configure "$1" --buildtype=debugoptimized -Doptimization=1 -Ddebug=false -Dwerror=true \
    -Db_sanitize=address,undefined -Db_lundef=false $unity \
    '-Dcpp_args=-fno-sanitize-recover=all -gline-tables-only -fpch-instantiate-templates' \
    -Dtests=true -Dintegration_tests=enabled -Dexamples=true -Dfuzzers=true
}

beside() {  # beside COMMAND...: becomes the command, or an exported function, with the CPUs' idle time only
  # A session of its own, for kernels may share the CPUs out by sessions, and each test that Meson runs is one. A
  # kernel that refuses either request, as one without such sharing does, only lets others take longer.
  # shellcheck disable=SC2016
  exec setsid bash -c '
    set -euo pipefail
    { chrt --idle --pid 0 "$$" && echo 19 >/proc/self/autogroup; } 2>/dev/null || true
    "$@"' beside "$@"
}

quietly() {  # quietly COMMAND...: shows the output only when it fails
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  if ((status != 0)); then
    cat "$log" >&2
    explain "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}
