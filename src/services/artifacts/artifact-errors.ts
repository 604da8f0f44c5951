import { DomainError } from '../../errors';

/** The artifact is encrypted with a key that this server was not given. */
export class ArtifactKeyMissing extends DomainError {
  readonly code = 'ARTIFACT_KEY_MISSING';
  constructor(digest: string, keyId: string) {
    super(
      `Artifact ${digest} is encrypted with the key ${keyId}, which is not in MOORING_ARTIFACT_KEYS. Add it there.`,
      {
        digest,
        keyId,
      },
    );
  }
}

/** More bytes were announced than this server takes. */
export class ArtifactTooLarge extends DomainError {
  readonly code = 'ARTIFACT_TOO_LARGE';
  constructor(sizeBytes: number, maxBytes: number) {
    super(
      `sizeBytes: ${sizeBytes} is more than the ${maxBytes} bytes that an artifact may have here. Make it smaller, or have MOORING_MAX_ARTIFACT_BYTES raised on the server.`,
      { sizeBytes, maxBytes, setting: 'MOORING_MAX_ARTIFACT_BYTES' },
      ['input', 'sizeBytes'],
    );
  }
}

/** What was uploaded is not what was declared. */
export class ArtifactMismatch extends DomainError {
  readonly code = 'ARTIFACT_MISMATCH';
  constructor(what: 'size' | 'SHA-256', declared: string, actual: string) {
    super(
      `The ${what} was declared as ${declared}, and what came has ${actual}. Nothing was kept; send the bytes again.`,
      {
        declared,
        actual,
      },
    );
  }
}

/** A download asks for bytes behind the end. */
export class RangeNotSatisfiable extends DomainError {
  readonly code = 'RANGE_NOT_SATISFIABLE';
  constructor(
    range: string,
    readonly sizeBytes: number,
  ) {
    super(
      `The range ${JSON.stringify(range)} holds none of the ${sizeBytes} bytes. Ask for a part of them, or leave Range out.`,
      {
        sizeBytes,
      },
    );
  }
}

/** A signed address was not made by this server, or was changed. */
export class SignatureInvalid extends DomainError {
  readonly code = 'SIGNATURE_INVALID';
  constructor() {
    super('The signature of this address is not right. Use the address exactly as it was given, or ask for a new one.');
  }
}

/** A signed address has had its time. */
export class UrlExpired extends DomainError {
  readonly code = 'URL_EXPIRED';
  constructor(expiredAt: Date) {
    super(`This address was good until ${expiredAt.toISOString()}. Ask for a new one.`, {
      expiredAt: expiredAt.toISOString(),
    });
  }
}

/** The bytes of this upload have come before. */
export class AlreadyUploaded extends DomainError {
  readonly code = 'ALREADY_EXISTS';
  constructor(uploadId: string) {
    super('The bytes of this upload are there already; an address takes them once.', { uploadId });
  }
}
