// The clients in the room, as the server sends them four times a second.
import { $, millis, pulse, put } from './dom.js';
import { showPolicy, showSilence } from './silence-bar.js';

/** Milliseconds between two messages of the server. */
const REFRESH = 250;
/** Milliseconds for which the row of a client that is gone remains visible. */
const REMOVAL_DELAY = 5_000;

const rows = new Map();

/** Shows the members. `onToggle(member)` is called when the button of its process is pressed. */
export function showMembers({ members, totals, policy }, ownId, onToggle) {
  if (policy) showPolicy(policy);
  for (const member of members) {
    const isOwn = member.id === ownId;
    const row = rows.get(member.id) ?? addRow(member, isOwn, onToggle);
    showMember(row, member, isOwn);
  }
  const present = new Set(members.map(({ id }) => id));
  for (const [id, row] of rows) if (!present.has(id)) showDeparture(id, row);

  const connected = members.filter(({ state }) => state !== 'evicted').length;
  put($('count'), `${connected} connected`);
  put(
    $('totals'),
    `Server totals: connections ${totals.connected} · ping frames ${totals.pings} · ` +
      `evicted as unresponsive ${totals.evicted.unresponsive}`,
  );
}

/** Removes all rows: a new connection has a new list. */
export function clearMembers() {
  for (const [id, row] of rows) removeRow(id, row);
}

function addRow(member, isOwn, onToggle) {
  const element = $('member').content.cloneNode(true).firstElementChild;
  const row = { element, member, part: (name) => element.querySelector(`.${name}`) };
  element.dataset.name = element.querySelector('.name').title = member.name;
  row.part('name').textContent = member.name;
  row.part('toggle').addEventListener('click', () => onToggle(row.member));
  rows.set(member.id, row);
  insert(element, isOwn);
  return row;
}

/** The own row comes first, then the newest, so that both are in view however many there are. */
function insert(element, isOwn) {
  const own = $('roster').querySelector('.self');
  if (isOwn || !own) $('roster').prepend(element);
  else own.after(element);
}

function showMember(row, member, isOwn) {
  const { state, silence, rtt } = member;
  const isSignOfLife = silence < row.member.silence;
  row.member = member;
  row.element.dataset.state = state;
  if (isOwn && !row.element.classList.contains('self')) {
    row.element.classList.add('self');
    $('roster').prepend(row.element);
  }
  put(row.part('tag'), isOwn ? 'you' : '');
  put(row.part('state'), state);
  put(row.part('rtt'), rtt === undefined ? 'RTT –' : `RTT ${millis(rtt)}`);
  showSilence(row.element, silence, state === 'evicted' ? 0 : REFRESH);
  showProcess(row);
  if (isSignOfLife) pulse(row.part('dot'));
}

function showProcess({ part, member: { name, pid, isStopped, state } }) {
  part('process').hidden = isStopped === undefined || state === 'evicted';
  put(part('running'), `Process ${pid} is ${isStopped ? 'stopped' : 'running'}`);
  put(part('toggle'), isStopped ? 'Resume' : 'Stop');
  part('toggle').ariaLabel = `${isStopped ? 'Resume' : 'Stop'} ${name}`;
}

/** A row remains for a moment, so that its last state can be read. */
function showDeparture(id, row) {
  if (row.isLeaving) return;
  row.isLeaving = true;
  if (row.member.state !== 'evicted') {
    row.element.dataset.state = 'left';
    put(row.part('state'), 'left');
  }
  row.part('process').hidden = true;
  row.element.classList.add('leaving');
  setTimeout(() => removeRow(id, row), REMOVAL_DELAY);
}

function removeRow(id, { element }) {
  rows.delete(id);
  element.remove();
}
