import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

@WebSocketGateway({ path: '/chat' })
class ChatGateway {}

const WARNING =
  'ChatGateway is provided by a factory or as a value. Nest creates no server for such a gateway, so ' +
  'it is not monitored. List the class itself among the providers.';

test.each([
  ['a factory', { provide: 'CHAT', useFactory: () => new ChatGateway() }],
  ['a value', { provide: 'CHAT', useValue: new ChatGateway() }],
])('boot warns about a gateway from %s, for which Nest creates no server', async (_, provider) => {
  const logger = new LogRecorder();
  const { liveness } = await startMonitored([provider], undefined, { logger });
  expect(logger.of('warn')).toEqual([WARNING]);
  expect(liveness.snapshot().servers).toEqual([]);
});

test('a gateway under another token is monitored', async () => {
  const logger = new LogRecorder();
  const { connect, liveness } = await startMonitored(
    [{ provide: 'CHAT', useClass: ChatGateway }],
    undefined,
    { logger },
  );
  expect(logger.of('warn')).toEqual([]);
  const { peer } = await connect('/chat');
  expect(liveness.get(peer)?.gateways).toEqual(['ChatGateway']);
});

test('an alias of a gateway is not a second gateway and causes no warning', async () => {
  const logger = new LogRecorder();
  const { liveness } = await startMonitored(
    [ChatGateway, { provide: 'CHAT', useExisting: ChatGateway }],
    undefined,
    { logger },
  );
  expect(logger.of('warn')).toEqual([]);
  expect(liveness.snapshot().servers).toHaveLength(1);
});

test('other factories and values cause no warning', async () => {
  const logger = new LogRecorder();
  await startMonitored(
    [
      ChatGateway,
      { provide: 'NOTHING', useValue: null },
      { provide: 'TEXT', useValue: 'text' },
      { provide: 'BARE', useValue: Object.create(null) as unknown },
      { provide: 'MADE', useFactory: () => new Map() },
    ],
    undefined,
    { logger },
  );
  expect(logger.of('warn')).toEqual([]);
});
