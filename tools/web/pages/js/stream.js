// The journal, live. A stream that was cut goes on behind the last entry it has seen, whoever cut it.
import {get, setReachable, withQuery} from './api.js';
import {setClock} from './clock.js';

const RETRY_MS_MIN = 1000;
const RETRY_MS_MAX = 15000;

/** Opens /api/stream behind `after`. Calls on.entry(entry), on.reset(head), on.state('live' | 'waiting'). close() ends it. */
export class Stream {
  constructor(params, after, on) {
    this.params = params;
    this.after = after;
    this.on = on;
    this.retryMs = RETRY_MS_MIN;
    this.closed = false;
    this.wake = () => this.again(0);
    window.addEventListener('online', this.wake);
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    if (this.closed)
      return;
    const source = new EventSource(withQuery('/api/stream', {...this.params, after: this.after}));
    this.source = source;
    source.addEventListener('error', () => this.onError());
    source.addEventListener('entry', (event) => this.onEntry(event));
    source.addEventListener('head', (event) => this.onHead(event));
    source.addEventListener('away', () => this.onAway());
    source.addEventListener('reset', (event) => this.onReset(event));
    source.addEventListener('end', (event) => this.onEnd(event));
  }

  onAlive() {
    this.retryMs = RETRY_MS_MIN;
    setReachable(true);
    this.on.state?.('live');
  }

  // The server is there and the daemon behind it is not: the next head or entry is as good as a new connection.
  onAway() {
    setReachable(false);
    this.on.state?.('waiting');
  }

  // A cut stream comes again by itself, with Last-Event-ID; after an answer that was none it is up to us. Why it was cut no
  // event says: another call finds out whether the server is gone or the session.
  onError() {
    this.on.state?.('waiting');
    get('/api/me').catch(() => {});
    if (this.source.readyState !== EventSource.CLOSED)
      return;
    this.again(this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, RETRY_MS_MAX);
  }

  again(ms) {
    if (this.closed || (ms === 0 && this.source.readyState === EventSource.OPEN))
      return;
    this.source.close();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), ms + Math.random() * ms / 4);
  }

  seen(event) {
    const seq = Number(event.lastEventId);
    if (seq > this.after)
      this.after = seq;
  }

  onEntry(event) {
    const before = this.after;
    this.seen(event);
    const entry = JSON.parse(event.data);
    this.onAlive();
    if (entry.seq > before)
      this.on.entry(entry);
  }

  onHead(event) {
    const head = JSON.parse(event.data);
    this.seen(event);
    setClock(head.now, head.rate);
    this.onAlive();
  }

  onReset(event) {
    this.after = JSON.parse(event.data).head;
    this.on.reset?.(this.after);
  }

  // The session is over, or a post has changed hands and with it what may be seen: then the page says so the next time it asks.
  onEnd(event) {
    if (JSON.parse(event.data).error === 'signed_out') {
      this.close();
      document.dispatchEvent(new CustomEvent('signed-out'));
      return;
    }
    this.source.close();
    this.onError();
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener('online', this.wake);
    this.source?.close();
  }
}
