import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WsException } from '@nestjs/websockets';

const MAX_CLIENTS = 5;
const PROGRAM = join(import.meta.dirname, 'silent-client.js');

interface SilentClient {
  readonly child: ChildProcess;
  isStopped: boolean;
}

/** Chat clients in separate processes. The operating system stops them, so their connections stay open. */
@Injectable()
export class SilentClients implements OnModuleDestroy {
  private readonly clients = new Map<unknown, SilentClient>();
  private readonly killAll = () => this.clients.forEach(({ child }) => child.kill('SIGKILL'));
  private opened = 0;

  constructor(private readonly host: HttpAdapterHost) {
    process.once('exit', this.killAll);
  }

  async onModuleDestroy() {
    process.off('exit', this.killAll);
    const exits = [...this.clients.values()].map(({ child }) => once(child, 'exit'));
    this.killAll();
    await Promise.all(exits);
  }

  /** Starts a client that joins and sends a message, and stops it when it asks for that. */
  open() {
    if (this.clients.size >= MAX_CLIENTS) {
      throw new WsException(`At most ${MAX_CLIENTS} silent clients can be open.`);
    }
    const { port } = this.host.httpAdapter.getHttpServer().address() as AddressInfo;
    const child = fork(PROGRAM, [`ws://localhost:${port}/chat`, `Silent ${++this.opened}`]);
    child.once('message', () => this.stop(child.pid));
    for (const end of ['exit', 'error']) child.once(end, () => this.clients.delete(child.pid));
    this.clients.set(child.pid, { child, isStopped: false });
  }

  stop(pid: unknown) {
    this.signal(pid, 'SIGSTOP');
  }

  resume(pid: unknown) {
    this.signal(pid, 'SIGCONT');
  }

  kill(pid: unknown) {
    this.clients.get(pid)?.child.kill('SIGKILL');
  }

  /** Whether the process is stopped; `undefined` for an unknown process, and on Windows. */
  isStopped(pid: unknown): boolean | undefined {
    return process.platform === 'win32' ? undefined : this.clients.get(pid)?.isStopped;
  }

  /** Returns the process ID if it is one of these processes. Any client can send any number. */
  pidOf(pid: unknown): number | undefined {
    return this.clients.get(pid)?.child.pid;
  }

  private signal(pid: unknown, signal: 'SIGSTOP' | 'SIGCONT') {
    const client = this.clients.get(pid);
    // Windows has no such signals.
    if (client === undefined || process.platform === 'win32') return;
    client.isStopped = client.child.kill(signal) && signal === 'SIGSTOP';
  }
}
