export const $ = (id) => document.getElementById(id);

/** Text from others goes in as text, never as markup. */
export function make(tag, className, text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
