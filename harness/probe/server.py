"""Runs inside the target interpreter: imports the libraries once, then forks for every variant.

Standard library only, Python 3.8 and newer. Speaks JSON, one object per line, on standard input and
output: first it is told which libraries to import and answers with an attestation; then every request
is one variant and every answer one record.

Run again with `--child` it is the process of a single variant, for platforms without a sound fork and
for libraries that start threads or a backend when they are imported.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

LOG_HEAD = 16 * 1024
LOG_TAIL = 48 * 1024
HERE = os.path.dirname(os.path.abspath(__file__))


def sibling(name):
    """A module of this folder, which must not be on the path of the libraries under test."""
    path = os.path.join(HERE, name + ".py")
    spec = importlib.util.spec_from_file_location("harness_probe_" + name, path)
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


if not sys.flags.isolated:
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]


holdings = sibling("holdings")
devices = sibling("devices")
variant = sibling("variant")


class Child:
    """A variant's process: its id, the stream of what it prints, and the file it leaves its record in."""

    def __init__(self, request, folder):
        self.record_path = os.path.join(folder, "record.json")
        self.folder = folder
        self.code = None
        if holdings.can_fork():
            self.isolation = "fork"
            self.fork(request)
        else:
            self.isolation = "spawn"
            self.spawn(request)

    def fork(self, request):
        reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(reader)
                os.setsid()
                variant.die_with_parent()
                nothing = os.open(os.devnull, os.O_RDONLY)
                for source, target in ((nothing, 0), (writer, 1), (writer, 2)):
                    os.dup2(source, target)
                os.closerange(3, 256)
                os.chdir(self.folder)
                variant.write_record(self.record_path, variant.run_variant(request, devices))
                sys.stdout.flush()
                sys.stderr.flush()
            except BaseException:
                traceback.print_exc()
                os._exit(70)
            os._exit(0)
        os.close(writer)
        self.log = reader
        self.process = None

    def spawn(self, request):
        self.process = subprocess.Popen(
            [sys.executable, "-I" if sys.flags.isolated else "-E", "-B", os.path.abspath(__file__), "--child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            start_new_session=True,
        )
        self.pid = self.process.pid
        body = json.dumps({"request": request, "record": self.record_path})
        try:
            self.process.stdin.write(body.encode())
            self.process.stdin.close()
        except OSError:
            pass  # it died at once: its exit code says so
        self.log = self.process.stdout.fileno()

    def poll(self):
        """Whether the process has ended; then `code` is its exit code, negative for a signal."""
        if self.code is not None:
            return True
        if self.process is not None:
            self.code = self.process.poll()
            return self.code is not None
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            return False
        self.code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        return True

    def kill(self):
        """Kill the process and everything that it started in its group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (OSError, AttributeError):
            if self.process is not None:
                self.process.kill()

    def record(self):
        try:
            with open(self.record_path, encoding="utf-8") as stream:
                return json.load(stream)
        except (OSError, ValueError):
            return None


class BoundedLog:
    """Keeps the beginning and the end of what a process prints, however much that is."""

    def __init__(self):
        self.head = b""
        self.tail = b""
        self.dropped = 0

    def add(self, data):
        room = LOG_HEAD - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        if len(self.tail) > 2 * LOG_TAIL:
            self.trim()

    def trim(self):
        excess = max(0, len(self.tail) - LOG_TAIL)
        self.dropped += excess
        self.tail = self.tail[excess:]

    def text(self):
        self.trim()
        middle = b"\n[... %d bytes left out ...]\n" % self.dropped if self.dropped else b""
        return variant.portable((self.head + middle + self.tail).decode("utf-8", "replace"))


def serve_one(request, stdin):
    """Run one variant in a process of its own and return its record."""
    folder = tempfile.mkdtemp(prefix="cell-")
    try:
        child = Child(request, folder)
        log = BoundedLog()
        timed_out = not watch(child, log, time.monotonic() + request["timeout"], stdin)
        child.kill()
        while not child.poll():
            time.sleep(0.002)
        drain(child.log, log)
        return verdict_free_record(child, log, timed_out, request)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def watch(child, log, deadline, stdin):
    """Keep what a process prints until it ends; false where it had not ended by the deadline."""
    watched = [child.log, stdin]
    while not child.poll():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        ready, _, _ = select.select(watched, [], [], min(left, 0.01))
        if child.log in ready:
            data = os.read(child.log, 65536)
            if not data:  # it closed its output and lives on
                watched.remove(child.log)
            log.add(data)
        if stdin in ready:  # requests come one at a time: the client is gone
            child.kill()
            sys.exit(0)
    return True


def drain(descriptor, log):
    """Read what a dead process group left in its pipe, and close it."""
    os.set_blocking(descriptor, False)
    try:
        while True:
            data = os.read(descriptor, 65536)
            if not data:
                break
            log.add(data)
    except (BlockingIOError, OSError):
        pass
    try:
        os.close(descriptor)
    except OSError:
        pass


def verdict_free_record(child, log, timed_out, request):
    """What happened, without any judgement of what it means."""
    record = child.record()
    if timed_out:
        record = {"outcome": "timed out", "reason": "no end after %g s" % request["timeout"], "seconds": request["timeout"]}
    elif record is None or child.code != 0:
        record = {"outcome": "crashed", "reason": how_it_ended(child.code)}
    record.update(log=log.text(), isolation=child.isolation)
    return record


def how_it_ended(code):
    if code < 0:
        try:
            return "killed by %s" % signal.Signals(-code).name
        except ValueError:
            return "killed by signal %d" % -code
    return "exited with code %d before the variant ended" % code


def server():
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print while they are imported is no answer
    stdin = os.fdopen(os.dup(0), "rb", buffering=0)
    buffer = [b""]

    def lines():
        while True:
            line, found, rest = buffer[0].partition(b"\n")
            if found:
                buffer[0] = rest
                yield json.loads(line)
                continue
            data = stdin.read(65536)
            if not data:
                return
            buffer[0] += data

    def answer(data):
        out.write(json.dumps(data) + "\n")
        out.flush()

    requests = lines()
    hello = next(requests, None)
    if hello is None:
        return
    imported = holdings.import_libraries(hello["libraries"], variant.describe)
    answer(holdings.attest(imported, [distribution for distribution, _ in hello["libraries"]]))
    for request in requests:
        request["libraries"] = hello["libraries"]
        answer(serve_one(request, stdin))


def child():
    body = json.load(sys.stdin)
    variant.die_with_parent()
    holdings.import_libraries(body["request"]["libraries"], variant.describe)
    variant.write_record(body["record"], variant.run_variant(body["request"], devices))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    if "--child" in sys.argv:
        child()
    else:
        server()
