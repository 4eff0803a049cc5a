#!/usr/bin/env bash
# Trains, distils and measures what the paper's tables report; scripts/reproduce.sh --help says more.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
reproduce=(python3 -B "$root/scripts/reproduce")

set_up=yes
for argument in "$@"; do
  case $argument in
    -h | --help | --dry-run | --bin | --bin=*) set_up=no ;;
  esac
done
if [[ $set_up == yes ]]; then
  if command -v python3 >/dev/null; then
    "${reproduce[@]}" "$@" --dry-run >/dev/null # what is wrong with the options is said before the set-up
  fi
  "$root/scripts/setup.sh"
fi
exec "${reproduce[@]}" "$@"
