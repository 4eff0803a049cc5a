// Expressions to begin with, as poses of the face; the key of each is a text of the page.

export const EXPRESSIONS = {
  neutral: {},
  smile: { eyebrow_happy: 0.5, eye_relaxed: 0.25, mouth_raised_corner: 1 },
  joy: { eyebrow_happy: 1, eye_happy_wink: 1, mouth_aaa: 0.6, mouth_raised_corner: 1 },
  laugh: { eyebrow_raised: 0.6, eye_happy_wink: 0.9, mouth_aaa: 1, head_x: 0.25, neck_z: 0.2 },
  surprise: { eyebrow_raised: 1, eye_surprised: 1, iris_small: 0.5, mouth_ooo: 0.8 },
  anger: { eyebrow_angry: 1, eyebrow_lowered: 0.6, eye_unimpressed: 0.4, mouth_lowered_corner: 0.8, mouth_iii: 0.25 },
  sorrow: { eyebrow_troubled: 1, eye_relaxed: 0.4, iris_rotation_x: -0.4, mouth_lowered_corner: 1, head_x: -0.3 },
  sleepy: { eyebrow_troubled: 0.3, eye_wink: 0.65, mouth_delta: 0.3, head_x: -0.25, neck_z: -0.25 },
  smug: { eyebrow_serious: 0.5, eye_unimpressed: 0.6, mouth_smirk: 1, head_x: 0.3 },
  wink: { eyebrow_happy: 0.6, eye_wink_left: 1, mouth_raised_corner: 1, mouth_aaa: 0.3, neck_z: 0.25 },
  deadpan: { eyebrow_lowered: 0.5, eye_unimpressed: 1, mouth_lowered_corner: 0.3 },
  shy: { eyebrow_troubled: 0.7, eye_raised_lower_eyelid: 0.6, iris_rotation_y: 0.6, iris_rotation_x: -0.3, mouth_delta: 0.4,
    head_y: 0.3, head_x: -0.2 },
};
