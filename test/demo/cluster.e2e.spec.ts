import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from '../support/chromium.js';
import { RedisServer, stopRedis } from '../support/redis.server.js';
import { requires } from '../support/requirements.js';
import { Demo, killAll } from './demo.process.js';
import { instancesOf, isInView, isInstance, ownInstance, silentRow, text } from './page.js';
import { Visitors } from './visitors.js';

const DESKTOP = { width: 1280, height: 800 };

jest.setTimeout(120_000);

requires('chromium', 'redis-server')('the demo with three instances', () => {
  let inOneProcess: Demo;
  let inProcesses: Demo;
  let visitors: Visitors;

  beforeAll(async () => {
    const withRedis = RedisServer.start().then(({ url }) => Demo.startCluster(url));
    inOneProcess = await Demo.startCluster();
    inProcesses = await withRedis;
    visitors = await Visitors.start(inOneProcess);
  });
  afterAll(async () => {
    await visitors?.closeBrowser();
    await killAll();
    await stopRedis();
  });

  /** Two people on different instances, each listed on the page of the other. */
  async function joinTwo(demo: Demo): Promise<[ada: Page, grace: Page]> {
    const [ada, grace] = [await join('Ada', demo), await join('Grace', demo)];
    await expectMutualView(ada, grace);
    return [ada, grace];
  }

  const join = (name: string, demo: Demo) => visitors.join(name, demo, DESKTOP);

  test('in one process: when an instance is stopped, its people move and its processes leave', async () => {
    const [ada, grace] = await joinTwo(inOneProcess);
    for (const part of ['#open-silent-client', '#instances', '#message-form'])
      expect([part, await ada.evaluate(isInView(part))]).toEqual([part, true]);
    const stopped = await ada.evaluate<string>(ownInstance);
    await ada.click('#open-silent-client');
    const silent = await ada.waitFor<string>(`${silentRow}?.dataset.name`);
    await grace.waitFor(`${instancesOf(silent)}.join() === '${stopped}'`);

    inOneProcess.type(numberOf(stopped));

    await grace.waitFor(isInstance(stopped, 'stopped'));
    await moves('Ada', ada, grace, stopped);
    expect(await ada.evaluate(text('#log'))).toMatch(/page\s+disconnected\s+code 1012/);
    await grace.waitFor(`${instancesOf(silent)}.length === 0`);
    inOneProcess.type(numberOf(stopped));
    await grace.waitFor(isInstance(stopped, 'running'));
  });

  test('in three processes: when one is stopped and one crashes, their people move', async () => {
    const [ada, grace] = await joinTwo(inProcesses);
    const stopped = await ada.evaluate<string>(ownInstance);
    const crashed = await grace.evaluate<string>(ownInstance);

    inProcesses.type(numberOf(stopped));
    await grace.waitFor(isInstance(stopped, 'stopped'));
    await moves('Ada', ada, grace, stopped);

    process.kill(pidOf(crashed, inProcesses), 'SIGKILL');
    await moves('Grace', grace, ada, crashed);
    expect(await grace.evaluate(text('#log'))).toMatch(/page\s+disconnected\s+code 1006/);
    await grace.waitFor(isInstance(crashed, 'stopped'));
  });
});

async function expectMutualView(ada: Page, grace: Page): Promise<void> {
  await ada.waitFor(`${instancesOf('Grace')}.length === 1`);
  await grace.waitFor(`${instancesOf('Ada')}.length === 1`);
  const [own, other] = [await ada.evaluate(ownInstance), await grace.evaluate(ownInstance)];
  expect(own).not.toBe(other);
  expect(await ada.evaluate(instancesOf('Grace'))).toEqual([other]);
  expect(await grace.evaluate(instancesOf('Ada'))).toEqual([own]);
}

/** Waits until a page has reconnected to another instance, and another page lists its user there and nowhere else. */
async function moves(name: string, page: Page, other: Page, from: string): Promise<void> {
  const to = await page.waitFor<string>(`${ownInstance} !== '${from}' && ${ownInstance}`);
  await other.waitFor(`${instancesOf(name)}.join() === '${to}'`);
}

const numberOf = (instance: string) => instance.replace('instance-', '');

/** The process in which an instance was started first. */
function pidOf(instance: string, { output }: Demo): number {
  return Number(new RegExp(`${instance} runs in process (\\d+)`).exec(output)?.[1]);
}
