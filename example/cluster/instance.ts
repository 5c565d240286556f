import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PresenceStore } from 'nestjs-heartbeat/presence';
import { createApplication, portOf } from '../application.js';

const PROGRAM = join(import.meta.dirname, 'instance.process.js');

export interface Instance {
  readonly port: number;
  readonly pid: number | undefined;
  /** Closes its clients and ends it. */
  stop(): void;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
}

/** Starts an instance in this process. */
export async function startApplication(node: string, store: PresenceStore): Promise<Instance> {
  const app = await createApplication({ node, store }, ['warn', 'error']);
  await app.listen(0, '127.0.0.1');
  const ended = once(app.getHttpServer(), 'close');
  return { port: portOf(app), pid: process.pid, stop: () => void app.close(), ended };
}

/** Starts an instance in a process of its own. */
export async function startProcess(node: string): Promise<Instance> {
  const child = fork(PROGRAM, [node]);
  const ended = once(child, 'exit');
  const [port] = (await once(child, 'message')) as [number];
  const stop = () => {
    if (child.connected) child.disconnect();
  };
  return { port, pid: child.pid, stop, ended };
}
