import net from 'node:net';

/**
 * Below the ports that the kernel gives to clients: among those, what is free now may be the near end of somebody's connection a moment later, or of a
 * client's own that asks after a server that has gone.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
