import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/** The storages that ran since the last file ended. */
const used = new Set();
// oxlint-disable-next-line typescript/unbound-method -- it is called with its storage
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...args) {
  used.add(this);
  return run.apply(this, args);
};

/**
 * Node's environment of Jest, which also switches off what a file has left in the process of its worker.
 *
 * Jest makes an AsyncLocalStorage for each file and never disables it. Before Node 24, every promise visits each
 * enabled storage: a worker became slower with each file it ran, by a fifth after thirty files.
 */
export default class WorkerEnvironment extends TestEnvironment {
  async teardown() {
    await super.teardown();
    for (const storage of used) storage.disable();
    used.clear();
  }
}
