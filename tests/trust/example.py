#!/usr/bin/env python3
"""example.py PROTOCOL.md SECURITY.md: the worked example of the two documents, made without gridpost's
code and compared with their blocks.

Everything that is random in life is fixed there. Of Python's own library only BLAKE2b and HMAC are
used; X25519 (RFC 7748), ChaCha20-Poly1305 (RFC 8439) and Ed25519 (RFC 8032) are written out below:
slow, plain, and nobody's but this file's.
"""
import hashlib
import hmac
import re
import struct
import sys

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


def handshake(name, psk, payload, reply, trace=lambda *named: None):
    """Both messages; each DH is written from the side that has the simpler secret at hand."""
    noise = Noise(name, public(SERVER))
    trace("h-0", noise.h)
    first = noise.e(public(DEVICE_E))
    noise.mix_key(x25519(DEVICE_E, public(SERVER)))  # es
    first += noise.sealed(public(DEVICE))            # s
    noise.mix_key(x25519(DEVICE, public(SERVER)))    # ss
    if psk:
        noise.mix_psk(psk)
    first += noise.sealed(payload)
    trace("h-1", noise.h)
    trace("k-1", noise.key)
    second = noise.e(public(SERVER_E))
    noise.mix_key(x25519(SERVER_E, public(DEVICE_E)))  # ee
    noise.mix_key(x25519(SERVER_E, public(DEVICE)))    # se
    second += noise.sealed(reply)
    trace("h-2", noise.h)
    trace("k-2", noise.key)
    return first, second, noise


# ---------------------------------------------------------------- the documents
def block(name, kind="hex"):
    """What stands between ```KIND NAME and ```, in the first of the documents that has it."""
    for document in DOCUMENTS:
        found = re.search(r"^```%s %s\n(.*?)^```" % (kind, name), document, re.M | re.S)
        if found:
            return found.group(1)
    sys.exit("no block %s %s" % (kind, name))


def given(name):
    """Its bytes: pairs of hex digits, up to two blanks behind them in each line."""
    pairs = (re.match(r" *((?:[0-9a-f]{2} ?)*)", line).group(1) for line in block(name).splitlines())
    return bytes.fromhex("".join(pairs))


def same(name, data):
    if given(name) != data:
        sys.exit("%s is\n%s, and ought to be\n%s" % (name, given(name).hex(" "), data.hex(" ")))


# ---------------------------------------------------------------- the example
DOCUMENTS = [open(path, encoding="utf-8").read() for path in sys.argv[1:]]
SERVER, DEVICE, DEVICE_E, SERVER_E = (given("secrets")[i:i + 32] for i in range(0, 128, 32))
SIGN, PSK, HINT_KEY = given("sign-seed"), given("psk"), given("hint-key")
SESSION, NOW_MS, NUMBER, EXPIRES_S = bytes(range(16, 32)), 1790757645500, 17, 1790758545
LABEL = "李雷的手机".encode()


def u64(number):
    return struct.pack(">Q", number)


def welcome(status, role, lifetime_s, session):
    return (bytes([status, role, 0, 0]) + struct.pack(">I", lifetime_s) + session + u64(NOW_MS) +
            public(SERVER))


def keys():
    same("publics", b"".join(map(public, (SERVER, DEVICE, DEVICE_E, SERVER_E))))
    same("shared", x25519(DEVICE_E, public(SERVER)) + x25519(DEVICE, public(SERVER)) +
         x25519(DEVICE_E, public(SERVER_E)) + x25519(DEVICE, public(SERVER_E)))


def sessions():
    key_id = blake(public(SERVER))[:4]
    said = welcome(0, 1, 43200, SESSION)
    same("welcome-payload", said)
    first, second, noise = handshake("Noise_IK_25519_ChaChaPoly_BLAKE2b", None, bytes(16), said, same)
    forth, back = noise.split()
    same("hello", b"\xe1\x01" + key_id + first)
    same("welcome", b"\xe1\x02" + second)
    same("split", forth + back)
    head = b"\xe1\x05" + SESSION + u64(0)
    request = head + seal(forth, 0, head, given("report-request"))
    same("request", request)
    head = b"\xe1\x06" + SESSION + u64(0)
    bound = head + request[18:26] + request[-16:]
    same("answer", head + seal(back, 0, bound, given("report-reply")))
    same("again", b"\xe1\x07" + SESSION)


def joining():
    first, second, noise = handshake("Noise_IKpsk1_25519_ChaChaPoly_BLAKE2b", PSK, LABEL.ljust(32, b"\0"),
                                     welcome(2, 0, 0, bytes(16)))
    same("join", b"\xe1\x03" + blake(public(SERVER))[:4] + u64(NUMBER) + first)
    same("joined", b"\xe1\x04" + second)
    same("h-join", noise.h)
    digits = int.from_bytes(blake(b"gridpost digits" + noise.h)[:8], "big") % 10**6
    if "The six digits are %06d." % digits not in DOCUMENTS[0]:
        sys.exit("the six digits ought to be %06d" % digits)


def base32(data):
    bits = "".join("{:08b}".format(byte) for byte in data)
    bits += "0" * (-len(bits) % 5)
    return "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[int(bits[i:i + 5], 2)] for i in range(0, len(bits), 5))


def papers():
    body = b"\1" + u64(NUMBER) + u64(EXPIRES_S) + public(SERVER) + PSK + sign_public(SIGN)
    invitation = body + blake(body)[:4]
    same("invitation", invitation)
    if block("invitation", "text").strip() != "GP1:" + base32(invitation):
        sys.exit("the invitation's text ought to be GP1:" + base32(invitation))
    hint = b"gph1" + given("hint")[4:12] + struct.pack(">IQ", 1, 305)
    same("hint", hint + blake(hint, 16, HINT_KEY))


def proofs():
    hashes = b"\x11" * 32, blake(given("report-request")), b"\x22" * 32
    leaves = [blake(b"\0" + digest + u64(303 + i) + u64(NOW_MS)) for i, digest in enumerate(hashes)]
    root = blake(b"\1" + blake(b"\1" + leaves[0] + leaves[1]) + leaves[2])
    same("sign-key", sign_public(SIGN))
    same("leaf", leaves[1])
    same("root", root)
    same("receipt", hashes[1] + struct.pack(">II", 1, 3) + leaves[0] + leaves[2] +
         sign(SIGN, b"gridpost receipts 1\0" + root) + sign_public(SIGN))
    head = u64(305) + u64(NOW_MS) + b"\x33" * 32
    same("head", head + sign(SIGN, b"gridpost head 1\0" + head) + sign_public(SIGN))


keys()
sessions()
joining()
papers()
proofs()
