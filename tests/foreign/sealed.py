"""gridpost's sealed sessions, written from docs/PROTOCOL.md alone (sections 12 to 15) and sharing no
code with the daemon: what a maker of handsets would write. Python's `cryptography` has the primitives;
SP's framing is three lines, so no nanomsg is needed either."""

import base64
import hashlib
import hmac
import os
import socket
import struct

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PROLOGUE = b"gridpost 1"


def blake2b(data, size):
    return hashlib.blake2b(data, digest_size=size).digest()


def u64(number):
    return struct.pack(">Q", number)


def public_of(secret):
    key = X25519PrivateKey.from_private_bytes(secret).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def shared(secret, public):
    return X25519PrivateKey.from_private_bytes(secret).exchange(
        X25519PublicKey.from_public_bytes(public))


def nonce(counter):
    return bytes(4) + struct.pack("<Q", counter)


# ---------------------------------------------------------------- Noise

class Noise:
    """The initiator of IK, or with a psk of IKpsk1: writes message 1, reads message 2."""

    def __init__(self, secret, server, psk=None, ephemeral=None):
        name = b"Noise_IK%s_25519_ChaChaPoly_BLAKE2b" % (b"psk1" if psk else b"")
        self.h = self.ck = name.ljust(64, b"\0")
        self.secret, self.server, self.psk = secret, server, psk
        self.once = ephemeral or os.urandom(32)
        self.mix_hash(PROLOGUE)
        self.mix_hash(server)

    def mix_hash(self, data):
        self.h = blake2b(self.h + data, 64)

    def hkdf(self, key, outputs):
        def mac(key, data):
            return hmac.new(key, data, hashlib.blake2b).digest()

        temporary, last, out = mac(self.ck, key), b"", []
        for number in range(1, outputs + 1):
            last = mac(temporary, last + bytes([number]))
            out.append(last)
        return out

    def mix_key(self, key):
        self.ck, k = self.hkdf(key, 2)
        self.k = k[:32]

    def seal(self, plain):
        sealed = ChaCha20Poly1305(self.k).encrypt(nonce(0), plain, self.h)
        self.mix_hash(sealed)
        return sealed

    def mix_ephemeral(self, public):
        self.mix_hash(public)
        if self.psk:
            self.mix_key(public)

    def write(self, payload):
        once = public_of(self.once)
        self.mix_ephemeral(once)
        self.mix_key(shared(self.once, self.server))
        static = self.seal(public_of(self.secret))
        self.mix_key(shared(self.secret, self.server))
        if self.psk:
            self.ck, t, k = self.hkdf(self.psk, 3)
            self.mix_hash(t)
            self.k = k[:32]
        return once + static + self.seal(payload)

    def read(self, message):
        theirs = message[:32]
        self.mix_ephemeral(theirs)
        self.mix_key(shared(self.once, theirs))
        self.mix_key(shared(self.secret, theirs))
        payload = ChaCha20Poly1305(self.k).decrypt(nonce(0), message[32:], self.h)
        self.mix_hash(message[32:])
        return payload

    def split(self):
        forth, back = self.hkdf(b"", 2)
        return forth[:32], back[:32]


# ---------------------------------------------------------------- SP over ipc

