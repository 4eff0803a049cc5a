// The camera and the microphone: asking for them, and what there is to say when the browser gives none.

const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

/** `reason` is the key of a text that says what to do. */
export class DeviceError extends Error {
  constructor(reason, message) {
    super(message);
    this.reason = reason;
  }
}

/** Whether the page may ask at all where it stands: on its own, or within another page that lets it. */
function may_ask(name) {
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  return !policy?.allowsFeature || policy.allowsFeature(name);
}

function reason_of(error, name) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      if (!may_ask(name)) return `${name}_of_frame`;
      return window.location.protocol === "file:" ? `${name}_denied_on_disk` : `${name}_denied`;
    case "NotFoundError":
    case "OverconstrainedError":
      return `${name}_missing`;
    case "NotReadableError":
    case "AbortError":
      return `${name}_busy`;
    default:
      return `${name}_failed`;
  }
}

/** A MediaStream of the device `name`, "camera" or "microphone"; throws DeviceError. */
async function open_device(name, constraints) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DeviceError(window.location.protocol === "file:" ? `${name}_not_on_disk` : `${name}_insecure`, "");
  }
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    throw new DeviceError(reason_of(error, name), error.message);
  }
}

/** The stream of one camera. @param id  which one, or "" for that of the user's face */
export function open_camera(id) {
  const which = id ? { deviceId: { exact: id } } : { facingMode: "user" };
  return open_device("camera", { video: { ...PICTURE, ...which } });
}

/** A stream as it is heard: what calls do against echoes would hold the mouth open or shut. */
export function open_microphone() {
  return open_device("microphone", { audio: { echoCancellation: false, noiseSuppression: true, autoGainControl: false } });
}

/** Cameras to choose from, {id, label}; browsers tell their names once one of them was opened. */
export async function cameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId)
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}
