/** What a look asks for, as bits, since one look can ask for several things. */
export const Decision = {
  None: 0,
  /** Ask the peer: one direction would be silent for too long before the next look. */
  Ping: 1,
  /** The same, by a message, for a peer whose application answers such. */
  MessagePing: 512,
  /** Traffic in both directions made the ping of this interval needless. */
  Suppressed: 2,
  Suspect: 4,
  Recovered: 8,
  Unresponsive: 16,
  /** Goes with `Unresponsive`: the connection works, only the application is silent. */
  ApplicationUnresponsive: 1_024,
  /** The peer takes what is sent to it too slowly. */
  SlowConsumer: 2_048,
  /** The peer sends more pings, pongs or heartbeat messages than is allowed; not found on a look. */
  Flooding: 4_096,
  Unadmitted: 32,
  Expired: 64,
  Idle: 128,
  /** The closing handshake took too long. */
  Terminate: 256,
  /** The connection is closed, and its end was not heard of. */
  Release: 8_192,
} as const;

/** The decisions that end a connection. */
export const EVICTIONS =
  Decision.Unresponsive |
  Decision.Unadmitted |
  Decision.Expired |
  Decision.Idle |
  Decision.SlowConsumer;
