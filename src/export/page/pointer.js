// Where the pointer or a finger is, as seen from the character's face.

/** The face's middle in the picture, as fractions of it. */
const FACE = { x: 0.5, y: 0.27 };
/** As far away as the character turns, in widths of the picture. */
const REACH = 0.75;

export function follow_pointer(stage, place) {
  const clamp = (value) => Math.min(Math.max(value, -1), 1);
  function move({ clientX, clientY }) {
    const box = place.getBoundingClientRect();
    stage.motion.pointer = { x: clamp((clientX - box.left - FACE.x * box.width) / (REACH * box.width)),
      y: clamp((clientY - box.top - FACE.y * box.height) / (REACH * box.height)) };
  }
  window.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" || place.contains(event.target)) move(event);
  });
  place.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse") move(event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    window.addEventListener(name, (event) => {
      if (event.pointerType !== "mouse") stage.motion.pointer = null;
    });
  }
  document.documentElement.addEventListener("pointerleave", () => { stage.motion.pointer = null; });
}
