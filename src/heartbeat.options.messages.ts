import { show, showKey } from './heartbeat.text.js';

/** Messages of `HeartbeatOptionsError`. Each names the place, the option and its value, and explains how to fix it. */
export const optionsErrors = {
  notAnObject: (where: string, value: unknown) =>
    `${where} takes an object of options, not ${show(value)}. Pass { interval, timeout, … } or nothing.`,

  unknownKey: (where: string, key: string, known: readonly string[]) =>
    `${where}: unknown option \`${showKey(key)}\`. Known options: ${known.join(', ')}.`,

  unreadable: (where: string, key?: string) =>
    `${where}: reading ${key === undefined ? 'the options' : `\`${showKey(key)}\``} throws; see the \`cause\` of this ` +
    'error. Set plain values, without getters and Proxies.',

  moduleOnly: (where: string, key: string) =>
    `${where}: \`${key}\` is an option of the whole module. Set it in HeartbeatModule.forRoot().`,

  invalid: (where: string, key: string, value: unknown, fix: string) =>
    `${where}: \`${key}\` is ${show(value)}. ${fix}`,

  intervalNotBelowTimeout: (where: string, interval: number, timeout: number) =>
    `${where}: \`interval\` (${interval} ms) must be smaller than \`timeout\` (${timeout} ms), so that a client can ` +
    'answer a ping before its timeout. Lower `interval` or raise `timeout`. A timeout of about twice the interval works well.',

  timeTooShort: (where: string, key: string, value: number, least: number) =>
    `${where}: \`${key}\` is ${value}. Set at least ${least}. Times are milliseconds, and the timer of the module runs ` +
    'at most every 10 ms.',

  marginTooShort: (
    where: string,
    timeoutKey: string,
    timeout: number,
    intervalKey: string,
    interval: number,
    margin: number,
  ) =>
    `${where}: \`${timeoutKey}\` is ${timeout}, with an \`${intervalKey}\` of ${interval}. Set \`${timeoutKey}\` to at least ` +
    `${interval + margin}, or lower \`${intervalKey}\`. Times are milliseconds, and the difference is the time that a ` +
    'client has to answer a ping.',

  maxBelowStalled: (where: string, stalled: number, max: number) =>
    `${where}: \`limits.backlog\` has a \`max\` of ${max} bytes, below its \`stalled\` of ${stalled} bytes. ` +
    'Set `max` to at least `stalled`, or lower `stalled`.',

  differentPolicies: (first: string, second: string) =>
    `${first} and ${second} share one WebSocket server, but have different heartbeat options. Give both the same ` +
    '@Heartbeat(), decorate only one of them, or give them different paths.',

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
    `HeartbeatModule.forRootAsync(): its options depend on the request-scoped ${names.join(', ') || 'provider'}. ` +
    'Nest would create the module for each request, and no client would be monitored. Use only providers of the ' +
    'default scope, such as a configuration service that does not read the request.',

  noAsyncSource: () =>
    'HeartbeatModule.forRootAsync() needs one of useFactory, useClass and useExisting. Use forRoot() for options ' +
    'that are known at once.',

  notAServer: () =>
    'LivenessService.watch() takes a WebSocketServer of the `ws` package. Pass `new WebSocketServer(…)` itself.',

  noSuchGateway: (gateway: string, known: readonly string[]) =>
    `LivenessService.clients() was called with the gateway ${gateway}, but no monitored server has it. Known are: ` +
    `${known.join(', ') || 'none'}. Pass the class of a monitored gateway, its name, or the name of a watched server.`,

  alreadyWatched: () =>
    'LivenessService.watch() was called with a server that is monitored already. Call the function that the first ' +
    'watch() returned before you watch the server again. Servers of gateways need no watch().',
};
