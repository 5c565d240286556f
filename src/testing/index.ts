import { checkPeer } from '../heartbeat.peers.js';

export { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
export { HeartbeatTestClock } from './heartbeat.test-clock.js';
export { createEviction, createLiveness } from './liveness.builders.js';
export { LivenessServiceStub } from './liveness.service.stub.js';
export {
  presenceStoreConformance,
  type PresenceStoreCase,
  type PresenceStoreFixture,
} from './presence-conformance/store.conformance.js';
export type { StubControls } from './stub.controls.js';
export { openClient, type ClientTarget, type OpenClientOptions } from './open.client.js';
export { TestClient, type TestClose } from './test.client.js';

checkPeer('testing', 'ws');
