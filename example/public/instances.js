// The instances and their people, as presence knows them.
import { $, put } from './dom.js';

/** An instance that is stopped remains visible. A new start gives it a new id, but not a new name. */
const elements = new Map();

/** Shows nothing until there is more than one instance: `npm start` runs one. */
export function showInstances(instances) {
  if (elements.size === 0 && instances.length < 2) return;
  for (const element of document.querySelectorAll('[data-cluster]')) element.hidden = false;
  const sorted = instances.toSorted((one, other) => one.id.localeCompare(other.id));
  const running = Map.groupBy(sorted, ({ id }) => id.replace(/-[0-9a-f]+$/, ''));
  for (const name of running.keys()) if (!elements.has(name)) addInstance(name);
  for (const [name, element] of elements) showInstance(element, running.get(name) ?? []);
}

function addInstance(name) {
  const element = $('instance').content.cloneNode(true).firstElementChild;
  element.dataset.instance = element.querySelector('.name').textContent = name;
  elements.set(name, element);
  $('instances').append(element);
}

/** `nodes`: none where it is stopped, two where it was started again before the lease of a crash has ended. */
function showInstance(element, nodes) {
  const part = (name) => element.querySelector(`.${name}`);
  const people = [...new Set(nodes.flatMap((node) => node.people))];
  element.dataset.state = stateOf(nodes);
  put(part('tag'), nodes.some(({ self }) => self) ? 'you' : '');
  put(part('state'), stateOf(nodes));
  put(part('people'), people.join(', ') || 'empty');
}

function stateOf(nodes) {
  if (nodes.length === 0) return 'stopped';
  return nodes.every(({ draining }) => draining) ? 'draining' : 'running';
}
