import { SetMetadata } from '@nestjs/common';
import { GATEWAY_HEARTBEAT } from '../heartbeat.constants.js';
import type { HeartbeatOptions } from '../heartbeat.options.js';

/**
 * Sets a gateway's own heartbeat: what is given overrides the module's options, `false` exempts the
 * gateway. Stands in any order with `@WebSocketGateway()`. A subclass inherits the decorator of its
 * parent; its own one replaces that of the parent and never merges with it.
 *
 * The options are checked at boot, which fails with `HeartbeatOptionsError` where they cannot be meant.
 *
 * @param options options of this gateway; none: monitored with the module's
 * @publicApi
 */
export const Heartbeat = (options: HeartbeatOptions | false = {}): ClassDecorator =>
  SetMetadata(GATEWAY_HEARTBEAT, options);
