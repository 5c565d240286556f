import type { CanActivate, DynamicModule, ModuleMetadata, Type } from '@nestjs/common';
import { expectTypeOf } from 'expect-type';
import type {
  ClosedBy,
  EvictionCause,
  HeartbeatSnapshot,
  Liveness,
  RoundTripTimes,
} from 'nestjs-heartbeat';
import {
  type ClosingAgeCounts,
  type DashboardClient,
  type DashboardMinute,
  type DashboardOverview,
  HeartbeatDashboardModule,
  type HeartbeatDashboardOptions,
} from 'nestjs-heartbeat/dashboard';
import type { PresenceNode } from 'nestjs-heartbeat/presence';

declare const guardClass: Type<CanActivate>;
declare const guard: CanActivate;

expectTypeOf<typeof HeartbeatDashboardModule.forRoot>().parameters.toEqualTypeOf<
  [options: HeartbeatDashboardOptions]
>();
expectTypeOf<typeof HeartbeatDashboardModule.forRoot>().returns.toEqualTypeOf<DynamicModule>();
expectTypeOf<HeartbeatDashboardOptions>().toEqualTypeOf<{
  path?: string;
  guards?: (Type<CanActivate> | CanActivate)[];
  imports?: ModuleMetadata['imports'];
  public?: true;
  actions?: boolean;
  addresses?: 'masked' | 'full' | 'hidden';
}>();

HeartbeatDashboardModule.forRoot({ public: true });
HeartbeatDashboardModule.forRoot({ guards: [guardClass, guard], imports: [], actions: true });
// @ts-expect-error options are required
HeartbeatDashboardModule.forRoot.call(HeartbeatDashboardModule);
// @ts-expect-error not public is no decision
HeartbeatDashboardModule.forRoot.call(HeartbeatDashboardModule, { public: false });

expectTypeOf<DashboardOverview['snapshot']>().toEqualTypeOf<HeartbeatSnapshot>();
expectTypeOf<DashboardOverview['minutes']>().toEqualTypeOf<readonly DashboardMinute[]>();
expectTypeOf<DashboardOverview['ages']>().toEqualTypeOf<ClosingAgeCounts>();
expectTypeOf<DashboardOverview['instances']>().toEqualTypeOf<readonly PresenceNode[] | undefined>();
expectTypeOf<DashboardMinute['closedBy']>().toEqualTypeOf<Readonly<Record<ClosedBy, number>>>();
expectTypeOf<DashboardMinute['evicted']>().toEqualTypeOf<Readonly<Record<EvictionCause, number>>>();
expectTypeOf<NonNullable<DashboardMinute['rtt']>['p95']>().toEqualTypeOf<number>();

expectTypeOf<DashboardClient['age']>().toEqualTypeOf<number>();
expectTypeOf<DashboardClient['rtt']>().toEqualTypeOf<RoundTripTimes | undefined>();
expectTypeOf<DashboardClient['silence']>().toEqualTypeOf<Liveness['silence']>();
expectTypeOf<DashboardClient>().not.toHaveProperty('client');
expectTypeOf<NonNullable<DashboardClient['eviction']>>().not.toHaveProperty('liveness');
