/**
 * Options that cannot be meant: refused at boot, and by `update()` and `watch()`. The message names
 * the place, the option, the value and what to do.
 *
 * @publicApi
 */
export class HeartbeatOptionsError extends Error {
  /** Tells the error apart where `instanceof` fails, between the ESM and the CommonJS copy. */
  readonly code = 'HEARTBEAT_OPTIONS';
  /** The name of the class. */
  override readonly name = 'HeartbeatOptionsError';
}

/**
 * A method of `LivenessService` was called with a client that was never tracked.
 *
 * @publicApi
 */
export class UnknownClientError extends Error {
  /** Tells the error apart where `instanceof` fails, between the ESM and the CommonJS copy. */
  readonly code = 'HEARTBEAT_UNKNOWN_CLIENT';
  /** The name of the class. */
  override readonly name = 'UnknownClientError';

  constructor(method: string) {
    super(
      `LivenessService.${method}() was called with a client that is not tracked. Pass the WebSocket that ` +
        'handleConnection() or @ConnectedSocket() gives, and check that its gateway is monitored: it has no ' +
        "@Heartbeat(false), and carries @Heartbeat() where the module is set to gateways: 'decorated'.",
    );
  }
}

/**
 * A client did not answer a `probe()` in time.
 *
 * @publicApi
 */
export class ProbeTimeoutError extends Error {
  /** Tells the error apart where `instanceof` fails, between the ESM and the CommonJS copy. */
  readonly code = 'HEARTBEAT_PROBE_TIMEOUT';
  /** The name of the class. */
  override readonly name = 'ProbeTimeoutError';

  constructor(timeout: number) {
    super(
      `The client did not answer a ping within ${timeout} ms. Treat it as unreachable, or allow more time.`,
    );
  }
}

/**
 * `probe()` of a client that is gone, closing, or went while the answer was awaited.
 *
 * @publicApi
 */
export class ClientDisconnectedError extends Error {
  /** Tells the error apart where `instanceof` fails, between the ESM and the CommonJS copy. */
  readonly code = 'HEARTBEAT_CLIENT_DISCONNECTED';
  /** The name of the class. */
  override readonly name = 'ClientDisconnectedError';

  constructor() {
    super(
      'The client is disconnected or being closed and cannot be probed. Check isAlive() before.',
    );
  }
}

/**
 * `probe()`, `watch()` or `update()` was called after the application was shut down.
 *
 * @publicApi
 */
export class HeartbeatShutdownError extends Error {
  /** Tells the error apart where `instanceof` fails, between the ESM and the CommonJS copy. */
  readonly code = 'HEARTBEAT_SHUTDOWN';
  /** The name of the class. */
  override readonly name = 'HeartbeatShutdownError';

  constructor(method: string) {
    super(
      `LivenessService.${method}() was called after shutdown. Stop the work that calls it in onModuleDestroy().`,
    );
  }
}

/** An argument of a wrong type, as a `TypeError` with a `code` as every error has. */
export function invalidArgument(message: string): TypeError & { readonly code: string } {
  return Object.assign(new TypeError(message), { code: 'HEARTBEAT_INVALID_ARGUMENT' });
}

