import { clientFrame, Opcode } from './raw.client.js';

/** How the clients of a server recognise its pings and answers, and what they send. */
export interface Dialect {
  readonly path: string;
  readonly headers: readonly string[];
  /** The first frame of a client. */
  readonly hello?: Buffer;
  /** A message that the server answers with exactly one message. */
  readonly message: Buffer;
  /** A heartbeat that clients send once per interval. The server answers with exactly one message. */
  readonly beat?: Buffer;
  /** The frame that answers a ping; `undefined` if the frame is not a ping. */
  pong(opcode: number, payload: Buffer): Buffer | undefined;
  /** Whether a frame answers a message. */
  isAnswer(opcode: number, payload: Buffer): boolean;
}

const text = (value: string) => clientFrame(Opcode.Text, Buffer.from(value));
/** Packet types of engine.io. */
const [EIO_PING, EIO_MESSAGE] = ['2'.charCodeAt(0), '4'.charCodeAt(0)];
const EIO_PONG = text('3');

const ws: Dialect = {
  path: '/bench',
  headers: [],
  message: text(JSON.stringify({ event: 'say', data: { text: 'How are you today?', to: 12_345 } })),
  pong: (opcode, payload) =>
    opcode === Opcode.Ping ? clientFrame(Opcode.Pong, payload) : undefined,
  isAnswer: (opcode) => opcode === Opcode.Text,
};

const engineIo: Dialect = {
  path: '/bench/?EIO=4&transport=websocket',
  headers: [],
  message: text('4How are you today? I am 12345, and this is about as long as the others are.'),
  pong: (_opcode, payload) => (payload[0] === EIO_PING ? EIO_PONG : undefined),
  isAnswer: (_opcode, payload) => payload[0] === EIO_MESSAGE,
};

const graphqlWs: Dialect = {
  ...ws,
  headers: ['Sec-WebSocket-Protocol: graphql-transport-ws'],
  hello: text(JSON.stringify({ type: 'connection_init' })),
  message: text(JSON.stringify({ type: 'ping', payload: { text: 'How are you today?' } })),
  isAnswer: (opcode, payload) => opcode === Opcode.Text && payload.includes('"pong"'),
};

/** Its server answers in binary frames. */
const wsHeartbeat: Dialect = {
  ...ws,
  beat: text('ping'),
  isAnswer: (opcode) => opcode === Opcode.Binary,
};

export const DIALECTS = { ws, engineIo, graphqlWs, wsHeartbeat };
export type DialectName = keyof typeof DIALECTS;
