export const $ = (id) => document.getElementById(id);

/** Writes what has changed: what is announced when it is written is not announced again. */
export function put(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

/** Text from others goes in as text, never as markup. */
export function make(tag, className, text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

export const millis = (ms) => `${ms.toFixed(Math.abs(ms) < 10 ? 1 : 0)} ms`;

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** Beats once: somebody was just heard. */
export function beat(element) {
  if (calm.matches) return;
  const transform = ['scale(1)', 'scale(1.25)', 'scale(1)'];
  element.animate({ transform }, { duration: 420, easing: 'ease-out' });
}
