#!/usr/bin/env bash
# Runs the fuzzers of the readers of files; see usage() below.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
seconds=60
runs=-1
readers=()

usage() {
  cat <<'TEXT'
Usage: scripts/fuzz.sh [--seconds N] [--runs N] [READER...]

Sets up and builds the preset fuzz (clang and libFuzzer, with the address and undefined-behaviour sanitizers), then runs
the fuzzer of each named reader, or of all (tests/fuzz/readers.h), one after the other. What they learn of inputs is kept
in build/fuzz/corpus/READER for the next time; an input that fails goes to build/fuzz/finds. Prints inputs, seconds and
covered edges of each. Exits 0 only if none failed.

  --seconds N  for each reader (default 60)
  --runs N     at most as many inputs for each reader
  --help       show this text

To see one find again: build/fuzz/bin/fuzz_READER FILE. Once the fault is mended, the file goes to
tests/fuzz/kept/READER, where the tests of all presets try it.
TEXT
}

while (($# > 0)); do
  case $1 in
    --seconds) seconds=${2:?"--seconds takes a number"}; shift ;;
    --runs) runs=${2:?"--runs takes a number"}; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "fuzz: error: unknown option $1" >&2; usage >&2; exit 2 ;;
    *) readers+=("$1") ;;
  esac
  shift
done

"$root/scripts/setup.sh" --preset fuzz --configure-only
cd "$root"
echo "fuzz: building"
cmake --build --preset fuzz
bin=$root/build/fuzz/bin
mkdir -p build/fuzz/finds
build/fuzz/bin/write_seeds build/fuzz/seeds
((${#readers[@]} > 0)) || mapfile -t readers < <(ls build/fuzz/seeds)

# Readers write their input to a file of their own: in memory, where there is such a folder.
TMPDIR=$(mktemp -d -p "$([[ -d /dev/shm ]] && echo /dev/shm || echo /tmp)")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# LibTorch keeps what it makes at its start; a std::bad_alloc of a size that a file claims is a find.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0:max_allocation_size_mb=2048
export LSAN_OPTIONS=suppressions=$root/tests/fuzz/leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1 OMP_NUM_THREADS=1

failed=()
printf '%-18s %10s %8s %8s\n' reader inputs seconds edges
for reader in "${readers[@]}"; do
  log=build/fuzz/$reader.log
  mkdir -p "build/fuzz/corpus/$reader"
  status=0
  "$bin/fuzz_$reader" "build/fuzz/corpus/$reader" "build/fuzz/seeds/$reader" -max_total_time="$seconds" -runs="$runs" \
    -timeout=20 -rss_limit_mb=4096 -artifact_prefix=build/fuzz/finds/"$reader"- -print_final_stats=1 \
    >"$log" 2>&1 || status=$?
  inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  time=$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log")
  printf '%-18s %10s %8s %8s%s\n' "$reader" "${inputs:-?}" "${time:-?}" "${edges:-?}" \
    "$( ((status == 0)) || echo "  failed, see $log")"
  ((status == 0)) || failed+=("$reader")
done
if ((${#failed[@]} > 0)); then
  echo "fuzz: failed: ${failed[*]}" >&2
  exit 1
fi
