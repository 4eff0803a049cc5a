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

Sets up and builds the preset fuzz (clang and libFuzzer, with the address and undefined-behaviour sanitizers; some ten
minutes on two cores the first time), then runs the fuzzer of each named reader, or of all (tests/fuzz/readers.h),
one after the other. What they learn of inputs is kept in build/fuzz/corpus/READER for the next time; an input that fails
goes to build/fuzz/finds. Prints inputs, seconds and covered edges of each, as soon as it is through. Exits 0 if none
failed, 1 if one did, 2 for wrong usage, 130 after Ctrl-C.

  --seconds N  for each reader (default 60)
  --runs N     at most as many inputs for each reader
  --list       name the readers
  --help       show this text

To see one find again: build/fuzz/bin/fuzz_READER FILE. Once the fault is mended, the file goes to
tests/fuzz/kept/READER, where the tests of all presets try it.
TEXT
}

refuse() {
  echo "fuzz: error: $1" >&2
  exit 2
}

# number OPTION VALUE: the value, if it is a number that the option can take.
number() {
  [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || refuse "$1 takes a number above 0, not '$2'"
  echo "$2"
}

# CMake's list is the one that there is before anything is built.
mapfile -t all < <(sed -n '/^set(reader_names/,/)/p' "$root/tests/fuzz/CMakeLists.txt" |
  sed 's/set(reader_names//; s/)//' | tr -s ' ' '\n' | sed '/^$/d')

while (($# > 0)); do
  case $1 in
    --seconds) seconds=$(number "$1" "${2:-}"); shift ;;
    --runs) runs=$(number "$1" "${2:-}"); shift ;;
    --list) printf '%s\n' "${all[@]}"; exit 0 ;;
    -h | --help) usage; exit 0 ;;
    -*) refuse "unknown option $1; scripts/fuzz.sh --help lists all" ;;
    *) readers+=("$1") ;;
  esac
  shift
done
for reader in "${readers[@]}"; do
  [[ " ${all[*]} " == *" $reader "* ]] || refuse "there is no reader '$reader'; there are: ${all[*]}"
done
((${#readers[@]} > 0)) || readers=("${all[@]}")

"$root/scripts/setup.sh" --preset fuzz
cd "$root"
bin=$root/build/fuzz/bin
mkdir -p build/fuzz/finds
rm -rf build/fuzz/seeds
"$bin/write_seeds" build/fuzz/seeds

# Readers write their input to a file of their own: in memory, where there is such a folder.
TMPDIR=$(mktemp -d -p "$([[ -d /dev/shm ]] && echo /dev/shm || echo /tmp)")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# LibTorch keeps what it makes at its start; a std::bad_alloc of a size that a file claims is a find.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0:max_allocation_size_mb=2048
export LSAN_OPTIONS=suppressions=$root/tests/fuzz/leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1 OMP_NUM_THREADS=1

# A fuzzer that Ctrl-C ends has a status of its own, by which the shell would go on with the next one.
trap 'echo "fuzz: interrupted" >&2; exit 130' INT

echo "fuzz: ${#readers[@]} readers, at most $seconds seconds each"
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
  if ((status != 0)); then
    failed+=("$reader")
    # What libFuzzer and the sanitizers say of it, and the input.
    sed -n 's/^SUMMARY: /  /p; s/^terminate called after/  &/p; s/^  what(): /  &/p; s/.*Test unit written to /  input: /p' "$log"
  fi
done
if ((${#failed[@]} > 0)); then
  echo "fuzz: failed: ${failed[*]}" >&2
  exit 1
fi
