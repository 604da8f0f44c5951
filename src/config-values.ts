/** A key that artifacts and secrets are encrypted with; its id is stored with each of them. */
export interface NamedKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** A whole number in these bounds. */
export const integer = (minimum: number, maximum: number, fallback: number) => ({
  fallback: String(fallback),
  expected: `a whole number from ${minimum} to ${maximum}`,
  parse: (text: string | undefined) => {
    if (text === undefined) return fallback;
    const value = Number(text);
    return /^\d+$/.test(text) && value >= minimum && value <= maximum ? value : undefined;
  },
});

/** undefined when one is not right. */
export function redisUrls(text: string): string[] | undefined {
  const urls = text.split(',').map((url) => url.trim());
  return urls.every((url) => /^rediss?:\/\/./.test(url) && URL.canParse(url)) ? urls : undefined;
}

const NAMED_KEY = /^([\w.-]{1,64}):([A-Za-z0-9+/]{43}=)$/;

/** undefined when one is not right, or an id is there twice. */
export function namedKeys(text: string): NamedKey[] | undefined {
  const parts = text.split(',').map((part) => NAMED_KEY.exec(part.trim()));
  const keys = parts.flatMap((part) => (part ? [{ id: part[1], key: Buffer.from(part[2], 'base64') }] : []));
  const isRight = keys.length === parts.length && new Set(keys.map(({ id }) => id)).size === keys.length;
  return isRight ? keys : undefined;
}

/** null where it is absent. */
export const postgresUrl = {
  isSecret: true,
  expected: 'postgres://user:password@host:port/database',
  parse: (text: string | undefined) => {
    if (text === undefined) return null;
    return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) ? text : undefined;
  },
};

/** Written as in URLs: IPv6 addresses in brackets, letters small. undefined when one is not right. */
export function hostList(text: string): readonly string[] | undefined {
  const hosts = text.split(',').map((host) => host.trim().toLowerCase());
  const given = hosts.filter((host) => host !== '');
  return given.every((host) => /^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/.test(host)) ? given : undefined;
}
