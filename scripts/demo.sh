#!/usr/bin/env bash
# Distils a character from one picture and shows it moving; see usage() below.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$root/out/demo

usage() {
  cat <<'TEXT'
Usage: scripts/demo.sh [IMAGE [TEACHER]] [THA4_DISTILL_OPTION...]

Sets the project up (scripts/setup.sh), distils a small student with the preset "quick", which is meant for a CPU,
and poses it. The character folder, a page that plays it, a sheet of poses and a clip are left in out/demo, in place of
an earlier demo's, which is kept in out/demo.earlier until there is a new character.
Without IMAGE it distils the project's own character, data/demo/character.png, from its rig.

  IMAGE    rest image of the character: a 512x512 PNG or WebP with a transparent background, facing forward, the
           head roughly inside the 128x128 box in the middle of the upper half
  TEACHER  what the student learns from: the folder of the official teacher weights (eyebrow_decomposer.pt,
           eyebrow_morphing_combiner.pt, face_morpher.pt, body_morpher.pt, upscaler.pt), any character folder, a
           rigged character whose picture IMAGE is (FILE.vrm or procedural:SEED), or rig for the .vrm file beside IMAGE;
           without it, the project's own teacher, data/teacher

Everything else goes to tha4-distill, for example --set key=value or --device cuda.
TEXT
}

for argument in "$@"; do
  if [[ $argument == -h || $argument == --help ]]; then
    usage
    exit 0
  fi
done
image=$root/data/demo/character.png
teacher=(--teacher rig)
# A rig draws several times as many frames a second as a network: there is time to learn from more of them.
settings=(--set face_morpher.crops=2400 --set face_morpher.regression.examples=400000
  --set body_rotator.frames=700 --set body_rotator.fine_tuning.examples=9000)
if (($# > 0)) && [[ $1 != -* ]]; then
  image=$1
  teacher=()
  settings=()
  shift
  if (($# > 0)) && [[ $1 != -* ]]; then
    teacher=(--teacher "$1")
    shift
  fi
fi
if [[ ! -f $image ]]; then
  echo "demo: error: there is no picture $image; give the rest image as the first argument" >&2
  exit 2
fi
named=${teacher[1]:-$root/data/teacher}
if [[ $named != rig && $named != procedural:* && ! -e $named ]]; then
  echo "demo: error: there is no $named; give a teacher or character folder, or a rig, as the second argument" >&2
  exit 2
fi

"$root/scripts/setup.sh"
bin=$root/build/release/bin
# What is there without an earlier one beside it is an earlier demo's, else what an unfinished one has left.
earlier=$out.earlier
if [[ -e $earlier ]]; then
  rm -rf "$out"
elif [[ -e $out ]]; then
  mv "$out" "$earlier"
fi
status=0
"$bin/tha4-distill" --image "$image" ${teacher[@]+"${teacher[@]}"} --preset quick --out "$out" \
  ${settings[@]+"${settings[@]}"} "$@" || status=$?
if ((status != 0)); then
  if [[ -e $earlier && ! -e $out ]]; then mv "$earlier" "$out"; fi
  exit "$status"
fi
rm -rf "$earlier"
"$bin/tha4-pose" --character "$out" --poses demo --out "$out/demo.mp4"
"$bin/tha4-pose" --character "$out" --poses random:16:1 --out "$out/sheet.png"
"$bin/tha4-export" --character "$out" --to web --out "$out/index.html"
cat <<TEXT
demo: look at    $out/index.html     a page that plays the character, by sliders or before a camera
demo:            $out/report.html    teacher beside student, curves, settings
demo:            $out/sheet.png      sixteen poses
demo:            $out/demo.mp4       the character moving
demo: try next   build/release/bin/tha4-pose --character out/demo --poses sweep:head_y:9 --out out/turn.png
demo:            build/release/bin/tha4-distill --teacher procedural:7 --out out/another
TEXT
