// JavaScript expressions that read the page of the demo.

/** The text of an element, with plain spaces. */
export const text = (selector: string) =>
  `document.querySelector('${selector}').innerText.replaceAll('\u00a0', ' ')`;

export const isStatus = (status: string) => `${text('#connection')} === '${status}'`;

export const row = (name: string) => `document.querySelector('[data-name="${name}"]')`;

export const silentRow = `document.querySelector('[data-name^="Silent"]:not([data-state=evicted])')`;

/** Whether the row of a client shows a state. */
export const shows = (name: string, state: string) =>
  `${row(name)}?.querySelector('.state').innerText === '${state}'`;

export const isRosterStale = `document.querySelector('#roster').classList.contains('stale') && !document.querySelector('#stale').hidden`;

export const isReconnectOffered = `document.querySelector('#reconnect').checkVisibility({ visibilityProperty: true })`;

export const reconnectingCount = `document.querySelectorAll('#log .reconnecting').length`;

/** Seconds until the next attempt to connect. */
export const waiting = `Number(/attempt \\d+ in (\\S+) s/.exec(${text('#outlook')})?.[1])`;

/** Milliseconds by which the page believes the server's clock to differ. */
export const clockDifference = `parseFloat(${text('#own-clock')})`;

/** Whether an element is inside the window, in full. */
export const isInView = (selector: string) => `(() => {
  const { top, bottom, left, right, height } = document.querySelector('${selector}').getBoundingClientRect();
  return height > 0 && top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
})()`;

/** By how many pixels the page is wider than the window. */
export const horizontalOverflow =
  'document.documentElement.scrollWidth - document.documentElement.clientWidth';

const instances = `[...document.querySelectorAll('.instance')]`;

/** The name of the instance to which the page is connected. */
export const ownInstance = `${instances}.find((one) => one.querySelector('.tag').innerText === 'you')?.dataset.instance`;

/** The names of the instances on which a person is present. */
export const instancesOf = (name: string) =>
  `${instances}.filter((one) => one.querySelector('.people').innerText.split(', ').includes('${name}')).map((one) => one.dataset.instance)`;

export const isInstance = (name: string, state: string) =>
  `document.querySelector('[data-instance=${name}]').dataset.state === '${state}'`;
