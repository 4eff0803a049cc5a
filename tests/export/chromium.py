"""Drives a Chromium without a window over a pipe of its debugging protocol. Needs nothing but Python 3."""

import json
import os
import select
import shutil
import subprocess
import tempfile

# Both kinds of graphics in software: a machine of tests has no GPU. Without Vulkan for the browser's own drawing, a canvas
# of WebGPU ends the process that draws.
SOFTWARE = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-unsafe-swiftshader",
            "--use-angle=swiftshader", "--use-vulkan=swiftshader", "--enable-features=Vulkan")
# Neither kind.
WITHOUT_GRAPHICS = ("--disable-gpu", "--disable-3d-apis")


def find_chromium():
    """The browser's program, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class ProtocolError(Exception):
    """What the browser answers to a command that fails."""


class Chromium:
    """A browser with one page, whose folder of settings is its own and is removed at the end."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        commands_to, self.commands = os.pipe()
        self.answers, answers_from = os.pipe()

        def use_as_pipes():  # the protocol is spoken on descriptors 3 and 4
            first, second = os.dup(commands_to), os.dup(answers_from)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [find_chromium(), "--headless=new", "--no-sandbox", "--no-first-run", "--hide-scrollbars",
             "--remote-debugging-pipe", f"--user-data-dir={self.folder.name}", *options, "about:blank"],
            preexec_fn=use_as_pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(commands_to)
        os.close(answers_from)
        self.received, self.last_id, self.session, self.events = b"", 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.call(f"{domain}.enable")

    def _message(self, timeout):
        while b"\0" not in self.received:
            if not select.select([self.answers], [], [], timeout)[0]:
                raise TimeoutError("Chromium does not answer")
            data = os.read(self.answers, 1 << 20)
            if not data:
                raise EOFError("Chromium has ended")
            self.received += data
        text, self.received = self.received.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, timeout=120, **parameters):
        """What the browser answers to a command; events that come before it are kept."""
        self.last_id += 1
        command = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        while True:
            message = self._message(timeout)
            if message.get("id") != self.last_id:
                self.events.append(message)
            elif "error" in message:
                raise ProtocolError(f"{method}: {message['error']}")
            else:
                return message["result"]

    def open(self, url, **size):
        """Opens a page and waits until it is loaded; `size` as of Emulation.setDeviceMetricsOverride."""
        self.call("Emulation.setDeviceMetricsOverride",
                  **{"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False, **size})
        begin = len(self.events)
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events[begin:]):
            self.events.append(self._message(60))

    def run(self, expression, timeout=120):
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.call("Runtime.evaluate", timeout, expression=expression, awaitPromise=True, returnByValue=True,
                           userGesture=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise ProtocolError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def press(self, key, code=0):
        """Presses a key and lets it go."""
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def click(self, selector):
        """Clicks in the middle of the first element that `selector` names."""
        box = self.run(f"(() => {{ const element = document.querySelector({json.dumps(selector)});"
                       "element.scrollIntoView({block: 'nearest'}); const box = element.getBoundingClientRect();"
                       "return [box.x + box.width / 2, box.y + box.height / 2]; })()")
        place = {"x": box[0], "y": box[1], "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **place)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **place)

    def close(self):
        try:
            self.session = None
            self.call("Browser.close", timeout=10)
            self.process.wait(10)
        except (OSError, EOFError, TimeoutError, ProtocolError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.folder.cleanup()
