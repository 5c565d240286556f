// The primary of a cluster with two workers, each an application with the module that listens on one shared port.
// Run again by itself for each worker.
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { answer } from '../support/programs/answers.mjs';
import { serve } from '../support/programs/serve.js';

/** The clients of a worker. */
export interface WorkerReport {
  readonly pid: number;
  readonly size: number;
  readonly totals: { readonly connected: number; readonly disconnected: number };
  readonly unresponsive: number;
}

async function work(): Promise<void> {
  const { app, url } = await serve({
    imports: [HeartbeatModule.forRoot({ interval: 100, timeout: 400, drain: { within: 200 } })],
    providers: [ChatGateway],
  });
  const liveness = app.get(LivenessService);
  process.on('message', (message) => {
    if (message === 'report') {
      const { totals } = liveness.snapshot();
      process.send?.({
        pid: process.pid,
        size: liveness.size,
        totals: { connected: totals.connected, disconnected: totals.disconnected },
        unresponsive: totals.evicted.unresponsive,
      } satisfies WorkerReport);
    }
    if (message === 'leave') void app.close().then(() => process.disconnect());
  });
  process.send?.({ url });
}

async function lead(): Promise<void> {
  cluster.setupPrimary({ args: ['{}'] });
  const start = async (): Promise<[Worker, string]> => {
    const worker = cluster.fork();
    const [{ url }] = (await once(worker, 'message')) as [{ url: string }];
    return [worker, url];
  };
  const [first, url] = await start();
  const [second, secondUrl] = await start();
  if (url !== secondUrl) throw new Error('The workers do not share a port');
  const workers = [first, second];

  const report = async (worker: Worker): Promise<WorkerReport> => {
    worker.send('report');
    return ((await once(worker, 'message')) as [WorkerReport])[0];
  };
  answer({
    url: () => url,
    reports: () => Promise.all(workers.filter((worker) => !worker.isDead()).map(report)),
    /** Kills a worker. Returns the signal that ended it. */
    kill: async (pid: number) => {
      const worker = workers.find(({ process: { pid: own } }) => own === pid);
      if (worker === undefined) throw new Error(`There is no worker ${pid}`);
      const exit = once(worker, 'exit');
      worker.process.kill('SIGKILL');
      return ((await exit) as [number, string])[1];
    },
    /** Lets a worker close its application. Returns its exit code. */
    leave: async (pid: number) => {
      const worker = workers.find(({ process: { pid: own } }) => own === pid);
      if (worker === undefined) throw new Error(`There is no worker ${pid}`);
      const exit = once(worker, 'exit');
      worker.send('leave');
      return ((await exit) as [number, string])[0];
    },
  });
}

await (cluster.isPrimary ? lead() : work());
