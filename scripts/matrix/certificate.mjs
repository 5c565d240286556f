// Creates a certificate for 127.0.0.1 and its key, so that the repository contains none that expires. Node signs but
// creates no certificates, so this file encodes one (X.509 in DER, RFC 5280).
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DAY = 24 * 60 * 60 * 1_000;

/** A value of DER: its type, its length, its content. */
function der(type, ...contents) {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([type, ...size]), content]);
}

const sequence = (...items) => der(0x30, ...items);
const set = (...items) => der(0x31, ...items);
const integer = (bytes) => der(0x02, bytes);
const octets = (...items) => der(0x04, ...items);
const bits = (bytes) => der(0x03, Buffer.of(0), bytes);
const oid = (hex) => der(0x06, Buffer.from(hex, 'hex'));
const tagged = (number, item) => der(0xa0 | number, item);
const time = (at) =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]|\..*/g, '')}Z`));

const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const SUBJECT_ALTERNATIVE_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';

function pem(bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g);
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Writes `key.pem` and `certificate.pem` into a folder. They are valid for a day. */
export function writeCertificate(folder) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const name = sequence(
    set(sequence(oid(COMMON_NAME), der(0x0c, Buffer.from('nestjs-heartbeat test')))),
  );
  const extensions = sequence(
    // Self-signed: a certificate authority.
    sequence(
      oid(BASIC_CONSTRAINTS),
      der(0x01, Buffer.of(0xff)),
      octets(sequence(der(0x01, Buffer.of(0xff)))),
    ),
    sequence(
      oid(SUBJECT_ALTERNATIVE_NAME),
      octets(sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)))),
    ),
  );
  const signed = sequence(
    tagged(0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(Date.now() - DAY), time(Date.now() + DAY)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, extensions),
  );
  const certificate = sequence(signed, algorithm, bits(sign('sha256', signed, privateKey)));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(folder, 'certificate.pem'), pem(certificate));
}
