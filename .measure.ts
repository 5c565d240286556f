import 'reflect-metadata';
import { EventEmitter } from 'node:events';
const root = process.argv[2] as string;
const count = Number(process.argv[3] ?? 100_000);
const imp = async (f: string) => await import(`${root}/${f}`);
const { WsConnection } = await imp('src/transport/ws.connection.ts');
const { MonitoredServer } = await imp('src/transport/monitored.server.ts');
const { FailureDetector } = await imp('src/detector/failure-detector.ts');
const { ClientListeners } = await imp('src/connections/client.listeners.ts');
const { ClientSlots } = await imp('src/connections/client.slots.ts');
const { resolveModuleOptions, modulePolicy } = await imp('src/heartbeat.options.resolver.ts');
const { RoundTrips } = await imp('src/connections/round-trips.ts');
const policy = modulePolicy(resolveModuleOptions({}, 'HeartbeatModule'));
const server = new MonitoredServer([{ name: 'Chat' }], policy);
const detector = new FailureDetector(performance.now(), 100);
class Socket { bytesRead = 0; bytesWritten = 0; writableLength = 0; isPaused() { return false; } }
class Client extends EventEmitter {
  OPEN = 1; readyState = 1; bufferedAmount = 0; isPaused = false; sent: Buffer | undefined;
  a = 0; b = 0; c = 0; d = 0;
  constructor() { super(); for (let i = 0; i < 3; i++) (this as never as Record<string, number>)['k' + i] = 1; this.on('close', nop); this.on('error', nop); this.on('message', nop); }
  ping(data: Buffer) { this.sent = data; }
}
function nop() {}
const slots = new ClientSlots();
const rt = new RoundTrips(detector);
const listeners = new ClientListeners((c: never) => slots.connectionOf(c), { message() {}, ping() {}, close() {}, pong(c: any, data: Buffer) { if (c.takeExpectedPong()) detector.onPong(c); rt.onPong(c, data); } });
const hasPolicy = server.connectionPolicy ?? server;
const all = new Set();
const clients = Array.from({ length: count }, () => new Client());
const sockets = Array.from({ length: count }, () => new Socket());
function heap() { for (let i = 0; i < 4; i++) (globalThis as any).gc(); return process.memoryUsage().heapUsed; }
function pings() { for (let i = 0; i < count; i++) { const c = all_[i]; rt.sendPing(c); sockets[i]!.bytesRead += 14; clients[i]!.emit('pong', clients[i]!.sent); clients[i]!.sent = undefined; } }
const all_: any[] = Array.from({ length: count }, () => undefined);
const before = heap();
let seq = 0;
for (let i = 0; i < count; i++) { clients[i]!.on('message', nop); }
const h0 = heap();
for (let i = 0; i < count; i++) {
  const c = new WsConnection(clients[i], sockets[i], hasPolicy, ++seq);
  all_[i] = c;
  detector.add(c, performance.now());
}
const h1 = heap();
for (let i = 0; i < count; i++) slots.setConnection(clients[i] as never, all_[i]);
const h2 = heap();
for (let i = 0; i < count; i++) listeners.add(clients[i] as never);
const h3 = heap();
for (let i = 0; i < count; i++) all.add(all_[i]);
const h4 = heap();
let real = performance.now();
function check() { for (let n = 0; n < 600; n++) { detector.advance((real += 100)); for (let c = detector.nextDue(); c; c = detector.nextDue()) { const r = detector.check(c); if (r?.ping) rt.sendPing(c); if (r?.ping) { const cl = (c as any).client; (c as any).socket.bytesRead += 14; cl.emit('pong', cl.sent); cl.sent = undefined; } } } }
(globalThis as any).c5 = all_[5]; check(); pings(); pings();
const h5 = heap();
const b = (n: number) => Math.round((n / count) * 10) / 10;
console.log({ object: b(h1 - h0), link: b(h2 - h1), listeners: b(h3 - h2), set: b(h4 - h3), afterPings: b(h5 - h4), size: all.size, total: b(h5 - h0), objectTotal: b(h1 - h0 + h5 - h4) });
void before; if (process.argv[4]) { eval("%DebugPrint(c5)".replace("c5","globalThis.c5")); }