/** Every reason for not starting, in words. */
export const optionsErrors = {
  notAnObject: (where: string, value: unknown) =>
    `${where} takes an object of options, not ${show(value)}. Pass { interval, timeout, … } or nothing.`,

  unknownKey: (where: string, key: string, known: readonly string[]) =>
    `${where}: there is no option \`${showKey(key)}\`. Known options: ${known.join(', ')}.`,

  unreadable: (where: string, key?: string) =>
    `${where}: ${key === undefined ? 'the options' : `\`${showKey(key)}\``} cannot be read, because reading throws; ` +
    'the `cause` of this error says what. Set plain values, without getters and Proxies.',

  moduleOnly: (where: string, key: string) =>
    `${where}: \`${key}\` holds for the whole module. Set it in HeartbeatModule.forRoot().`,

  invalid: (where: string, key: string, value: unknown, fix: string) =>
    `${where}: \`${key}\` is ${show(value)}. ${fix}`,

  intervalNotBelowTimeout: (where: string, interval: number, timeout: number) =>
    `${where}: \`interval\` (${interval} ms) must be smaller than \`timeout\` (${timeout} ms), or every client is ` +
    'dead before it can answer a ping. Lower `interval` or raise `timeout`; timeouts of about twice the interval work well.',

  timeTooShort: (where: string, key: string, value: number, least: number) =>
    `${where}: \`${key}\` is ${value}. Set at least ${least}: times are milliseconds, and a shorter time cannot be ` +
    'kept by a timer that runs every 10 ms.',

  marginTooShort: (
    where: string,
    timeoutKey: string,
    timeout: number,
    intervalKey: string,
    interval: number,
    margin: number,
  ) =>
    `${where}: \`${timeoutKey}\` is ${timeout}, with an \`${intervalKey}\` of ${interval}. Set \`${timeoutKey}\` to at least ` +
    `${interval + margin}, or lower \`${intervalKey}\`: times are milliseconds, and in between a client has to answer a ping.`,

  maxBelowStalled: (where: string, stalled: number, max: number) =>
    `${where}: \`limits.backlog\` has a \`max\` of ${max} bytes, below its \`stalled\` of ${stalled} bytes. ` +
    'Set `max` to at least `stalled`, or lower `stalled`.',

  differentPolicies: (first: string, second: string) =>
    `${first} and ${second} share one WebSocket server, but ask for different heartbeats, and a connection ` +
    'can have only one. Give both the same @Heartbeat(), decorate only one of them, or give them different paths.',

  notAWsServer: (gateway: string) =>
    `${gateway} is monitored by HeartbeatModule, but its server is not a server of the \`ws\` package (it has no ` +
    'handleUpgrade()). Call app.useWebSocketAdapter(new WsAdapter(app)) from @nestjs/platform-ws before the ' +
    'application starts, or exempt the gateway with @Heartbeat(false).',

  loadedLazily: () =>
    'HeartbeatModule was loaded after the application started. Nest has bound all gateways by then and calls no ' +
    'start hook of the module, so no client would be monitored. Import it in the root module of the application.',
  registeredTwice: () =>
    'HeartbeatModule.forRoot() or forRootAsync() is imported more than once in this application. The module is ' +
    'global: import it in one place, usually the root module, and use @Heartbeat() for differences between gateways.',

  bareBesideRoot: (importers: readonly string[]) =>
    `${importers.join(', ') || 'A module'} imports HeartbeatModule itself, beside a HeartbeatModule.forRoot() or ` +
    'forRootAsync() in this application. The module is global, remove this import.',

  requestScoped: (names: readonly string[]) =>
    `HeartbeatModule.forRootAsync(): its options depend on ${names.join(', ') || 'a provider'}, and so on the scope of a ` +
    'request. The module would be made anew for each request, and nothing would be monitored. Use only providers of the ' +
    'default scope, such as a configuration service that reads no request.',

  noAsyncSource: () =>
    'HeartbeatModule.forRootAsync() needs one of useFactory, useClass and useExisting. For options that are known ' +
    'at once use forRoot().',

  notAServer: () =>
    'LivenessService.watch() takes a WebSocketServer of the `ws` package. Pass `new WebSocketServer(…)` itself.',

  noSuchGateway: (gateway: string, known: readonly string[]) =>
    `LivenessService.clients() was asked for the gateway ${gateway}, but no monitored server has it. Known are: ` +
    `${known.join(', ') || 'none'}. Pass the class of a gateway that is monitored, its name, or that of a watched server.`,

  alreadyWatched: () =>
    'LivenessService.watch() was called with a server that is monitored already. Call what the first watch() ' +
    'returned before watching it anew; servers of gateways need no watch().',
};

/** A guard that Nest did not make has nothing to ask: a `TypeError` with a `code`. */
export function guardNotInjected(): TypeError & { readonly code: string } {
  return Object.assign(
    new TypeError(
      'This HeartbeatGuard was made with `new`, so Nest injects nothing into it and it knows no client. Pass the class: ' +
        '@UseGuards(HeartbeatGuard) on gateways and handlers, or { provide: APP_GUARD, useClass: HeartbeatGuard } among the ' +
        'providers of a module, which Nest 12 applies to all gateways and Nest 11 to none.',
    ),
    { code: 'HEARTBEAT_GUARD_NOT_INJECTED' },
  );
}

/** A value as it may stand in an error or a log: short, on one line, nothing that a terminal obeys. */
export function show(value: unknown): string {
  if (typeof value === 'string') return escapeText(value);
  try {
    return shorten(escapeHidden(write(value)));
  } catch {
    return typeof value === 'function' ? 'a function' : 'an object';
  }
}

/** The name of a property, as a value, without the quotes. */
export function showKey(key: string): string {
  return shorten(escapeHidden(JSON.stringify(key).slice(1, -1)));
}

function write(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return kind === 'Object' || kind === 'Array'
    ? (JSON.stringify(value) ?? 'an object')
    : `a ${kind}`;
}

/** A text from outside, quoted, with all escaped that is obeyed or hidden instead of being shown. */
export function escapeText(text: string): string {
  return shorten(escapeHidden(JSON.stringify(text)));
}

function escapeHidden(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeCharacter);
}

/** A character as JSON and JavaScript write it: each of its one or two UTF-16 units by its number. */
function escapeCharacter(character: string): string {
  const units = character.split('').map((unit) => unit.charCodeAt(0));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
