// What the page says, in English and Japanese.

const ENGLISH = {
  language: "日本語", panel: "Controls", characters: "Characters",
  face: "Faces", brows: "Brows", eyes: "Eyes", iris: "Iris", mouth: "Mouth", head: "Head", body: "Body", studio: "Studio",
  linked: "Both sides together", left: "left", right: "right", reset: "Reset", reset_all: "Back to rest",
  by_itself: "By itself", follow: "Look at the pointer", blink: "Blink", breathe: "Breathe",
  expressions: "Expressions",
  neutral: "Neutral", smile: "Smile", joy: "Joy", laugh: "Laugh", surprise: "Surprise", anger: "Anger", sorrow: "Sorrow",
  sleepy: "Sleepy", smug: "Smug", wink: "Wink", deadpan: "Deadpan", shy: "Shy",
  pose: "Pose", copy: "Copy as JSON", copied: "Copied", paste: "Paste", open_poses: "Play a pose file…", stop: "Stop",
  background: "Background", transparent: "Transparent", picture: "Picture and video", save: "Save PNG", record: "Record video",
  stop_recording: "Stop recording", hide: "Hide the controls", show: "Show the controls",
  opening: "Opening the character…", keys: "Keys: 1–9 expressions, 0 neutral, arrows turn the head, Space winks, H hides the controls",
  poses_failed: "The pose file cannot be played: ", paste_failed: "No pose on the clipboard: ",
  no_recording: "This browser cannot record video", draw_failed: "The character cannot be drawn: ",
  slow: "drawn by the processor; a browser with WebGPU is many times faster",
  eyebrow_troubled: "Troubled", eyebrow_angry: "Angry", eyebrow_lowered: "Lowered", eyebrow_raised: "Raised",
  eyebrow_happy: "Happy", eyebrow_serious: "Serious",
  eye_wink: "Closed", eye_happy_wink: "Closed, smiling", eye_surprised: "Wide", eye_relaxed: "Relaxed",
  eye_unimpressed: "Unimpressed", eye_raised_lower_eyelid: "Lower lid raised",
  iris_small: "Small", iris_rotation_x: "Down · up", iris_rotation_y: "Right · left",
  mouth_aaa: "Aah", mouth_iii: "Eee", mouth_uuu: "Ooh", mouth_eee: "Eh", mouth_ooo: "Oh", mouth_delta: "Triangle",
  mouth_lowered_corner: "Corner lowered", mouth_raised_corner: "Corner raised", mouth_smirk: "Smirk",
  head_x: "Down · up", head_y: "Right · left", neck_z: "Tilt", body_y: "Turn", body_z: "Lean", breathing: "Breath",
};

const JAPANESE = {
  language: "English", panel: "操作", characters: "キャラクター",
  face: "表情", brows: "眉", eyes: "目", iris: "瞳", mouth: "口", head: "頭", body: "体", studio: "スタジオ",
  linked: "左右をそろえる", left: "左", right: "右", reset: "リセット", reset_all: "初期ポーズに戻す",
  by_itself: "自動の動き", follow: "ポインターを見る", blink: "まばたき", breathe: "呼吸",
  expressions: "表情",
  neutral: "ふつう", smile: "ほほえみ", joy: "喜び", laugh: "笑い", surprise: "驚き", anger: "怒り", sorrow: "悲しみ",
  sleepy: "眠い", smug: "得意げ", wink: "ウインク", deadpan: "ジト目", shy: "照れ",
  pose: "ポーズ", copy: "JSON でコピー", copied: "コピーしました", paste: "貼り付け", open_poses: "ポーズファイルを再生…", stop: "停止",
  background: "背景", transparent: "透明", picture: "画像と動画", save: "PNG を保存", record: "動画を録画",
  stop_recording: "録画を止める", hide: "操作を隠す", show: "操作を表示",
  opening: "キャラクターを開いています…", keys: "キー: 1–9 表情、0 ふつう、矢印 頭の向き、スペース ウインク、H 操作を隠す",
  poses_failed: "ポーズファイルを再生できません: ", paste_failed: "クリップボードにポーズがありません: ",
  no_recording: "このブラウザーは録画できません", draw_failed: "キャラクターを描けません: ",
  slow: "プロセッサーで描画中。WebGPU のあるブラウザーならずっと速くなります",
  eyebrow_troubled: "困り", eyebrow_angry: "怒り", eyebrow_lowered: "下げる", eyebrow_raised: "上げる",
  eyebrow_happy: "喜び", eyebrow_serious: "真剣",
  eye_wink: "閉じる", eye_happy_wink: "にっこり閉じる", eye_surprised: "見開く", eye_relaxed: "くつろぎ",
  eye_unimpressed: "ジト目", eye_raised_lower_eyelid: "下まぶたを上げる",
  iris_small: "小さく", iris_rotation_x: "下 · 上", iris_rotation_y: "右 · 左",
  mouth_aaa: "あ", mouth_iii: "い", mouth_uuu: "う", mouth_eee: "え", mouth_ooo: "お", mouth_delta: "三角",
  mouth_lowered_corner: "口角を下げる", mouth_raised_corner: "口角を上げる", mouth_smirk: "にやり",
  head_x: "下 · 上", head_y: "右 · 左", neck_z: "かしげる", body_y: "向き", body_z: "傾き", breathing: "息",
};

const LANGUAGES = { en: ENGLISH, ja: JAPANESE };

let chosen = "en";

/** The language that the browser asks for, of those there are. */
export function usual_language() {
  return (navigator.languages ?? ["en"]).map((name) => name.slice(0, 2)).find((name) => name in LANGUAGES) ?? "en";
}

export function language() {
  return chosen;
}

export function choose_language(name) {
  chosen = name in LANGUAGES ? name : "en";
}

/** The text called `key`, in the chosen language. */
export function text(key) {
  return LANGUAGES[chosen][key] ?? key;
}
