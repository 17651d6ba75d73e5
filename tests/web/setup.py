#!/usr/bin/env python3
"""What the documents have typed to set the web server up, typed: WEB.md, OPEN311.md, and OPERATIONS.md for monitoring.

Word for word, on the sample city without its users. Paths below / become the test's, and commands of the system are
played: nobody has to be root.

usage: setup.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…]
"""
import os
import re
import shlex
import signal
import subprocess
import sys

import stage
from stage import PASSWORD, Scene, check, until

ORIGIN = "https://board.example.gov.cn"

COMMANDS = {
    "gridpost": """case "$1" in
enrol) exec "$GRIDPOST" "$@" --no-wait --json >"$WORK/enrolled" ;;
join)
    word() { sed -n 's/.*"'"$1"'":"\\{0,1\\}\\([^",}]*\\).*/\\1/p' "$WORK/$2"; }
    word invitation enrolled | env -u GRIDPOST_IDENTITY "$GRIDPOST" "$@" --no-wait --json >"$WORK/joined"
    exec "$GRIDPOST" devices confirm "$(word device joined)" --digits "$(word digits joined)" ;;
esac
exec "$GRIDPOST" "$@"
""",
    "gridpost-web": 'printf "%s\\n" "$PASSWORD" | "$GRIDPOST_WEB" --secrets "$WORK/var/lib/gridpost-web/secrets" "$@"\n',
    # That user may make nothing in /var/lib.
    "runuser": 'test "$1 $2 $3" = "-u gridpost-web --"; test -d "$WORK/var/lib/gridpost-web"; shift 3; exec "$@"\n',
    "install": 'test "$1 $2" = "-d -m"; shift 3; while [ $# -gt 1 ]; do shift; done; exec mkdir -m 0700 "$1"\n',
    "chown": "exit 0\n",
    "systemctl": """case "$1 $2" in
"reload gridpostd") ;;
"enable --now") test "$3" = gridpost-web; exit ;;
*) exit 1 ;;
esac
before=$(grep -c ^reload: "$WORK/log") || true
kill -HUP "$DAEMON"
until [ "$(grep -c ^reload: "$WORK/log")" -gt "$before" ]; do kill -0 "$DAEMON"; done
""",
}


class Office(Scene):
    """A daemon that runs, and no web server yet."""

    admin = "sq3"
    users = ()

    def make_city(self):
        super().make_city()
        subprocess.run(["rm", "-r", self.work + "/config"], check=True)
        os.makedirs(self.work + "/etc/prometheus")
        os.makedirs(self.work + "/var/lib")
        subprocess.run(["cp", "-R", self.source + "/config", self.work + "/etc/gridpost"], check=True)
        os.symlink(self.work + "/etc/gridpost", self.work + "/config")
        self.drop("people.csv", "web,")
        os.unlink(self.work + "/config/org/users.csv")
        os.makedirs(self.work + "/bin")
        for name, text in COMMANDS.items():
            with open(self.work + "/bin/" + name, "w") as command:
                command.write("#!/bin/sh\nset -eu\n" + text)
            os.chmod(self.work + "/bin/" + name, 0o755)

    def drop(self, name, begin):
        path = self.work + "/config/org/" + name
        with open(path) as rows:
            kept = [row for row in rows if not row.startswith(begin)]
        with open(path, "w") as rows:
            rows.writelines(kept)

    def enrol(self):
        pass

    def start_web(self, *more):
        pass

    def block(self, document, begin, end):
        """The lines that are set in as code between two places of a document."""
        with open(self.source + "/docs/" + document) as text:
            part = text.read().split(begin, 1)[1].split(end, 1)[0]
        return "\n".join(line[4:] for line in part.splitlines() if line.startswith("    "))

    def type(self, code):
        code = re.sub(r"(?<=[\s'>])/(etc|var)/", self.work + r"/\1/", code)
        environment = dict(self.environment, PATH=self.work + "/bin:" + os.environ["PATH"], WORK=self.work,
                           PASSWORD=PASSWORD, DAEMON=str(self.daemon.pid), GRIDPOST=self.programs["gridpost"],
                           GRIDPOST_WEB=self.programs["gridpost-web"])
        done = subprocess.run(["sh", "-eu", "-c", code], env=environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=stage.WAIT_S)
        check(done.returncode == 0, code, "gave", done.returncode, done.stdout, done.stderr)
        return done.stdout

    def serve(self, line):
        words = shlex.split(line.replace("\\\n", " "))
        check(words[0] == "ExecStart=/usr/sbin/gridpost-web", words)
        ready = self.work + "/ready"
        self.web = subprocess.Popen(
            [self.programs["gridpost-web"], "--config", self.work + "/config", "--identity",
             self.work + "/var/lib/gridpost-web/identity", "--secrets", self.work + "/var/lib/gridpost-web/secrets", "--pages",
             self.work + "/pages", "--listen", "127.0.0.1:0", "--ready-file", ready, "--socket", self.ipc, *words[1:]],
            stderr=self.log, env=self.environment)
        until(lambda: os.path.exists(ready) and open(ready).read().endswith("\n"), "the web server")
        self.port = int(open(ready).read())
        until(lambda: self.get("/readyz")[0] == 200, "the daemon behind the web server")

    def try_to_sign_in(self, user):
        status, value, _ = self.request("POST", "/api/sign-in", {"user": user, "password": PASSWORD}, {"Origin": ORIGIN})
        return status, value


def the_documents_hold(office):
    office.type(office.block("WEB.md", "## Setting it up", "## TLS"))
    office.type(office.block("OPERATIONS.md", "**By gridpost-web.**", "**By the command.**"))
    code = office.block("OPEN311.md", "## Setting it up", "    curl ")
    users, rest = code.split("# 2. ")
    edit, key = rest.split("# 3. ")
    office.type(users)
    printed = office.type("# " + key).strip()
    office.serve(edit[edit.index("ExecStart=/"):].strip())
    status, user = office.try_to_sign_in("shizheng")
    check(status == 200 and user["person"] == "sz-k", status, user)
    status, user = office.try_to_sign_in("guanli")
    check(status == 401 and user["error"] == "totp", status, user)
    with open(office.work + "/etc/prometheus/gridpost.key") as keys:
        status, text = office.get("/metrics", headers={"Authorization": "Bearer " + keys.read().strip()})
    check(status == 200 and "\ngridpost_up 1\n" in text, status, text)
    status, city = office.get("/open311/v2/discovery.json")
    check(status == 200 and city["contact"] == "city hall, 12345", status, city)
    form = "api_key=%s&service_code=C01-01&attribute[condition]=missing&address_id=340705402001002" % printed
    status, made, _ = office.request("POST", "/open311/v2/requests.json", form,
                                     {"Content-Type": "application/x-www-form-urlencoded"})
    check(status == 200 and made[0]["service_request_id"] == "1", status, made)


if __name__ == "__main__":
    sys.exit(stage.main(Office, [the_documents_hold]))
