import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WsException } from '@nestjs/websockets';

const MOST = 5;
const PROGRAM = join(import.meta.dirname, 'silent-client.js');

interface SilentClient {
  readonly child: ChildProcess;
  isStopped: boolean;
}

/** Clients in processes of their own, which the operating system stops: as dead as a client can be. */
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

  /** Starts a client that joins and chats for a moment, and stops it when it says that it is done. */
  open() {
    if (this.clients.size >= MOST) throw new WsException(`${MOST} silent clients are enough.`);
    const { port } = this.host.httpAdapter.getHttpServer().address() as AddressInfo;
    const child = fork(PROGRAM, [`ws://localhost:${port}/chat`, `Silent ${++this.opened}`]);
    child.once('message', () => this.freeze(child.pid));
    for (const end of ['exit', 'error']) child.once(end, () => this.clients.delete(child.pid));
    this.clients.set(child.pid, { child, isStopped: false });
  }

  freeze(pid: unknown) {
    this.signal(pid, 'SIGSTOP');
  }

  thaw(pid: unknown) {
    this.signal(pid, 'SIGCONT');
  }

  kill(pid: unknown) {
    this.clients.get(pid)?.child.kill('SIGKILL');
  }

  /** Whether the process is stopped; `undefined` where there is no such process, or no way to stop it. */
  isStopped(pid: unknown): boolean | undefined {
    return process.platform === 'win32' ? undefined : this.clients.get(pid)?.isStopped;
  }

  /** A claim to be one of our processes, checked. */
  pidOf(claim: unknown): number | undefined {
    return this.clients.get(claim)?.child.pid;
  }

  private signal(pid: unknown, signal: 'SIGSTOP' | 'SIGCONT') {
    const client = this.clients.get(pid);
    // Windows knows no such signals. There the client merely no longer answers.
    if (client === undefined || process.platform === 'win32') return;
    client.isStopped = client.child.kill(signal) && signal === 'SIGSTOP';
  }
}
