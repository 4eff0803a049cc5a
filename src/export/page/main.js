// The script runs in the page, and again in its workers.

import { serve_faces } from "./face_worker.js";
import { serve_gifs } from "./gif.js";
import { start_page } from "./page.js";
import { serve_poses } from "./worker_player.js";

const TASKS = { poses: serve_poses, faces: serve_faces, gifs: serve_gifs };

if (typeof document === "undefined") TASKS[self.name]();
else start_page();
