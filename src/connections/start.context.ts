import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';

/**
 * The `AsyncLocalStorage` context in which the application was created.
 *
 * Timers, promises and operations on sockets keep the context in which they are created. The module creates its own in
 * this context, so that they neither run in the context of a request nor keep its stores in memory.
 */
@Injectable()
export class StartContext {
  /** Calls a function in the context of the application's start. */
  readonly run: <Result>(act: () => Result) => Result = AsyncLocalStorage.snapshot();
}

/** Calls code of the application in the current context. An `enterWith()` in it does not change the caller's context. */
export function callIsolated<Result>(act: () => Result): Result {
  return new AsyncResource('nestjs-heartbeat').runInAsyncScope(act);
}
