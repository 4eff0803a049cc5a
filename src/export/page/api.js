// How other programs drive the page: window.tha4, and the same by messages (docs/web.md), but for the camera.

import { PARAMETERS, pose_object, pose_of } from "./parameters.js";
import { png_of } from "./png.js";

/** What window.tha4 offers. @param actions  {choose(index), change_background(color)} */
function functions_of(stage, characters, actions) {
  return {
    /** Names and ranges of the 45 numbers. */
    parameters: () => PARAMETERS.map(({ name, min, max }) => ({ name, min, max })),
    characters: () => characters.map(({ name }) => name),
    /** Shows a character by its name or number. */
    choose: async (which) => {
      const index = characters.findIndex(({ name }, i) => name === which || i === which);
      if (index < 0) throw new Error(`there is no character ${which}`);
      await actions.choose(index);
    },
    getPose: () => pose_object(stage.pose),
    /** A whole pose: what is not named is 0. */
    setPose: (pose) => stage.set_pose(pose_of(pose)),
    /** Some parameters, by names of parameters or groups; the others stay. */
    set: (values) => {
      const changed = pose_object(stage.pose);
      stage.set_pose(pose_of({ ...changed, ...pose_object(pose_of(values)), ...zeros_of(values) }));
    },
    /** What the character does by itself: {follow, blink, breathe}, true or false each. */
    setMotion: (motion) => {
      for (const name of ["follow", "blink", "breathe"]) if (name in motion) stage.motion[name] = Boolean(motion[name]);
    },
    play: (poses, options) => stage.play(poses.map(pose_of), options),
    stop: () => stage.stop(),
    setBackground: (color) => actions.change_background(color),
    /** How it is drawn, frames of the last second, and of all the time. */
    status: () => ({ drawnBy: stage.player?.name ?? null, rate: stage.rate, frames: stage.frames,
      character: stage.character?.name ?? null }),
    /** The frame of a pose, or of what is shown: ImageData of 512 by 512, straight alpha. */
    frame: (pose) => (pose ? stage.frame_of(pose_of(pose)) : stage.frame()),
    /** Likewise as a PNG, a Blob. */
    png: async (pose) => {
      const { width, height, data } = await (pose ? stage.frame_of(pose_of(pose)) : stage.frame());
      return png_of({ width, height, pixels: data });
    },
  };
}

/** What window.tha4 offers besides: other pages neither start a camera nor learn what it sees. */
function private_functions_of(follower) {
  return {
    /** Starts the camera, or another one, of those that camera() names by id. */
    startCamera: (id) => follower.start(id),
    stopCamera: () => follower.stop(),
    /** The face that is seen now is rest from now on. */
    setNeutral: async () => { await follower.set_neutral(); },
    /** {mirror, gains: {brows, eyes, iris, mouth, head, body}}, or some of them. */
    setCamera: (settings) => follower.set(settings),
    /** Begins or ends listening to the microphone. */
    listen: (on) => follower.listen(Boolean(on)),
    camera: () => camera_of(follower),
  };
}

/** What the camera does, the head's angles as seen last, and the pose that is added to the page's own: never a picture. */
function camera_of(follower) {
  const { state, problem, device, devices, settings, rate, took, result } = follower;
  const led = follower.pose_at(performance.now() / 1000);
  return { state, problem, device, devices, settings, rate, took, angles: result?.angles ?? null,
    pose: led && pose_object(led.pose) };
}

/** Parameters that `values` sets to 0, which pose_object() leaves out. */
function zeros_of(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value === 0));
}

/** @param ready  a promise of the first frame */
export function offer_api(stage, follower, characters, actions, ready) {
  const functions = functions_of(stage, characters, actions);
  window.tha4 = { ...functions, ...private_functions_of(follower), ready };
  window.addEventListener("message", async ({ data, source, origin }) => {
    if (typeof data !== "object" || data === null || !Object.hasOwn(functions, data.tha4)) return;
    const answer = { tha4: "answer", id: data.id };
    try {
      await ready;
      answer.value = await functions[data.tha4](...(data.arguments ?? []));
    } catch (error) {
      answer.error = error.message;
    }
    if (data.id !== undefined) source?.postMessage(answer, origin === "null" ? "*" : origin);
  });
  if (window.parent !== window) ready.then(() => window.parent.postMessage({ tha4: "ready" }, "*"), () => {});
}
