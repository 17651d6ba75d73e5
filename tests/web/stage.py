"""A stage for stories of gridpost-web: a city with the real daemon, a bridge device and the server, users over HTTP by hand,
event streams, and who plays the stories.
"""
import http.client
import io
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time

WAIT_S = 60
PASSWORD = "a long password 长"
GRID = "340705006001001"


class Failed(Exception):
    pass


def check(condition, *what):
    if not condition:
        raise Failed(" ".join(str(part) for part in what))


def until(condition, what):
    """What is waited for, not slept for: the condition itself asks over a connection."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise Failed("in vain: " + what)


class Caller:
    """HTTP to what listens at self.port."""

    def host(self):
        return "127.0.0.1:%d" % self.port

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), WAIT_S)

    def request(self, method, path, body=None, headers=None, cookie=None):
        link = http.client.HTTPConnection(self.host())
        link.sock = self.connect()
        headers = dict(headers or {})
        if cookie is not None:
            headers["Cookie"] = cookie
        if body is not None and not isinstance(body, str):
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        link.request(method, path, body, headers)
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        kind = (answer.getheader("content-type") or "").split(";")[0]
        return answer.status, json.loads(text) if kind == "application/json" and text else text, answer

    def get(self, path, cookie=None, headers=None):
        status, value, _ = self.request("GET", path, None, headers, cookie)
        return status, value

    def origin(self):
        return "http://" + self.host()

    def sign_in(self, user, password=PASSWORD, totp=None, peer=None):
        body = {"user": user, "password": password}
        if totp is not None:
            body["totp"] = totp
        return self.request("POST", "/api/sign-in", body, {"Origin": self.origin()})

    def user(self, name):
        return User(self, name)


class Scene(Caller):
    """A city, its daemon and a web server, in a folder of their own."""

    web_words = ()  # further ones for gridpost-web
    web_output = None
    clock = ("--drill", "--clock-start", "2026-06-15T08:00+08:00")
    admin = "zhou"
    users = ("desk", "chief", "light", "walker")

    def __init__(self, daemon, command, web, source, *web_words):
        self.programs = {"gridpostd": daemon, "gridpost": command, "gridpost-web": web}
        self.source = source
        self.web_words = self.web_words + web_words
        self.work = tempfile.mkdtemp(prefix="gridpost-web-")
        self.daemon = self.web = None
        self.ipc = "ipc://" + self.work + "/intake"
        self.environment = dict(os.environ, TZ="Asia/Shanghai", LANGUAGE="C", LC_ALL="C.UTF-8",
                                GRIDPOST_IDENTITY=self.work + "/admin", GRIDPOST_SOCKET=self.ipc)
        try:
            self.begin()
        except BaseException:  # or what was started would outlive us, and ctest wait for it
            self.kill()
            raise

    # ------------------------------------------------------------ set-up

    def begin(self):
        self.make_city()
        self.run("gridpost", "init", "--config", self.work + "/config", "--keys", self.work + "/keys",
                 "--as", self.admin, "--label", "desk")
        self.start_daemon()
        self.enrol()
        self.start_web()

    def kill(self):
        for process in (self.web, self.daemon):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.work)

    def make_city(self):
        shutil.copytree(self.source + "/tests/golden/config", self.work + "/config")
        os.makedirs(self.work + "/pages")
        with open(self.work + "/pages/index.html", "w") as page:
            page.write("<!doctype html><title>gridpost</title>")
        with open(self.work + "/pages/app.js", "w") as script:
            script.write("export {};")
        with open(self.work + "/config/org/people.csv", "a") as people:
            people.write("web,网页,,\n")
        self.write_users("desk,wu,dispatcher,web\nchief,zhou,admin,web\nlight,chen,handler,web\n"
                         "walker,li,officer,web\n")

    def write_users(self, rows):
        with open(self.work + "/config/org/users.csv", "w") as users:
            users.write("user,person,role,via\n" + rows)

    def run(self, program, *words, text=None, code=0):
        done = subprocess.run([self.programs[program], *words], input=text, text=True,
                              env=self.environment, capture_output=True, timeout=WAIT_S)
        check(done.returncode == code, program, words, "gave", done.returncode, done.stdout, done.stderr)
        return done.stdout

    def start_daemon(self):
        self.log = open(self.work + "/log", "a")
        self.daemon = subprocess.Popen(
            [self.programs["gridpostd"], *self.clock, "--config",
             self.work + "/config", "--store", self.work + "/store", "--keys", self.work + "/keys", "--socket",
             self.ipc, "--edge", "", "--hint", ""], stderr=self.log, env=self.environment)
        until(lambda: subprocess.run([self.programs["gridpost"], "status", "--timeout", "5"], capture_output=True,
                                     env=self.environment).returncode == 0, "a daemon")

    def enrol_bridge(self, person, identity):
        asked = json.loads(self.run("gridpost", "enrol", person, "--role", "bridge", "--json"))
        joined = json.loads(self.run("gridpost", "join", asked["invitation"], "--identity", self.work + "/" + identity,
                                     "--socket", self.ipc, "--label", person, "--no-wait", "--json"))
        self.run("gridpost", "devices", "confirm", str(joined["device"]), "--digits", joined["digits"])
        return str(joined["device"])

    def enrol(self):
        self.bridge = self.enrol_bridge("web", "bridge")
        for user in self.users:
            self.secret("password", user, text=PASSWORD + "\n")

    def secret(self, *words, text=None):
        return self.run("gridpost-web", "--secrets", self.work + "/secrets", *words, text=text)

    def start_web(self, *more):
        ready = self.work + "/ready"
        if os.path.exists(ready):
            os.unlink(ready)
        self.web = subprocess.Popen(
            [self.programs["gridpost-web"], "--listen", "127.0.0.1:0", "--socket", self.ipc, "--identity",
             self.work + "/bridge", "--config", self.work + "/config", "--secrets", self.work + "/secrets", "--pages",
             self.work + "/pages", "--ready-file", ready, *self.web_words, *more], stdout=self.web_output, stderr=self.log,
            env=self.environment)
        until(lambda: os.path.exists(ready) and open(ready).read().endswith("\n"), "the web server")
        self.port = int(open(ready).read())
        until(lambda: self.get("/readyz")[0] == 200, "the daemon behind the web server")

    def end(self):
        ended = []
        for process in (self.web, self.daemon):
            if process is not None and process.poll() is None:
                process.terminate()
                ended.append((process.args[0], process.wait(WAIT_S)))
        check(all(code == 0 for _, code in ended), "ended with", ended)
        self.log.close()
        shutil.rmtree(self.work)

    def report(self, text="灯不亮", category="n4"):
        out = self.run("gridpost", "report", "--identity", self.work + "/bridge", "--as", "li", "--grid", GRID, "--category",
                       category, text, "--json")
        return json.loads(out)["incident"]


class User:
    """Somebody who has signed in."""

    def __init__(self, scene, name):
        self.scene = scene
        status, self.me, answer = scene.sign_in(name)
        check(status == 200, "sign-in of", name, status, self.me)
        self.cookie = answer.getheader("set-cookie").split(";")[0]

    def get(self, path, expected=200, headers=None):
        status, value = self.scene.get(path, self.cookie, headers)
        check(status == expected, path, "gave", status, value)
        return value

    def post(self, path, body, expected=200, headers=None):
        wanted = {"Origin": self.scene.origin(), "X-CSRF": self.me["csrf"]}
        wanted.update(headers or {})
        status, value, _ = self.scene.request("POST", path, body, wanted, self.cookie)
        check(status == expected, path, "gave", status, value)
        return value

    def act(self, incident, verb, expected=200, **keys):
        return self.post("/api/incidents/%d/%s" % (incident, verb), dict(keys, id=new_id()), expected)

    def stream(self, query="", last=None):
        return Stream(self, query, last)


class Stream:
    """An event stream: events are read as they come."""

    def __init__(self, user, query, last):
        headers = {"Cookie": user.cookie}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.link = http.client.HTTPConnection(user.scene.host())
        self.link.sock = user.scene.connect()
        self.link.request("GET", "/api/stream?" + query, headers=headers)
        answer = self.link.getresponse()
        self.status = answer.status
        self.file = io.TextIOWrapper(answer, "utf-8", newline="\n")

    def next(self):
        """(event, id, data); None at the end."""
        event, number, data = None, None, None
        for line in self.file:
            line = line.rstrip("\n")
            if line == "" and event is not None:
                return event, number, json.loads(data)
            key, _, value = line.partition(": ")
            if key == "event":
                event = value
            elif key == "id":
                number = int(value)
            elif key == "data":
                data = value
        return None

    def until(self, wanted, **keys):
        while True:
            event = self.next()
            check(event is not None, "the stream ended before", wanted, keys)
            if event[0] == wanted and all(event[2].get(key) == value for key, value in keys.items()):
                return event

    def close(self):
        self.file.close()
        self.link.close()


def new_id():
    return "%012x" % int(time.time() * 1000) + secrets.token_hex(10)


def perform(chosen, scene, *others):
    """Plays stories, says how each went, and how many failed."""
    failed = 0
    for story in chosen:
        try:
            story(scene, *others)
            print("ok", *[other.kind for other in others], story.__name__, flush=True)
        except (Failed, OSError, ValueError, LookupError, StopIteration, http.client.HTTPException,
                subprocess.SubprocessError) as problem:
            failed += 1
            print("FAILED", *[other.kind for other in others], story.__name__, repr(problem), flush=True)
    return failed


def main(make, told):
    chosen = [story for story in told if not sys.argv[5:] or story.__name__ in sys.argv[5:]]
    scene = make(*[os.path.abspath(word) for word in sys.argv[1:5]])
    failed = 1
    try:
        failed = perform(chosen, scene)
    finally:
        if failed:
            sys.stdout.write(open(scene.work + "/log").read()[-4000:])
        scene.end()
    return 1 if failed or not chosen else 0
