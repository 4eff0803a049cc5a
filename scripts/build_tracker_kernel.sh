#!/usr/bin/env bash
# Compiles the face tracker (src/track) to WebAssembly and keeps it, in base64 of a zlib stream, among the page's files:
# src/export/page/tracker_kernel.base64. To be run after a change of the area; needs clang, lld and python3, and C++'s
# library for WebAssembly (Debian: wasi-libc libc++-14-dev-wasm32 libc++abi-14-dev-wasm32 libclang-rt-14-dev-wasm32).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-$root/src/export/page/tracker_kernel.base64}
wasm=$(mktemp)
trap 'rm -f "$wasm"' EXIT
cd "$root/src/track"
sources=$(ls *.cpp page/*.cpp | grep -v tracker_models.cpp)

clang++-14 --target=wasm32-wasi -stdlib=libc++ -msimd128 -mbulk-memory -mnontrapping-fptoint -O3 -flto -std=c++20 \
  -fno-exceptions -fno-rtti -fvisibility=hidden -ffunction-sections -Wall -Wextra -Werror -mexec-model=reactor \
  -I. -I"$root/include" -Wl,--strip-all -Wl,--gc-sections -Wl,-z,stack-size=262144 \
  -Wl,--export=take_memory,--export=free_memory,--export=open_tracker,--export=update_tracker \
  -Wl,--export=tracker_points,--export=tracker_angles,--export=tracker_pose,--export=set_tracker_neutral \
  -o "$wasm" $sources
python3 - "$wasm" "$out" "$root" <<'PYTHON'
import base64, hashlib, pathlib, sys, zlib
text = base64.b64encode(zlib.compress(pathlib.Path(sys.argv[1]).read_bytes(), 9))
pathlib.Path(sys.argv[2]).write_bytes(text)
print(len(text), "bytes")
root = pathlib.Path(sys.argv[3])
files = [file for folder in ("src/track", "include/tha4/track") for file in (root / folder).rglob("*")
         if file.suffix in (".cpp", ".h") and file.name != "tracker_models.cpp"]
content = b"".join(file.read_bytes() for file in sorted(files))
(root / "src/track/page/tracker_kernel.sha256").write_text(hashlib.sha256(content).hexdigest() + "\n")
PYTHON