class Connection:
    """A REQ that dials ipc://PATH, and that may have several requests under way."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.socket.sendall(b"\0SP\0\0\x30\0\0")
        if self.take(8) != b"\0SP\0\0\x31\0\0":
            raise ValueError("no REP there")
        self.asked = 0

    def take(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError("the connection has ended")
            data += more
        return data

    def send(self, message):
        self.asked += 1
        body = struct.pack(">I", 0x80000000 | self.asked) + message
        self.socket.sendall(b"\1" + u64(len(body)) + body)
        return self.asked

    def receive(self):
        self.take(1)
        body = self.take(struct.unpack(">Q", self.take(8))[0])
        return struct.unpack(">I", body[:4])[0] & 0x7fffffff, body[4:]

    def ask(self, message):
        asked = self.send(message)
        answered, answer = self.receive()
        if answered != asked:
            raise ValueError("an answer to request %d instead of %d" % (answered, asked))
        return answer


# ---------------------------------------------------------------- handshakes and sessions

class Welcome:
    def __init__(self, payload):
        self.status, self.role = payload[0], payload[1]
        self.lifetime_s = struct.unpack(">I", payload[4:8])[0]
        self.session, self.server = payload[8:24], payload[32:64]


def hello(connection, secret, server):
    """The welcome, and the session where its status is 0."""
    noise = Noise(secret, server)
    answer = connection.ask(b"\xe1\x01" + blake2b(server, 32)[:4] + noise.write(bytes(16)))
    if answer[:2] != b"\xe1\x02" or len(answer) != 114:
        raise ValueError("no WELCOME: " + answer.hex())
    welcome = Welcome(noise.read(answer[2:]))
    return welcome, Session(welcome.session, *noise.split()) if welcome.status == 0 else None


class Session:
    def __init__(self, number, forth, back):
        self.id, self.forth, self.back = number, forth, back
        self.counter, self.seen = 0, set()

    def seal(self, plain):
        head = b"\xe1\x05" + self.id + u64(self.counter)
        sealed = ChaCha20Poly1305(self.forth).encrypt(nonce(self.counter), plain, head)
        self.counter += 1
        return head + sealed

    def open(self, answer, request):
        """The plain answer to this very request; None where it is none."""
        if len(answer) < 42 or answer[:18] != b"\xe1\x06" + self.id:
            return None
        counter = struct.unpack(">Q", answer[18:26])[0]
        bound = answer[:26] + request[18:26] + request[-16:]
        try:
            plain = ChaCha20Poly1305(self.back).decrypt(nonce(counter), answer[26:], bound)
        except InvalidTag:
            return None
        if counter in self.seen:
            return None
        self.seen.add(counter)
        return plain


class Invitation:
    def __init__(self, text):
        if not text.startswith("GP1:"):
            raise ValueError("no invitation")
        letters = text[4:].upper()
        data = base64.b32decode(letters + "=" * (-len(letters) % 8))
        if len(data) != 117 or data[0] != 1 or blake2b(data[:113], 32)[:4] != data[113:]:
            raise ValueError("a damaged invitation")
        self.device, self.expires_s = struct.unpack(">QQ", data[1:17])
        self.server, self.psk, self.sign = data[17:49], data[49:81], data[81:113]


def join(connection, secret, invitation, label):
    """The status, and the six digits."""
    noise = Noise(secret, invitation.server, invitation.psk)
    message = noise.write(label.encode().ljust(32, b"\0"))
    answer = connection.ask(b"\xe1\x03" + blake2b(invitation.server, 32)[:4] +
                            u64(invitation.device) + message)
    if answer[:2] != b"\xe1\x04" or len(answer) != 114:
        raise ValueError("no JOINED: " + answer.hex())
    status = Welcome(noise.read(answer[2:])).status
    digits = int.from_bytes(blake2b(b"gridpost digits" + noise.h, 32)[:8], "big") % 1000000
    return status, digits


# ---------------------------------------------------------------- receipts

def receipt_holds(request, seq, at_ms, index, count, path, signature, key):
    def node(left, right):
        return blake2b(b"\1" + left + right, 32)

    last = count - 1
    digest = blake2b(b"\0" + blake2b(request, 32) + u64(seq) + u64(at_ms), 32)
    for other in path:
        if last == 0:
            return False
        if index % 2 == 1 or index == last:
            digest = node(other, digest)
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            digest = node(digest, other)
        index, last = index // 2, last // 2
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(
            signature, b"gridpost receipts 1\0" + digest)
    except InvalidSignature:
        return False
    return last == 0
