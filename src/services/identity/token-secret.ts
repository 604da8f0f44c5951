import { createHash, randomBytes } from 'node:crypto';

/** Recognisable, so that scanners find a token that was committed by mistake. */
const PREFIX = 'mooring_';
const SECRET_BYTES = 32;
/** 32 bytes are 43 characters of base64url. */
const SHAPE = new RegExp(`^${PREFIX}[\\w-]{43}$`);

/** A new secret of 256 random bits. It is shown once: only its hash is kept. */
export const newTokenSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64url');

/** Whether the text can be a token at all; what cannot is refused without asking the database. */
export const looksLikeToken = (text: string): boolean => SHAPE.test(text);

/** SHA-256, 32 bytes. A slow hash would guard guessable secrets; 256 random bits are not guessable. */
export const hashToken = (secret: string): Buffer => createHash('sha256').update(secret).digest();
