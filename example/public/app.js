import { Connection } from './connection.js';
import { $ } from './dom.js';
import { addEvent, addMessage, nameConnections } from './lines.js';
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
  log: addEvent,
  exception: ({ message }) => showNotice(message),
};

const connection = new Connection({
  opened() {
    showStatus('open', 'Connected');
    if (myName) connection.send('join', { name: myName });
  },
  lost({ code, reason }) {
    showStatus('lost', 'Reconnecting…');
    addEvent({ type: 'lost', at: Date.now(), code, reason });
  },
  received: ({ event, data }) => listeners[event]?.(data),
});

onSubmit('join', () => {
  myName = $('name').value;
  connection.send('join', { name: myName });
});

onSubmit('say', () => {
  connection.send('say', $('text').value);
  $('text').value = '';
});

$('open-silent-client').addEventListener('click', () => {
  showNotice('');
  connection.send('open-silent-client');
});

function wakeOrStop({ pid, isStopped }) {
  connection.send(isStopped ? 'thaw' : 'freeze', pid);
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

function showStatus(status, text) {
  $('connection').dataset.status = status;
  $('connection').textContent = text;
  // Who is shown was there when the connection went.
  $('roster').classList.toggle('stale', status === 'lost');
  for (const button of document.querySelectorAll('button')) button.disabled = status === 'lost';
}

function showNotice(text) {
  $('notice').textContent = text;
  $('notice').hidden = text === '';
}
