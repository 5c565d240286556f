import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestApplicationOptions } from '@nestjs/common';
import type { ClientOptions } from 'ws';
import { onUnix } from './unix.js';

type HttpsOptions = NonNullable<NestApplicationOptions['httpsOptions']>;

/**
 * Makes the application of every test a TLS one: the folder of `key.pem` and `certificate.pem`. Clients trust the
 * certificate by `NODE_EXTRA_CA_CERTS`. `npm run test:matrix` makes the files and sets both.
 */
const folder = process.env['TEST_TLS'];

/** What the HTTP server of every application is made of, if it is to be a TLS one. */
export const everywhere: HttpsOptions | undefined = folder
  ? {
      key: readFileSync(join(folder, 'key.pem')),
      cert: readFileSync(join(folder, 'certificate.pem')),
    }
  : undefined;

/** How the server ends a connection at once: a TCP socket is reset, a TLS or Unix socket can only be destroyed. */
export const abrupt = everywhere || onUnix ? 'closed' : 'reset';

/*
 * For tests that need TLS in every run: TLS with a key that both ends know (RFC 4279). It needs no
 * certificate, which would have to lie here with its private key, and run out one day.
 */
const psk = Buffer.alloc(16, 'test');
const ciphers = 'PSK-AES128-GCM-SHA256';
const maxVersion = 'TLSv1.2';

/** Makes the HTTP server of an application a TLS one. */
export const tlsServer = {
  ciphers,
  maxVersion,
  pskCallback: () => psk,
} as HttpsOptions;

/** What a client needs to connect there. */
export const tlsClient = {
  ciphers,
  maxVersion,
  pskCallback: () => ({ psk, identity: 'test' }),
  checkServerIdentity: () => false,
} as ClientOptions;
