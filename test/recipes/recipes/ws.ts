import { WebSocket } from 'ws';

/** `patience` must be longer than the `interval` of the server. */
export function openChat(url: string, patience = 45_000): WebSocket {
  const socket = new WebSocket(url);
  const timer = setTimeout(() => socket.terminate(), patience);
  const onSignOfLife = () => void timer.refresh();
  socket.on('open', onSignOfLife);
  socket.on('ping', onSignOfLife);
  socket.on('message', onSignOfLife);
  socket.on('close', () => clearTimeout(timer));
  return socket;
}
