import { BlockList, isIP } from 'node:net';
import { InvalidInput } from '../../errors';

/** Addresses that do not belong to the public internet, by the registries of RFC 6890 and its successors: a webhook must not reach into the own network. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');
/** Of IPv6 only 2000::/3 is public; in it, these carry IPv4 addresses or are for documentation. */
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6');
const PUBLIC_IPV6 = new BlockList();
PUBLIC_IPV6.addSubnet('2000::', 3, 'ipv6');

const LONGEST_URL = 2000;

/** Whether an IP address is one of the own machine or network, or reserved. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPrivateAddress(mapped);
  if (isIP(address) === 4) return PRIVATE.check(address, 'ipv4');
  return !PUBLIC_IPV6.check(address, 'ipv6') || PRIVATE.check(address, 'ipv6');
}

/**
 * What can be told of an address before its name is looked up; the looking up is guarded again, at every delivery.
 * @throws InvalidInput for what is no http(s) address, carries credentials, or is private where that is not allowed
 */
export function checkedTarget(url: string, allowPrivate: boolean): string {
  const problem = (text: string) => new InvalidInput('input.url', text);
  if (url.length > LONGEST_URL || !URL.canParse(url)) throw problem('must be an http(s) address');
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw problem(`must be an http(s) address, not ${protocol.slice(0, -1)}`);
  if (username !== '' || password !== '')
    throw problem('must not carry credentials; messages are signed, which the receiver can check');
  const host = hostname.replace(/^\[|\]$/g, '');
  const isLocal = isIP(host) !== 0 ? isPrivateAddress(host) : /(?:^|\.)localhost\.?$/i.test(host);
  if (isLocal && !allowPrivate)
    throw problem(
      `${host} is in a private network; set MOORING_WEBHOOK_ALLOW_PRIVATE=true on the server if webhooks may reach into it`,
    );
  return url;
}
