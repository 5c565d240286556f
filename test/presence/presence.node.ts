import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { PresenceModule, PresenceService, type PresenceOptions } from 'nestjs-heartbeat/presence';
import type { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { startWith, type MonitoredApp, type MonitoredClient } from '../support/monitored.js';
import { ChangeRecord } from './change.record.js';

/** Times that are short enough for a test and long enough for a busy machine. */
export const QUICK_PRESENCE = { lease: 1_500, renew: 300, linger: 300, deadline: 1_000 };

/** An application with presence. It is closed after the test. */
export interface TestNode extends MonitoredApp {
  readonly presence: PresenceService;
  readonly id: string;
  /** Connects a client and tracks it. */
  readonly join: (
    key: string,
    options?: Parameters<PresenceService['track']>[2],
  ) => Promise<MonitoredClient>;
  /** Records the changes of a topic from now on. */
  readonly record: (topic?: string) => ChangeRecord;
}

/** What a test may set about a node. */
export interface NodeSettings extends PresenceOptions {
  readonly logger?: LoggerService;
  readonly within?: number;
  readonly providers?: ModuleMetadata['providers'];
}

/** Starts an application whose gateway is at `/chat`, and waits until its presence is current. */
export async function startNode(settings: NodeSettings = {}): Promise<TestNode> {
  const node = await startNodeNow(settings);
  await until(() => node.presence.state === 'current', 'the node is current');
  return node;
}

/** Starts an application whose gateway is at `/chat`. */
export async function startNodeNow({
  logger,
  within = 20,
  providers = [],
  ...options
}: NodeSettings = {}): Promise<TestNode> {
  const app = await startWith(
    {
      imports: [
        HeartbeatModule.forRoot({ interval: 5_000, timeout: 10_000, drain: { within } }),
        PresenceModule.forRoot({ ...QUICK_PRESENCE, node: 'test', ...options }),
      ],
      providers: [ChatGateway, ...providers],
    },
    logger === undefined ? {} : { logger },
  );
  const presence = app.app.get(PresenceService);
  return Object.assign(app, {
    presence,
    get id() {
      return idOf(app);
    },
    join: async (key: string, trackOptions = {}) => {
      const client = await app.connect('/chat');
      presence.track(client.peer, key, trackOptions);
      return client;
    },
    record: (topic?: string) => new ChangeRecord(presence.changes(topic)),
  });
}

/** The id of a node. */
export function idOf({ app }: MonitoredApp): string {
  return app.get<{ id: string }>('nestjs-heartbeat:presence-options').id;
}

/** Polls a condition that no event reports. Rejects after `most` ms. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'the condition holds',
  most = 5_000,
): Promise<void> {
  const end = performance.now() + most;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited for ${most} ms until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until a node sees a key, or sees it no longer. */
export async function untilPresent(
  { presence }: { presence: PresenceService },
  key: string,
  isPresent = true,
): Promise<void> {
  const what = `${key} is ${isPresent ? '' : 'not '}present`;
  await until(async () => (await presence.isPresent(key)) === isPresent, what);
}

/** The keys of a topic. */
export async function keysOf(presence: PresenceService, topic?: string): Promise<string[]> {
  const { entries } = await presence.list(topic, { limit: 1_000 });
  return entries.map(({ key }) => key);
}

export type Peer = WebSocket;
