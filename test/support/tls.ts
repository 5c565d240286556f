import type { NestApplicationOptions } from '@nestjs/common';
import type { ClientOptions } from 'ws';

/*
 * TLS with a key that both ends know (RFC 4279): it needs no certificate, which would have to lie here
 * with its private key, and run out one day.
 */
const psk = Buffer.alloc(16, 'test');
const ciphers = 'PSK-AES128-GCM-SHA256';
const maxVersion = 'TLSv1.2';

/** Makes the HTTP server of an application a TLS one. */
export const tlsServer = {
  ciphers,
  maxVersion,
  pskCallback: () => psk,
} as NonNullable<NestApplicationOptions['httpsOptions']>;

/** What a client needs to connect there. */
export const tlsClient = {
  ciphers,
  maxVersion,
  pskCallback: () => ({ psk, identity: 'test' }),
  checkServerIdentity: () => false,
} as ClientOptions;
