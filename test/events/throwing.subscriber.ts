// An application in which a subscriber of `events$` throws when the first client connects. Without arguments RxJS
// is as it comes; with `--hook` its errors are reported to `config.onUnhandledError`. Prints what happens.
import { once } from 'node:events';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { config } from 'rxjs';
import { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { serve } from '../support/programs/serve.js';

const print = (line: string) => void process.stdout.write(`${line}\n`);

if (process.argv.includes('--hook')) {
  config.onUnhandledError = (error: Error) => print(`unhandled: ${error.message}`);
}

const { app, url } = await serve({
  imports: [HeartbeatModule.forRoot({ drain: { within: 0 } })],
  providers: [ChatGateway],
});
const liveness = app.get(LivenessService);
liveness.events$.subscribe(() => {
  throw new Error('a subscriber failed');
});
liveness.events$.subscribe(({ type }) => print(`another subscriber: ${type}`));

const client = new WebSocket(`${url}/chat`);
const closed = once(client, 'close') as Promise<[number]>;
await once(client, 'open');
const [known] = [...liveness.clients()];
if (known === undefined) throw new Error('The client is not known');
// Never reached where the error ends the process: the answer takes more than a turn of the event loop.
await liveness.probe(known.client);
print('a probe was answered');
await app.close();
print(`closed with ${(await closed)[0]}`);
