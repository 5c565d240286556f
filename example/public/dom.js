export const $ = (id) => document.getElementById(id);

/** Writes a text only if it has changed: screen readers announce every write to a live region. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Inserts the text as text, never as markup: it may come from other clients. */
export function make(tag, className, text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

// With a no-break space between number and unit.
export const seconds = (ms) => `${(ms / 1000).toFixed(1)}\u00a0s`;

export const millis = (ms) => `${ms.toFixed(ms < 10 ? 1 : 0)}\u00a0ms`;

/** Appends a line and removes the oldest of more than 200. */
export function appendLine(list, line) {
  list.append(line);
  if (list.children.length > 200) list.firstElementChild.remove();
}

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** Enlarges an element for a moment, to show a sign of life. */
export function pulse(element) {
  if (reducedMotion.matches) return;
  const transform = ['scale(1)', 'scale(1.25)', 'scale(1)'];
  element.animate({ transform }, { duration: 420, easing: 'ease-out' });
}
