// The 45 numbers of a pose: the names, order and ranges of the project's pose files.

export const POSE_SIZE = 45;
export const FACE_POSE_SIZE = 39;

/** The parts that the sliders are grouped by, in order; groups of parameters in each. */
export const SECTIONS = {
  brows: ["eyebrow_troubled", "eyebrow_angry", "eyebrow_lowered", "eyebrow_raised", "eyebrow_happy",
    "eyebrow_serious"],
  eyes: ["eye_wink", "eye_happy_wink", "eye_surprised", "eye_relaxed", "eye_unimpressed", "eye_raised_lower_eyelid"],
  iris: ["iris_small", "iris_rotation_x", "iris_rotation_y"],
  mouth: ["mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta", "mouth_lowered_corner",
    "mouth_raised_corner", "mouth_smirk"],
  head: ["head_x", "head_y", "neck_z"],
  body: ["body_y", "body_z", "breathing"],
};

const TWO_SIDED = /^(eyebrow_|eye_|iris_small|mouth_(lowered|raised)_corner)/;
const BOTH_WAYS = new Set(["iris_rotation_x", "iris_rotation_y", "head_x", "head_y", "neck_z", "body_y", "body_z"]);

/** Groups in the order of the pose. */
const GROUPS = [...SECTIONS.brows, ...SECTIONS.eyes, "iris_small", ...SECTIONS.mouth, "iris_rotation_x",
  "iris_rotation_y", ...SECTIONS.head, ...SECTIONS.body];

/** Of each number of a pose: {name, group, side ("left", "right" or ""), min, max}. */
export const PARAMETERS = GROUPS.flatMap((group) => {
  const sides = TWO_SIDED.test(group) ? ["left", "right"] : [""];
  return sides.map((side) => ({
    name: side ? `${group}_${side}` : group, group, side, min: BOTH_WAYS.has(group) ? -1 : 0, max: 1,
  }));
});

export const INDEX_OF = new Map(PARAMETERS.map((parameter, index) => [parameter.name, index]));

/** The numbers of a pose that `name`, of a parameter or of a group, stands for. */
export function indices_of(name) {
  if (INDEX_OF.has(name)) return [INDEX_OF.get(name)];
  return PARAMETERS.flatMap((parameter, index) => (parameter.group === name ? [index] : []));
}

export function rest_pose() {
  return new Float32Array(POSE_SIZE);
}

/** `value` within the range of number `index`. */
export function within_range(index, value) {
  const { min, max } = PARAMETERS[index];
  return Math.min(Math.max(value, min), max);
}

/** A pose as pose files hold it: names and values of what is not 0. */
export function pose_object(pose) {
  const object = {};
  PARAMETERS.forEach(({ name }, i) => {
    const value = Math.round(pose[i] * 1e4) / 1e4;
    if (value !== 0) object[name] = value;
  });
  return object;
}

/** The pose that an object, or an array of 45 numbers, gives; throws an Error that names what is wrong. */
export function pose_of(object) {
  const pose = rest_pose();
  if (Array.isArray(object) || ArrayBuffer.isView(object)) {
    if (object.length !== POSE_SIZE) throw new Error(`a pose has ${POSE_SIZE} numbers, not ${object.length}`);
    object.forEach((value, i) => set_value(pose, i, value));
    return pose;
  }
  if (typeof object !== "object" || object === null) throw new Error("a pose is an object of names and values");
  for (const [name, value] of Object.entries(object)) {
    const indices = indices_of(name);
    if (indices.length === 0) throw new Error(`there is no pose parameter ${name}`);
    for (const index of indices) set_value(pose, index, value);
  }
  return pose;
}

function set_value(pose, index, value) {
  const { name, min, max } = PARAMETERS[index];
  if (typeof value !== "number" || !(value >= min && value <= max)) {
    throw new Error(`${name} must be a number from ${min} to ${max}, not ${value}`);
  }
  pose[index] = value;
}

/** The poses of a pose file: JSON, one object or a list of them, or CSV. */
export function poses_of_file(text) {
  const trimmed = text.trim();
  if (trimmed.startsWith("[") || trimmed.startsWith("{")) {
    const data = JSON.parse(trimmed);
    const poses = (Array.isArray(data) ? data : [data]).map(pose_of);
    if (poses.length === 0) throw new Error("the file holds no pose");
    return poses;
  }
  const [names, ...rows] = trimmed.split(/\r?\n/).map((line) => line.split(",").map((cell) => cell.trim()));
  if (rows.length === 0) throw new Error("the file holds no pose");
  return rows.map((row) => pose_of(Object.fromEntries(names.map((name, i) => [name, Number(row[i])]))));
}
