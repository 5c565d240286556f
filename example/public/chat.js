import { $, appendLine, make } from './dom.js';

/** Adds a message to the chat. One without `from` is an announcement of the server. */
export function addMessage({ from, text }) {
  const line = make('li', from === undefined ? 'soft' : '');
  if (from !== undefined) line.append(make('bdi', 'from', from));
  line.append(make('bdi', 'text', text));
  appendLine($('messages'), line);
}
