#!/usr/bin/env bash
# Compiles src/export/kernel/page_kernel.cpp to WebAssembly and keeps it, in base64, among the page's files:
# src/export/page/kernel.base64. To be run after a change of the kernel; needs clang and lld (Debian: clang lld).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-$root/src/export/page/kernel.base64}
wasm=$(mktemp)
trap 'rm -f "$wasm"' EXIT

clang++ --target=wasm32 -msimd128 -mbulk-memory -mnontrapping-fptoint -O3 -std=c++20 -ffreestanding -fno-exceptions -fno-rtti -nostdlib \
  -Wall -Wextra -Werror -Wl,--no-entry -Wl,--strip-all -Wl,--export=__heap_base \
  -Wl,-z,stack-size=65536 -fvisibility=hidden \
  -Wl,--export=linear,--export=sum_bases,--export=put_tile,--export=blend_rows,--export=moved_rows \
  -Wl,--export=siren_layer,--export=siren_first_layer,--export=put_pixels,--export=siren_rows \
  -o "$wasm" "$root/src/export/kernel/page_kernel.cpp"
base64 -w 0 "$wasm" >"$out"
sha256sum "$root/src/export/kernel/page_kernel.cpp" | cut -d " " -f 1 >"$root/src/export/kernel/page_kernel.sha256"
