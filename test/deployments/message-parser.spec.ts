import { describe, expect, test } from '@jest/globals';
import type { LoggerService } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { isHeartbeat } from 'nestjs-heartbeat';
import { Deployment } from './deployment.js';

/** Remembers every line of the log with its context, those of Nest included. */
class FullLog implements LoggerService {
  readonly lines: { context: unknown; message: string }[] = [];

  of(context: string): string[] {
    return this.lines.filter((line) => line.context === context).map(({ message }) => message);
  }

  log = (message: unknown, ...more: unknown[]) => this.add(message, more);
  warn = (message: unknown, ...more: unknown[]) => this.add(message, more);
  error = (message: unknown, ...more: unknown[]) => this.add(message, more);
  debug = (message: unknown, ...more: unknown[]) => this.add(message, more);

  private add(message: unknown, more: unknown[]): void {
    this.lines.push({ context: more.at(-1), message: String(message) });
  }
}

type Parsed = { event: string; data: unknown };

/** The format of the application: `name:text`. Throws for any other message. */
function parseLine(data: string | Buffer): Parsed {
  const line = data.toString();
  const [, event, text] = /^(\w+):(.*)$/.exec(line) ?? [];
  if (event === undefined) throw new Error(`no line: ${line}`);
  return { event, data: text };
}

@WebSocketGateway({ path: '/lines' })
class LineGateway {
  @SubscribeMessage('chat')
  chat(_client: unknown, data: unknown): unknown {
    return { event: 'said', data };
  }
}

const HEARTBEAT = '{"event":"heartbeat"}';
const OPTIONS = {
  interval: 100,
  timeout: 400,
  limits: { messages: { rate: 1_000, burst: 1_000 } },
};

async function start(messageParser: (data: string | Buffer) => Parsed | undefined) {
  const log = new FullLog();
  const deployment = await Deployment.http(
    { providers: [LineGateway] },
    {
      options: OPTIONS,
      logger: log,
      // The type demands a result; the adapter drops a message for which there is none.
      adapter: (app) =>
        new WsAdapter(app, { messageParser: messageParser as (data: unknown) => Parsed }),
    },
  );
  return { deployment, log };
}

describe('a messageParser that throws on heartbeat messages', () => {
  test('does not prevent their answers, and each counts as a sign of life', async () => {
    const { deployment } = await start(parseLine);
    const client = await deployment.connect('/lines', { autoPong: false });
    const beating = setInterval(() => client.socket.send(HEARTBEAT), 50);
    for (let count = 0; count < 20; count++) {
      await new Promise((resolve) => client.socket.once('message', resolve));
    }
    clearInterval(beating);
    expect(deployment.events.about(client.peer)).toEqual(['connected']);
    expect(client.messages[0]).toMatchObject({ event: 'heartbeat' });
    client.socket.send('chat:hello');
    await new Promise((resolve) => client.socket.once('message', resolve));
    expect(client.messages.at(-1)).toEqual({ event: 'said', data: 'hello' });
  });

  test('does not make the module log, even for many messages', async () => {
    const { deployment, log } = await start(parseLine);
    const client = await deployment.connect('/lines');
    const before = log.of('HeartbeatModule').length;
    for (let count = 0; count < 100; count++) client.socket.send(HEARTBEAT);
    for (let count = 0; count < 100; count++) client.socket.send('not a line');
    client.socket.send('chat:last');
    while (client.messages.length < 101) {
      await new Promise((resolve) => client.socket.once('message', resolve));
    }
    expect(log.of('HeartbeatModule')).toHaveLength(before);
  });
});

test('a messageParser that calls isHeartbeat() first logs nothing for heartbeat messages', async () => {
  const { deployment, log } = await start((data) =>
    isHeartbeat(data) ? undefined : parseLine(data),
  );
  const client = await deployment.connect('/lines');
  for (let count = 0; count < 50; count++) client.socket.send(HEARTBEAT);
  client.socket.send('chat:last');
  while (client.messages.length < 51) {
    await new Promise((resolve) => client.socket.once('message', resolve));
  }
  expect(client.messages.at(-1)).toEqual({ event: 'said', data: 'last' });
  expect(log.of('WsAdapter')).toEqual([]);
});
