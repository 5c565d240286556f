import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry as RealRegistry } from '@nestjs/schedule';
import { ChatGateway } from '../support/chat.gateway.js';
import { Child, killAll } from '../support/child.js';
import { connect } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';

afterAll(killAll);

const HIDE_SCHEDULE = new URL('hide-schedule.mjs', import.meta.url);

test('without @nestjs/schedule installed a plain timer monitors the clients', async () => {
  const server = await Child.start(new URL('plain-timer.server.ts', import.meta.url), QUICK, {
    env: { NODE_OPTIONS: `--import ${HIDE_SCHEDULE.href}` },
  });
  // Node 24 reports a package that the loader hook hides as a cycle where it is CommonJS, as in Nest 11.
  const hidden = /^ERR_(MODULE_NOT_FOUND|REQUIRE_CYCLE_MODULE)$/;
  expect(await server.request('importSchedule')).toMatch(hidden);
  const url = await server.request<string>('url');
  const healthy = await connect(`${url}/chat`);
  const dead = await connect(`${url}/chat`, { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
  await server.request('close');
  expect(await healthy.closed).toMatchObject({ code: 1012 });
});

test('no source file imports @nestjs/schedule', () => {
  const src = new URL('../../src/', import.meta.url);
  const files = readdirSync(src, { encoding: 'utf8', recursive: true }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(50);
  const importing = files.filter((name) =>
    /(from|import\()\s*'@nestjs\/schedule/.test(readFileSync(new URL(name, src), 'utf8')),
  );
  expect(importing).toEqual([]);
});

test('a provider named SchedulerRegistry without its methods is ignored', async () => {
  @Injectable()
  class SchedulerRegistry {
    readonly calls: string[] = [];

    doesExist(): boolean {
      this.calls.push('doesExist');
      return false;
    }
  }

  const { app, connect: join } = await startMonitored([ChatGateway, SchedulerRegistry], QUICK, {
    imports: [ScheduleModule.forRoot()],
  });
  expect(app.get(RealRegistry).getIntervals()).toEqual(['nestjs-heartbeat']);
  expect(app.get(SchedulerRegistry).calls).toEqual([]);
  const dead = await join('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
});

test('a provider named SchedulerRegistry without its methods is ignored also where it is the only one', async () => {
  @Injectable()
  class SchedulerRegistry {}

  const { connect: join } = await startMonitored([ChatGateway, SchedulerRegistry]);
  const dead = await join('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
});

test('a request-scoped SchedulerRegistry is ignored, because it has no instance', async () => {
  const calls: string[] = [];
  @Injectable({ scope: Scope.REQUEST })
  class SchedulerRegistry {
    doesExist(): boolean {
      calls.push('doesExist');
      return false;
    }
    addInterval(): void {
      calls.push('addInterval');
    }
    deleteInterval(): void {
      calls.push('deleteInterval');
    }
  }

  const { connect: join } = await startMonitored([ChatGateway, SchedulerRegistry]);
  const dead = await join('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
  expect(calls).toEqual([]);
});

test('a class of the application with the name and methods of SchedulerRegistry is used', async () => {
  @Injectable()
  class SchedulerRegistry {
    readonly intervals = new Map<string, NodeJS.Timeout>();

    doesExist(_type: 'interval', name: string): boolean {
      return this.intervals.has(name);
    }
    addInterval(name: string, interval: NodeJS.Timeout): void {
      this.intervals.set(name, interval);
    }
    deleteInterval(name: string): void {
      this.intervals.delete(name);
    }
  }

  const { app, close } = await startMonitored([ChatGateway, SchedulerRegistry]);
  const { intervals } = app.get(SchedulerRegistry);
  expect([...intervals.keys()]).toEqual(['nestjs-heartbeat']);
  await close();
  expect(intervals.size).toBe(0);
});
