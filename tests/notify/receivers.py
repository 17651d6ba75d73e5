"""Servers on 127.0.0.1 that play webhook, robot and mail server, well or badly, and keep what came."""

import base64
import email
import email.policy
import http.server
import socket
import socketserver
import ssl
import threading
import time


class Came:
    """One request as it came."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body, self.at = path, headers, body, time.time()

    @property
    def id(self):
        return self.headers.get("Gridpost-Notice")


class Hook:
    """An HTTP server. plan[NAME] is a list of what the requests to /NAME get, one after the other: a
    status, (status, headers, body), "stall", "garbage", "close" or "half"; when it is used up, or
    there is none, `usual` counts."""

    def __init__(self, usual=(200, {}, b"{}"), tls=None):
        self.came, self.plan, self.usual = [], {}, usual
        self.lock, self.changed = threading.Lock(), threading.Condition()
        self.let_go = threading.Event()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                hook.answer(self)

            def log_message(self, *words):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = "%s://%s:%d" % ("https" if tls else "http",
                                   "localhost" if tls else "127.0.0.1", self.port)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def next_act(self, name):
        with self.lock:
            acts = self.plan.get(name)
            if not acts:
                return self.usual
            return acts.pop(0) if len(acts) > 1 or acts[0] != "stall" else acts[0]

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        name = handler.path.split("?")[0].strip("/")
        act = self.next_act(name)
        with self.changed:
            self.came.append(Came(handler.path, handler.headers, body))
            self.came[-1].act = act
            self.changed.notify_all()
        if act == "stall":
            self.let_go.wait()
            handler.close_connection = True
        elif act in ("garbage", "close", "half"):
            text = {"garbage": b"\x00\xff" * 300 + b"\n", "close": b"",
                    "half": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"}[act]
            handler.wfile.write(text)
            handler.wfile.flush()
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        else:
            status, headers, text = act if isinstance(act, tuple) else (act, {}, b"{}")
            handler.send_response(status)
            for key, value in headers.items():
                handler.send_header(key, value)
            handler.send_header("Content-Length", str(len(text)))
            handler.end_headers()
            handler.wfile.write(text)

    def wait(self, enough, what, seconds=60):
        """Until enough(came), which is asked whenever something comes."""
        until = time.monotonic() + seconds
        with self.changed:
            while not enough(self.came):
                left = until - time.monotonic()
                if left <= 0:
                    raise AssertionError("waited in vain for %s; came: %s" %
                                         (what, [(c.path, c.id) for c in self.came]))
                self.changed.wait(left)
            return list(self.came)

    def close(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


class Mail:
    """What an SMTP server took: the envelope, and the mail, parsed."""

    def __init__(self, sender, to, data, user):
        self.sender, self.to, self.data, self.user = sender, to, data, user
        self.message = email.message_from_bytes(data, policy=email.policy.default)
        self.at = time.time()

    @property
    def text(self):
        return self.message.get_content()


class MailServer:
    """An SMTP server. refuse[ADDRESS] is a list of replies ("451 later") to RCPT of that address;
    "close" ends the connection. With `user` it asks for AUTH PLAIN and keeps what came."""

    def __init__(self, user=None):
        self.came, self.refuse, self.user = [], {}, user
        self.changed = threading.Condition()
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                server.talk(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64

            def handle_error(self, request, address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = "smtp://127.0.0.1:%d" % self.port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def reply_to(self, to):
        acts = self.refuse.get(to)
        return acts.pop(0) if acts else "250 ok"

    def talk(self, handler):
        def say(text):
            handler.wfile.write(text.encode() + b"\r\n")

        sender = to = user = None
        say("220 sink")
        for line in handler.rfile:
            word = line.decode().strip()
            upper = word.upper()
            if upper.startswith("EHLO"):
                say("250-sink")
                say("250-AUTH PLAIN" if self.user else "250-HELP")
                say("250 8BITMIME")
            elif upper.startswith("AUTH PLAIN"):
                if upper == "AUTH PLAIN":
                    say("334 ")
                    word = "AUTH PLAIN " + handler.rfile.readline().decode().strip()
                user = base64.b64decode(word.split()[2]).split(b"\0")[1:]
                good = user == [part.encode() for part in self.user]
                say("235 welcome" if good else "535 who are you")
            elif upper.startswith("MAIL FROM:"):
                sender = word[10:].split()[0].strip("<>")
                say("250 ok")
            elif upper.startswith("RCPT TO:"):
                to = word[8:].strip("<>")
                act = self.reply_to(to)
                if act == "close":
                    return
                say(act)
            elif upper == "DATA":
                say("354 go on")
                data = b""
                for part in handler.rfile:
                    if part == b".\r\n":
                        break
                    data += part[1:] if part.startswith(b"..") else part
                with self.changed:
                    self.came.append(Mail(sender, to, data, user))
                    self.changed.notify_all()
                say("250 taken")
            elif upper == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")

    def wait(self, enough, what, seconds=60):
        until = time.monotonic() + seconds
        with self.changed:
            while not enough(self.came):
                left = until - time.monotonic()
                if left <= 0:
                    raise AssertionError("waited in vain for " + what)
                self.changed.wait(left)
            return list(self.came)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
