// Writes the events of this page's connection to the event log, in the words of the server's events.
import { connection, currentSocket } from './connection.js';
import { addEvent } from './event-log.js';

export function logConnection() {
  let connections = 0;
  connection.on('up', () => {
    connections++;
    log(connections === 1 ? 'connected' : 'reconnected', { name: `connection ${connections}` });
    logSilence(currentSocket());
  });
  connection.on('down', (end) => {
    const { silence } = currentSocket().heartbeat;
    log('disconnected', { ...end, silence });
  });
  connection.on('drain', (notice) => log('draining', notice));
  connection.on('retry', (retry) => log('reconnecting', retry));
  connection.on('ended', (end) => log('closed', end));
}

function logSilence(socket) {
  socket.addEventListener('heartbeat:suspect', ({ silence }) => {
    log('suspect', { name: 'the server', silence });
    const recovered = () => log('recovered', { name: 'the server' });
    socket.addEventListener('heartbeat:beat', recovered, { once: true });
  });
}

function log(type, details) {
  addEvent({ ...details, type, at: Date.now() }, 'page');
}
