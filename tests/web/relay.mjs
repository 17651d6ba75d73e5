// The way between a browser and a server, which can be cut and mended.
import {connect, createServer} from 'node:net';

export class Relay {
  /** to: the server's port. The browser's address is relay.address. */
  async start(to) {
    this.sockets = new Set();
    this.server = createServer((near) => this.join(near, connect(to, '127.0.0.1')));
    await this.listen(0);
    this.port = this.server.address().port;
    this.address = `http://127.0.0.1:${this.port}`;
    return this;
  }

  listen(port) {
    return new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  join(near, far) {
    for (const [one, other] of [[near, far], [far, near]]) {
      this.sockets.add(one);
      one.on('error', () => {}); // whichever end it was, both are closed
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  /** What is open breaks, and nobody gets through. */
  async cut() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.sockets.forEach((socket) => socket.destroy());
    await closed;
  }

  mend() {
    return this.listen(this.port);
  }
}
