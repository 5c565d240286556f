import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { report } from './report.js';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-crash-reporter',
  '--disable-sync',
  '--no-first-run',
  '--remote-debugging-port=0',
];

/** Default limit of `waitFor()` in ms. Generous, because test machines are busy. */
const WAIT_LIMIT = 20_000;

/** A call that takes longer than this is reported, in ms. */
const SLOW_CALL = 30_000;

/** Size and appearance of a page. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: boolean;
}

type Params = Record<string, unknown>;
interface Settle {
  resolve(result: unknown): void;
  reject(error: Error): void;
}
/** The response to a call, or an event if it has no `id`. */
interface Incoming {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: unknown;
  readonly sessionId?: string;
}

/** A real browser that is controlled over the DevTools protocol. */
export class Chromium {
  private readonly calls = new Map<number, Settle>();
  private readonly events = new EventEmitter();
  private called = 0;

  private constructor(
    private readonly process: ChildProcess,
    private readonly profile: string,
    private readonly socket: WebSocket,
  ) {
    socket.on('message', (data: Buffer) => this.receive(JSON.parse(data.toString()) as Incoming));
    socket.on('close', () => this.abandon());
  }

  /** Starts a browser with an empty profile. */
  static async launch(...flags: string[]): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'heartbeat-chromium-'));
    // Its own process group, so that `close()` also ends the child processes of the browser.
    const process = spawn('chromium', [...FLAGS, ...flags, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    const socket = new WebSocket(await devToolsOf(process), { perMessageDeflate: false });
    await once(socket, 'open');
    return new Chromium(process, profile, socket);
  }

  /** Opens a page in a new tab. */
  async open(url: string): Promise<Page> {
    const { targetId } = await this.call<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
    });
    const { sessionId } = await this.call<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    });
    const page = new Page(this, targetId, sessionId);
    await page.call('Page.enable');
    await page.goTo(url);
    return page;
  }

  /** Ends the browser and removes its profile. */
  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.process;
    const exit = exitCode === null && signalCode === null && once(this.process, 'exit');
    this.socket.terminate();
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // The browser has already ended.
    }
    await exit;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Calls a method of the DevTools protocol, on one page if a session is given. */
  call<Result>(method: string, params: Params = {}, sessionId?: string): Promise<Result> {
    const id = ++this.called;
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    // One call in some thousand was answered after more than a minute: its name shows where the time goes.
    const slow = setTimeout(() => report(`Chromium: ${method} takes long`), SLOW_CALL);
    return new Promise<Result>((resolve, reject) => {
      this.calls.set(id, { resolve: (result) => resolve(result as Result), reject });
    }).finally(() => clearTimeout(slow));
  }

  /** Resolves with the next event of a page. */
  async next<Params>(event: string, sessionId: string): Promise<Params> {
    const [params] = (await once(this.events, `${sessionId} ${event}`)) as [Params];
    return params;
  }

  private receive({ id, result, error, method, params, sessionId }: Incoming): void {
    if (id === undefined) {
      this.events.emit(`${sessionId} ${method}`, params);
      return;
    }
    const call = this.calls.get(id);
    this.calls.delete(id);
    if (call === undefined) return;
    if (error === undefined) call.resolve(result);
    else call.reject(new Error(error.message));
  }

  private abandon(): void {
    for (const call of this.calls.values()) call.reject(new Error('The browser was closed'));
    this.calls.clear();
  }
}

/** A tab of the browser. */
export class Page {
  constructor(
    private readonly browser: Chromium,
    private readonly targetId: string,
    private readonly sessionId: string,
  ) {}

  /** Calls a method of the DevTools protocol on this page. */
  call<Result>(method: string, params: Params = {}): Promise<Result> {
    return this.browser.call<Result>(method, params, this.sessionId);
  }

  /** Resolves with the next DevTools event of this page. */
  next<Params>(event: string): Promise<Params> {
    return this.browser.next<Params>(event, this.sessionId);
  }

  /** Navigates to a URL and waits until the page is loaded. */
  async goTo(url: string): Promise<void> {
    const loaded = this.next('Page.loadEventFired');
    const { errorText } = await this.call<{ errorText?: string }>('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  /** Evaluates a JavaScript expression in the page. Awaits a promise. */
  async evaluate<Result>(expression: string): Promise<Result> {
    const { result, exceptionDetails } = await this.call<{
      result: { value: Result };
      exceptionDetails?: { exception?: { description?: string }; text: string };
    }>('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Waits until a JavaScript expression is truthy, evaluated at each change of the page. Returns its value. */
  async waitFor<Result>(expression: string, limit = WAIT_LIMIT): Promise<Result> {
    return this.evaluate<Result>(`new Promise((resolve, reject) => {
      const find = () => { try { return ${expression}; } catch { return undefined; } };
      const settle = (finish) => { observer.disconnect(); clearTimeout(timer); removeEventListener('load', check); finish(); };
      const check = () => { const found = find(); if (found) settle(() => resolve(found)); };
      const observer = new MutationObserver(check);
      const late = () => reject(new Error(
        ${JSON.stringify(`Waited ${limit} ms for ${expression} on this page:\n`)} + document.body?.innerText));
      const timer = setTimeout(() => settle(late), ${limit});
      addEventListener('load', check);
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      check();
    })`);
  }

  /** Types text into a field. */
  async type(selector: string, text: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    await this.call('Input.insertText', { text });
  }

  /** Clicks at the position of an element. An element that covers it receives the click instead. */
  async click(selector: string): Promise<void> {
    const { x, y } = await this.evaluate<{ x: number; y: number }>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    const mouse = { x, y, button: 'left', clickCount: 1 };
    await this.call('Input.dispatchMouseEvent', { type: 'mousePressed', ...mouse });
    await this.call('Input.dispatchMouseEvent', { type: 'mouseReleased', ...mouse });
  }

  /** Changes the size of the window, the colour scheme and the motion setting. */
  async show({ width, height, colorScheme = 'light', reducedMotion = false }: View): Promise<void> {
    await this.call('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await this.call('Emulation.setEmulatedMedia', {
      features: [
        { name: 'prefers-color-scheme', value: colorScheme },
        { name: 'prefers-reduced-motion', value: reducedMotion ? 'reduce' : 'no-preference' },
      ],
    });
  }

  /** Saves a screenshot of the viewport as PNG. */
  async screenshot(path: string): Promise<void> {
    await this.call('Page.bringToFront');
    const { data } = await this.call<{ data: string }>('Page.captureScreenshot');
    await writeFile(path, Buffer.from(data, 'base64'));
  }

  /** Closes the tab. */
  async close(): Promise<void> {
    await this.browser.call('Target.closeTarget', { targetId: this.targetId });
  }
}

/** Reads the URL of the DevTools from the stderr of the browser. */
async function devToolsOf(process: ChildProcess): Promise<string> {
  if (process.stderr === null) throw new Error('The browser has no stderr');
  const output: string[] = [];
  const ended = new AbortController();
  process.once('error', (error) => ended.abort(error));
  for await (const line of createInterface({ input: process.stderr, signal: ended.signal })) {
    const [, url] = /^DevTools listening on (\S+)/.exec(line) ?? [];
    if (url !== undefined) {
      process.stderr.resume();
      return url;
    }
    output.push(line);
  }
  ended.signal.throwIfAborted();
  throw new Error(`The browser did not start:\n${output.join('\n')}`);
}
