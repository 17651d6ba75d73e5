"""handset.py PROTO SOCKET KEYS FOLDER: a handset made from the protocol's text speaks to the daemon.

FOLDER has admin.key, the secret of an admin's device that the daemon knows; KEYS are the daemon's. Every
step of a device's life is walked: invited, joined, confirmed, reporting, repeated, revoked."""

import base64
import os
import re
import subprocess
import sys
import time

from sealed import Connection, Invitation, Session, hello, join, public_of, receipt_holds

proto, path, keys, folder = sys.argv[1:]
VERBS = {"REPORT": 1, "INVITE": 33, "CONFIRM": 35, "REVOKE": 36}


def check(true, what):
    if not true:
        sys.exit("FAILED: " + what)


def protoc(option, data):
    return subprocess.run(["protoc", "--proto_path=" + proto, option, "gridpost.proto"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def command(**fields):
    """A packed Request with a fresh id."""
    number = int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10)
    inside = " ".join("%s: %s" % field for field in fields.items())
    text = 'version: 1 id: "%s" command { %s }' % ("".join("\\%03o" % byte for byte in number), inside)
    return protoc("--encode=gp.Request", text.encode())


class Reply:
    def __init__(self, packed):
        self.text = protoc("--decode=gp.Reply", packed).decode()

    def all(self, name):
        return re.findall(r"^ *%s: (.*)$" % name, self.text, re.M)

    def one(self, name):
        return self.all(name)[0] if self.all(name) else ""

    def bytes(self, name):
        """protoc escapes what is not printable, as C does."""
        return [value[1:-1].encode("latin-1").decode("unicode_escape").encode("latin-1")
                for value in self.all(name)]


def ask(connection, session, request):
    envelope = session.seal(request)
    packed = session.open(connection.ask(envelope), envelope)
    check(packed is not None, "the answer opens")
    return Reply(packed)


def key_of(name):
    with open(os.path.join(keys, name)) as file:
        return base64.b64decode(file.read().split()[-1])


def said_ok(reply, what):
    check(reply.one("status") == "OK", "%s: %s" % (what, reply.text))


def invite(connection, admin):
    reply = ask(connection, admin, command(verb="INVITE", person='"li"', role="ROLE_OFFICER"))
    said_ok(reply, "invite")
    return Invitation(reply.bytes("invitation")[0].decode())


def become_a_device(connection, admin, secret):
    invitation = invite(connection, admin)
    check(invitation.server == server, "the invitation names the server")
    status, digits = join(connection, secret, invitation, "handset")
    check(status == 2, "it waits after joining")
    check(hello(connection, secret, server)[0].status == 2, "hello: it waits")
    wrong = command(verb="CONFIRM", device=invitation.device, digits=(digits + 1) % 1000000)
    check(ask(connection, admin, wrong).one("status") == "REFUSED", "other digits confirm nothing")
    right = command(verb="CONFIRM", device=invitation.device, digits=digits)
    said_ok(ask(connection, admin, right), "confirm")
    return invitation


def report(connection, session, sign):
    """A report, its receipt, and the same envelope on two connections."""
    request = command(verb="REPORT", grid='"340705006001001"', category='"n4"', text='"lamp"')
    envelope = session.seal(request)
    packed = session.open(connection.ask(envelope), envelope)
    check(packed is not None, "the answer opens")
    reply = Reply(packed)
    said_ok(reply, "report")
    proof = (int(reply.one("seq")), int(reply.one("at_ms")), int(reply.one("index") or 0),
             int(reply.one("count")), reply.bytes("path"), reply.bytes("signature")[0])
    check(reply.bytes("key") == [sign], "the receipt's key is that of the invitation")
    check(receipt_holds(request, *proof, sign), "the receipt holds")
    check(not receipt_holds(request + b"\0", *proof, sign), "another request's does not")
    for again in (connection, Connection(path)):
        check(session.open(again.ask(envelope), envelope) == packed, "the kept answer comes again")
    check(reply.one("incident") == "1", "it is stored once")


def speak_nonsense(connection, session):
    """What cannot be true is not answered: the next honest question is answered first."""
    honest = session.seal(command(verb="REPORT", grid='"340705006001001"', category='"n4"'))
    flipped = bytearray(honest)
    flipped[-1] ^= 1
    connection.send(bytes(flipped))
    connection.send(honest[:30])
    asked = connection.send(honest)
    answered, answer = connection.receive()
    check(answered == asked and session.open(answer, honest) is not None, "only the true one counts")
    other = session.seal(command(verb="REPORT", grid='"340705006001001"', category='"n4"'))
    check(session.open(connection.ask(other), honest) is None, "an answer fits its request only")
    unknown = Session(os.urandom(16), os.urandom(32), os.urandom(32)).seal(b"")
    check(connection.ask(unknown) == b"\xe1\x07" + unknown[2:18], "AGAIN for an unknown session")


def lose(connection, admin, secret, session, device):
    said_ok(ask(connection, admin, command(verb="REVOKE", device=device, text='"lost"')), "revoke")
    envelope = session.seal(command(verb="REPORT", grid='"340705006001001"', category='"n4"'))
    check(connection.ask(envelope) == b"\xe1\x07" + session.id, "AGAIN for who is revoked")
    check(hello(connection, secret, server)[0].status == 1, "hello: not known here")


with open(os.path.join(folder, "admin.key"), "rb") as file:
    admin_secret = file.read()
server = public_of(key_of("server.key"))
handset = os.urandom(32)

line = Connection(path)
check(hello(line, os.urandom(32), server)[0].status == 1, "a stranger is not known")
welcome, admin = hello(line, admin_secret, server)
check((welcome.status, welcome.role, welcome.lifetime_s) == (0, 5, 43200), "the admin is known")
invitation = become_a_device(line, admin, handset)
welcome, session = hello(line, handset, invitation.server)
check((welcome.status, welcome.role) == (0, 1), "the handset is an officer's")
report(line, session, invitation.sign)
speak_nonsense(line, session)
lose(line, admin, handset, session, invitation.device)
print("a handset made from the protocol's text speaks to the daemon")
