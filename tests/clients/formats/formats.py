"""The formats of Keystore 2, 3, 6 to 9 and 15, written down a second time from their description.

Nothing here is shared with the C: OpenSSL's ciphers through `cryptography`, HMAC and hashes of the
standard library, HChaCha20 by hand.
"""

import hashlib
import hmac
import json
import os
import struct

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


# ---- keys (Keystore 2)

def signing_key(master, seed):
    return Ed25519PrivateKey.from_private_bytes(mac(master, seed))


def opening_key(master, seed):
    return X25519PrivateKey.from_private_bytes(mac(master, b"ecies:" + seed))


def public(key):
    return key.public_key().public_bytes_raw()


def secret_path(master, seed):
    return mac(master, b"secret-path:" + seed).hex()


# ---- ciphertexts (Keystore 3)

def cipher_key(shared, purpose):
    return mac(mac(bytes(32), shared), purpose + b"\x01")  # HKDF without salt, one block


def ecies_seal(recipient, plain, purpose=b"outlayer-keystore-v1"):
    fresh = X25519PrivateKey.generate()
    key = cipher_key(fresh.exchange(X25519PublicKey.from_public_bytes(recipient)), purpose)
    nonce = os.urandom(12)
    return b"\x01" + public(fresh) + nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, b"")


def ecies_open(key, blob, purpose=b"outlayer-keystore-v1"):
    if len(blob) < 61 or blob[0] != 1:
        return None
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(blob[1:33]))
        return ChaCha20Poly1305(cipher_key(shared, purpose)).decrypt(blob[33:45], blob[45:], b"")
    except (InvalidTag, ValueError):
        return None


def legacy_seal(master, seed, plain):
    nonce = os.urandom(12)
    key = public(signing_key(master, seed))
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, b"")


def legacy_open(master, seed, blob):
    if len(blob) < 28:
        return None
    try:
        return ChaCha20Poly1305(public(signing_key(master, seed))).decrypt(blob[:12], blob[12:], b"")
    except InvalidTag:
        return None


def blob_open(master, seed, blob):
    plain = ecies_open(opening_key(master, seed), blob)
    return plain if plain is not None else legacy_open(master, seed, blob)


# ---- stored rows (Keystore 15, X8)

def quarter(s, a, b, c, d):
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & 0xFFFFFFFF
        s[z] ^= s[x]
        s[z] = ((s[z] << turn) | (s[z] >> (32 - turn))) & 0xFFFFFFFF


def hchacha20(key, nonce16):
    s = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key)
             + struct.unpack("<4I", nonce16))
    for _ in range(10):
        for i in range(4):
            quarter(s, i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<8I", *s[:4], *s[12:])


def xchacha(key, nonce):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])), bytes(4) + nonce[16:]


def row_index(master, seed, key):
    return mac(master, b"storage-index:" + seed + b":" + key)


def row_seal(master, seed, role, key, plain, nonce=None):
    nonce = nonce or os.urandom(24)
    cipher, short = xchacha(mac(master, b"storage-sym:" + seed), nonce)
    bound = role + row_index(master, seed, key)
    return b"\x02" + nonce + cipher.encrypt(short, plain, bound)


def row_open(master, seed, role, key, row):
    if len(row) < 41 or row[0] != 2:
        return ecies_open(opening_key(master, seed), row)
    cipher, short = xchacha(mac(master, b"storage-sym:" + seed), row[1:25])
    try:
        return cipher.decrypt(short, row[25:], role + row_index(master, seed, key))
    except InvalidTag:
        return None


# ---- signatures

def verifies(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def vrf_prove(master, alpha):
    proof = signing_key(master, b"vrf-key").sign(alpha)
    return proof, hashlib.sha256(proof).digest()


def vrf_verify(key, alpha, proof, output):
    return hashlib.sha256(proof).digest() == output and verifies(key, alpha, proof)


def borsh_text(text):
    return struct.pack("<I", len(text)) + text


def nep413_hash(message, nonce, recipient, callback=None):
    tail = b"\x00" if callback is None else b"\x01" + borsh_text(callback)
    whole = struct.pack("<I", 2**31 + 413) + borsh_text(message) + nonce + borsh_text(recipient)
    return hashlib.sha256(whole + tail).digest()


def pubkey_statement(seed, key, vault):
    return b"outlayer-pubkey:v1:%d:%s:%s:%s" % (len(seed), seed, key.hex().encode(), vault)


def session_statement(server, challenge, reply_key=b""):
    text = b"outlayer-tee-auth:v2:" + server + b":" + challenge.hex().encode()
    return text + (b":" + reply_key.hex().encode() if reply_key else b"")


def protected_mac(master, seed, name, value):
    return mac(master, b"protected:" + borsh_text(seed) + borsh_text(name) + value)


SIGNED = ("accessor", "expires_at", "generate_protected", "mode", "new_accessor", "secrets",
          "vault_id")


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def update_statement(owner, profile, request):
    body = hashlib.sha256(canonical({name: request.get(name) for name in SIGNED})).hexdigest()
    return f"Update Outlayer secrets v2 for {owner}:{profile}\nbody:{body}".encode()
