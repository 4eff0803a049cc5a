"""Drives a Firefox by Marionette, its own protocol for tests, on a screen of Xvfb: without one it has no WebGL in software."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

# WebGL in software, and a camera that shows a moving pattern. Nothing of the browser's own leaves the machine.
SETTINGS = {
    "marionette.port": 0,
    "webgl.force-enabled": True,
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
}
STARTS = 60  # seconds that it may take


def find_firefox():
    """The browser's program, or None where that or its screen is missing."""
    return shutil.which("Xvfb") and (shutil.which("firefox-esr") or shutil.which("firefox"))


class Screen:
    """A screen that nobody sees; `name` is what DISPLAY is set to."""

    def __init__(self):
        reading, writing = os.pipe()
        self.process = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
                                        pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as number:
            self.name = ":" + number.readline().strip()

    def close(self):
        self.process.terminate()
        self.process.wait()


class Firefox:
    """A browser with one page, whose folder of settings is its own and is removed at the end."""

    def __init__(self):
        self.screen = Screen()
        self.folder = tempfile.TemporaryDirectory()
        profile = Path(self.folder.name)
        (profile / "user.js").write_text("".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                                                 for name, value in SETTINGS.items()))
        self.process = subprocess.Popen(
            [find_firefox(), "--no-remote", "--marionette", "--profile", self.folder.name],
            env={**os.environ, "DISPLAY": self.screen.name}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.last_id, self.connection = 0, None
        try:
            self.connection = socket.create_connection(("127.0.0.1", self._port(profile / "MarionetteActivePort")), timeout=120)
            self._message()  # its greeting
            self.call("WebDriver:NewSession", capabilities={"alwaysMatch": {"timeouts": {"script": 120000}}})
        except BaseException:
            self.close()
            raise

    def _port(self, file):
        end = time.monotonic() + STARTS
        while time.monotonic() < end and self.process.poll() is None:
            if file.exists() and file.read_text().strip():
                return int(file.read_text())
            time.sleep(0.1)
        raise TimeoutError("Firefox does not start")

    def _bytes(self, count):
        data = b""
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                raise EOFError("Firefox has ended")
            data += part
        return data

    def _message(self):
        """A message is its length in digits, a colon, and JSON."""
        digits = b""
        while (digit := self._bytes(1)) != b":":
            digits += digit
        return json.loads(self._bytes(int(digits)))

    def call(self, method, **parameters):
        """What the browser answers to a command."""
        self.last_id += 1
        data = json.dumps([0, self.last_id, method, parameters]).encode()
        self.connection.sendall(str(len(data)).encode() + b":" + data)
        _, answered, error, result = self._message()
        if answered != self.last_id or error:
            raise RuntimeError(f"{method}: {error and error['message']}")
        return result.get("value", result) if isinstance(result, dict) else result

    def open(self, url, width=1280, height=1024):
        """Opens a page in a window of a size and waits until it is loaded."""
        self.call("WebDriver:SetWindowRect", x=0, y=0, width=width, height=height)
        self.call("WebDriver:Navigate", url=url)

    def run(self, expression):
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.call("WebDriver:ExecuteAsyncScript", args=[], sandbox=None, newSandbox=False, script=f"""
            const answer = arguments[arguments.length - 1];
            Promise.resolve().then(() => ({expression})).then((value) => answer({{ value }}),
                                                              (error) => answer({{ error: String(error) }}));""")
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def close(self):
        try:
            if self.connection:
                self.call("Marionette:Quit", flags=["eForceQuit"])
                self.connection.close()
            self.process.wait(10)
        except (OSError, EOFError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.screen.close()
        self.folder.cleanup()
