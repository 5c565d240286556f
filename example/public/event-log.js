// The events of the server (`events$`) and of this page (`connect()`).
import { $, appendLine, make, seconds } from './dom.js';

export function addEvent(event, side = 'server') {
  const line = make('li', `${side} ${event.type}`);
  const time = new Date(event.at).toLocaleTimeString(undefined, { hourCycle: 'h23' });
  line.append(
    make('time', '', time),
    make('span', 'side', side),
    make('span', 'type', event.type),
    make('span', 'detail', detailOf(event)),
  );
  if (event.id) line.dataset.id = event.id;
  appendLine($('log'), line);
}

/** Replaces "A visitor" by the name: clients connect first and join later. */
export function nameConnections(members) {
  for (const line of $('log').querySelectorAll('.connected[data-id]')) {
    const member = members.find(({ id }) => id === line.dataset.id);
    if (member === undefined) continue;
    line.querySelector('.detail').textContent = member.name;
    delete line.dataset.id;
  }
}

/** The attempt after a delay, as the log and the connection card show it. */
export function attemptText({ attempt, delay }) {
  if (delay === Infinity) return `attempt ${attempt} when the page is visible again`;
  return delay === 0 ? `attempt ${attempt} now` : `attempt ${attempt} in ${seconds(delay)}`;
}

/** A close code with its reason. */
export const endText = ({ code, reason }) => `${code}${reason && `, “${reason}”`}`;

function detailOf(event) {
  const { type, name, silence, cause, code, duration, clients } = event;
  switch (type) {
    case 'suspect':
      return `${name}, silent for ${seconds(silence)}`;
    case 'evicted':
      return `${name}: ${cause}, code ${code}, silent for ${seconds(silence)}`;
    case 'disconnected':
      return name
        ? `${name}, code ${code}`
        : `code ${endText(event)}, silent for ${seconds(silence)}`;
    case 'stalled':
      return `event loop blocked for ${seconds(duration)}, not counted as silence`;
    case 'draining':
      return clients === undefined
        ? `“${event.reason}”, the server closes within ${seconds(event.after + event.within)}`
        : `the server shuts down, open connections: ${clients}`;
    case 'reconnecting':
      return attemptText(event);
    case 'closed':
      return `code ${endText(event)}, no further attempt`;
    default:
      return name;
  }
}
