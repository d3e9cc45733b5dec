"""The crypto module of the guest library, written a second time: from the standards, with Python's
own integers where the strictness is ours (Ed25519, secp256k1), else with the usual packages.
`answer` takes what the guest takes (tests/guests/crypto.c) and says what it must say."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

EINVAL, EDENIED = "-2", "-3"


class Refused(Exception):
    """Ends a call with the error's number."""


# ---- hashes

def keccak_permute(lanes):
    """Keccak-f[1600] on lanes[x][y]; the constants of its rounds come from their shift register."""
    def turn(value, bits):
        bits %= 64
        return (value << bits | value >> (64 - bits)) & (1 << 64) - 1
    register = 1
    for _ in range(24):
        column = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4]
                  for x in range(5)]
        lanes = [[lanes[x][y] ^ column[x - 1] ^ turn(column[(x + 1) % 5], 1) for y in range(5)]
                 for x in range(5)]
        x, y, carried = 1, 0, lanes[1][0]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            carried, lanes[x][y] = lanes[x][y], turn(carried, (step + 1) * (step + 2) // 2)
        lanes = [[lanes[x][y] ^ ~lanes[(x + 1) % 5][y] & lanes[(x + 2) % 5][y] for y in range(5)]
                 for x in range(5)]
        for bit in range(7):
            register = (register << 1 ^ (register >> 7) * 0x171) % 256
            if register & 2:
                lanes[0][0] ^= 1 << (1 << bit) - 1
    return lanes


def keccak256(data):
    rate = 136
    padded = bytearray(data + b"\1")
    padded += b"\0" * (-len(padded) % rate)
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for at in range(0, len(padded), rate):
        for i in range(rate // 8):
            word = padded[at + 8 * i:at + 8 * i + 8]
            lanes[i % 5][i // 5] ^= int.from_bytes(word, "little")
        lanes = keccak_permute(lanes)
    return b"".join(lanes[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def hkdf(name, material, salt, info, size):
    width = hashlib.new(name).digest_size
    if size > 255 * width:
        raise Refused(EINVAL)
    extracted = hmac.new(salt or bytes(width), material, name).digest()
    out, block = b"", b""
    for number in range(1, -(-size // width) + 1):
        block = hmac.new(extracted, block + info + bytes([number]), name).digest()
        out += block
    return out[:size]


# ---- Ed25519, with the equation of RFC 8032 5.1.7 without cofactor

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def ed_add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    a, b = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    c, d = 2 * t1 * t2 * D, 2 * z1 * z2
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def ed_times(scalar, point):
    sum_ = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            sum_ = ed_add(sum_, point)
        point, scalar = ed_add(point, point), scalar >> 1
    return sum_


def ed_x_of(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return P - x if x % 2 != sign else x


def ed_point(data):
    """None for bytes that are no point, or not the way to write it."""
    number = int.from_bytes(data, "little")
    y, sign = number % 2 ** 255, number >> 255
    x = ed_x_of(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def ed_bytes(point):
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def ed_small(point):
    x, y, z, _ = ed_times(8, point)
    return x == 0 and y == z


BASE = (ed_x_of(4 * pow(5, -1, P) % P, 0), 4 * pow(5, -1, P) % P, 1,
        ed_x_of(4 * pow(5, -1, P) % P, 0) * 4 * pow(5, -1, P) % P)


def ed_verify(key, message, signature):
    point, start = ed_point(key), ed_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if point is None or start is None or s >= L or ed_small(point) or ed_small(start):
        raise Refused(EDENIED)
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, t = ed_times(h, point)
    if ed_bytes(ed_add(ed_times(s, BASE), (-x % P, y, z, -t % P))) != signature[:32]:
        raise Refused(EDENIED)


# ---- secp256k1

FIELD = 2 ** 256 - 2 ** 32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def k1_add(a, b):
    """Affine; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % FIELD == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, FIELD)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, FIELD)
    x = (slope * slope - a[0] - b[0]) % FIELD
    return x, (slope * (a[0] - x) - a[1]) % FIELD


def k1_times(scalar, point):
    sum_ = None
    while scalar:
        if scalar & 1:
            sum_ = k1_add(sum_, point)
        point, scalar = k1_add(point, point), scalar >> 1
    return sum_


def k1_y_of(x, odd):
    square = (pow(x, 3, FIELD) + 7) % FIELD
    y = pow(square, (FIELD + 1) // 4, FIELD)
    if y * y % FIELD != square:
        return None
    return y if y % 2 == odd else FIELD - y


def k1_point(data):
    if len(data) == 33 and data[0] in (2, 3):
        x = int.from_bytes(data[1:], "big")
        y = k1_y_of(x, data[0] & 1) if x < FIELD else None
    elif len(data) == 64 or len(data) == 65 and data[0] == 4:
        x, y = int.from_bytes(data[-64:-32], "big"), int.from_bytes(data[-32:], "big")
        if x >= FIELD or y >= FIELD or (y * y - x ** 3 - 7) % FIELD != 0:
            y = None
    else:
        y = None
    if y is None:
        raise Refused(EINVAL)
    return x, y


def k1_scalars(signature):
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if r >= ORDER or s >= ORDER:
        raise Refused(EINVAL)
    return r, s


def k1_verify(key, digest, signature):
    point, (r, s) = k1_point(key), k1_scalars(signature)
    if r == 0 or s == 0 or s > ORDER // 2:
        raise Refused(EDENIED)
    inverse = pow(s, -1, ORDER)
    sum_ = k1_add(k1_times(int.from_bytes(digest, "big") * inverse % ORDER, G),
                  k1_times(r * inverse % ORDER, point))
    if sum_ is None or sum_[0] % ORDER != r:
        raise Refused(EDENIED)


def k1_recover(digest, signature, number):
    if number > 3:
        raise Refused(EINVAL)
    r, s = k1_scalars(signature)
    x = r + (number >> 1) * ORDER
    if r == 0 or s == 0 or s > ORDER // 2 or x >= FIELD:
        raise Refused(EDENIED)
    y = k1_y_of(x, number & 1)
    if y is None:
        raise Refused(EDENIED)
    inverse = pow(r, -1, ORDER)
    key = k1_add(k1_times(-int.from_bytes(digest, "big") * inverse % ORDER, G),
                 k1_times(s * inverse % ORDER, (x, y)))
    if key is None:
        raise Refused(EDENIED)
    return key[0].to_bytes(32, "big") + key[1].to_bytes(32, "big")


def k1_normalize(signature, number):
    r, s = k1_scalars(signature)
    if number is not None and number > 3:
        raise Refused(EINVAL)
    if s > ORDER // 2:
        s, number = ORDER - s, None if number is None else number ^ 1
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([] if number is None else [number])


# ---- X25519, ChaCha20-Poly1305

def x_public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def x_agree(secret, peer):
    try:
        return X25519PrivateKey.from_private_bytes(secret).exchange(
            X25519PublicKey.from_public_bytes(peer))
    except ValueError:
        raise Refused(EDENIED) from None


def hchacha(key, nonce):
    words = [int.from_bytes((b"expand 32-byte k" + key + nonce)[i:i + 4], "little")
             for i in range(0, 64, 4)]

    def quarter(a, b, c, d):
        for into, other, turned, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            words[into] = (words[into] + words[other]) % 2 ** 32
            value = words[turned] ^ words[into]
            words[turned] = (value << bits | value >> (32 - bits)) % 2 ** 32

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return b"".join(word.to_bytes(4, "little") for word in words[:4] + words[12:])


def aead(key, nonce):
    if len(nonce) == 24:
        key, nonce = hchacha(key, nonce[:16]), bytes(4) + nonce[16:]
    return ChaCha20Poly1305(key), nonce


def seal(key, nonce, associated, plain):
    box, nonce = aead(key, nonce)
    return box.encrypt(nonce, plain, associated)


def open_(key, nonce, associated, sealed):
    if len(sealed) < 16:
        raise Refused(EINVAL)
    box, nonce = aead(key, nonce)
    try:
        return box.decrypt(nonce, sealed, associated)
    except InvalidTag:
        raise Refused(EDENIED) from None


# ---- text forms

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text if len(data) <= 128 else "no"


def base58_decode(text):
    number = 0
    for character in text:
        if character not in ALPHABET:
            return "no"
        number = 58 * number + ALPHABET.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return (bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")).hex()


def base64_decode(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return "no"
    return data.hex() if base64.b64encode(data).decode() == text else "no"


# ---- as the guest is asked

def ed_key(seed):
    return Ed25519PrivateKey.from_private_bytes(seed)


def number_or_none(text):
    return int(text) if text else None


TABLE = {  # operation: (what each argument is, function)
    "sha256": ("b", lambda d: hashlib.sha256(d).digest()),
    "sha512": ("b", lambda d: hashlib.sha512(d).digest()),
    "keccak256": ("b", keccak256),
    "hmac-sha256": ("bb", lambda k, d: hmac.new(k, d, "sha256").digest()),
    "hmac-sha512": ("bb", lambda k, d: hmac.new(k, d, "sha512").digest()),
    "hkdf-sha256": ("bbbn", lambda *args: hkdf("sha256", *args)),
    "hkdf-sha512": ("bbbn", lambda *args: hkdf("sha512", *args)),
    "equal": ("bb", lambda a, b: "yes" if a == b else "no"),
    "wipe": ("b", lambda d: bytes(len(d))),
    "ed-public": ("b", lambda seed: ed_key(seed).public_key().public_bytes_raw()),
    "ed-sign": ("bb", lambda seed, message: ed_key(seed).sign(message)),
    "ed-verify": ("bbb", ed_verify),
    "k1-verify": ("bbb", k1_verify),
    "k1-recover": ("bbn", k1_recover),
    "k1-normalize": ("bn", k1_normalize),
    "x-public": ("b", x_public),
    "x-agree": ("bb", x_agree),
    "chacha-seal": ("bbbb", seal),
    "chacha-open": ("bbbb", open_),
    "xchacha-seal": ("bbbb", seal),
    "xchacha-open": ("bbbb", open_),
    "base58": ("b", base58),
    "base58-decode": ("t", base58_decode),
    "base64": ("b", lambda d: base64.b64encode(d).decode()),
    "base64-decode": ("t", base64_decode),
    "hex": ("b", lambda d: d),
}


def answer(call):
    kinds, function = TABLE[call[0]]
    read = {"b": bytes.fromhex, "n": number_or_none, "t": str}
    try:
        result = function(*(read[kind](word) for kind, word in zip(kinds, call[1:], strict=True)))
    except Refused as refused:
        return str(refused)
    if result is None or result == b"" and call[0] in ("hkdf-sha256", "hkdf-sha512", "chacha-open",
                                                       "xchacha-open"):
        return "ok"
    return result if isinstance(result, str) else result.hex()
