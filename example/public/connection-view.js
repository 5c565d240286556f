// The state of this page's connection: the status in the header, and the card.
import { connection, currentSocket } from './connection.js';
import { $, millis, pulse, put, seconds } from './dom.js';
import { attemptText, endText } from './event-log.js';
import { policy, showSilence, suspectAfter } from './silence-bar.js';

const REFRESH = 100;
const UNKNOWN = '–';
const STATUS = {
  plain: 'Connected',
  alive: 'Connected',
  suspect: 'Server suspect',
  closed: 'Disconnected',
};

let lastHeartbeatAt;
/** Close code and reason of the last connection; `undefined` while connected. */
let end;
/** The next attempt, and when it is due. */
let next;

export function viewConnection() {
  connection.on('beat', () => {
    lastHeartbeatAt = performance.now();
    pulse($('heart'));
    show();
  });
  connection.on('up', () => {
    lastHeartbeatAt = end = next = undefined;
    show();
  });
  connection.on('retry', ({ attempt, delay }) => {
    next = { attempt, at: performance.now() + delay };
    show();
  });
  for (const name of ['down', 'ended']) {
    connection.on(name, (closed) => {
      end = closed;
      show();
    });
  }
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
  const { state, rtt, offset, silence } = isOpen ? currentSocket().heartbeat : { state: status };
  const isCurrent = isOpen && state !== 'suspect';

  put($('connection'), STATUS[state] ?? (end ? 'Reconnecting' : 'Connecting'));
  document.body.dataset.connection = isCurrent ? 'alive' : isOpen ? 'suspect' : 'lost';
  $('roster').classList.toggle('stale', !isCurrent);
  $('stale').hidden = isCurrent;

  put($('own-rtt'), rtt === undefined ? UNKNOWN : millis(rtt));
  put($('own-clock'), offset === undefined ? UNKNOWN : clockText(offset));
  put(
    $('own-heartbeat'),
    isOpen && lastHeartbeatAt ? `${seconds(performance.now() - lastHeartbeatAt)} ago` : UNKNOWN,
  );
  if (isOpen) showSilence($('own-silence'), silence, REFRESH);
  put(
    $('outlook'),
    isOpen ? expectation(state) : `${endDescription()}${attemptDescription(status)}`,
  );
  $('reconnect').classList.toggle('unneeded', isOpen);
}

function clockText(offset) {
  return `${millis(Math.abs(offset))} ${offset < 0 ? 'behind' : 'ahead'}`;
}

function expectation(state) {
  const timeout = `${policy.timeout / 1000} s`;
  switch (state) {
    case 'alive':
      return `After ${suspectAfter() / 1000} s of silence this page pings the server. After ${timeout} it reconnects.`;
    case 'suspect':
      return `The server was pinged. If it stays silent for ${timeout}, this page reconnects.`;
    default:
      return 'The server has not confirmed that it supports heartbeats.';
  }
}

function endDescription() {
  return end === undefined ? '' : `Disconnected (${endText(end)}). `;
}

function attemptDescription(status) {
  if (status === 'closed') return 'No further attempt.';
  if (next === undefined) return 'Connecting for the first time.';
  if (status === 'connecting') return `Reconnecting: attempt ${next.attempt} in progress.`;
  const delay = Math.max(0, next.at - performance.now());
  return `Reconnecting: ${attemptText({ attempt: next.attempt, delay })}.`;
}
