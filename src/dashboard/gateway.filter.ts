import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import { show } from '../heartbeat.text.js';
import { invalidRequest } from './dashboard.errors.js';

/**
 * Reads the clients or the closed connections of a gateway.
 *
 * @throws HttpException (400) for a gateway that `LivenessService` does not know
 */
export function readGateway<Result>(gateway: string | undefined, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HeartbeatOptionsError)) throw error;
    throw invalidRequest(`\`gateway\` is ${show(gateway)}, which no monitored server has.`);
  }
}
