export { HeartbeatModule, InjectHeartbeatOptions } from './heartbeat.module.js';
export { HeartbeatCloseCode } from './heartbeat.constants.js';
export {
  ClientDisconnectedError,
  HeartbeatOptionsError,
  HeartbeatShutdownError,
  ProbeTimeoutError,
  UnknownClientError,
} from './heartbeat.errors.js';
export type {
  BacklogLimit,
  ClientHeartbeatFunction,
  DrainOptions,
  DrainPolicy,
  HeartbeatLimits,
  HeartbeatLimitValues,
  HeartbeatModuleAsyncOptions,
  HeartbeatModuleOptions,
  HeartbeatOptions,
  HeartbeatOptionsFactory,
  HeartbeatPolicy,
  NegotiationPolicy,
  RateLimit,
  ResolvedHeartbeatOptions,
} from './heartbeat.options.js';
export type {
  DrainReport,
  Eviction,
  EvictionCause,
  HeartbeatEvent,
  Liveness,
  LivenessState,
  RoundTripTimes,
} from './heartbeat.interfaces.js';
export type { ClosedBy, ClosedConnection } from './heartbeat.history.interfaces.js';
export type {
  HeartbeatSnapshot,
  HeartbeatTotals,
  RoundTripBuckets,
  ServerSnapshot,
} from './heartbeat.snapshot.interfaces.js';
export { Heartbeat } from './discovery/heartbeat.decorator.js';
export type {
  OnGatewayEvict,
  OnGatewayRecover,
  OnGatewaySuspect,
} from './transport/gateway.hooks.js';
export { isHeartbeat } from './protocol/is-heartbeat.js';
export { LivenessService } from './liveness/liveness.service.js';
export { HeartbeatGuard, type FailedDemand } from './liveness/heartbeat.guard.js';
export { RequireLiveness } from './liveness/require-liveness.decorator.js';
export type { LivenessDemand } from './liveness/liveness.demand.js';
export { ClientLiveness } from './liveness/client-liveness.decorator.js';
