/** Creates the error of a failed `HeartbeatSocket.probe()`. The message repeats the code, because text adds bytes. */
export const probeError = (code: 'HEARTBEAT_UNAVAILABLE' | 'HEARTBEAT_PROBE_TIMEOUT'): Error =>
  Object.assign(new Error(code), { code });
