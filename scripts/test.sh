#!/usr/bin/env bash
# Sets the project up, checks format and includes, and runs the tests; see usage() below.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=release

usage() {
  cat <<'TEXT'
Usage: scripts/test.sh [--preset NAME] [CTEST_OPTION...]
       scripts/test.sh --tidy [FILE...]

Sets the project up (scripts/setup.sh), checks the format with clang-format 14 and the order of the includes with
scripts/check_includes.py, then runs all tests. Exits 0 only if every check and every test passed.

  --preset NAME  a configure preset of CMakePresets.json: release (default), debug, asan
  --tidy         instead of all this, runs clang-tidy 14 with .clang-tidy over the named sources, or over those that
                 differ from the last commit; it takes up to a minute for each
  --help         show this text

Everything else goes to ctest, for example -R weights to run the tests whose name contains "weights".
TEXT
}

# Other versions of clang-format lay the same code out differently, so the check is tied to this one.
check_format() {
  local sources
  mapfile -d '' sources < <(find include src apps examples tests \
    \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) -print0 | sort -z)
  clang-format-14 --dry-run -Werror "${sources[@]}" && return
  echo "test: error: the format is not that of .clang-format; run clang-format-14 -i on the files above" >&2
  return 1
}

# Sources that differ from the last commit, new ones included.
changed_sources() {
  git diff --name-only --diff-filter=d HEAD -- 'src/*.cpp' 'apps/*.cpp' 'tests/*.cpp'
  git ls-files --others --exclude-standard -- 'src/*.cpp' 'apps/*.cpp' 'tests/*.cpp'
}

tidy() {
  local sources=("$@")
  command -v clang-tidy-14 >/dev/null || {
    echo "test: error: there is no clang-tidy-14; install the package clang-tidy-14" >&2
    return 1
  }
  ((${#sources[@]} > 0)) || mapfile -t sources < <(changed_sources)
  if ((${#sources[@]} == 0)); then
    echo "test: no source differs from the last commit; name files to look at others"
    return
  fi
  # A configuration of its own: every source by itself, and without the headers that GCC has precompiled.
  "$root/scripts/setup.sh" --preset tidy --configure-only
  echo "test: clang-tidy 14 over ${#sources[@]} sources"
  clang-tidy-14 -p build/tidy --quiet --warnings-as-errors='*' --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-unused-command-line-argument "${sources[@]}"
}

if [[ ${1:-} == --tidy ]]; then
  cd "$root"
  tidy "${@:2}"
  exit
fi

ctest_options=()
while (($# > 0)); do
  case $1 in
    --preset)
      [[ -n ${2:-} ]] || { usage >&2; exit 2; }
      preset=$2
      shift
      ;;
    --preset=?*) preset=${1#--preset=} ;;
    -h | --help) usage; exit 0 ;;
    *) ctest_options+=("$1") ;;
  esac
  shift
done

"$root/scripts/setup.sh" --preset "$preset" --for-tests
cd "$root"
failed=()
echo "test: checking the format (clang-format 14)"
check_format || failed+=(format)
echo "test: checking the order of the includes"
python3 scripts/check_includes.py || failed+=(includes)

# The tests' files go to a folder of this run alone: nothing of an earlier run, or of another user's, is met there.
TEST_TMPDIR=$(mktemp -d)
export TEST_TMPDIR
trap 'rm -rf "$TEST_TMPDIR"' EXIT
# Programs beside each other: some of them wait as often as they calculate. More than four would take too much memory.
parallel=$(nproc)
ctest --test-dir "build/$preset" --parallel $((parallel < 4 ? parallel : 4)) --output-on-failure --no-tests=error "${ctest_options[@]}" || failed+=(tests)
if ((${#failed[@]} > 0)); then
  echo "test: failed: ${failed[*]}" >&2
  exit 1
fi
