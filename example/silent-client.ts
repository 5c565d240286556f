// A separate process: joins the chat, sends a message and asks its parent to stop it.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

const [url = '', name = ''] = process.argv.slice(2);
const socket = new WebSocket(url, { autoPong: false });
const sendPong = (payload: Buffer) => socket.pong(payload);
const send = (event: string, data: unknown) => socket.send(JSON.stringify({ event, data }));

socket.on('ping', sendPong);
socket.on('close', () => process.exit());
// The server that started this process has ended.
process.on('disconnect', () => process.exit());

await once(socket, 'open');
send('join', { name, pid: process.pid });
send('say', `Hello, I am process ${process.pid}. The server will stop me in a moment.`);
await delay(1_500);
// Windows cannot stop a process. There the client stops answering pings.
if (process.platform === 'win32') socket.off('ping', sendPong);
process.send?.('stop me');
