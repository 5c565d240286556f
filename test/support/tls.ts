import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestApplicationOptions } from '@nestjs/common';
import type { ClientOptions } from 'ws';
import { onUnix } from './unix.js';

type HttpsOptions = NonNullable<NestApplicationOptions['httpsOptions']>;

/**
 * The folder of `key.pem` and `certificate.pem`. If it is set, all test applications use TLS. Clients trust the
 * certificate through `NODE_EXTRA_CA_CERTS`. `npm run test:matrix` creates the files and sets both variables.
 */
const folder = process.env['TEST_TLS'];

/** The HTTPS options of all test applications, if they use TLS. */
export const defaultHttpsOptions: HttpsOptions | undefined = folder
  ? {
      key: readFileSync(join(folder, 'key.pem')),
      cert: readFileSync(join(folder, 'certificate.pem')),
    }
  : undefined;

/** How a termination appears to the client: a TCP socket is reset, a TLS or Unix socket can only be destroyed. */
export const abrupt = defaultHttpsOptions || onUnix ? 'closed' : 'reset';

/*
 * For tests that use TLS in every run: TLS with a pre-shared key (RFC 4279). It needs no certificate, which would have
 * to be committed with its private key, and would expire.
 */
const psk = Buffer.alloc(16, 'test');
const ciphers = 'PSK-AES128-GCM-SHA256';
const maxVersion = 'TLSv1.2';

/** HTTPS options for the server. */
export const tlsServer = {
  ciphers,
  maxVersion,
  pskCallback: () => psk,
} as HttpsOptions;

/** Options for a client of that server. */
export const tlsClient = {
  ciphers,
  maxVersion,
  pskCallback: () => ({ psk, identity: 'test' }),
  checkServerIdentity: () => false,
} as ClientOptions;
