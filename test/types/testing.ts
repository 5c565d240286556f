import type { Server } from 'node:http';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import { type Eviction, type Liveness, LivenessService } from 'nestjs-heartbeat';
import type { PresenceStore } from 'nestjs-heartbeat/presence';
import { HeartbeatHealthIndicator } from 'nestjs-heartbeat/terminus';
import {
  type ClientTarget,
  createEviction,
  createLiveness,
  HEARTBEAT_CLOCK,
  type HeartbeatClock,
  HeartbeatTestClock,
  LivenessServiceStub,
  openClient,
  type OpenClientOptions,
  presenceStoreConformance,
  type PresenceStoreCase,
  type PresenceStoreFixture,
  type StubControls,
  TestClient,
  type TestClose,
} from 'nestjs-heartbeat/testing';

declare const store: PresenceStore;
declare const health: HeartbeatHealthIndicator;
declare const application: INestApplicationContext;

expectTypeOf<ClientTarget>().toEqualTypeOf<INestApplicationContext | Server | string>();
expectTypeOf(openClient(application)).toEqualTypeOf<Promise<TestClient>>();
expectTypeOf<OpenClientOptions['answersPings']>().toEqualTypeOf<boolean | undefined>();
expectTypeOf<TestClient['closed']>().toEqualTypeOf<Promise<TestClose>>();
expectTypeOf<TestClient['next']>().returns.toEqualTypeOf<Promise<unknown>>();
expectTypeOf<TestClient>().toExtend<AsyncDisposable>();

expectTypeOf<typeof HEARTBEAT_CLOCK>().toEqualTypeOf<'nestjs-heartbeat:clock'>();
expectTypeOf(new HeartbeatTestClock()).toExtend<HeartbeatClock>();
expectTypeOf(new HeartbeatTestClock().advance(1)).toEqualTypeOf<Promise<void>>();

expectTypeOf(createLiveness({ state: 'suspect' })).toEqualTypeOf<Liveness>();
expectTypeOf(createEviction({ cause: 'idle' })).toEqualTypeOf<Eviction>();
// @ts-expect-error no cause
createEviction({ cause: 'tired' });

const stub = new LivenessServiceStub();
expectTypeOf(stub).toExtend<LivenessService>();
expectTypeOf(stub).toExtend<StubControls>();
expectTypeOf(LivenessServiceStub).toExtend<Type<LivenessService>>();
expectTypeOf(stub.evict({}, 'idle')).toEqualTypeOf<Promise<Eviction>>();
// @ts-expect-error the cause is an argument
void stub.evict({}, 'idle', { cause: 'idle' });

expectTypeOf(presenceStoreConformance(() => ({ store }))).toEqualTypeOf<PresenceStoreCase[]>();
expectTypeOf<PresenceStoreFixture['store']>().toEqualTypeOf<PresenceStore>();

expectTypeOf(health.isReady('heartbeat', { stall: 1 })).toBeObject();
