/**
 * Why a connection to PostgreSQL did not come about, in one line with the remedy and without the password.
 * @param error what `pg` threw; its `code` is a SQLSTATE, an errno name or absent
 * @param url the connection URL that was used
 */
export function describeConnectionProblem(error: unknown, url: string): string {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const { host, port, user, database, password } = partsOf(url);
  const place = `${host}:${port}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing answers at ${place}; start PostgreSQL there, or correct the host and port in DATABASE_URL.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host ${JSON.stringify(host)} is unknown; correct it in DATABASE_URL.`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ECONNRESET':
      return `PostgreSQL at ${place} cannot be reached (${code}); check the network and the host and port in DATABASE_URL.`;
    case '28P01':
      return `PostgreSQL at ${place} refuses the password of user ${JSON.stringify(user)}; correct it in DATABASE_URL.`;
    case '3D000':
      return `There is no database ${JSON.stringify(database)} at ${place}; create it (CREATE DATABASE), or correct the name in DATABASE_URL.`;
    case '53300':
      return `PostgreSQL at ${place} has no connection left; raise its max_connections or lower MOORING_DATABASE_POOL.`;
    case '57P03':
      return `PostgreSQL at ${place} is starting up or shutting down; try again in a moment.`;
    default:
  }
  if (/timeout/i.test(message)) {
    return `PostgreSQL at ${place} does not answer in time; check the network and the host and port in DATABASE_URL.`;
  }
  if (message.includes('client password must be a string')) {
    return `PostgreSQL at ${place} asks for a password; add it to DATABASE_URL (postgres://user:password@host:port/database).`;
  }
  const [reason = ''] = message.split('\n');
  const safe = password ? reason.replaceAll(password, '***') : reason;
  return `Cannot connect to PostgreSQL at ${place} as user ${JSON.stringify(user)}: ${safe || code || 'unknown reason'}; check DATABASE_URL.`;
}

function partsOf(text: string) {
  const url = new URL(text);
  return {
    host: url.hostname || url.searchParams.get('host') || 'localhost',
    port: url.port || '5432',
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}
