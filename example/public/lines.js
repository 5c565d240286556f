// What is said in the chat, and what the module reports.
import { $, make, seconds } from './dom.js';

const MOST = 200;

/** Adds a line to the chat: without `from` it is an announcement. */
export function addMessage({ from, text }) {
  const line = make('li', from === undefined ? 'announcement' : '');
  if (from !== undefined) line.append(make('bdi', 'from', from));
  line.append(make('bdi', 'text', text));
  add($('messages'), line);
}

/** Adds a line to the event log. */
export function addEvent(event) {
  const line = make('li', event.type);
  line.append(
    make('time', '', new Date(event.at).toLocaleTimeString()),
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

function detailOf({ type, name, silence, cause, code, reason, duration, clients }) {
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
    case 'lost':
      return `this page’s connection, code ${code}${reason && `, “${reason}”`}`;
    default:
      return name;
  }
}

function add(list, line) {
  list.append(line);
  if (list.children.length > MOST) list.firstElementChild.remove();
}
