"""Runs the parts of a plan, each once: what is finished, and still as it was left, is not run again."""

import concurrent.futures
import datetime
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid

from schedule import Schedule, expected_seconds
from scale import UsageError, settings_files

MARKER = "reproduce.json"  # of a folder that belongs to a reproduction
SHOWN_LOG_LINES = 20


class PartFailed(Exception):
    pass


class Interrupted(Exception):
    pass


def now():
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def duration(seconds):
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def write_text(file, text):
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.tmp-{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)


def digest(content):
    return hashlib.sha256(content).hexdigest()


def source_version(root):
    """The commit that is checked out, with "-dirty" where files differ from it; None where there is no git."""
    try:
        result = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"], capture_output=True, text=True,
                                check=False)
    except OSError:
        return None
    return result.stdout.strip() or None


def size_of(file):
    return file.stat().st_size if file.is_file() else None


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class Stamps:
    """What is known of each part: the commands that made it, what they wrote, and when."""

    def __init__(self, folder):
        self.folder = folder

    def read(self, name):
        try:
            stamp = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return stamp if isinstance(stamp, dict) else None

    def write(self, name, stamp):
        write_text(self.folder / f"{name}.json", json.dumps(stamp, indent=2) + "\n")


class Runner:
    def __init__(self, plan):
        self.plan = plan
        self.out = plan.out
        self.stamps = Stamps(self.out / "parts")
        self.interrupted = False
        self.children = []
        self.children_lock = threading.RLock()  # which a signal may find taken by the handler of another one
        self.numbers = {name: number for number, name in enumerate(plan.parts, start=1)}
        self.end_time = None

    # What there is to do

    def recipe(self, part):
        """What has to be the same for a part's result to be the same."""
        return {"commands": [[self.plan.shown(argument) for argument in command] for command in part.commands],
                "configs": {self.plan.shown(file): self._config_digest(file) for file in part.configs}}

    def _config_digest(self, file):
        if file in self.plan.generated_configs:
            return digest(self.plan.generated_configs[file].encode())
        try:
            return digest(b"".join(part.read_bytes() for part in settings_files(file)))
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror}") from error

    def to_do(self, part, remade=()):
        """"done", "resume" or "run", and why a part that was run before is run anew. `remade`: parts that will be."""
        stamp = self.stamps.read(part.name)
        if stamp is None:
            return "run", ""
        recipe = self.recipe(part)
        if stamp.get("commands") != recipe["commands"]:
            return "run", "its command has changed"
        for file, file_digest in recipe["configs"].items():
            if stamp.get("configs", {}).get(file) != file_digest:
                return "run", f"{file} has changed"
        for name in part.inputs:
            if name in remade or stamp.get("inputs", {}).get(name) != self._run_of(name):
                return "run", f"{name} is not the one it was made with"
        if stamp.get("state") != "finished":
            return ("resume", "") if part.run_folder or part.continues else ("run", "it was interrupted")
        for file in part.outputs:
            if stamp.get("outputs", {}).get(self.plan.shown(file)) != size_of(file):
                return "run", f"{self.plan.shown(file)} is not as it left it"
        return "done", ""

    def _run_of(self, name):
        """Which run of a part made its result."""
        return (self.stamps.read(name) or {}).get("run")

    def commands_of(self, part, action):
        """With --resume where a command finds an interrupted run."""
        resumes = action == "resume" and part.run_folder and (part.run_folder / "config.json").exists()
        return [command + (["--resume"] if resumes else []) for command in part.commands]

    def show(self):
        """Prints what a run would do."""
        remade = set()
        for number, part in enumerate(self.plan.parts.values(), start=1):
            action, reason = self.to_do(part, remade)
            if action == "run":
                remade.add(part.name)
            text = {"done": "done before", "resume": "goes on", "run": "anew: " + reason if reason else "to do"}[action]
            print(f"{number:2d}/{len(self.plan.parts)} {part.name} ({text})")
            if action != "done":
                for command in self.commands_of(part, action):
                    print("    " + shlex.join(self.plan.shown(argument) for argument in command))

    # Doing it

    def run(self):
        """Runs what is not done. Throws PartFailed or Interrupted."""
        self._claim_folder()
        for handled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(handled, self._interrupt)
        for file, text in self.plan.generated_configs.items():
            write_text(file, text)
        options = self.plan.options
        schedule = Schedule(self.plan.parts.values(), options.gpus)
        places = list(range(options.gpus))
        errors, runs = [], {}
        if options.minutes is not None:
            self.end_time = time.monotonic() + 60 * options.minutes
        with concurrent.futures.ThreadPoolExecutor(options.gpus) as pool:
            while True:
                may_begin = not self.interrupted and (options.keeps_going or not errors)
                while may_begin and (part := schedule.begin(self._is_timely)):
                    place = places.pop(0)
                    runs[pool.submit(self._run_part, part, place)] = (part, place)
                if not runs:
                    break
                for run in self._ended(runs):
                    part, place = runs.pop(run)
                    places = sorted([*places, place])
                    if run.exception():
                        errors.append(run.exception())
                    schedule.end(part, is_made=not run.exception())
        self._tell_of(errors, schedule)

    def _ended(self, runs):
        """Waits until one of them ends, or all when the time is up."""
        seconds = None if self.end_time is None or self.interrupted else max(0, self.end_time - time.monotonic())
        ended, _ = concurrent.futures.wait(runs, seconds, concurrent.futures.FIRST_COMPLETED)
        if not ended:
            self._interrupt(signal.SIGTERM, None)
        return ended

    def _is_timely(self, part):
        """Whether there is time for a part, by what others have taken; of the first of a kind, nothing is known."""
        if self.end_time is None:
            return True
        action, _ = self.to_do(part)
        if action == "done":
            return True
        stamps = [(other, self.stamps.read(name)) for name, other in self.plan.parts.items()]
        taken = expected_seconds(part, [(other, stamp["seconds"]) for other, stamp in stamps
                                        if stamp and stamp.get("state") == "finished"])
        before = (self.stamps.read(part.name) or {}).get("seconds", 0) if action == "resume" else 0
        return time.monotonic() + max(0, taken - before) < self.end_time

    def _tell_of(self, errors, schedule):
        """Raises what kept parts from being made."""
        for error in errors:
            if not isinstance(error, (PartFailed, Interrupted)):
                raise error
        for kind in (PartFailed, Interrupted):
            found = [str(error) for error in errors if isinstance(error, kind)]
            if found:
                raise kind("; ".join(found))
        if schedule.waiting:
            why = "the time is up" if self.end_time is not None else "interrupted"
            raise Interrupted(f"{why}, {len(schedule.waiting)} parts are not begun; the same command goes on there")

    def _claim_folder(self):
        """The folder is this reproduction's alone, and no other process's at this time."""
        if self.out.exists() and not self.out.is_dir():
            raise UsageError(f"{self.out} is a file; choose another --out")
        if self.out.exists() and not (self.out / MARKER).exists() and any(self.out.iterdir()):
            raise UsageError(f"{self.out} is not empty and holds no reproduction; choose another --out")
        self.out.mkdir(parents=True, exist_ok=True)
        try:
            marker = json.loads((self.out / MARKER).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            marker = {"scale": self.plan.scale.name}
            write_text(self.out / MARKER, json.dumps(marker) + "\n")
        if marker.get("scale") != self.plan.scale.name:
            raise UsageError(f"{self.out} holds a reproduction of the scale {marker.get('scale')}; choose another --out")
        self.lock = open(self.out / "reproduce.lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(f"another process is running the reproduction in {self.out}; wait for its end") from error

    def _interrupt(self, number, _frame):
        """Passed on to the part's command, which saves what it has and ends."""
        self.interrupted = True
        with self.children_lock:
            for child in self.children:
                child.send_signal(signal.SIGTERM if number == signal.SIGHUP else number)

    def _run_part(self, part, place):
        """`place`: which of the parts that run at the same time it is, and so its GPU."""
        line = f"reproduce: {self.numbers[part.name]:2d}/{len(self.plan.parts)} {part.title}"
        action, reason = self.to_do(part)
        if action == "done":
            print(f"{line}: done before")
            return
        because = f", anew: {reason}" if reason else ", going on" if action == "resume" else ""
        self.tell(f"{line}{because} ... ", "begun")
        before = self.stamps.read(part.name) if action == "resume" else None
        stamp = {"state": "started", "run": before["run"] if before else uuid.uuid4().hex, **self.recipe(part),
                 "inputs": {name: self._run_of(name) for name in part.inputs}, "source": source_version(self.plan.options.root),
                 "started": before.get("started") if before else now(),
                 "seconds": before.get("seconds", 0) if before else 0}
        commands = self.commands_of(part, action)
        if action == "run":
            for path in part.owned:
                remove(path)
        for path in part.outputs:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.stamps.write(part.name, stamp)
        start = time.monotonic()
        try:
            self._run_commands(part, commands, place, append=action == "resume")
        finally:
            stamp["seconds"] += time.monotonic() - start
            self.stamps.write(part.name, stamp)
        stamp.update(state="finished", finished=now(),
                     outputs={self.plan.shown(file): size_of(file) for file in part.outputs})
        self.stamps.write(part.name, stamp)
        self.tell("", duration(stamp["seconds"]), f"{line}: ")

    def tell(self, beginning, text, line=""):
        """What happens to a part: one line of a part that runs alone; of those that run side by side, a line each time."""
        if self.plan.options.gpus > 1:
            print(f"{line}{beginning}{text}", flush=True)
        elif beginning:
            print(beginning, end="", flush=True)
        else:
            print(text, flush=True)

    def _run_commands(self, part, commands, place, append):
        log_file = self.log_of(part)
        log_file.parent.mkdir(parents=True, exist_ok=True)
        with open(log_file, "a" if append else "w", encoding="utf-8") as log:
            for command in commands:
                self._run_command(part, command, place, log)
        missing = [self.plan.shown(file) for file in part.outputs if size_of(file) is None]
        if missing:
            self._fail(part, f"left no {', '.join(missing)}")

    def _run_command(self, part, command, place, log):
        print("+ " + shlex.join(command), file=log, flush=True)
        with self.children_lock:
            if self.interrupted:
                self._stop(part)
            try:
                # In a group of its own, so that a terminal's Ctrl-C reaches it once, by way of _interrupt().
                child = subprocess.Popen(command, cwd=self.plan.options.root, stdin=subprocess.DEVNULL, stdout=log,
                                         stderr=subprocess.STDOUT, process_group=0, env=self._environment(place))
            except OSError as error:
                self._fail(part, f"cannot be started: {error}")
            self.children.append(child)
        status = child.wait()
        with self.children_lock:
            self.children.remove(child)
        if self.interrupted and status != 0:
            self._stop(part)
        if status != 0:
            self._fail(part, f"failed (signal {-status})" if status < 0 else f"failed (exit status {status})")

    def _environment(self, place):
        """Where parts run side by side, each sees one GPU."""
        if self.plan.options.gpus == 1:
            return None
        return {**os.environ, "CUDA_VISIBLE_DEVICES": self.plan.options.visible_gpus()[place]}

    def _stop(self, part):
        self.tell("", "interrupted", f"reproduce: {part.title}: ")
        raise Interrupted(f"interrupted in the part {part.name}; the same command goes on there")

    def _fail(self, part, what):
        self.tell("", "failed", f"reproduce: {part.title}: ")
        log_file = self.log_of(part)
        with open(log_file, encoding="utf-8", errors="replace") as log:
            sys.stderr.writelines(log.readlines()[-SHOWN_LOG_LINES:])
        raise PartFailed(f"the part {part.name} {what}; the end of its log is above, the whole is {log_file}")

    def log_of(self, part):
        return self.out / "logs" / f"{part.name}.log"
