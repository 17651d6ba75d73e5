// Eight event streams and two calls over one HTTP/2 connection, as a browser with eight tabs has them.
// usage: proxy_h2.mjs '{"port", "name", "ca", "cookie", "csrf", "after", "incident", "id"}'
import {readFileSync} from 'node:fs';
import {connect} from 'node:http2';

const STREAMS = 8;
const words = JSON.parse(process.argv[2]);
const session = connect(`https://${words.name}`, {
  ca: readFileSync(words.ca),
  servername: words.name,
  host: '127.0.0.1',
  port: words.port,
});

function fail(what) {
  console.error(what);
  process.exit(1);
}

session.on('error', (problem) => fail(`connection: ${problem.message}`));

// A stream in which the incident's entry `what` is awaited, as often as wanted.
function follow() {
  const call = session.request({
    ':path': `/api/stream?incident=${words.incident}`,
    cookie: words.cookie,
    'last-event-id': String(words.after),
  });
  let seen = '';
  const waits = [];
  const look = () => {
    for (const wait of waits)
      if (seen.includes(`"what":"${wait.what}"`)) wait.done();
  };
  call.setEncoding('utf8');
  call.on('data', (text) => {
    seen += text;
    look();
  });
  call.on('end', () => fail('a stream has ended'));
  return (what) =>
    new Promise((done) => {
      waits.push({what, done});
      look();
    });
}

function ask(path, headers = {}, body = undefined) {
  return new Promise((done) => {
    const call = session.request({':path': path, cookie: words.cookie, ...headers});
    let status = 0;
    call.on('response', (head) => (status = head[':status']));
    call.on('end', () => done(status));
    call.resume();
    call.end(body);
  });
}

const streams = Array.from({length: STREAMS}, follow);
await Promise.all(streams.map((until) => until('reported'))); // which was before: Last-Event-ID has passed
if ((await ask('/api/me')) !== 200) fail('a call beside the streams is not answered');
const note = Buffer.from(JSON.stringify({id: words.id, text: '看过'}));
const head = {
  ':method': 'POST',
  origin: `https://${words.name}`,
  'x-csrf': words.csrf,
  'content-type': 'application/json',
  'content-length': note.length,
};
const status = await ask(`/api/incidents/${words.incident}/note`, head, note);
if (status !== 200) fail(`a change beside the streams gave ${status}`);
await Promise.all(streams.map((until) => until('noted')));
process.exit(0);
