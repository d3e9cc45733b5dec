"""The crypto module of the guest library, in a run of the real engine, against the second
implementation: on the published vectors, and on random inputs, right ones and spoiled ones.
CRYPTO_ROUNDS and CRYPTO_SEED set how many and which."""

import json
import os
import random
import subprocess
import tempfile
import unittest

import second

ROUNDS = int(os.environ.get("CRYPTO_ROUNDS", "40"))
SEED = os.environ.get("CRYPTO_SEED", "1")
VECTORS = os.path.join(os.path.dirname(__file__), "../../data/crypto/vectors.json")


def guest(calls, kind):
    """What a run answers; `kind` is "" for the module, ".p2" for the component."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(calls, file)
        file.flush()
        done = subprocess.run(
            [os.path.join(os.environ["OL_BIN"], "outlayer"), "test", "-q",
             os.path.join(os.environ["OL_WASM"], f"guests/guest-crypto{kind}.wasm"),
             "--input-file", file.name, "--max-instructions", "100000000000"],
            capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


class Case(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(f"{SEED}:{self.id()}")
        self.calls = []

    def ask(self, operation, *args):
        """Notes a call for `compare`; the second implementation's answer at once."""
        words = [arg.hex() if isinstance(arg, bytes) else str(arg) for arg in args]
        call = [operation] + words
        self.calls.append(call)
        return second.answer(call)

    def compare(self):
        wanted = [second.answer(call) for call in self.calls]
        for kind in "", ".p2":
            for call, got, want in zip(self.calls, guest(self.calls, kind), wanted, strict=True):
                self.assertEqual(got, want, f"{kind} {call}")

    def bytes(self, most=300):
        """Mostly around the blocks of hashes and ciphers."""
        near = self.random.choice([0, 16, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 135, 136])
        size = self.random.choice([near, self.random.randint(0, most)])
        return self.random.randbytes(size)

    def turned(self, data):
        if not data:
            return b"\0"
        at = self.random.randrange(8 * len(data))
        return data[:at // 8] + bytes([data[at // 8] ^ (1 << at % 8)]) + data[at // 8 + 1:]

    def turned_one_of(self, args):
        """The arguments with one bit of one of them turned."""
        args, at = list(args), self.random.randrange(len(args))
        args[at] = self.turned(args[at])
        return args


class Vectors(Case):
    def test_the_second_implementation_agrees_with_what_is_published(self):
        with open(VECTORS, encoding="utf-8") as file:
            vectors = json.load(file)
        self.assertGreater(len(vectors), 190)
        for vector in vectors:
            self.assertEqual(second.answer(vector["call"]), vector["answer"], vector["source"])


class Hashes(Case):
    def test_hashes(self):
        for _ in range(ROUNDS):
            for name in "sha256", "sha512", "keccak256":
                self.ask(name, self.bytes())
        self.ask("sha256", self.random.randbytes(60000))
        self.ask("sha512", self.random.randbytes(60000))
        self.compare()

    def test_every_length_around_two_blocks(self):
        for size in range(280):
            self.ask("keccak256", bytes(size))
            self.ask("sha256", bytes(size))
            self.ask("sha512", bytes(size))
        self.compare()

    def test_codes_and_derived_keys(self):
        for _ in range(ROUNDS):
            for name in "sha256", "sha512":
                self.ask("hmac-" + name, self.bytes(), self.bytes())
                size = self.random.choice([0, 1, 31, 32, 33, 64, 100, 8160, 8161])
                self.ask("hkdf-" + name, self.bytes(), self.bytes(), self.bytes(), size)
            data = self.bytes()
            self.ask("equal", data, data)
            self.ask("equal", data, self.turned(data))
        self.compare()


class Signatures(Case):
    def test_ed25519(self):
        for _ in range(ROUNDS):
            seed, message = self.random.randbytes(32), self.bytes()
            key = bytes.fromhex(self.ask("ed-public", seed))
            signature = bytes.fromhex(self.ask("ed-sign", seed, message))
            self.assertEqual(self.ask("ed-verify", key, message, signature), "ok")
            self.ask("ed-verify", *self.turned_one_of([key, message, signature]))
        self.compare()

    def test_secp256k1(self):
        for _ in range(ROUNDS):
            secret, nonce = (self.random.randrange(1, second.ORDER) for _ in range(2))
            digest = self.random.randbytes(32)
            x, y = second.k1_times(secret, second.G)
            r = second.k1_times(nonce, second.G)[0] % second.ORDER
            s = pow(nonce, -1, second.ORDER) * (int.from_bytes(digest, "big") + r * secret)
            raw = r.to_bytes(32, "big") + (s % second.ORDER).to_bytes(32, "big")
            number = self.random.choice(["", "0", "1", "2", "3", "4"])
            self.ask("k1-normalize", raw, number)
            signature = bytes.fromhex(self.ask("k1-normalize", raw, ""))
            key = x.to_bytes(32, "big") + y.to_bytes(32, "big")
            short = bytes([2 + y % 2]) + key[:32]
            self.assertEqual(self.ask("k1-verify", key, digest, signature), "ok")
            for form in short, b"\4" + key, b"\6" + key, key[:-1]:
                self.ask("k1-verify", form, digest, signature)
            self.ask("k1-verify", key, digest, raw)
            self.ask("k1-verify", *self.turned_one_of([short, digest, signature]))
            found = [self.ask("k1-recover", digest, signature, i) for i in range(5)]
            self.assertIn(key.hex(), found)
            self.ask("k1-recover", self.turned(digest), self.turned(signature), 1)
        self.compare()


class Boxes(Case):
    def test_x25519(self):
        for _ in range(ROUNDS):
            mine, theirs = self.random.randbytes(32), self.random.randbytes(32)
            a, b = (bytes.fromhex(self.ask("x-public", key)) for key in (mine, theirs))
            self.assertEqual(self.ask("x-agree", mine, b), self.ask("x-agree", theirs, a))
            self.ask("x-agree", mine, self.random.randbytes(32))
        self.compare()

    def test_what_is_sealed(self):
        for _ in range(ROUNDS):
            for name, size in ("chacha", 12), ("xchacha", 24):
                key, nonce = self.random.randbytes(32), self.random.randbytes(size)
                associated, plain = self.bytes(), self.bytes()
                sealed = bytes.fromhex(self.ask(name + "-seal", key, nonce, associated, plain))
                args = [key, nonce, associated, sealed]
                self.assertEqual(self.ask(name + "-open", *args), plain.hex() or "ok")
                self.assertEqual(self.ask(name + "-open", *self.turned_one_of(args)), "-3")
                self.ask(name + "-open", key, nonce, associated, self.bytes(40))
        self.compare()


class Texts(Case):
    def test_text_forms(self):
        letters = "ABCxyz0189+/=-_ IlO"
        for _ in range(ROUNDS):
            data = self.random.choice([b"", bytes(3)]) + self.bytes(60)
            for name in "base58", "base64":
                text = self.ask(name, data)
                self.ask(name + "-decode", text[:170])
                spoiled = "".join(self.random.choices(letters, k=self.random.randint(0, 24)))
                self.ask(name + "-decode", spoiled)
        self.compare()


if __name__ == "__main__":
    unittest.main()
