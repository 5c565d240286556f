// What happens to this page's connection, for the log.
import { connection, currentSocket } from './connection.js';
import { addEvent } from './lines.js';

export function logConnection() {
  let connections = 0;
  connection.on('up', () => {
    log('up', { count: ++connections });
    watchSilence(currentSocket());
  });
  connection.on('down', (end) => {
    const { silence } = currentSocket().heartbeat;
    log('down', { ...end, silence });
  });
  for (const name of ['drain', 'retry', 'ended']) connection.on(name, (event) => log(name, event));
}

function watchSilence(socket) {
  socket.addEventListener('heartbeat:suspect', ({ silence }) => {
    log('suspect', { name: 'the server', silence });
    const recovered = () => log('recovered', { name: 'the server' });
    socket.addEventListener('heartbeat:beat', recovered, { once: true });
  });
}

function log(type, details) {
  addEvent({ ...details, type, at: Date.now() }, 'page');
}
