// What `npm run start:cluster` runs: three instances behind one port. With REDIS_URL each one is a process, and presence
// is in Redis. Without it they are three applications in this process that share a store in memory.
import { createInterface } from 'node:readline';
import { MemoryPresenceStore } from 'nestjs-heartbeat/presence';
import { Balancer } from './balancer.js';
import { type Instance, startApplication, startProcess } from './instance.js';

const NUMBERS = ['1', '2', '3'];
const { PORT = '3000', HOST = 'localhost', REDIS_URL } = process.env;

const memory = new MemoryPresenceStore();
const balancer = new Balancer();
const running = new Map<string, Instance>();

async function start(number: string) {
  const name = `instance-${number}`;
  const instance = await (REDIS_URL ? startProcess(name) : startApplication(name, memory));
  running.set(number, instance);
  balancer.add(instance.port);
  console.log(`${name} runs in process ${instance.pid}.`);
  void watch(number, instance);
}

/** Notices the end of an instance, also of one that crashed. */
async function watch(number: string, instance: Instance) {
  await instance.ended;
  leave(number, instance);
  console.log(`instance-${number} has ended.`);
}

function stop(number: string, instance: Instance) {
  // First the balancer, so that its clients reconnect to the other instances.
  leave(number, instance);
  console.log(`instance-${number} closes its clients.`);
  instance.stop();
}

function leave(number: string, instance: Instance) {
  balancer.remove(instance.port);
  if (running.get(number) === instance) running.delete(number);
}

await Promise.all(NUMBERS.map(start));
const port = await balancer.listen(Number(PORT), HOST);

const terminal = createInterface({ input: process.stdin });
terminal.on('line', (line) => {
  const number = line.trim();
  const instance = running.get(number);
  if (instance !== undefined) stop(number, instance);
  else if (NUMBERS.includes(number)) void start(number);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    terminal.close();
    balancer.close();
    for (const [number, instance] of running) stop(number, instance);
  });
}

console.log(`
Open http://localhost:${port} in two tabs and join.

To stop an instance, type its number (1, 2 or 3) and press Enter. The same starts it again.
Its people reconnect to another instance.`);
if (REDIS_URL)
  console.log('To crash one, kill its process: its people are listed until its lease of 3 s ends.');
else console.log('Set REDIS_URL to run each instance in a process of its own.');
