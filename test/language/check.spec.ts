import { describe, expect, test } from '@jest/globals';
import { checker } from '../../scripts/language/check.mjs';
import { RULES } from '../../scripts/language/rules.mjs';

const check = checker(RULES);

/** The terms found, with their lines. */
const found = (path: string, text: string): string[] =>
  check(path, text).map(({ line, rule }) => `${line} ${rule.term}`);

describe('identifiers', () => {
  test.each([
    ['a name', 'const verdict = 1;', 'verdict'],
    ['a word of a name', 'const lastAttendedTime = 1;', 'attended time'],
    ['a word of a constant', 'const LOOKS_PER_TICK = 1;', 'look'],
    ['several words of a name', 'connection.putOff();', 'put off'],
    ['a private method', 'class A { #hurry() {} }', 'hurry'],
    ['a type', 'type Challenger = string;', 'challenge (a ping)'],
    ['code in a template', 'const text = `a ${tell()} b`;', 'tell'],
    ['a string of one word', "const reason: Reason = 'mute';", 'mute'],
  ])('finds %s', (_, code, term) => {
    expect(found('src/file.ts', code)).toEqual([`1 ${term}`]);
  });

  test('finds a word of a file name', () => {
    expect(found('test/deaf-client.spec.ts', '')).toEqual(['1 deaf']);
  });

  test.each([
    'new MonitoredServer(isMonitored)',
    'monitorEventLoopDelay()',
    'dns.lookup(host)',
    "socket.on('said', essay)",
    "import { x } from './verdict.js';",
  ])('ignores %s', (code) => {
    expect(found('src/file.ts', code)).toEqual([]);
  });
});

describe('prose', () => {
  test.each([
    ['a line comment', '// Nobody is closed.', 'nobody, somebody'],
    ['a block comment', '/* The judge of all. */', 'judge'],
    ['TSDoc', '/** Attended time since the start. */\nlet a;', 'attended time'],
    ['a string', "test('a client that speaks lives', run);", 'speak'],
    ['a template', 'log(`${id} was told of it`);', 'tell'],
    ['a regular expression', 'expect(text).toMatch(/it heard us/);', 'hear'],
    ['a comment at the end', 'run(); // A ping is under way.', 'under way'],
  ])('finds a phrase in %s', (_, code, term) => {
    expect(found('src/file.ts', code)).toEqual([`1 ${term}`]);
  });

  test.each([
    ['line comments', 'run();\n// The connection is put\n// off until later.'],
    ['TSDoc', '\n/**\n * The connection is put\n * off until later.\n */\nlet a;'],
  ])('finds a phrase across two lines of %s', (_, code) => {
    expect(found('src/file.ts', code).map((one) => one.slice(2))).toEqual(['put off']);
  });

  test('a phrase does not span paragraphs', () => {
    expect(found('docs/file.md', 'is put\n\noff')).toEqual([]);
  });

  test.each([
    '// It looks like a ping. Node.js looks up the host.',
    '// The documentation says so, and RFC 6455 says so.',
    '// Two causes cannot be told apart: the users who read this know.',
    '// Somebodyish, mutex, judgeless.',
  ])('ignores ordinary English: %s', (code) => {
    expect(found('src/file.ts', code)).toEqual([]);
  });
});

describe('Markdown', () => {
  test('finds phrases in text and identifiers in code, with their lines', () => {
    const text = [
      'Clients that speak live.',
      '',
      'Set `observeOnly` first.',
      '',
      '```ts',
      '// Nobody is closed.',
      'const verdict = 1;',
      '```',
    ].join('\n');
    expect(found('docs/file.md', text)).toEqual([
      '1 speak',
      '3 observeOnly',
      '6 nobody, somebody',
      '7 verdict',
    ]);
  });

  test('ignores the prose of code, the targets of links and other languages', () => {
    const text = '`ping`[link](docs/verdict.md)\n\n```sh\nwho\n```\n';
    expect(found('docs/file.md', text)).toEqual([]);
  });
});

test('an exception holds only where its path, name and phrase fit', () => {
  const rule = {
    term: 'old',
    use: 'new',
    why: 'test',
    words: ['old'],
    phrases: ['old'],
    except: [
      { why: 'history', path: /^docs\/history/ },
      { why: 'theirs', path: /^test\//, name: 'oldName' },
      { why: 'English', phrase: 'years old' },
    ],
  };
  const find = (path: string, text: string) => checker([rule])(path, text).map((one) => one.text);
  expect(find('docs/history.md', 'old')).toEqual([]);
  expect(find('docs/other.md', 'old, three years old')).toEqual(['old']);
  expect(find('test/a.ts', 'oldName(); oldThing();')).toEqual(['oldThing']);
  expect(find('src/a.ts', 'oldName();')).toEqual(['oldName']);
});

test('every rule and every exception has a reason', () => {
  for (const rule of RULES) {
    expect(rule.why).not.toBe('');
    for (const exception of rule.except ?? []) expect(exception.why).not.toBe('');
  }
});
