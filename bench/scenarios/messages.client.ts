// Sends messages as fast as they are answered. Settings: see `MessagesSettings`.
import { open, clientFrame, Opcode } from '../support/raw.client.js';
import { handleCalls, settings } from '../support/program.js';

export interface MessagesSettings {
  readonly port: number;
  readonly clients: number;
  /** The largest number of unanswered messages per client. */
  readonly window: number;
}

const { port, clients, window } = settings() as MessagesSettings;
const PONG = clientFrame(Opcode.Pong, Buffer.alloc(0));
const message = clientFrame(
  Opcode.Text,
  Buffer.from(JSON.stringify({ event: 'say', data: { text: 'How are you today?', to: 12_345 } })),
);
const batch = Buffer.concat(Array.from({ length: window }, () => message));

let left = 0;
let unanswered = 0;
let finished: (() => void) | undefined;

const sockets = await Promise.all(
  Array.from({ length: clients }, () => {
    let waiting = 0;
    return open(port, '/bench', (opcode, _payload, socket) => {
      if (opcode === Opcode.Ping) socket.write(PONG);
      if (opcode !== Opcode.Text) return;
      if (--unanswered === 0) finished?.();
      // Messages are sent in batches, because small packets would keep the server busy.
      if (++waiting < window) return;
      waiting = 0;
      if (left <= 0) return;
      left -= window;
      socket.write(batch);
    });
  }),
);

handleCalls({
  /** Sends `count` messages. Returns the time until all were answered, in ms. */
  run: async (count: number) => {
    const start = performance.now();
    const done = new Promise<void>((resolve) => (finished = resolve));
    left = count - clients * window;
    unanswered = count;
    for (const socket of sockets) socket.write(batch);
    await done;
    return performance.now() - start;
  },
});
