import { isIPv4, isIPv6 } from 'node:net';

/** Shows a remote address; `undefined` for one that is not shown. */
export type AddressFormat = (address: string | undefined) => string | undefined;

export const ADDRESS_FORMATS: Record<'masked' | 'full' | 'hidden', AddressFormat> = {
  masked: (address) => address && mask(address),
  full: (address) => address,
  hidden: () => undefined,
};

const MAPPED = '::ffff:';

/** The network of an address: the first 24 bits of IPv4, the first 48 bits of IPv6. */
function mask(address: string): string | undefined {
  const [plain = ''] = address.split('%');
  const mapped = plain.toLowerCase().startsWith(MAPPED) ? plain.slice(MAPPED.length) : plain;
  if (isIPv4(mapped)) return mapped.replace(/\d+$/, 'x');
  return isIPv6(plain) ? maskIPv6(plain) : undefined;
}

function maskIPv6(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  // `::` stands for as many zeros as are missing, at least one.
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(1, 8 - groups.length - after.length);
  const network = [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 3);
  return `${network.join(':').replace(/(?:^|:)0+(?::0+)*$/, '')}::x`;
}
