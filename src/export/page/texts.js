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
  record_gif: "Record GIF", recording_failed: "The recording failed: ", stop_recording: "Stop recording", hide: "Hide the controls", show: "Show the controls",
  opening: "Opening the character…", keys: "Keys: 1–9 expressions, 0 neutral, arrows turn the head, Space winks, H hides the controls, C starts and stops the camera, N takes the face as neutral",
  camera: "Camera", camera_start: "Start the camera", camera_stop: "Stop the camera", camera_which: "Which camera",
  camera_off: "Off", camera_starting: "Starting…", camera_found: "Face found", camera_lost: "No face in sight",
  camera_preview: "Show the camera’s picture", neutral_set: "This is my neutral face", neutral_taken: "Taken",
  neutral_how: "Look into the camera with a face at rest, and press it once: the character is at rest with that face.",
  mirror: "Like a mirror", gains: "How much it follows", microphone: "Microphone", microphone_mouth: "My voice opens the mouth",
  microphone_gain: "Sensitivity", no_tracker: "This page was made without a face tracker.",
  models: "Faces are found by models of MediaPipe, Apache License 2.0.",
  promise: "The camera’s picture and the microphone’s sound are never stored or sent: they do not leave this page.",
  camera_denied: "The browser was told not to give this page the camera. Allow it in the address bar, then start it again.",
  camera_denied_on_disk: "The browser gives no camera to this file, or was told not to. Allow it in the address bar; if that cannot be, open the page from a server, such as python3 -m http.server on this computer.",
  camera_not_on_disk: "This browser gives no camera to files. Open the page from a server, such as python3 -m http.server on this computer.",
  camera_insecure: "Browsers give the camera only to pages that came by https, or from this computer.",
  camera_of_frame: "The page around this one keeps the camera from it; its iframe needs allow=\"camera; microphone\".",
  camera_missing: "There is no camera. Connect one, then start it again.",
  camera_busy: "The camera cannot be opened: another program may be using it.",
  camera_gone: "The camera is gone.", camera_failed: "The camera does not work.", tracker_failed: "The face tracker cannot start.",
  microphone_denied: "The browser was told not to give this page the microphone. Allow it in the address bar.",
  microphone_denied_on_disk: "The browser gives no microphone to this file, or was told not to. Allow it in the address bar, or open the page from a server.",
  microphone_not_on_disk: "This browser gives no microphone to files. Open the page from a server.",
  microphone_insecure: "Browsers give the microphone only to pages that came by https, or from this computer.",
  microphone_of_frame: "The page around this one keeps the microphone from it; its iframe needs allow=\"camera; microphone\".",
  microphone_missing: "There is no microphone.", microphone_busy: "The microphone cannot be opened: another program may be using it.",
  microphone_failed: "The microphone does not work.",
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
  record_gif: "GIF を録画", recording_failed: "録画に失敗しました: ", stop_recording: "録画を止める", hide: "操作を隠す", show: "操作を表示",
  opening: "キャラクターを開いています…", keys: "キー: 1–9 表情、0 ふつう、矢印 頭の向き、スペース ウインク、H 操作を隠す、C カメラの開始と停止、N 今の顔を基準にする",
  camera: "カメラ", camera_start: "カメラを開始", camera_stop: "カメラを停止", camera_which: "使うカメラ",
  camera_off: "停止中", camera_starting: "開始しています…", camera_found: "顔を認識中", camera_lost: "顔が見つかりません",
  camera_preview: "カメラの映像を表示", neutral_set: "この顔を基準にする", neutral_taken: "設定しました",
  neutral_how: "カメラを見て、力を抜いた顔で一度押してください。その顔のときにキャラクターが初期ポーズになります。",
  mirror: "鏡のように動く", gains: "動きの大きさ", microphone: "マイク", microphone_mouth: "声で口を開く",
  microphone_gain: "感度", no_tracker: "このページは顔認識なしで作られています。",
  models: "顔の認識には MediaPipe のモデルを使っています (Apache License 2.0)。",
  promise: "カメラの映像とマイクの音声は、保存も送信もされません。このページの外には出ません。",
  camera_denied: "このページのカメラの使用が許可されていません。アドレスバーで許可してから、もう一度開始してください。",
  camera_denied_on_disk: "このファイルではカメラの使用が許可されていません。アドレスバーで許可してください。できない場合は、このコンピューターの python3 -m http.server などのサーバーから開いてください。",
  camera_not_on_disk: "このブラウザーはファイルにカメラを許可しません。このコンピューターの python3 -m http.server などのサーバーから開いてください。",
  camera_insecure: "カメラは https で開いたページか、このコンピューター上のページでしか使えません。",
  camera_of_frame: "外側のページがカメラを許可していません。iframe に allow=\"camera; microphone\" が必要です。",
  camera_missing: "カメラがありません。接続してから、もう一度開始してください。",
  camera_busy: "カメラを開けません。ほかのプログラムが使っているかもしれません。",
  camera_gone: "カメラが外されました。", camera_failed: "カメラが動きません。", tracker_failed: "顔認識を開始できません。",
  microphone_denied: "このページのマイクの使用が許可されていません。アドレスバーで許可してください。",
  microphone_denied_on_disk: "このファイルではマイクの使用が許可されていません。アドレスバーで許可するか、サーバーから開いてください。",
  microphone_not_on_disk: "このブラウザーはファイルにマイクを許可しません。サーバーから開いてください。",
  microphone_insecure: "マイクは https で開いたページか、このコンピューター上のページでしか使えません。",
  microphone_of_frame: "外側のページがマイクを許可していません。iframe に allow=\"camera; microphone\" が必要です。",
  microphone_missing: "マイクがありません。", microphone_busy: "マイクを開けません。ほかのプログラムが使っているかもしれません。",
  microphone_failed: "マイクが動きません。",
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
