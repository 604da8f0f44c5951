import { InvalidInput } from '../../../src/errors';
import { isPrivateAddress } from '../../../src/private-address';
import { checkedTarget } from '../../../src/services/webhooks/webhook-target.policy';

describe('A private address', () => {
  it.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
    ],
    ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '::1', '::', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1'],
  ])('is %s', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each([
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.128.0.1',
    '193.168.1.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
  ])('is not %s', (address) => expect(isPrivateAddress(address)).toBe(false));
});

describe('The address of a webhook', () => {
  it.each([
    ['ftp://example.org/', /must be an http\(s\) address, not ftp/],
    ['file:///etc/passwd', /must be an http\(s\) address, not file/],
    ['no address', /must be an http\(s\) address/],
    [`https://example.org/${'x'.repeat(2000)}`, /must be an http\(s\) address/],
    ['https://user:secret@example.org/', /must not carry credentials/],
    ['http://127.0.0.1:4000/graphql', /127\.0\.0\.1 is in a private network/],
    ['http://2130706433/', /127\.0\.0\.1 is in a private network/],
    ['http://0x7f.1/', /is in a private network/],
    ['http://[::1]:4000/', /is in a private network/],
    ['http://[::ffff:10.0.0.1]/', /is in a private network/],
    ['http://localhost/', /localhost is in a private network; set MOORING_WEBHOOK_ALLOW_PRIVATE=true/],
    ['http://api.localhost./', /is in a private network/],
    ['http://169.254.169.254/latest/meta-data', /is in a private network/],
  ])('23: is not %s', (url, problem) => {
    expect(() => checkedTarget(url, false)).toThrow(problem);
    expect(() => checkedTarget(url, false)).toThrow(InvalidInput);
  });

  it('is public, or private where that is allowed', () => {
    for (const url of ['https://example.org/hooks?a=1', 'http://1.1.1.1:8080/'])
      expect(checkedTarget(url, false)).toBe(url);
    expect(checkedTarget('http://127.0.0.1:9/', true)).toBe('http://127.0.0.1:9/');
    expect(() => checkedTarget('gopher://127.0.0.1/', true)).toThrow(InvalidInput);
  });
});
