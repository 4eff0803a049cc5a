#!/usr/bin/env bash
# Sets the project up on Debian 12 or Ubuntu 24.04; see usage() below. What is already done is not done again.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log=$root/build/setup.log
venv=$root/.venv
preset=release
build=yes

# The packages behind cmake/ProjectDependencies.cmake, the compiler and the tools. libopencv-dev as a whole, since
# OpenCV's CMake config is in it and refuses to load unless every module is there. clang-format-14 is in both
# distributions; other versions format differently.
packages=(g++ cmake ninja-build ccache python3 python3-venv clang-format-14
  libopencv-dev libavformat-dev libavcodec-dev libswscale-dev liblcms2-dev libpng-dev libjpeg-dev libwebp-dev
  nlohmann-json3-dev libcli11-dev libspdlog-dev libyaml-cpp-dev zlib1g-dev libgtest-dev libgmock-dev pkg-config
  libcairo2-dev libglm-dev libepoxy-dev libegl-dev libegl1 libegl-mesa0 libgl1-mesa-dri libopengl0 libtinygltf-dev
  libarchive-dev libgloo-dev libhwy-dev libonnx-dev libprotobuf-dev)

usage() {
  cat <<'TEXT'
Usage: scripts/setup.sh [--preset NAME] [--configure-only | --no-build] [--for-tests]

Installs the system packages (apt, as root or with sudo), puts LibTorch into .venv, configures and builds.
Run again, it only does what is not done yet. The output of the long steps goes to build/setup.log.

  --preset NAME  a configure preset of CMakePresets.json: release (default), debug, asan, fuzz
  --configure-only
                 stop before building
  --no-build     stop before configuring and building
  --for-tests    also install what only tests need: the browsers that open exported pages (Debian alone has them as
                 packages; without them these tests are skipped)
  --help         show this text

A LibTorch on the environment variable CMAKE_PREFIX_PATH (an unpacked LibTorch archive, the torch folder of an
installed wheel, or a virtual environment) is used instead of .venv, which is then not made. The tests that open
files in Python need .venv and are skipped without it.
TEXT
}

say() { echo "setup: $*"; }

fail() {
  echo "setup: error: $*" >&2
  exit 1
}

# Shows the last line of the log until standard input ends: in place on a terminal, else a plain line a minute.
follow_log() {
  local seconds=0 line status
  while true; do
    status=0
    read -r -t 1 || status=$?
    ((status > 128)) || break # not the time limit, but the end
    seconds=$((seconds + 1))
    line=$(tail -n 1 "$log" | tr -d '\r' | cut -c 1-100)
    if [[ -t 1 ]]; then
      printf '\r\033[K  %s' "$line"
    elif ((seconds % 60 == 0)); then
      printf '  %s\n' "$line"
    fi
  done
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
}

# run_logged TITLE COMMAND...: a step whose output goes to the log, the end of which is shown if the step fails.
run_logged() {
  local title=$1 status=0 follower follower_pid
  shift
  say "$title"
  echo "+ $*" >>"$log"
  exec {follower}> >(follow_log)
  follower_pid=$!
  "$@" >>"$log" 2>&1 {follower}>&- || status=$?
  exec {follower}>&-
  wait "$follower_pid" || true
  if ((status != 0)); then
    tail -n 30 "$log" >&2
    fail "this step failed: $title (the end of $log is above)"
  fi
}

missing_packages() {
  local installed package
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    grep -qxF "installed $package" <<<"$installed" || printf ' %s' "$package"
  done
}

# Ubuntu's packages are stubs that ask for snap. Firefox draws WebGL in software on a screen alone.
browser_packages() { if grep -qx 'ID=debian' /etc/os-release; then echo chromium firefox-esr xvfb; fi; }

# A password can only be asked for on a terminal.
sudo_works() {
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }
}

