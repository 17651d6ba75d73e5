#!/usr/bin/env python3
"""The worked example of docs/PROTOCOL.md and docs/SECURITY.md, made without gridpost's code.

Writes lines of "name hex". Everything that is random in life is fixed here. Of Python's own library
only BLAKE2b and HMAC are used; X25519 (RFC 7748), ChaCha20-Poly1305 (RFC 8439) and Ed25519 (RFC 8032)
are written out below: slow, plain, and nobody's but this file's.

    example.py > tests/data/sealed.txt
"""
import hashlib
import hmac
import struct

# ---------------------------------------------------------------- primitives
P = 2**255 - 19


def x25519(secret, point):
    k = bytearray(secret)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    k = int.from_bytes(k, "little")
    u = int.from_bytes(point, "little") & (2**255 - 1)
    x2, z2, x3, z3 = 1, 0, u, 1
    for t in reversed(range(255)):
        if k >> t & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        e = aa - bb
        x2, z2, x3, z3 = aa * bb % P, e * (aa + 121665 * e) % P, (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        if k >> t & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def public(secret):
    return x25519(secret, bytes([9]) + bytes(31))


def chacha_block(key, counter, nonce):
    start = struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce)
    w = list(start)

    def mix(x, y, z, bits):
        w[x] = w[x] + w[y] & 0xFFFFFFFF
        v = w[z] ^ w[x]
        w[z] = (v << bits | v >> 32 - bits) & 0xFFFFFFFF

    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            mix(a, b, d, 16)
            mix(c, d, b, 12)
            mix(a, b, d, 8)
            mix(c, d, b, 7)
    return struct.pack("<16I", *(x + y & 0xFFFFFFFF for x, y in zip(w, start)))


def poly1305(key, text):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(text), 16):
        total = (total + int.from_bytes(text[i:i + 16] + b"\1", "little")) * r % (2**130 - 5)
    return (total + int.from_bytes(key[16:], "little") & 2**128 - 1).to_bytes(16, "little")


def padded(text):
    return text + bytes(-len(text) % 16)


def seal(key, counter, data, plain):
    nonce = bytes(4) + struct.pack("<Q", counter)
    stream = b"".join(chacha_block(key, i + 1, nonce) for i in range(len(plain) // 64 + 1))
    text = bytes(x ^ y for x, y in zip(plain, stream))
    return text + poly1305(chacha_block(key, 0, nonce)[:32],
                           padded(data) + padded(text) + struct.pack("<QQ", len(data), len(text)))


D = -121665 * pow(121666, P - 2, P) % P
L = 2**252 + 27742317777372353535851937790883648493


def add(p, q):
    (x1, y1), (x2, y2) = p, q
    t = D * x1 * x2 * y1 * y2
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)


def times(n, p):
    q = (0, 1)
    while n:
        if n & 1:
            q = add(q, p)
        p, n = add(p, p), n >> 1
    return q


def base_point():
    y = 4 * pow(5, P - 2, P) % P
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 else x, y)


def pack(p):
    return (p[1] | (p[0] & 1) << 255).to_bytes(32, "little")


def clamp(seed):
    h = hashlib.sha512(seed).digest()
    return (int.from_bytes(h[:32], "little") & 2**254 - 8) | 2**254, h[32:]


def sign_public(seed):
    return pack(times(clamp(seed)[0], base_point()))


def sign(seed, text):
    def h(data):
        return int.from_bytes(hashlib.sha512(data).digest(), "little") % L
    a, prefix = clamp(seed)
    r = h(prefix + text)
    point = pack(times(r, base_point()))
    return point + ((r + h(point + sign_public(seed) + text) * a) % L).to_bytes(32, "little")


def blake(text, size=32, key=b""):
    return hashlib.blake2b(text, digest_size=size, key=key).digest()


# ---------------------------------------------------------------- Noise
def hkdf(chain, material, count):
    def mac(key, text):
        return hmac.new(key, text, hashlib.blake2b).digest()
    key, out = mac(chain, material), [b""]
    for i in range(count):
        out.append(mac(key, out[-1] + bytes([i + 1])))
    return out[1:]


class Noise:
    def __init__(self, name, server):
        self.h = self.chain = name.encode().ljust(64, b"\0")
        self.key, self.n, self.psk = None, 0, "psk" in name
        self.mix_hash(b"gridpost 1")
        self.mix_hash(server)

    def mix_hash(self, data):
        self.h = blake(self.h + data, 64)

    def mix_key(self, material):
        self.chain, key = hkdf(self.chain, material, 2)
        self.key, self.n = key[:32], 0

    def mix_psk(self, psk):
        self.chain, h, key = hkdf(self.chain, psk, 3)
        self.mix_hash(h)
        self.key, self.n = key[:32], 0

    def e(self, key):
        self.mix_hash(key)
        if self.psk:
            self.mix_key(key)
        return key

    def sealed(self, plain):
        text = seal(self.key, self.n, self.h, plain)
        self.n += 1
        self.mix_hash(text)
        return text

    def split(self):
        return [key[:32] for key in hkdf(self.chain, b"", 2)]


