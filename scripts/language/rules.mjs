// The retired terms, what replaces each, and why. `npm run check:language` keeps them out.

/**
 * @typedef {object} Exception What stays although the rule matches it: all that is given has to fit.
 * @property {string} why
 * @property {RegExp} [path]
 * @property {string} [name] an identifier
 * @property {string} [phrase] prose, as in `phrases`
 *
 * @typedef {object} Rule
 * @property {string} term what is retired
 * @property {string} use what replaces it
 * @property {string} why
 * @property {string[]} [names] identifiers, exactly
 * @property {string[]} [words] words of identifiers: `look` matches `lookSoon` and `nextLook`
 * @property {string[]} [phrases] prose: regular expressions without regard to case, in which a space matches line breaks
 * @property {false} [literals] whether `names` and `words` leave strings of one word alone
 * @property {Exception[]} [except]
 */

/** What may say something: texts. */
const TEXTS =
  'documentation|docs?|readme|rfc|rfc \\d+|specification|manual|page|table|column|section|comment|text|log|warning|' +
  'error|message|name|title|help|output';

/** @type {Rule[]} */
export const RULES = [
  {
    term: 'judge',
    use: 'failure detector, detect, evaluate, decide',
    why: 'the field calls it a failure detector (Chandra and Toueg)',
    words: ['judge[sd]?', 'judging', 'judge?ments?'],
    phrases: ['judge[sd]?', 'judging', 'judge?ments?'],
  },
  {
    term: 'monitor (the detector)',
    use: 'detector, FailureDetector',
    why: 'a monitor is a page or a screen; servers and clients are "monitored"',
    words: ['monitor'],
    phrases: ['(the|our|real|pure) monitor'],
    except: [
      { name: 'monitorEventLoopDelay', why: 'a function of Node.js' },
      {
        path: /^test\/presence\/redis\/command\.log\.ts$/,
        name: 'monitor',
        why: 'a command of Redis',
      },
    ],
  },
  {
    term: 'attended time',
    use: 'stall-adjusted time, StallAwareClock',
    why: 'coined here; no reader knows it',
    words: ['attended'],
    phrases: ['attended( time)?'],
  },
  {
    term: 'look',
    use: 'check, read',
    why: 'evaluating a connection is a check',
    words: ['looks?', 'looked', 'looking'],
    phrases: ['look(s|ed|ing)?', 'glanc(e|es|ed|ing)'],
    except: [
      { phrase: 'looks? (just |exactly )?like', why: 'ordinary English' },
      { phrase: 'look(s|ed|ing)? (it |them |something )?(up|for)', why: 'ordinary English' },
      { phrase: 'look and feel', why: 'ordinary English' },
      { name: 'lookUp', why: 'ordinary English' },
    ],
  },
  {
    term: 'hurry',
    use: 'checkSoon(), check at the next tick',
    why: 'says nothing of what happens',
    words: ['hurry', 'hurried', 'hurries'],
    phrases: ['hurry', 'hurries', 'hurried', 'hurrying'],
  },
  {
    term: 'verdict',
    use: 'eviction, eviction rule, cause, decision',
    why: 'the detector evicts by rules; it is no court',
    words: ['verdicts?'],
    phrases: ['verdicts?'],
  },
  {
    term: 'sentence (an eviction)',
    use: 'eviction, cause',
    why: 'the detector evicts by rules; it is no court',
    words: ['sentence[sd]?'],
    phrases: ['sentenced', 'condemn(s|ed)?'],
    except: [
      {
        path: /^(?:scripts|test\/(?:readme|language|recipes))\//,
        why: 'sentences of a document that is checked',
      },
    ],
  },
  {
    term: 'punish',
    use: 'evict, close',
    why: 'the detector evicts by rules; it is no court',
    words: ['punish(?:es|ed|ment)?'],
    phrases: ['punish(es|ed|ing|ment)?'],
  },
  {
    term: 'blame, fault (of a client)',
    use: 'does not count towards the timeout',
    why: 'a rule counts time; it assigns no guilt',
    words: ['blame[sd]?'],
    phrases: [
      'blam(e|es|ed|ing)',
      "(nobody's|no one's|whose|no|our|its|the \\w+'s) (own )?fault( of)?",
      'at fault',
    ],
  },
  {
    term: "the peer's doing",
    use: 'caused by the client, caused by the server',
    why: 'a riddle',
    phrases: ["((the|a) \\w+'s|whose|our|its|nobody's) (own )?doing"],
  },
  {
    term: 'evidence',
    use: 'activity',
    why: 'what was received since the last check is activity',
    words: ['evidence'],
    phrases: ['evidence of (life|the|a)'],
  },
  {
    term: 'gather',
    use: 'collectInbound(), collectOutbound(); connect()',
    why: 'one verb for one thing',
    words: ['gather(?:s|ed|ing)?'],
    phrases: ['gathers? (what|evidence|signs)'],
  },
  {
    term: 'hear',
    use: 'receive, onFrame(), activity',
    why: 'a server receives frames',
    words: ['hears?', 'heard', 'unheard'],
    phrases: ['hears?', 'heard', 'hearing', 'unheard'],
  },
  {
    term: 'speak',
    use: 'send, send a message',
    why: 'a client sends frames and messages',
    words: ['speaks?', 'speaking', 'spoke', 'spoken'],
    phrases: ['speaks?', 'speaking', 'spoke', 'spoken'],
    except: [
      { phrase: 'spoken english', why: 'ordinary English' },
      { phrase: 'speaks? (this|the|that|no|another) (heartbeat )?protocol', why: 'as in RFCs' },
    ],
  },
  {
    term: 'say',
    use: 'sendText(), send, report, log, state',
    why: 'programs send, report and log; only texts say something',
    words: ['says?', 'said', 'saying'],
    literals: false,
    phrases: ['says?', 'said', 'saying'],
    except: [
      { phrase: `(${TEXTS})s? (that )?(also |only )?says?`, why: 'a text says something' },
      { phrase: 'that is to say', why: 'ordinary English' },
      { phrase: '"(say|said)"', why: 'names of chat events, in JSON' },
      {
        path: /^(?:example|docs|README\.md|test\/(?:recipes|readme|demo))/,
        name: 'say',
        why: 'what people do in a chat: the name of its event',
      },
    ],
  },
  {
    term: 'tell',
    use: 'sendFrame(), notify, announce, distinguish',
    why: 'programs send and notify',
    words: ['tells?', 'told', 'telling'],
    literals: false,
    phrases: ['tells?', 'told', 'telling'],
    except: [
      { phrase: '(tells?|told|telling) (\\w+ ){0,3}apart', why: 'ordinary English' },
      { phrase: 'tells? you', why: 'ordinary English, to the reader' },
    ],
  },
  {
    term: 'excuse',
    use: 'resetIdleClocks(), reset',
    why: 'clocks are reset',
    words: ['excuse[sd]?'],
    phrases: ['excus(e|es|ed|ing)'],
  },
  {
    term: 'mute',
    use: 'application-unresponsive',
    why: 'connected, but the application does not answer',
    words: ['muted?'],
    phrases: ['mute[sd]?'],
  },
  {
    term: 'deaf',
    use: 'a client that does not read',
    why: 'the slow consumer of the messaging field',
    words: ['deaf'],
    phrases: ['deaf'],
  },
  {
    term: 'observeOnly',
    use: 'dryRun, dry run',
    why: 'the usual name for a report without the action',
    names: ['observed'],
    words: ['observed? only'],
    phrases: ['observed? only', 'would evict', 'says that it would'],
    except: [
      {
        path: /^src\/connections\/heartbeat\.events\.ts$/,
        name: 'observed',
        why: 'a property of the Subject of RxJS',
      },
    ],
  },
  {
    term: 'challenge (a ping)',
    use: 'PendingPing, payload',
    why: 'a ping in flight is pending; a challenge belongs to authentication',
    words: ['challenge[sdr]?', 'challengers', 'challenging'],
    phrases: ['challeng(e|es|ed|er|ing)'],
  },
  {
    term: 'question (a ping)',
    use: 'ping, probe',
    why: 'a ping in flight is pending',
    names: ['Question', 'UnderWay', 'underWay'],
    phrases: [
      'question enough',
      'asked by (message|frame)',
      'ask(s|ed)? (by|with) (a )?ping',
      'unasked',
      'silent and (was )?asked',
      'needs a question',
    ],
  },
  {
    term: 'under way',
    use: 'pending, in flight, in progress, running',
    why: 'four established terms, of which the sentence needs one',
    words: ['under way'],
    phrases: ['under way', 'underway'],
  },
  {
    term: 'guarded',
    use: 'monitored, MonitoredServer',
    why: 'in Nest a guard is a CanActivate',
    words: ['guarded', 'guarding'],
    phrases: ['guarded', 'guarding'],
    except: [
      { path: /^test\/(?:guard|types|deployments)\//, why: 'what Nest guards protect' },
      { phrase: 'guarded (handler|method|route|gateway|message)s?', why: 'protected by a guard' },
      { phrase: 'guarded (by|with)', why: 'protected by a guard' },
    ],
  },
  {
    term: 'wish',
    use: 'requested interval, negotiation',
    why: 'a client requests, the server grants',
    words: ['wish', 'wishes', 'wished'],
    phrases: ['wish(es|ed)?'],
  },
  {
    term: 'forewarn',
    use: 'announceDrain()',
    why: 'a drain is announced',
    words: ['forewarn(?:s|ed|ing)?'],
    phrases: ['forewarn(s|ed|ing)?'],
  },
  {
    term: 'let leave',
    use: 'closeGradually()',
    why: 'the server closes the connections',
    words: ['lets? leave'],
    phrases: ['lets? (\\w+ ){0,2}leave'],
  },
  {
    term: 'put off',
    use: 'extendLifetime(), defer',
    why: 'names what is extended',
    words: ['puts? off'],
    phrases: ['put(s|ting)? (\\w+ ){0,2}off'],
  },
  {
    term: 'hold back',
    use: 'throttleReads(), pause',
    why: 'reading is throttled',
    words: ['holds? back', 'held back'],
    phrases: ['(hold|holds|held|holding) (\\w+ ){0,2}back'],
  },
  {
    term: 'early clients, arrivals',
    use: 'pre-init connections',
    why: 'names the phase of Nest in which they are made',
    words: ['early clients?', 'arrivals?'],
    phrases: ['early (client|connection|arrival)s?'],
    except: [{ path: /^(?:test\/simulation|bench)\//, why: 'arrivals in the sense of queueing' }],
  },
  {
    term: 'arrows',
    use: 'dependency rules, check:dependencies',
    why: 'what the tool calls them',
    words: ['arrows?'],
    phrases: ['check:arrows', 'arrows? (of|between|from)'],
  },
  {
    term: 'whoever',
    use: 'each client that, a client that',
    why: 'name the client, the server or the connection',
    words: ['whoever', 'whomever'],
    phrases: ['whoever', 'whomever'],
  },
  {
    term: 'who',
    use: 'a client that, which client',
    why: 'clients, servers and connections are things',
    words: ['who', 'whom'],
    phrases: ["who('s)?", 'whom'],
    except: [
      { path: /^example\//, why: 'people in a chat' },
      {
        phrase:
          '(people|persons?|users?|developers?|engineers?|operators?|attackers?|readers?|maintainers?|' +
          'contributors?|reporters?|anyone|everyone|someone|those) who',
        why: 'people',
      },
      { phrase: 'who (is|was|are) (online|typing|present)', why: 'people' },
    ],
  },
  {
    term: 'nobody, somebody',
    use: 'no client, a client, every client',
    why: 'name the client, the server or the connection',
    words: ['nobody', 'somebody', 'anybody', 'everybody'],
    phrases: ["(nobody|somebody|anybody|everybody)('s)?"],
    except: [
      { path: /^example\//, why: 'people in a chat' },
      { name: 'nobody', path: /^test\/demo\//, why: 'the id of an element of the demo' },
    ],
  },
  {
    term: 'how manieth',
    use: '1-based number',
    why: 'no English word',
    words: ['manieth'],
    phrases: ['(how )?manieth'],
  },
  {
    term: 'so many (of a unit)',
    use: 'a given number of, N',
    why: 'name the parameter',
    phrases: [
      'so (many|much) (ms|milliseconds?|seconds?|bytes?|ticks?|clients?|connections?|intervals?|messages?|pings?)',
      'in so many',
      'for so long',
    ],
    except: [{ phrase: 'so (many|much) \\w+ that', why: 'ordinary English' }],
  },
  {
    term: 'by itself',
    use: 'without a request; the client closed the connection',
    why: 'name the side that acts',
    phrases: [
      '(ends?|ended|clos(es|ed)|leaves?|left|speaks?|comes? back|in each direction|answers?) by (itself|themselves)',
    ],
  },
  {
    term: 'as ever',
    use: 'as before, still, unchanged',
    why: 'says nothing of what happens',
    phrases: ['as ever'],
  },
  {
    term: 'cannot be meant',
    use: 'invalid',
    why: 'a riddle',
    phrases: ['(cannot|could not|not) be meant'],
  },
  {
    term: 'bytes that left',
    use: 'flushed, bytesFlushed',
    why: 'left also means remaining',
    names: ['bytesLeft', 'lastLeft', 'hasLeft'],
    phrases: ['(bytes|pings?|frames?|messages?) (that )?(has|have|had|is|are|was) left'],
  },
  {
    term: 'names before version 0.1',
    use: 'clientHeartbeats, ConnectionRegistry, ConnectionChecker, DetectorPolicy, StallAwareClock …',
    why: 'renamed: one name for one thing',
    names: [
      'textReplies',
      'AttendedClock',
      'ConnectionTracker',
      'LivenessMonitor',
      'LookRunner',
      'MonitorTime',
      'SilenceJudge',
    ],
  },
];
