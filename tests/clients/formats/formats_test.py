"""Two implementations of each format agree, on the published vectors and on random inputs, in both
directions. FORMATS_ROUNDS and FORMATS_SEED set how many and which."""

import base64
import json
import os
import random
import subprocess
import unittest

import formats as f

VECTORS = bytes(range(32))  # K of the vectors
ROUNDS = int(os.environ.get("FORMATS_ROUNDS", "200"))
SEED = os.environ.get("FORMATS_SEED", "1")


class Probe:
    """The C side: formats_probe, asked line by line."""

    def __init__(self, master):
        self.process = subprocess.Popen(
            [os.environ["FORMATS_PROBE"], master.hex()], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, command, *args):
        words = [command] + [arg.hex() or "-" for arg in args]
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            raise RuntimeError(f"the probe ended at {words[0]}")
        return answer

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait(timeout=30) != 0:
            raise RuntimeError("the probe failed")


def unhex(word):
    return None if word == "no" else b"" if word == "-" else bytes.fromhex(word)


class Case(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(f"{SEED}:{self.id()}")
        self.master = VECTORS
        self.probe = Probe(self.master)

    def tearDown(self):
        self.probe.stop()

    def other_master(self):
        self.probe.stop()
        self.master = self.random.randbytes(32)
        self.probe = Probe(self.master)

    def rounds(self):
        for number in range(ROUNDS):
            if number % 50 == 1:
                self.other_master()
            with self.subTest(seed=SEED, round=number):
                yield number

    def text(self, most=60):
        letters = "abcxyz019._-:/@é€😀 \n"
        return "".join(self.random.choices(letters, k=self.random.randint(1, most))).encode()

    def bytes(self, most=400):
        return self.random.randbytes(self.random.choice([0, 1, 31, 32, 33, 64, most]))

    def turned(self, data):
        at = self.random.randrange(8 * len(data))
        return data[:at // 8] + bytes([data[at // 8] ^ (1 << at % 8)]) + data[at // 8 + 1:]


class Keys(Case):
    def test_vectors(self):
        self.assertEqual(f.public(f.opening_key(VECTORS, b"system:payment_key:alice.near:1")).hex(),
                         "d0e7ca82a4828f193339ec6c19d9804d5523822e3e7645035c3393d141d89d33")
        self.assertEqual(f.secret_path(VECTORS, b"vault-master:vault.alice.near"),
                         "285e1d5f25f148fe2f2a663acdc65eec51b5207b3a2abadd87ada8913423558d")

    def test_same_keys_from_any_seed(self):
        for _ in self.rounds():
            seed = self.text(200)
            self.assertEqual(self.probe.ask("keys", seed), [
                f.public(f.signing_key(self.master, seed)).hex(),
                f.public(f.opening_key(self.master, seed)).hex(),
                f.secret_path(self.master, seed)])


class Blobs(Case):
    def test_vectors(self):
        seed = b"project:alice.near/app:alice.near"
        ecies = base64.b64decode(
            "ARMsRCvgEPvVfnJgMyiqducfzMFQOq4hkyfRTZyZk/RyoKGio6SlpqeoqaqrC0PEaGssqPRx8tBBhtGxdE98F2"
            "JZ0XvAnLgsF4iGdrhBnJ9S")
        legacy = base64.b64decode(
            "oKGio6SlpqeoqaqrK/2SdI3gD3rwirjYNgra3SE8zQ98EC7cRPMfAlGQnrBE7OCD")
        for blob in ecies, legacy:
            self.assertEqual(f.blob_open(VECTORS, seed, blob), b'{"API_KEY":"abc123"}')
            self.assertEqual(unhex(self.probe.ask("open", seed, blob)[0]), b'{"API_KEY":"abc123"}')

    def test_what_one_seals_the_other_opens(self):
        for _ in self.rounds():
            seed, plain = self.text(), self.bytes()
            ours = unhex(self.probe.ask("seal", seed, plain)[0])
            self.assertEqual(f.blob_open(self.master, seed, ours), plain)
            recipient = f.public(f.opening_key(self.master, seed))
            theirs = f.ecies_seal(recipient, plain)
            self.assertEqual(unhex(self.probe.ask("open", seed, theirs)[0]), plain)
            older = f.legacy_seal(self.master, seed, plain)
            self.assertEqual(unhex(self.probe.ask("open", seed, older)[0]), plain)

    def test_what_one_refuses_the_other_refuses(self):
        for _ in self.rounds():
            seed = self.text()
            blob = self.turned(f.ecies_seal(f.public(f.opening_key(self.master, seed)), b"secret"))
            for bad in blob, self.turned(f.legacy_seal(self.master, seed, b"s")), self.bytes():
                self.assertIsNone(f.blob_open(self.master, seed, bad))
                self.assertEqual(self.probe.ask("open", seed, bad), ["no"])


class Rows(Case):
    def test_vector(self):
        row = base64.b64decode("AgABAgMEBQYHCAkKCwwNDg8QERITFBUWF9Grvl6fe+tkhW+BfvWrqTs7Ew==")
        args = VECTORS, b"storage:proj_a1b2c3d4:alice.near"
        self.assertEqual(f.row_index(*args, b"counter").hex(),
                         "2d1ae1ba5d7ed7dffbe207ddfc18dc7b887865410400dae903b871d51ca87884")
        self.assertEqual(f.row_seal(*args, b"v", b"counter", b"41", bytes(range(24))), row)

    def test_rows_go_both_ways_and_stay_where_they_belong(self):
        for _ in self.rounds():
            seed, key, plain = self.text(), self.text(), self.bytes()
            role, wrong = self.random.choice([(b"k", b"v"), (b"v", b"k")])
            index, row = self.probe.ask("row-seal", seed, role, key, plain)
            self.assertEqual(index, f.row_index(self.master, seed, key).hex())
            self.assertEqual(f.row_open(self.master, seed, role, key, unhex(row)), plain)
            self.assertIsNone(f.row_open(self.master, seed, wrong, key, unhex(row)))
            mine = f.row_seal(self.master, seed, role, key, plain)
            self.assertEqual(unhex(self.probe.ask("row-open", seed, role, key, mine)[0]), plain)
            for args in ((seed, wrong, key, mine), (seed, role, key + b"x", mine),
                         (seed, role, key, self.turned(mine))):
                self.assertEqual(self.probe.ask("row-open", *args), ["no"])


class Signatures(Case):
    def test_vectors(self):
        proof, output = f.vrf_prove(VECTORS, b"vrf:42:alice.near:coin-flip")
        self.assertEqual(output.hex(),
                         "868ff99162e559ce14c1126db2a6f832c00f7efe3e8d9a84c8beec78f9654359")
        key = f.Ed25519PrivateKey.from_private_bytes(bytes([0x22]) * 32)
        self.assertEqual(key.sign(f.session_statement(b"keystore", VECTORS)).hex(),
                         "1c4f8f4e0ef8309f5071039299fa36db1e4d80dc10af2c3952879f16b59f3965"
                         "3b13943fce6113cac365070708e5f8d9fdbb1b6ab02b559fb999a4cbb0f84f0c")
        message = (b"Update Outlayer secrets for alice.near:default\nkeys:API_KEY,TOKEN\n"
                   b"protected:PROTECTED_SEED")
        self.assertEqual(f.nep413_hash(message, VECTORS, b"keystore.outlayer.near").hex(),
                         "0062ddd2b747c4c37e61d85af369c2fe52605e2773e2566bca45480dd3366a59")
        self.assertEqual(f.protected_mac(VECTORS, b"project:alice.near/app:alice.near",
                                         b"PROTECTED_SEED", b"0" * 64).hex(),
                         "d624a5fed34fb5456d5369b65593695b1ed720559ba54884c62807ff699830e2")

    def test_randomness_is_proved_and_verified_by_both(self):
        for _ in self.rounds():
            alpha = self.text(200)
            key, proof, output = map(unhex, self.probe.ask("vrf", alpha))
            self.assertEqual((proof, output), f.vrf_prove(self.master, alpha))
            self.assertTrue(f.vrf_verify(key, alpha, proof, output))
            self.assertEqual(self.probe.ask("vrf-check", key, alpha, proof, output), ["yes"])
            bad = self.turned(proof)
            self.assertFalse(f.vrf_verify(key, alpha, bad, output))
            self.assertEqual(self.probe.ask("vrf-check", key, alpha, bad, output), ["no"])

    def test_messages_of_wallets(self):
        for _ in self.rounds():
            message, recipient, nonce = self.text(300), self.text(), self.random.randbytes(32)
            callback = self.random.choice([b"", self.text()])
            parts = message, nonce, recipient, callback
            digest = f.nep413_hash(message, nonce, recipient, callback or None)
            self.assertEqual(unhex(self.probe.ask("nep413", *parts)[0]), digest)
            key = f.Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32))
            signature = key.sign(digest)
            args = f.public(key), signature
            self.assertEqual(self.probe.ask("nep413-check", *args, *parts), ["yes"])
            other = message, nonce, recipient + b"x", callback
            self.assertEqual(self.probe.ask("nep413-check", *args, *other), ["no"])

    def test_attested_keys(self):
        for _ in self.rounds():
            seed, vault = self.text(), self.random.choice([b"", b"vault.alice.near"])
            attestor, key, signature = map(unhex, self.probe.ask("attest", seed, vault))
            self.assertEqual(attestor, f.public(f.signing_key(self.master, b"pubkey-attest")))
            statement = f.pubkey_statement(seed, key, vault)
            self.assertTrue(f.verifies(attestor, statement, signature))
            self.assertEqual(f.signing_key(self.master, b"pubkey-attest").sign(statement), signature)
            self.assertFalse(f.verifies(attestor, f.pubkey_statement(seed + b"x", key, vault),
                                        signature))

    def test_what_workers_sign(self):
        for _ in self.rounds():
            server = self.random.choice([b"keystore", b"coordinator"])
            challenge = self.random.randbytes(32)
            reply = self.random.choice([b"", self.random.randbytes(32)])
            self.assertEqual(unhex(self.probe.ask("session", server, challenge, reply)[0]),
                             f.session_statement(server, challenge, reply))

    def test_codes_of_generated_values(self):
        for _ in self.rounds():
            seed, name, value = self.text(), self.text(), self.text(400)
            self.assertEqual(unhex(self.probe.ask("mac", seed, name, value)[0]),
                             f.protected_mac(self.master, seed, name, value))

    def value(self, depth=0):
        """Any JSON an update may hold: no fractions, which no two printers write alike."""
        kind = self.random.randrange(4 if depth == 3 else 6)
        if kind == 0:
            return self.text().decode()
        if kind == 1:
            return self.random.choice([0, 1, -1, 2**63 - 1, -2**63, 2**64 - 1, 1700000600000])
        if kind == 2:
            return self.random.choice([None, True, False])
        if kind == 3:
            return "".join(self.random.choices('"\\/\b\f\n\r\t\x00\x1f\x7f\u2028\uffffä😀', k=8))
        if kind == 4:
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        return {self.text(9).decode(): self.value(depth + 1)
                for _ in range(self.random.randrange(12))}

    def test_messages_of_updates(self):
        request = {"accessor": {"type": "Project", "project_id": "alice.near/app"},
                   "expires_at": 1700000600000, "mode": "append", "owner": "not signed",
                   "generate_protected": [{"name": "PROTECTED_SEED", "generation_type": "hex32"}],
                   "secrets": {"TOKEN": "t", "API_KEY": "abc123"}}
        self.assertEqual(f.update_statement("alice.near", "default", request),
                         b"Update Outlayer secrets v2 for alice.near:default\nbody:cedc2f49ea1bb4"
                         b"6ed2ab09dc09f7368601a9e0a51ded35eb375f3067a5b083e5")
        for _ in self.rounds():
            owner, profile = self.text().decode(), self.text().decode()
            names = self.random.sample(f.SIGNED, self.random.randint(0, 7))
            request = {name: self.value() for name in names} | {"nonce": "not signed"}
            statement = f.update_statement(owner, profile, request)
            for ascii_only, indent in (True, None), (False, 1):  # as any client might write it
                self.assertEqual(self.update(owner, profile, json.dumps(
                    request, ensure_ascii=ascii_only, indent=indent)), statement)
            name = self.random.choice(f.SIGNED)
            other = request | {name: [request.get(name)]}
            self.assertNotEqual(self.update(owner, profile, json.dumps(other)), statement)

    def update(self, owner, profile, request):
        return unhex(self.probe.ask("update", owner.encode(), profile.encode(),
                                    request.encode())[0])


if __name__ == "__main__":
    unittest.main()
