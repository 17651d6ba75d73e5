#!/usr/bin/env python3
"""gridpost-web behind the real nginx and the real Caddy, as config/proxy/ has them, over TLS.

usage: proxy.py [--long] GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE NGINX CADDY OPENSSL NODE [STORY…]

--long holds an event stream for longer than a proxy by itself would let it be silent.
"""
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time

from stage import Caller, Failed, PASSWORD, Scene, WAIT_S, check, new_id, perform, until

NAME = "board.example.gov.cn"
ORIGIN = "https://" + NAME
HELD_S, HELD_LONG_S = 25, 100  # a stream says something every 20 s; nginx's own patience is 60 s


def free_ports(count):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


class Front(Caller):
    """One proxy in front of the scene's server: what a browser talks to."""

    def __init__(self, scene, program):
        self.scene, self.program = scene, program
        self.folder = os.path.join(scene.work, self.kind)
        os.makedirs(self.folder)
        self.tls = ssl.create_default_context(cafile=scene.work + "/board.pem")
        for _ in range(5):  # somebody else may take a port that was free
            self.plain_port, self.port = free_ports(2)
            self.process = subprocess.Popen(self.command(), cwd=self.folder, env=self.environment(),
                                            stdout=scene.log, stderr=scene.log)
            if until(self.is_up, self.kind) == "up":
                return
        raise Failed(self.kind + " does not start")

    def environment(self):
        """In which it finds no folder of whoever runs the test."""
        return dict(self.scene.environment, HOME=self.folder, XDG_CONFIG_HOME=self.folder, XDG_DATA_HOME=self.folder)

    def is_up(self):
        try:
            self.connect().close()
            return "up"
        except OSError:
            return "ended" if self.process.poll() is not None else None

    def sample(self, *places):
        """The shipped file with each (text, other) in it replaced, all of which it must have."""
        text = open(os.path.join(self.scene.source, "config/proxy", self.file)).read()
        for old, new in (("/etc/ssl/board.pem", self.scene.work + "/board.pem"),
                         ("/etc/ssl/private/board.key", self.scene.work + "/board.key"),
                         ("127.0.0.1:8080", "127.0.0.1:%d" % self.scene.port), *places):
            check(old in text, self.file, "has no", old)
            text = text.replace(old, new)
        return text

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:  # Caddy waits for streams, if a failure has left one open
            self.process.kill()
            self.process.wait()

    # ------------------------------------------------------------ as a browser

    source = "127.0.0.1"

    def host(self):
        return NAME

    def origin(self):
        return ORIGIN

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), WAIT_S, (self.source, 0))
        return self.tls.wrap_socket(plain, server_hostname=NAME)

    def at(self, address):
        """The same, called from another address of this machine."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, source=address)
        return other

    def try_walker(self, password, headers=None):
        return self.request("POST", "/api/sign-in", {"user": "walker", "password": password},
                            dict(headers or {}, Origin=ORIGIN))[0]


class Nginx(Front):
    kind, file = "nginx", "nginx.conf"
    offices = ("127.0.1.1", "127.0.1.2")
    lines = """daemon off;
