"""That the tracker's WebAssembly was compiled of the sources that are there."""

import hashlib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class KernelTest(unittest.TestCase):
    def test_is_compiled_of_the_sources_that_are_there(self):
        files = [file for folder in ("src/track", "include/tha4/track") for file in (ROOT / folder).rglob("*")
                 if file.suffix in (".cpp", ".h") and file.name != "tracker_models.cpp"]
        content = b"".join(file.read_bytes() for file in sorted(files))
        kept = (ROOT / "src/track/page/tracker_kernel.sha256").read_text().strip()
        self.assertEqual(hashlib.sha256(content).hexdigest(), kept, "run scripts/build_tracker_kernel.sh")


if __name__ == "__main__":
    unittest.main()
