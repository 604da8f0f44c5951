import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Addresses that do not belong to the public internet, by the registries of RFC 6890 and its successors: an address that somebody has typed in must not lead into the own network. */
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

/** Whether an IP address is one of the own machine or network, or reserved. IPv6 ones may stand in brackets, as in URLs. */
export function isPrivateAddress(text: string): boolean {
  const address = text.replace(/^\[|\]$/g, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPrivateAddress(mapped);
  if (isIP(address) === 4) return PRIVATE.check(address, 'ipv4');
  return !PUBLIC_IPV6.check(address, 'ipv6') || PRIVATE.check(address, 'ipv6');
}

/**
 * Where a request may go that must stay in the public internet. A name is judged where the connection is made, for one that is looked up twice can
 * mean two things. Give `agent: false` with it: a connection that is kept might lead to what the name meant before.
 * @param hostname of the URL
 * @param refused the error for a host that is private, or stands for a private address
 * @returns for `http.request`
 * @throws what `refused` makes, for an address: those are not looked up
 */
export function publicLookup(hostname: string, refused: (address: string) => Error): LookupFunction {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && isPrivateAddress(bare)) throw refused(bare);
  return (name, options, callback) => {
    dns.lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const found = addresses.find(({ address }) => isPrivateAddress(address));
      if (found) return callback(refused(found.address), []);
      const [first] = addresses;
      return options.all ? callback(null, addresses) : callback(null, first?.address ?? '', first?.family);
    });
  };
}