def handshake(name, psk, payload, reply):
    """Both messages; each DH is written from the side that has the simpler secret at hand."""
    noise = Noise(name, public(SERVER))
    first = noise.e(public(DEVICE_E))
    noise.mix_key(x25519(DEVICE_E, public(SERVER)))  # es
    first += noise.sealed(public(DEVICE))            # s
    noise.mix_key(x25519(DEVICE, public(SERVER)))    # ss
    if psk:
        noise.mix_psk(psk)
    first += noise.sealed(payload)
    second = noise.e(public(SERVER_E))
    noise.mix_key(x25519(SERVER_E, public(DEVICE_E)))  # ee
    noise.mix_key(x25519(SERVER_E, public(DEVICE)))    # se
    second += noise.sealed(reply)
    return first, second, noise


# ---------------------------------------------------------------- the example
DEVICE, SERVER = b"\x01" * 32, b"\x02" * 32      # static secrets
DEVICE_E, SERVER_E = b"\x03" * 32, b"\x04" * 32  # ephemeral secrets
SIGN, PSK, HINT_KEY = b"\x05" * 32, b"\x06" * 32, b"\x07" * 32
SESSION, NOW_MS, NUMBER, EXPIRES_S = bytes(range(16)), 1790726400123, 17, 1790727300
REQUEST, ANSWER, LABEL = b"hello", b"done", b"phone of li"


def welcome(status, role):
    return (bytes([status, role, 0, 0]) + struct.pack(">I", 43200) + SESSION + struct.pack(">Q", NOW_MS) +
            public(SERVER))


def say(name, data):
    print(name, data.hex() if isinstance(data, bytes) else data)


def sessions():
    key_id = blake(public(SERVER))[:4]
    first, second, noise = handshake("Noise_IK_25519_ChaChaPoly_BLAKE2b", None, bytes(16), welcome(0, 1))
    forth, back = noise.split()
    say("hello", b"\xe1\x01" + key_id + first)
    say("welcome", b"\xe1\x02" + second)
    say("handshake_hash", noise.h)
    say("key_forth", forth)
    say("key_back", back)
    head = b"\xe1\x05" + SESSION + struct.pack(">Q", 0)
    request = head + seal(forth, 0, head, REQUEST)
    say("request", request)
    head = b"\xe1\x06" + SESSION + struct.pack(">Q", 0)
    say("answer", head + seal(back, 0, head + request[18:26] + request[-16:], ANSWER))
    say("again", b"\xe1\x07" + SESSION)
    first, second, noise = handshake("Noise_IKpsk1_25519_ChaChaPoly_BLAKE2b", PSK, LABEL.ljust(32, b"\0"),
                                     welcome(2, 0))
    say("join", b"\xe1\x03" + key_id + struct.pack(">Q", NUMBER) + first)
    say("joined", b"\xe1\x04" + second)
    digits = int.from_bytes(blake(b"gridpost digits" + noise.h)[:8], "big") % 10**6
    say("digits", "%06d" % digits)


def base32(data):
    bits = "".join("{:08b}".format(byte) for byte in data)
    bits += "0" * (-len(bits) % 5)
    return "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[int(bits[i:i + 5], 2)] for i in range(0, len(bits), 5))


def papers():
    body = b"\1" + struct.pack(">QQ", NUMBER, EXPIRES_S) + public(SERVER) + PSK + sign_public(SIGN)
    say("invitation", "GP1:" + base32(body + blake(body)[:4]))
    hint = b"gph1" + b"feed-one" + struct.pack(">IQ", 3, 4711)
    say("hint", hint + blake(hint, 16, HINT_KEY))
    leaves = [blake(b"\0" + blake(text) + struct.pack(">QQ", seq, NOW_MS))
              for text, seq in ((b"one", 1), (b"two", 2), (b"three", 3))]
    pair = blake(b"\1" + leaves[0] + leaves[1])
    root = blake(b"\1" + pair + leaves[2])
    say("sign_public", sign_public(SIGN))
    say("leaf_0", leaves[0])
    say("leaf_1", leaves[1])
    say("leaf_2", leaves[2])
    say("root", root)
    say("receipts_signature", sign(SIGN, b"gridpost receipts 1\0" + root))
    say("head_signature",
        sign(SIGN, b"gridpost head 1\0" + struct.pack(">QQ", 4711, NOW_MS) + b"\x33" * 32))


say("device_public", public(DEVICE))
say("server_public", public(SERVER))
sessions()
papers()
