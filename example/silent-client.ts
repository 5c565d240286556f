// A process of its own: joins the chat, says something, and asks to be stopped.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

const [url = '', name = ''] = process.argv.slice(2);
const socket = new WebSocket(url, { autoPong: false });
const answer = (payload: Buffer) => socket.pong(payload);
const send = (event: string, data: unknown) => socket.send(JSON.stringify({ event, data }));

socket.on('ping', answer);
socket.on('close', () => process.exit());
// Without the server that started it nobody needs it.
process.on('disconnect', () => process.exit());

await once(socket, 'open');
send('join', { name, pid: process.pid });
send('say', `Hello, I am process ${process.pid}. In a moment I am going to be stopped.`);
await delay(1_500);
if (process.platform === 'win32') socket.off('ping', answer);
process.send?.('stop me');
