/** Why a probe failed, with a code to tell by. */
const probeError = (code: string, text: string): Error =>
  Object.assign(new Error(text), { code: `HEARTBEAT_${code}` });

export const unavailable = (): Error =>
  probeError('UNAVAILABLE', 'Not open, or no heartbeats there');

export const unanswered = (timeout: number): Error =>
  probeError('PROBE_TIMEOUT', `No answer within ${timeout} ms`);
