// Who is in the room, as the server tells it several times a second.
import { $, beat, millis } from './dom.js';
import { showPolicy, showSilence } from './silence.js';

/** How often the server tells it. */
const REFRESH = 250;
/** How long somebody who was evicted stays to be seen. */
const FAREWELL = 5_000;

const rows = new Map();

/** Shows who is there. `wakeOrStop(person)` is called when its button is pressed. */
export function showPeople({ people, totals, policy }, myId, wakeOrStop) {
  if (policy) showPolicy(policy);
  for (const person of people) {
    const row = rows.get(person.id) ?? addRow(person, wakeOrStop);
    showPerson(row, person, person.id === myId);
  }
  const present = new Set(people.map(({ id }) => id));
  for (const [id, row] of rows) if (!present.has(id)) leave(id, row);
  $('count').textContent = people.length;
  $('nobody').hidden = rows.size > 0;
  $('axis').hidden = rows.size === 0;
  $('totals').textContent =
    `Connections: ${totals.connected} · ping frames: ${totals.pings} · ` +
    `evicted as unresponsive: ${totals.evicted.unresponsive}`;
}

function addRow(person, wakeOrStop) {
  const element = $('person').content.cloneNode(true).firstElementChild;
  const row = { element, person, part: (name) => element.querySelector(`.${name}`) };
  row.part('wake').addEventListener('click', () => wakeOrStop(row.person));
  rows.set(person.id, row);
  $('roster').append(element);
  return row;
}

function showPerson(row, person, isMe) {
  const { name, state, silence, rtt } = person;
  const wasHeard = silence < row.person.silence;
  row.person = person;
  row.element.dataset.state = state;
  row.element.dataset.name = name;
  row.part('name').textContent = name;
  row.part('tag').textContent = isMe ? 'you' : '';
  row.part('state').textContent = state;
  row.part('rtt').textContent = rtt === undefined ? '' : millis(rtt);
  showSilence(row.part('silence'), silence, state === 'evicted' ? 0 : REFRESH);
  showProcess(row);
  if (wasHeard) beat(row.part('dot'));
}

function showProcess({ part, person: { pid, isStopped, state } }) {
  part('process').hidden = isStopped === undefined || state === 'evicted';
  part('running').textContent = `process ${pid} ${isStopped ? 'is stopped' : 'runs'}`;
  part('wake').textContent = isStopped ? 'Wake it up' : 'Stop it';
}

/** Who was evicted stays for a moment, so that the verdict can be read. */
function leave(id, row) {
  if (row.person.state !== 'evicted') return remove(id, row);
  row.leaving ??= setTimeout(() => remove(id, row), FAREWELL);
  row.element.classList.add('leaving');
}

function remove(id, { element }) {
  rows.delete(id);
  element.remove();
}
