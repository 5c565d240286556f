/** Why a probe has no answer, as `HeartbeatSocket.probe()` explains: its text is its code. */
export const probeError = (code: 'HEARTBEAT_UNAVAILABLE' | 'HEARTBEAT_PROBE_TIMEOUT'): Error =>
  Object.assign(new Error(code), { code });
