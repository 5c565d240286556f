import { expect, test } from '@jest/globals';
import type { CanActivate } from '@nestjs/common';
import { HeartbeatOptionsError } from 'nestjs-heartbeat';
import {
  HeartbeatDashboardModule,
  type HeartbeatDashboardOptions,
} from 'nestjs-heartbeat/dashboard';

const guard: CanActivate = { canActivate: () => true };
const forRoot = (options: unknown) => () =>
  HeartbeatDashboardModule.forRoot(options as HeartbeatDashboardOptions);

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['neither of both', {}],
  ['only others', { path: 'ops', actions: true }],
  ['both', { guards: [guard], public: true }],
  ['an empty list of guards', { guards: [] }],
  ['an empty list of guards and public', { guards: [], public: true }],
  ['a list', [guard]],
])('without a decision about protection it refuses to start: %s', (_, options) => {
  expect(forRoot(options)).toThrow(HeartbeatOptionsError);
  expect(forRoot(options)).toThrow(/`guards: \[YourGuard\]`.*`public: true`/);
});

test.each<[string, RegExp]>([
  ['{ "public": false }', /`public` is false/],
  ['{ "public": "true" }', /`public` is "true"/],
  ['{ "guards": true }', /`guards` is true/],
  ['{ "guards": [null] }', /`guards` is \[null\]/],
  ['{ "guards": ["AdminGuard"] }', /`guards` is \["AdminGuard"\]/],
  ['{ "public": true, "path": 7 }', /`path` is 7/],
  ['{ "public": true, "path": "a/:b" }', /`path` is "a\/:b"/],
  ['{ "public": true, "path": "a//b" }', /`path` is "a\/\/b"/],
  ['{ "public": true, "path": "*" }', /`path` is/],
  ['{ "public": true, "path": "a b" }', /`path` is/],
  ['{ "public": true, "imports": {} }', /`imports` is/],
  ['{ "public": true, "actions": 1 }', /`actions` is 1/],
  ['{ "public": true, "addresses": "none" }', /`addresses` is "none"/],
  ['{ "public": true, "guard": [] }', /unknown option `guard`/],
])('%s is refused', (options, message) => {
  expect(forRoot(JSON.parse(options))).toThrow(HeartbeatOptionsError);
  expect(forRoot(JSON.parse(options))).toThrow(message);
});

test.each<[HeartbeatDashboardOptions]>([
  [{ public: true }],
  [{ guards: [guard] }],
  [{ guards: [guard], path: '/ops/heartbeat/' }],
  [{ public: true, path: '' }],
  [{ public: true, path: '/' }],
])('%j is accepted', (options) => {
  expect(forRoot(options)).not.toThrow();
});
