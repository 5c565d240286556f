import { DetectorPolicy } from '../detector/detector.policy.js';
import type { ClientOptions } from '../heartbeat.options.resolver.js';
import type { HeartbeatPolicy } from '../heartbeat.options.js';
import type { MonitoredServer } from './monitored.server.js';

/** The options that hold for a connection. The connections of a server share one, except those with options of their own. */
export class ConnectionPolicy extends DetectorPolicy implements ClientOptions {
  /** The options that the application set. */
  readonly configured: HeartbeatPolicy;
  /** The options that hold, after negotiation with the client. */
  readonly options: HeartbeatPolicy;

  constructor(
    readonly server: MonitoredServer,
    { configured, options }: ClientOptions,
  ) {
    super(options);
    this.configured = configured;
    this.options = options;
  }
}
