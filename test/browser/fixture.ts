import { afterAll, afterEach, beforeAll, jest } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { startApp, type TestApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { Chromium, type Page } from '../support/chromium.js';
import { EventLog } from '../support/event-log.js';
import { TcpProxy } from '../support/tcp.proxy.js';
import { PageServer } from './page.server.js';

/** With these times only a probe detects a dead server in less than a minute. */
export const SLOW = { interval: 30_000, timeout: 60_000 };

@Heartbeat({ interval: 2_000, timeout: 3_500 })
@WebSocketGateway({ path: '/quick' })
class QuickGateway {}

/** A blocked page has 7 s to answer. */
export const BUSY = { interval: 3_000, timeout: 10_000, liveness: 'application' } as const;

@Heartbeat(BUSY)
@WebSocketGateway({ path: '/busy' })
class BusyGateway {}

/** For a client that sends a heartbeat every 5 s by its own timer. */
export const APPLICATION = { interval: 5_000, timeout: 10_000, liveness: 'application' } as const;

@Heartbeat(APPLICATION)
@WebSocketGateway({ path: '/application' })
class ApplicationGateway {}

/** Time limit of a test, ms. Slow tests hide pages for minutes. */
const LIMIT = 60_000;
export const SLOW_LIMIT = 240_000;

/** An entry in the log of a page. */
export interface Entry {
  readonly at: number;
  readonly code?: number;
  readonly delay?: number;
}

/** A server with several policies, and a browser whose pages connect to it. */
export class Fixture {
  server!: TestApp;
  events!: EventLog;
  pages!: PageServer;
  browser!: Chromium;
  page!: Page;
  private readonly paths: TcpProxy[] = [];

  constructor(private readonly flags: readonly string[]) {}

  async setUp(): Promise<void> {
    this.server = await startApp({
      imports: [HeartbeatModule.forRoot(SLOW)],
      providers: [ChatGateway, QuickGateway, BusyGateway, ApplicationGateway],
    });
    this.events = new EventLog(this.server.app.get(LivenessService).events$);
    this.pages = await PageServer.start();
    this.browser = await Chromium.launch(...this.flags);
  }

  async leave(): Promise<void> {
    await this.page?.close();
    await Promise.all(this.paths.splice(0).map((path) => path.close()));
  }

  async tearDown(): Promise<void> {
    await this.browser?.close();
    await this.pages?.close();
    await this.server?.app.close();
  }

  async visit(): Promise<Page> {
    this.page = await this.browser.open(this.pages.url);
    await this.page.waitFor(`document.title === 'ready'`);
    return this.page;
  }

  /** Opens a page with a connection that has received hello. */
  async connected(url: string, options: object = {}): Promise<Page> {
    await this.visit();
    await this.page.evaluate(`start(${JSON.stringify(url)}, ${JSON.stringify(options)}), 0`);
    await this.page.evaluate(`next('beat')`);
    return this.page;
  }

  async pathTo(url: string): Promise<TcpProxy> {
    const path = await TcpProxy.to(url);
    this.paths.push(path);
    return path;
  }

  /** The first entry with this name at or after `since`. Waits for it if there is none. */
  next(name: string, since = 0): Promise<Entry> {
    return this.page.evaluate<Entry>(`next(${JSON.stringify(name)}, ${since})`);
  }

  /** Number of entries with this name. */
  count(name: string): Promise<number> {
    return this.page.evaluate(
      `log.filter((entry) => entry.name === ${JSON.stringify(name)}).length`,
    );
  }
}

/** Starts a server and a browser for the tests of a `describe`. */
export function useBrowser(...flags: string[]): Fixture {
  const fixture = new Fixture(flags);
  jest.setTimeout(LIMIT);
  beforeAll(() => fixture.setUp());
  afterEach(() => fixture.leave());
  afterAll(() => fixture.tearDown());
  return fixture;
}