install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "no Debian packages on this system; install what corresponds to: ${packages[*]}"
    return
  fi
  local missing as_root=()
  read -ra missing <<<"$(missing_packages)"
  if ((${#missing[@]} == 0)); then
    say "system packages are there"
    return
  fi
  if ((EUID != 0)); then
    as_root=(sudo)
    if ! sudo_works; then
      fail "these packages are missing and need root or sudo to install: ${missing[*]}"
    fi
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  run_logged "apt-get update" "${apt[@]}" update
  run_logged "installing ${missing[*]}" "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

# The LibTorch folder named by CMAKE_PREFIX_PATH, in the forms that cmake/FindLibTorch.cmake takes; empty if none.
given_libtorch() {
  local prefixes prefix folder
  IFS=: read -ra prefixes <<<"${CMAKE_PREFIX_PATH:-}"
  for prefix in "${prefixes[@]}"; do
    for folder in "$prefix" "$prefix"/../../.. "$prefix"/lib/python3*/site-packages/torch; do
      if [[ -n $prefix && -f $folder/include/torch/csrc/api/include/torch/torch.h ]]; then
        (cd "$folder" && pwd)
        return
      fi
    done
  done
}

# A Python 3 that can make virtual environments; the system's own first.
find_python() {
  local python
  for python in /usr/bin/python3 python3; do
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  fail "no Python 3 with the venv module was found; install python3 and python3-venv"
}

make_virtual_environment() {
  local requirements=$root/scripts/requirements.txt stamp=$venv/requirements.sha256 wanted python
  wanted=$(sha256sum <"$requirements")
  if "$venv/bin/python" -c '' 2>/dev/null; then
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
      say "LibTorch is in .venv"
      return
    fi
  else
    python=$(find_python)
    run_logged "making .venv with $python" "$python" -m venv --clear "$venv"
  fi
  run_logged "downloading LibTorch and the tests' Python packages into .venv (several gigabytes)" \
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off -r "$requirements"
  echo "$wanted" >"$stamp"
}

venv_libtorch() {
  local folder
  for folder in "$venv"/lib/python3*/site-packages/torch; do
    [[ -d $folder ]] && (cd "$folder" && pwd) && return
  done
  fail "there is no torch in .venv; remove the folder .venv and run scripts/setup.sh again"
}

# CMake remembers the LibTorch that it found first; a change of mind has to be said.
configure() {
  local libtorch=$1 cache=$root/build/$preset/CMakeCache.txt options=()
  if ! grep -qxF "LibTorch_INCLUDE_DIR:PATH=$libtorch/include" "$cache" 2>/dev/null; then
    options=('-ULibTorch_*' "-DLibTorch_ROOT=$libtorch")
  fi
  run_logged "configuring build/$preset" cmake -S "$root" --preset "$preset" "${options[@]}"
}

# One compiler for each core, but not more than memory allows: some sources take nearly 2 GB.
parallel_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemTotal:/ { print int($2 / 2000000) }' /proc/meminfo)
  ((memory > 0)) || memory=1
  echo $((cores < memory ? cores : memory))
}

while (($# > 0)); do
  case $1 in
    --preset)
      [[ -n ${2:-} ]] || { usage >&2; exit 2; }
      preset=$2
      shift
      ;;
    --preset=?*) preset=${1#--preset=} ;;
    --configure-only) build=configure ;;
    --no-build) build=no ;;
    --for-tests) packages+=($(browser_packages)) ;;
    -h | --help) usage; exit 0 ;;
    *) echo "setup: error: unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

# The preset of the fuzzers is the one that is compiled by clang.
targets=()
if [[ $preset == fuzz ]]; then
  packages+=(clang-14 libclang-rt-14-dev)
  targets=(--target fuzzers)
fi

mkdir -p "$root/build"
: >"$log"
install_packages
libtorch=$(given_libtorch)
if [[ -n $libtorch ]]; then
  say "using the LibTorch in $libtorch (from CMAKE_PREFIX_PATH); .venv is not needed"
else
  make_virtual_environment
  libtorch=$(venv_libtorch)
fi
if [[ $build != no ]]; then configure "$libtorch"; fi
if [[ $build == yes ]]; then
  run_logged "building build/$preset" cmake --build "$root/build/$preset" \
    --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(parallel_jobs)}" "${targets[@]}"
  say "done; the commands are in build/$preset/bin"
fi
