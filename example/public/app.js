import { connection, send } from './connection.js';
import { $ } from './dom.js';
import { addEvent, addMessage, nameConnections } from './lines.js';
import { logConnection } from './own-log.js';
import { viewConnection } from './own-view.js';
import { showPeople } from './people.js';

let myName = '';
let myId;

const listeners = {
  joined(id) {
    myId = id;
    if (!$('join').hidden) enter();
  },
  people(room) {
    showPeople(room, myId, wakeOrStop);
    nameConnections(room.people);
  },
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
  enableButtons(true);
  showNotice('');
  if (myName) send('join', { name: myName });
});
connection.on('down', () => enableButtons(false));
enableButtons(false);

onSubmit('join', () => {
  myName = $('name').value;
  send('join', { name: myName });
});

onSubmit('say', () => {
  send('say', $('text').value);
  $('text').value = '';
});

$('open-silent-client').addEventListener('click', () => {
  showNotice('');
  send('open-silent-client');
});

function wakeOrStop({ pid, isStopped }) {
  send(isStopped ? 'thaw' : 'freeze', pid);
}

function enter() {
  $('join').hidden = true;
  $('outside').hidden = true;
  $('say').hidden = false;
  $('text').focus();
}

function onSubmit(id, act) {
  $(id).addEventListener('submit', (event) => {
    event.preventDefault();
    showNotice('');
    act();
  });
}

/** Without a connection nothing is to be pressed, except what makes one. */
function enableButtons(are) {
  for (const button of document.querySelectorAll('button:not(#reconnect)')) button.disabled = !are;
}

function showNotice(text) {
  $('notice').textContent = text;
  $('notice').hidden = text === '';
}
