"""Starts outlayer-localnet on a free port."""

import json
import os
import re
import subprocess
import tempfile
import urllib.request


class Localnet:
    def __init__(self, *flags):
        program = os.path.join(os.environ["OL_BIN"], "outlayer-localnet")
        cache = os.path.join(os.environ["OL_WASM"], "compiled")
        self.process = subprocess.Popen(
            [program, "--port", "0", "--cache", cache, *flags],
            cwd=tempfile.mkdtemp(prefix="clients-"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in self.process.stderr:
            found = re.search(r"listening .*port=(\d+)", line)
            if found:
                self.url = f"http://127.0.0.1:{found[1]}"
                return
        raise RuntimeError("outlayer-localnet did not start")

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=30)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)

    def secret_key(self, account_id):
        return self.get(f"/dev/key/{account_id}")["secret_key"]


def probe():
    path = os.path.join(os.environ["OL_WASM"], "contracts", "probe.wasm")
    with open(path, "rb") as file:
        return file.read()
