// What is said in the chat, and what both sides report of their connections.
import { $, make, seconds } from './dom.js';

const MOST = 200;

/** Adds a line to the chat: without `from` it is an announcement. */
export function addMessage({ from, text }) {
  const line = make('li', from === undefined ? 'announcement' : '');
  if (from !== undefined) line.append(make('bdi', 'from', from));
  line.append(make('bdi', 'text', text));
  add($('messages'), line);
}

/** Adds a line to the event log: the server's, or one of this page. */
export function addEvent(event, side = 'server') {
  const line = make('li', `${side} ${event.type}`);
  line.append(
    make('time', '', new Date(event.at).toLocaleTimeString()),
    make('span', 'side', side),
    make('span', 'type', event.type),
    make('span', 'detail', detailOf(event)),
  );
  if (event.id) line.dataset.id = event.id;
  add($('log'), line);
}

/** Puts names to the connections that had none yet when they were made. */
export function nameConnections(people) {
  for (const line of $('log').querySelectorAll('.connected[data-id]')) {
    const person = people.find(({ id }) => id === line.dataset.id);
    if (person === undefined) continue;
    line.querySelector('.detail').textContent = person.name;
    delete line.dataset.id;
  }
}

function detailOf(event) {
  const { type, name, silence, cause, code, reason, duration, clients } = event;
  switch (type) {
    case 'suspect':
      return `${name}, silent for ${seconds(silence)}`;
    case 'evicted':
      return `${name}: ${cause}, code ${code}, silent for ${seconds(silence)}`;
    case 'disconnected':
      return `${name}, code ${code}`;
    case 'stalled':
      return `the server was busy for ${seconds(duration)}: nobody is blamed for that`;
    case 'draining':
      return `the server shuts down: ${clients} to leave`;
    case 'up':
      return `connection ${event.count} of this page`;
    case 'drain':
      return `“${reason}”: the server leaves within ${seconds(event.after + event.within)}`;
    case 'down':
      return `code ${code}${reason && `, “${reason}”`}, last heard ${seconds(silence)} ago`;
    case 'retry':
      return `attempt ${event.attempt} ${delayOf(event)}`;
    case 'ended':
      return `code ${code}: there is no next attempt`;
    default:
      return name;
  }
}

function delayOf({ delay }) {
  if (delay === Infinity) return 'when the page is back';
  return delay === 0 ? 'at once' : `in ${seconds(delay)}`;
}

function add(list, line) {
  list.append(line);
  if (list.children.length > MOST) list.firstElementChild.remove();
}
