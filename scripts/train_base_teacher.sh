#!/usr/bin/env bash
# Trains the teacher that comes with the project, from nothing; see usage() below.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$root/build/release/bin
out=$root/out/base_teacher
init=
minutes=
devices=(cuda)
settings=()

usage() {
  cat <<'TEXT'
Usage: scripts/train_base_teacher.sh [--out DIR] [--init DIR] [--minutes M] [--devices LIST] [--ship DIR] [SETTING...]

Trains the compact teacher (configs/teacher/compact) on characters that the generator draws while it learns: face and
half-resolution rotator, at the same time where there are two GPUs, then the editor with the finished rotator. Nothing
is downloaded. What is finished is not done again; what was interrupted goes on.

  --out DIR       folder of the teacher, and of its runs; out/base_teacher if it is not given
  --init DIR      a teacher whose weights the networks begin with, such as data/teacher
  --minutes M     for each network; if it is not given, the whole schedules
  --devices LIST  such as cuda:0,cuda:1; cuda if it is not given
  --ship DIR      writes the finished networks as they come with the project, in 8 bits; data/teacher is where
                  commands look for them
  SETTING...      key=value for all networks, as tha4-train-teacher --set takes them
TEXT
}

fail() {
  echo "train_base_teacher: error: $*" >&2
  exit 2
}

ship=
while (($# > 0)); do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    --out | --init | --minutes | --devices | --ship)
      (($# > 1)) || fail "$1 needs a value; see --help"
      case $1 in
        --out) out=$2 ;;
        --init) init=$2 ;;
        --minutes) minutes=$2 ;;
        --devices) IFS=, read -ra devices <<<"$2" ;;
        --ship) ship=$2 ;;
      esac
      shift 2
      ;;
    *=*)
      settings+=(--set "$1")
      shift
      ;;
    *) fail "$1 is not known; see --help" ;;
  esac
done
[[ -x $bin/tha4-train-teacher ]] || fail "there is no $bin/tha4-train-teacher; build first: scripts/setup.sh"

# train NETWORK DEVICE
train() {
  local arguments=(--config "$root/configs/teacher/compact/$1.json" --out "$out" --device "$2" --resume "${settings[@]}")
  if [[ -n $init ]]; then arguments+=(--init "$init"); fi
  if [[ -n $minutes ]]; then arguments+=(--minutes "$minutes"); fi
  "$bin/tha4-train-teacher" "${arguments[@]}"
}

if ((${#devices[@]} > 1)); then
  train unet_face_morpher "${devices[1]}" &
  face=$!
  train half_resolution_rotator "${devices[0]}"
  wait "$face"
else
  train unet_face_morpher "${devices[0]}"
  train half_resolution_rotator "${devices[0]}"
fi
train residual_editor "${devices[0]}"
if [[ -n $ship ]]; then "$bin/tha4-export" --teacher "$out" --to safetensors --storage int8 --out "$ship"; fi
