#!/usr/bin/env bash
# Compiles the kernels for CPUs for 64-bit ARM and runs them by themselves on an emulated processor (NEON).
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/check_arm.sh FOLDER

Compiles tests/engine/kernels_alone.cpp and the kernels that it runs for 64-bit ARM, with Debian's packages
g++-aarch64-linux-gnu and qemu-user, and runs them. Exits 0 only if all of them give what plain loops do.

FOLDER holds libhwy.so.1 for that processor, from the package libhwy1:arm64.
TEXT
}

[[ ${1:-} != --help ]] || { usage; exit 0; }
(($# == 1)) || { usage >&2; exit 2; }
library=$(realpath "$1")
[[ -e $library/libhwy.so.1 ]] || {
  echo "check_arm: error: there is no $library/libhwy.so.1; unpack the package libhwy1:arm64 there" >&2
  exit 1
}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
torch=$(echo "$root"/.venv/lib/python3*/site-packages/torch/include)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

# The system's other headers are not for that processor.
mkdir "$build/include"
ln -s /usr/include/hwy "$build/include/hwy"
targets='(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128|HWY_RVV)'  # as in cmake/ProjectDependencies.cmake
for source in src/engine/{channel_map,tile_scratch,feature_map,convolution_kernels,map_kernels,siren_kernels} \
  src/distill/cpu_siren_kernels tests/engine/kernels_alone; do
  aarch64-linux-gnu-g++ -c -O2 -std=c++20 -Wall -Wextra -Werror -DHWY_SHARED_DEFINE "-DHWY_DISABLED_TARGETS=$targets" \
    -I"$root/include" -I"$root/src/engine" -I"$root/src/distill" -I"$build/include" -idirafter "$torch" \
    -idirafter "$torch/torch/csrc/api/include" "$root/$source.cpp" -o "$build/$(basename "$source").o"
done
rm "$build/cpu_siren_kernels.o"  # which is only to be compiled: its loops have tests of LibTorch
aarch64-linux-gnu-g++ -o "$build/kernels_alone" "$build"/*.o -L"$library" -l:libhwy.so.1
qemu-aarch64 -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$library" "$build/kernels_alone"
