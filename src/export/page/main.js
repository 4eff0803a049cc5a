// The script runs in the page, and again in the worker that draws where the page has no GPU.

import { start_page } from "./page.js";
import { serve_poses } from "./worker_player.js";

if (typeof document === "undefined") serve_poses();
else start_page();
