import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import { optionsErrors } from '../heartbeat.options.messages.js';
import type { HeartbeatPolicy, ResolvedHeartbeatOptions } from '../heartbeat.options.js';
import { isSamePolicy, modulePolicy } from '../heartbeat.options.resolver.js';

interface Gateway {
  readonly name: string;
  /** `undefined` for a gateway without `@Heartbeat()`. */
  readonly policy: HeartbeatPolicy | false | undefined;
}

/**
 * The policy of the gateways that share a server: that of the decorated ones, which the others follow. `false` if the
 * server is not monitored.
 *
 * @throws HeartbeatOptionsError if two decorated gateways have different policies
 */
export function sharedPolicy(
  gateways: readonly Gateway[],
  options: ResolvedHeartbeatOptions,
): HeartbeatPolicy | false {
  let first: { name: string; policy: HeartbeatPolicy | false } | undefined;
  for (const { name, policy } of gateways) {
    if (policy === undefined) continue;
    first ??= { name, policy };
    if (!isSamePolicy(first.policy, policy))
      throw new HeartbeatOptionsError(optionsErrors.differentPolicies(first.name, name));
  }
  return first?.policy ?? (options.gateways === 'all' && modulePolicy(options));
}
