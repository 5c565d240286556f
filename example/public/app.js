import { addMessage } from './chat.js';
import { logConnection } from './connection-log.js';
import { viewConnection } from './connection-view.js';
import { connection, send } from './connection.js';
import { $ } from './dom.js';
import { addEvent, nameConnections } from './event-log.js';
import { showInstances } from './instances.js';
import { clearMembers, showMembers } from './roster.js';

let ownName = '';
let ownId;

const listeners = {
  joined(id) {
    ownId = id;
    if ($('board').hidden) enterRoom();
  },
  members(room) {
    showMembers(room, ownId, toggleProcess);
    nameConnections(room.members);
  },
  instances: showInstances,
  message: addMessage,
  log: (event) => addEvent(event),
  exception: ({ message }) => showNotice(message),
};

logConnection();
viewConnection();

connection.socket.addEventListener('message', ({ data }) => {
  const { event, data: body } = JSON.parse(data);
  listeners[event]?.(body);
});
connection.on('up', () => {
  clearMembers();
  enableButtons(true);
  showNotice('');
  if (ownName) send('join', { name: ownName });
});
connection.on('down', () => enableButtons(false));
enableButtons(false);

onSubmit('join', () => {
  ownName = $('name').value;
  send('join', { name: ownName });
});
onSubmit('message-form', () => {
  send('say', $('text').value);
  $('text').value = '';
});
$('open-silent-client').addEventListener('click', () => {
  showNotice('');
  send('open-silent-client');
});

function toggleProcess({ pid, isStopped }) {
  send(isStopped ? 'resume-client' : 'stop-client', pid);
}

/** Moves the focus to the room, from where the next Tab reaches its button. */
function enterRoom() {
  $('welcome').hidden = true;
  $('board').hidden = false;
  $('room-title').focus({ preventScroll: true });
  scrollTo(0, 0);
}

function onSubmit(id, act) {
  $(id).addEventListener('submit', (event) => {
    event.preventDefault();
    showNotice('');
    act();
  });
}

/** Without a connection, only "Reconnect now" works. */
function enableButtons(isConnected) {
  for (const button of document.querySelectorAll('button:not(#reconnect)')) {
    button.disabled = !isConnected;
  }
}

function showNotice(text) {
  $('notice').textContent = text;
  $('notice').hidden = text === '';
}