%s
pid nginx.pid;
error_log stderr;
events { worker_connections 512; }
http {
    access_log off;
    gzip on;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include %s;
}
"""

    def command(self):
        places = [("listen 443", "listen 127.0.0.1:%d" % self.port), ("listen 80", "listen 127.0.0.1:%d" % self.plain_port)]
        if has_ipv6():
            places += [("listen [::]:443", "listen [::1]:%d" % self.port),
                       ("listen [::]:80", "listen [::1]:%d" % self.plain_port)]
        else:
            places += [("listen [::]", "#")]
        site = self.write("site.conf", self.sample(*places))
        # Who is root would hand the work to somebody who cannot read this folder.
        main = self.write("main.conf", self.lines % ("user root;" if os.getuid() == 0 else "", site))
        return [self.program, "-p", self.folder, "-c", main]


class Caddy(Front):
    kind, file = "caddy", "Caddyfile"
    offices = ("127.0.2.1", "127.0.2.2")
    lines = """{
    admin off
    storage file_system %s
    skip_install_trust
    http_port %d
    https_port %d
    default_bind 127.0.0.1
    servers {
        protocols h1 h2
    }
}
import %s
"""

    def command(self):
        site = self.write("site", self.sample())
        main = self.write("main", self.lines % (self.folder + "/own", self.plain_port, self.port, site))
        return [self.program, "run", "--config", main, "--adapter", "caddyfile"]


# ---------------------------------------------------------------- stories: of the scene and one proxy


def signing_in_over_tls(scene, front):
    status, me, answer = front.sign_in("desk")
    check(status == 200 and me["user"] == "desk", status, me)
    cookie = [part.strip() for part in answer.getheader("set-cookie").split(";")]
    check(cookie[0].startswith("__Host-gridpost=") and len(cookie[0]) == 16 + 64, cookie)
    check(set(cookie[1:]) == {"Path=/", "HttpOnly", "SameSite=Strict", "Secure"}, cookie)
    check(answer.getheader("strict-transport-security") == "max-age=31536000", answer.headers)
    check(front.get("/api/me", cookie[0])[1]["user"] == "desk")
    # a name that another site of the domain, or somebody on the way, could set
    check(front.get("/api/me", cookie[0].removeprefix("__Host-"))[0] == 401, "a session of a cookie that is not ours")
    status, _, answer = front.request("GET", "/")
    check(status == 200 and "script-src 'self'" in answer.getheader("content-security-policy"), answer.headers)
    check(front.request("GET", "/", headers={"If-None-Match": answer.getheader("etag")})[0] == 304, "tags pass")


def plain_http_leads_to_tls(scene, front):
    link = http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=WAIT_S)
    link.request("GET", "/p/incident/7", headers={"Host": NAME})
    answer = link.getresponse()
    place = answer.getheader("location") or ""
    check(answer.status in (301, 308) and place.startswith(ORIGIN), answer.status, place)
    check(place.endswith("/p/incident/7"), place)
    link.close()


def changes_come_from_our_pages(scene, front):
    desk = front.user("desk")
    path = "/api/incidents/%d/note" % scene.report()
    note = {"id": new_id(), "text": "经过代理"}
    for origin in ("https://evil.example", "http://" + NAME, "http://127.0.0.1:%d" % scene.port, "null"):
        check(desk.post(path, note, 403, {"Origin": origin})["error"] == "origin", origin)
    check(desk.post(path, note, 403, {"X-CSRF": "0" * 64})["error"] == "csrf")
    check(not desk.post(path, note)["repeated"])


def tries_are_counted_by_who_really_calls(scene, front):
    bad, good = front.offices
    for number in range(5):
        # Not as somebody else's, neither to go on forever nor to shut somebody out.
        forged = {"X-Forwarded-For": good} if number % 2 else {"X-Forwarded-For": "10.0.0.%d" % number, "Forwarded": "for=" + good}
        check(front.at(bad).try_walker("in vain, in vain", forged) == 401, number)
    check(front.at(bad).try_walker(PASSWORD) == 429, "five were in vain")
    check(front.at(bad).try_walker(PASSWORD, {"X-Forwarded-For": "10.0.0.99"}) == 429, "another address was made up")
    check(front.at(good).try_walker(PASSWORD) == 200, "the other office comes in")


def events_arrive_at_once(scene, front):
    desk = front.user("desk")
    live = desk.stream("area=340705006")
    check(live.status == 200)
    live.until("head")
    first = scene.report("第一件")
    seq = live.until("entry", incident=first, what="reported")[1]  # nothing larger comes behind it and pushes
    live.close()
    second = scene.report("浏览器不在时")
    again = desk.stream("area=340705006", last=seq)
    check(again.until("entry", incident=second, what="reported")[1] > seq)
    again.close()


def sockets_of(process):
    folder = "/proc/%d/fd" % process.pid
    count = 0
    for name in os.listdir(folder):
        try:
            count += os.readlink(os.path.join(folder, name)).startswith("socket:")
        except FileNotFoundError:
            pass
    return count


def who_leaves_is_gone(scene, front):
    desk = front.user("desk")
    lives = [desk.stream("area=340705006") for _ in range(10)]
    for live in lives:
        live.until("head")
    held = sockets_of(scene.web)
    for live in lives:
        live.close()
    until(lambda: sockets_of(scene.web) <= held - 10, "the end of ten streams")


def too_large_is_refused(scene, front):
    desk = front.user("desk")
    path = "/api/incidents/%d/note" % scene.report()
    check(desk.post(path, {"id": new_id(), "text": "x" * 60000}, 400)["error"] == "malformed", "the server's own limit")
    headers = {"Origin": ORIGIN, "X-CSRF": desk.me["csrf"]}
    check(front.request("POST", path, "x" * 70000, headers, desk.cookie)[0] == 413, "by its length")


def streams_share_a_connection(scene, front):
    desk = front.user("desk")
    after = desk.get("/api/me")["head"]
    number = scene.report("看")
    words = {"port": front.port, "name": NAME, "ca": scene.work + "/board.pem", "cookie": desk.cookie,
             "csrf": desk.me["csrf"], "after": after, "incident": number, "id": new_id()}
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "proxy_h2.mjs")
    done = subprocess.run([scene.node, script, json.dumps(words)], capture_output=True, text=True, timeout=WAIT_S)
    check(done.returncode == 0, "HTTP/2:", done.stdout, done.stderr)


STORIES = [signing_in_over_tls, plain_http_leads_to_tls, changes_come_from_our_pages,
           tries_are_counted_by_who_really_calls, events_arrive_at_once, who_leaves_is_gone, too_large_is_refused,
           streams_share_a_connection]


class Held:
    """A stream that is open all the time."""

    def __init__(self, front):
        self.front = front
        self.since = time.monotonic()
        self.stream = front.user("light").stream("department=SZ")  # a ninth session of a user ends the first
        self.stream.until("head")

    def last(self, seconds):
        while time.monotonic() < self.since + seconds:
            self.stream.until("head")
        self.stream.close()


def without_a_server(scene, fronts):
    scene.web.terminate()
    check(scene.web.wait(WAIT_S) == 0, "gridpost-web's end")
    for front in fronts:
        status, _, answer = front.request("GET", "/api/me")
        check(status == 502, front.kind, "gave", status)
        check(answer.getheader("strict-transport-security"), front.kind, "forgets the header in its own answers")


# ---------------------------------------------------------------- all of it


def make_certificate(scene, openssl):
    done = subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                           "-days", "2", "-subj", "/CN=" + NAME, "-addext", "subjectAltName=DNS:" + NAME, "-keyout",
                           scene.work + "/board.key", "-out", scene.work + "/board.pem"], capture_output=True, text=True)
    check(done.returncode == 0, done.stderr)


def run(scene, words, seconds, chosen):
    make_certificate(scene, words["openssl"])
    fronts = []
    try:
        for kind in (Nginx, Caddy):
            fronts.append(kind(scene, words[kind.kind]))
        held = [Held(front) for front in fronts]
        failed = sum(perform(chosen, scene, front) for front in fronts)
        for one in held:
            one.last(seconds)
            print("ok", one.front.kind, "held a stream for", seconds, "s")
        without_a_server(scene, fronts)
        return failed
    finally:
        for front in fronts:
            front.end()


def main():
    arguments = sys.argv[1:]
    seconds = HELD_LONG_S if arguments[:1] == ["--long"] else HELD_S
    if seconds == HELD_LONG_S:
        arguments = arguments[1:]
    programs = [os.path.abspath(word) for word in arguments[:8]]
    scene = Scene(*programs[:4], "--origin", ORIGIN, "--behind-proxy")
    scene.node = programs[7]
    chosen = [story for story in STORIES if not arguments[8:] or story.__name__ in arguments[8:]]
    failed = 1
    try:
        failed = run(scene, dict(zip(("nginx", "caddy", "openssl"), programs[4:7])), seconds, chosen)
    except (Failed, OSError, http.client.HTTPException) as problem:
        print("FAILED", repr(problem), flush=True)
    finally:
        if failed:
            sys.stdout.write(open(scene.work + "/log").read()[-4000:])
        scene.end()
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
