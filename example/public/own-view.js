// What this page knows of its connection: the other end of what the server tells.
import { connection, currentSocket } from './connection.js';
import { $, beat, millis, put, seconds } from './dom.js';
import { policy, showSilence, suspicion } from './silence.js';

const REFRESH = 100;
const UNKNOWN = '–';
/** What it comes down to, by state. */
const SUMMARY = {
  plain: 'Connected',
  alive: 'Connected',
  suspect: 'Server silent',
  waiting: 'Reconnecting…',
  closed: 'Closed',
};

/** When the server's heartbeat was last heard. */
let beatAt;
/** How the last connection, or attempt, ended; nothing while there is one. */
let loss;
/** The next attempt, and when it is due. */
let next;

export function viewConnection() {
  connection.on('beat', () => {
    beatAt = performance.now();
    beat($('own-dot'));
    beat($('heart'));
    show();
  });
  connection.on('up', () => {
    beatAt = loss = next = undefined;
    show();
  });
  connection.on('down', (end) => {
    loss = end;
    show();
  });
  connection.on('retry', ({ attempt, delay }) => {
    next = { attempt, at: performance.now() + delay };
    show();
  });
  connection.on('ended', (end) => {
    loss = end;
    show();
  });
  $('reconnect').addEventListener('click', () => {
    connection.reconnectNow();
    show();
  });
  setInterval(show, REFRESH);
  show();
}

function show() {
  const { status } = connection;
  const isOpen = status === 'open';
  const heartbeat = isOpen ? currentSocket().heartbeat : { state: status };
  const { state, rtt, offset, silence } = heartbeat;
  const isHeard = isOpen && state !== 'suspect';

  put('connection', SUMMARY[state] ?? (loss ? SUMMARY.waiting : 'Connecting…'));
  $('connection').dataset.heard = isHeard;
  // Who is shown was there when the server was last heard.
  $('roster').classList.toggle('stale', !isHeard);

  $('own').dataset.state = state;
  put('own-state', state);
  put('own-rtt', rtt === undefined ? UNKNOWN : millis(rtt));
  put('own-offset', offset === undefined ? UNKNOWN : signed(offset));
  put('own-beat', isOpen && beatAt ? `${seconds(performance.now() - beatAt)} ago` : UNKNOWN);
  if (isOpen) showSilence($('own-silence'), silence, REFRESH);
  $('own-bar').classList.toggle('stale', !isOpen);
  put('outlook', isOpen ? expectation(state) : `${lossText()}${attemptText(status)}`);
  $('reconnect').classList.toggle('unneeded', isOpen);
}

function expectation(state) {
  switch (state) {
    case 'alive':
      return `Heard in time. After ${suspicion() / 1000} s of silence this page asks the server; after ${policy.timeout / 1000} s it gives the connection up.`;
    case 'suspect':
      return `The server is silent and was asked: it has until ${policy.timeout / 1000} s to answer.`;
    default:
      return 'The server has not said yet that it knows heartbeats.';
  }
}

function lossText() {
  if (loss === undefined) return '';
  const { code, reason } = loss;
  return `Lost: code ${code}${reason && `, “${reason}”`}. `;
}

function attemptText(status) {
  if (status === 'closed') return 'There is no next attempt.';
  if (next === undefined) return 'The first attempt is under way.';
  const { attempt, at } = next;
  if (status === 'connecting') return `Attempt ${attempt} is under way.`;
  if (at === Infinity) return `Attempt ${attempt} follows when the page is back.`;
  return `Attempt ${attempt} in ${seconds(Math.max(0, at - performance.now()))}.`;
}

function signed(ms) {
  return `${ms < 0 ? '−' : '+'}${millis(Math.abs(ms))}`;
}
