import type { AuthenticationMode } from '../config';
import { Unauthenticated } from '../errors';
import { type Actor, developmentActor, type TokenService } from '../services/identity';

/** Who asks, and until when that holds; null: as long as nothing is revoked. */
export type Identity = Actor & { readonly expiresAt: Date | null };

/** @param authorization the header, or what a WebSocket client sent for it as connectionParams.authorization */
export type Authenticate = (authorization: unknown, requestId: string) => Promise<Identity>;

/**
 * How requests are given their actor. In development everybody who reaches this machine's loopback address is an administrator; one who sends a
 * token is the token's actor there too, so that roles can be tried.
 */
export function createAuthenticate(mode: AuthenticationMode, tokens: TokenService): Authenticate {
  return async (authorization, requestId) => {
    if (authorization === undefined || authorization === '') {
      if (mode === 'development') return { ...developmentActor(requestId), expiresAt: null };
      throw new Unauthenticated('This server asks for a token.');
    }
    const bearer = typeof authorization === 'string' ? /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1] : undefined;
    if (bearer === undefined) throw new Unauthenticated('The authorization is not of the form "Bearer <token>".');
    return tokens.authenticate(bearer, requestId);
  };
}
