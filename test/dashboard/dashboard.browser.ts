import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Chromium, type Page, type View } from '../support/chromium.js';
import type { MonitoredClient } from '../support/monitored.js';
import { startDashboard, type DashboardApp, type DashboardSettings } from './dashboard.app.js';

/** Times that are longer than a poll takes on a busy machine, ms. */
const QUICK = { interval: 500, timeout: 1_500 };

const DESKTOP: View = { width: 1280, height: 900 };
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What breaks the content security policy of a page, recorded from its start. */
const RECORD_VIOLATIONS = `
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    violations.push(violatedDirective + ' ' + blockedURI));
`;

/** A request for data, as the server saw it. */
export interface Poll {
  readonly path: string;
  readonly startedAt: number;
  endedAt: number | undefined;
}

/** Records the requests for data, and can refuse them. For `configure`. */
export class PollLog {
  readonly polls: Poll[] = [];
  refuses = false;
  /** How long answers wait, ms. */
  latency = 0;

  readonly configure = (app: INestApplication): void => {
    app.use(
      (
        { originalUrl }: { originalUrl: string },
        response: {
          on(event: 'close', listener: () => void): void;
          writeHead(status: number): { end(): void };
        },
        next: () => void,
      ) => {
        if (!originalUrl.includes('/data/')) return next();
        const poll: Poll = {
          path: originalUrl,
          startedAt: performance.now(),
          endedAt: undefined,
        };
        this.polls.push(poll);
        response.on('close', () => (poll.endedAt = performance.now()));
        if (this.refuses) response.writeHead(503).end();
        else setTimeout(next, this.latency);
      },
    );
  };

  /** The longest time in ms that a request was open although the next one had begun. */
  get overlap(): number {
    const overlaps = this.polls
      .slice(1)
      .map(({ startedAt }, index) => (this.polls[index]?.endedAt ?? Infinity) - startedAt);
    return Math.max(0, ...overlaps);
  }
}

/** A browser for the tests of a file. Its pages are closed after each test. */
export class DashboardBrowser {
  private readonly pages: Page[] = [];
  private browser: Chromium | undefined;

  /** Opens the page of a dashboard at a view, and waits until it shows data. */
  async open(url: string, hash = '#overview', view = DESKTOP): Promise<Page> {
    this.browser ??= await Chromium.launch();
    const page = await this.browser.open('about:blank');
    this.pages.push(page);
    await page.show(view);
    await page.call('Page.addScriptToEvaluateOnNewDocument', { source: RECORD_VIOLATIONS });
    await page.goTo(url + hash);
    await page.waitFor(`document.querySelector('main[aria-busy=false] [data-view]')`);
    return page;
  }

  async closePages(): Promise<void> {
    await Promise.all(this.pages.splice(0).map((page) => page.close()));
  }

  async close(): Promise<void> {
    await this.browser?.close();
  }
}

/** A browser that is started with the first page and closed after all tests. */
export function useBrowser(): DashboardBrowser {
  const browser = new DashboardBrowser();
  afterEach(() => browser.closePages());
  afterAll(() => browser.close());
  return browser;
}

/** Starts an application that evicts silent clients after 1.5 s. */
export function startQuick(settings: DashboardSettings = {}): Promise<DashboardApp> {
  return startDashboard({ heartbeat: QUICK, ...settings });
}

/** Starts an application whose clients can be probed and disconnected. */
export function startWithActions(): Promise<DashboardApp> {
  return startDashboard({ dashboard: { public: true, actions: true } });
}

/** The connection ID of a client. */
export function idOf({ liveness }: DashboardApp, { peer }: MonitoredClient): string {
  return liveness.get(peer)?.id ?? '';
}

/** The URL of the page of an application. */
export function pageUrl({ url }: DashboardApp, path = '/heartbeat'): string {
  return url.replace(/^ws/, 'http') + path;
}

/** The serious faults of accessibility that axe-core finds in a page. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(`${readFileSync(AXE, 'utf8')}; undefined`);
  return page.evaluate(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
}

/** Expressions that read the page. */
export const finding = (rule: string) => `document.querySelector('[data-finding="${rule}"]')`;
export const state = `document.querySelector('main').dataset.state`;
export const rowIds = `[...document.querySelectorAll('tr[data-id]')].map(({ dataset }) => dataset.id)`;
export const row = (id: string) => `document.querySelector('tr[data-id="${id}"]')`;
export const button = (id: string, action: string) =>
  `tr[data-id="${id}"] [data-action="${action}"]`;
