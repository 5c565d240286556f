import { SetMetadata } from '@nestjs/common';
import { GATEWAY_HEARTBEAT } from '../heartbeat.constants.js';
import type { HeartbeatOptions } from '../heartbeat.options.js';

/**
 * Sets the options of a gateway. They override the module's options; `false` exempts the gateway. The order with
 * `@WebSocketGateway()` does not matter. A subclass inherits the decorator of its parent. Its own decorator replaces
 * that of the parent and is not merged with it.
 *
 * The options are checked at boot, which fails with `HeartbeatOptionsError` if they are invalid.
 *
 * @param options options of this gateway; none: it is monitored with the module's options
 * @publicApi
 */
export const Heartbeat = (options: HeartbeatOptions | false = {}): ClassDecorator =>
  SetMetadata(GATEWAY_HEARTBEAT, options);
