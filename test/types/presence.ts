import type { DynamicModule } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import {
  MemoryPresenceStore,
  type PresenceBatch,
  type PresenceChange,
  type PresenceDisconnectOptions,
  type PresenceDisconnectReport,
  type PresenceEntry,
  PresenceInputError,
  type PresenceItem,
  type PresenceList,
  type PresenceListPage,
  type PresenceMessage,
  PresenceModule,
  type PresenceModuleAsyncOptions,
  type PresenceNode,
  type PresenceNodePage,
  type PresenceNodeState,
  type PresenceOptions,
  PresenceOptionsError,
  type PresenceOrder,
  type PresencePage,
  type PresenceRenewal,
  PresenceService,
  type PresenceSession,
  type PresenceStore,
  type PresenceTrackOptions,
  PresenceUnavailableError,
  type RedisClient,
  RedisPresenceStore,
  type RedisPresenceStoreOptions,
} from 'nestjs-heartbeat/presence';
import type { Observable } from 'rxjs';
import type { WebSocket } from 'ws';

declare const store: PresenceStore;
declare const client: WebSocket;
declare const presence: PresenceService;
declare const redis: RedisClient;

expectTypeOf<typeof PresenceModule.forRoot>().parameters.toEqualTypeOf<
  [options?: PresenceOptions | undefined]
>();
expectTypeOf<typeof PresenceModule.forRoot>().returns.toEqualTypeOf<DynamicModule>();
expectTypeOf<typeof PresenceModule.forRootAsync>().parameters.toEqualTypeOf<
  [options: PresenceModuleAsyncOptions]
>();
PresenceModule.forRootAsync({ useFactory: async () => ({ store, lease: 15_000 }) });
// @ts-expect-error a store, not a driver
PresenceModule.forRoot({ store: {} });

expectTypeOf(presence.state).toEqualTypeOf<'current' | 'stale'>();
expectTypeOf(presence.track(client, 'ann', { topic: 'room', meta: 1 })).toEqualTypeOf<boolean>();
expectTypeOf<PresenceTrackOptions['exclusive']>().toEqualTypeOf<
  boolean | { readonly code?: number; readonly reason?: string } | undefined
>();
expectTypeOf(presence.isPresent('ann')).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(presence.list('room', { limit: 10 })).toEqualTypeOf<Promise<PresenceList>>();
expectTypeOf<PresenceList['entries']>().toEqualTypeOf<PresenceEntry[]>();
expectTypeOf<PresenceListPage>().toEqualTypeOf<{
  readonly limit?: number;
  readonly cursor?: string;
}>();
expectTypeOf(presence.nodes()).toEqualTypeOf<Promise<PresenceNode[]>>();
expectTypeOf(presence.changes()).toEqualTypeOf<Observable<PresenceChange>>();
expectTypeOf<PresenceDisconnectOptions['code']>().toEqualTypeOf<number | undefined>();
expectTypeOf(presence.disconnect('ann')).toEqualTypeOf<Promise<PresenceDisconnectReport>>();

expectTypeOf<PresenceStore['open']>().returns.toEqualTypeOf<PresenceSession>();
expectTypeOf<PresenceStore['open']>().parameters.toEqualTypeOf<
  [node: string, receive: (message: PresenceMessage) => void]
>();
expectTypeOf<PresenceSession['write']>().parameters.toEqualTypeOf<[batch: PresenceBatch]>();
expectTypeOf<PresenceBatch['put']>().toEqualTypeOf<readonly PresenceItem[]>();
expectTypeOf<PresenceSession['read']>().parameters.toEqualTypeOf<
  [topic: string, page: PresencePage]
>();
expectTypeOf<PresenceSession['read']>().returns.toEqualTypeOf<Promise<PresenceNodePage[]>>();
expectTypeOf<PresenceSession['renew']>().returns.toEqualTypeOf<Promise<PresenceRenewal>>();
expectTypeOf<PresenceRenewal['nodes']>().toEqualTypeOf<readonly PresenceNodeState[]>();
expectTypeOf<PresenceRenewal['orders']>().toEqualTypeOf<readonly PresenceOrder[]>();

expectTypeOf(new MemoryPresenceStore()).toExtend<PresenceStore>();
expectTypeOf(new RedisPresenceStore(redis)).toExtend<PresenceStore>();
expectTypeOf<ConstructorParameters<typeof RedisPresenceStore>[1]>().toEqualTypeOf<
  RedisPresenceStoreOptions | undefined
>();

expectTypeOf<PresenceInputError['code']>().toEqualTypeOf<'PRESENCE_INPUT'>();
expectTypeOf<PresenceOptionsError['code']>().toEqualTypeOf<'PRESENCE_OPTIONS'>();
expectTypeOf<PresenceUnavailableError['code']>().toEqualTypeOf<'PRESENCE_UNAVAILABLE'>();
