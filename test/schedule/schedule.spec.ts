import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import {
  Interval,
  SchedulerRegistry as RealRegistry,
  ScheduleModule,
  SchedulerRegistry,
} from '@nestjs/schedule';
import { ChatGateway } from '../support/chat.gateway.js';
import { Child, killAll } from '../support/child.js';
import { connect } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';

const withSchedule = () => ({ imports: [ScheduleModule.forRoot()] });

afterAll(killAll);

const HIDE_SCHEDULE = new URL('hide-schedule.mjs', import.meta.url);

test("the tick is an interval in the application's SchedulerRegistry", async () => {
  const { app, connect, events } = await startMonitored([ChatGateway], QUICK, withSchedule());
  expect(app.get(SchedulerRegistry).getIntervals()).toEqual(['nestjs-heartbeat']);
  const dead = await connect('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
  expect(events.about(dead.peer)).toContain('evicted');
});

test('the module has no other timer: without that interval no client is checked', async () => {
  const { app, connect, events, liveness } = await startMonitored(
    [ChatGateway],
    QUICK,
    withSchedule(),
  );
  clearInterval(app.get(SchedulerRegistry).getInterval('nestjs-heartbeat'));
  const dead = await connect('/chat', { autoPong: false });
  await new Promise((resolve) => setTimeout(resolve, 2 * QUICK.timeout));
  expect(events.about(dead.peer)).toEqual(['connected']);
  expect(dead.pings).toEqual([]);
  expect(liveness.get(dead.peer)?.silence).toBe(0);
});

test('an @Interval() of the application fires once per period beside the tick', async () => {
  const period = 50;
  @Injectable()
  class Job {
    runs = 0;
    @Interval('job', period)
    run(): void {
      this.runs++;
    }
  }

  const { app, connect } = await startMonitored([ChatGateway, Job], QUICK, withSchedule());
  expect(app.get(SchedulerRegistry).getIntervals().toSorted()).toEqual(['job', 'nestjs-heartbeat']);
  const started = performance.now();
  const runs = app.get(Job).runs;
  const dead = [];
  for (let count = 0; count < 2; count++) {
    dead.push(await (await connect('/chat', { autoPong: false })).closed);
  }
  const periods = (performance.now() - started) / period;
  expect(app.get(Job).runs - runs).toBeGreaterThan(5);
  expect(app.get(Job).runs - runs).toBeLessThanOrEqual(periods + 1);
});

test('clients of an application without a SchedulerRegistry are monitored as well', async () => {
  const { app, connect } = await startMonitored([ChatGateway]);
  expect(() => app.get(SchedulerRegistry)).toThrow('SchedulerRegistry');
  const dead = await connect('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
});

test('where the name of the interval is taken, the module uses another name', async () => {
  let ticks = 0;
  @Injectable()
  class OtherIntervals {
    constructor(registry: SchedulerRegistry) {
      registry.addInterval(
        'nestjs-heartbeat',
        setInterval(() => ticks++, 20),
      );
      registry.addInterval(
        'nestjs-heartbeat-2',
        setInterval(() => ticks++, 20),
      );
    }
  }

  const { app, close, connect } = await startMonitored(
    [ChatGateway, OtherIntervals],
    QUICK,
    withSchedule(),
  );
  const registry = app.get(SchedulerRegistry);
  expect(registry.getIntervals()).toEqual([
    'nestjs-heartbeat',
    'nestjs-heartbeat-2',
    'nestjs-heartbeat-3',
  ]);
  const dead = await connect('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
  expect(ticks).toBeGreaterThan(5);
  await close();
  expect(registry.getIntervals()).toEqual([]);
});

test('a shorter tick replaces the interval', async () => {
  const { app, connect, liveness } = await startMonitored([ChatGateway], {}, withSchedule());
  const registry = app.get(SchedulerRegistry);
  const slow: unknown = registry.getInterval('nestjs-heartbeat');
  const dead = await connect('/chat', { autoPong: false });
  liveness.update(dead.peer, QUICK);
  expect(registry.getIntervals()).toEqual(['nestjs-heartbeat']);
  expect(registry.getInterval('nestjs-heartbeat')).not.toBe(slow);
  expect(await dead.closed).toMatchObject({ code: 1006 });
});

test('two applications have separate ticks', async () => {
  const first = await startMonitored([ChatGateway], QUICK, withSchedule());
  const second = await startMonitored([ChatGateway], QUICK, withSchedule());
  for (const { app } of [first, second]) {
    expect(app.get(SchedulerRegistry).getIntervals()).toEqual(['nestjs-heartbeat']);
  }
  await first.close();
  const dead = await second.connect('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
});

test('shutdown removes the interval from the registry, and the tick continues during the drain', async () => {
  const { app, close, connect, events } = await startMonitored(
    [ChatGateway],
    QUICK,
    withSchedule(),
  );
  for (let count = 0; count < 20; count++) await connect('/chat');
  const dead = await connect('/chat', { autoPong: false });
  const closed = close();
  await events.when('draining');
  await new Promise((resolve) => setImmediate(resolve));
  expect(app.get(SchedulerRegistry).getIntervals()).toEqual([]);
  await closed;
  const { eviction } = await events.when('disconnected', ({ client }) => client === dead.peer);
  expect(eviction?.cause).toBe('unresponsive');
});

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
