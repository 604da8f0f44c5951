import fs from 'node:fs';
import path from 'node:path';
import { getDistDirectory, renderAltair } from 'altair-static';
import type { FastifyInstance } from 'fastify';
import { GRAPHQL_PATH } from './graphql-http';
import { PLAYGROUND_EXAMPLES } from './playground-examples';

const PLAYGROUND_PATH = '/playground';

const START_SCRIPT = 'start.js';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/**
 * Everything comes from this server: the machine may be offline, and what is typed into a playground is nobody else's business. Altair runs
 * people's own scripts in a frame and its editor's workers from blobs, hence 'unsafe-eval' and blob:.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self' blob: data:",
  "frame-ancestors 'none'",
].join('; ');

const SETTINGS = {
  theme: 'system',
  'alert.disableUpdateNotification': true,
  'banners.disable': true,
  disablePushNotification: true,
  'plugin.list': [],
};

/** The GraphQL playground with a window for each kind of operation. */
export function servePlayground(app: FastifyInstance): void {
  const directory = getDistDirectory();
  const html = renderAltair({ baseURL: `${PLAYGROUND_PATH}/`, serveInitialOptionsInSeperateRequest: START_SCRIPT });
  const script = startScript();
  // A closed list of what there is, so that no address can lead outside of it.
  const files = new Set(
    fs
      .readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')),
  );

  app.get('/', async (_request, reply) => reply.redirect(PLAYGROUND_PATH));
  app.get(PLAYGROUND_PATH, async (_request, reply) =>
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY).type('text/html; charset=utf-8').send(html),
  );
  app.get<{ Params: { '*': string } }>(`${PLAYGROUND_PATH}/*`, async (request, reply) => {
    const file = request.params['*'];
    if (file === '') return reply.redirect(PLAYGROUND_PATH);
    if (file === START_SCRIPT) return reply.type('text/javascript; charset=utf-8').send(script);
    if (!files.has(file)) {
      reply.callNotFound();
      return reply;
    }
    return reply
      .header('cache-control', 'public, max-age=86400')
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .type(MEDIA_TYPES[path.extname(file)] ?? 'application/octet-stream')
      .send(fs.createReadStream(path.join(directory, file)));
  });
}

/** Addresses are made in the browser, which alone knows under which name and scheme a proxy shows this server. */
function startScript(): string {
  const options = {
    initialSettings: SETTINGS,
    persistedSettings: SETTINGS,
    disableAccount: true,
    instanceStorageNamespace: 'mooring_',
    // Altair shows the last window that it opens, so the first to read comes last.
    initialWindows: PLAYGROUND_EXAMPLES.toReversed().map(({ name, query, variables }) => ({
      initialName: name,
      initialQuery: query,
      initialVariables: JSON.stringify(variables ?? {}, null, 2),
    })),
  };
  return `const options = ${JSON.stringify(options, null, 1)};
const endpoint = {
  endpointURL: location.origin + '${GRAPHQL_PATH}',
  subscriptionsEndpoint: location.origin.replace(/^http/, 'ws') + '${GRAPHQL_PATH}',
  initialSubscriptionRequestHandlerId: 'graphql-ws',
};
options.initialWindows.forEach((window) => Object.assign(window, endpoint));
AltairGraphQL.init(Object.assign(options, endpoint));
`;
}
