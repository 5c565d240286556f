// Who is in the room, as the server tells it several times a second.
import { $, seconds } from './dom.js';

/** How often the server tells it: a bar grows towards where it will be by then. */
const REFRESH = 250;
/** How long somebody who was evicted stays to be seen. */
const FAREWELL = 5_000;

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const rows = new Map();
let policy = { interval: 2_000, timeout: 5_000 };

/** Shows who is there. `wakeOrStop(person)` is called when its button is pressed. */
export function showPeople({ people, totals, policy: current }, myId, wakeOrStop) {
  if (current) showPolicy(current);
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
    `Connections: ${totals.connected} · pings: ${totals.pings} · ` +
    `evicted as unresponsive: ${totals.evicted.unresponsive}`;
}

function showPolicy({ interval, timeout }) {
  policy = { interval, timeout };
  const times = { interval, suspect: (interval + timeout) / 2, timeout };
  for (const [id, time] of Object.entries(times)) {
    $(id).textContent = `${time / 1000} s`;
    document.querySelector('.people').style.setProperty(`--at-${id}`, time / timeout);
  }
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
  row.part('rtt').textContent = rtt === undefined ? '' : `${rtt.toFixed(rtt < 10 ? 1 : 0)} ms`;
  showSilence(row);
  showProcess(row);
  if (wasHeard) beat(row.part('dot'));
  if (wasHeard && isMe) beat($('heart'));
}

function showSilence({ part, person: { silence, state } }) {
  const bar = part('bar');
  const expected = state === 'evicted' ? silence : silence + REFRESH;
  const level = Math.min(1, expected / policy.timeout);
  bar.classList.toggle('falls', level < Number(bar.style.getPropertyValue('--level')));
  bar.style.setProperty('--level', level);
  bar.ariaValueMax = policy.timeout / 1000;
  bar.ariaValueNow = silence / 1000;
  bar.ariaValueText = `silent for ${seconds(silence)} of ${seconds(policy.timeout)}`;
  part('seconds').textContent = seconds(silence);
}

function showProcess({ part, person: { pid, isStopped, state } }) {
  part('process').hidden = isStopped === undefined || state === 'evicted';
  part('running').textContent = `process ${pid} ${isStopped ? 'is stopped' : 'runs'}`;
  part('wake').textContent = isStopped ? 'Wake it up' : 'Stop it';
}

/** Beats once: its client was just heard. */
function beat(element) {
  if (calm.matches) return;
  const transform = ['scale(1)', 'scale(1.25)', 'scale(1)'];
  element.animate({ transform }, { duration: 420, easing: 'ease-out' });
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
