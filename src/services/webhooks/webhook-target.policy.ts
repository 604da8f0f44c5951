import { isIP } from 'node:net';
import { InvalidInput } from '../../errors';
import { isPrivateAddress } from '../../private-address';

const LONGEST_URL = 2000;

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
