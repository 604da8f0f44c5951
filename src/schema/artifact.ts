import { Field, Float, ID, InputType, ObjectType } from 'type-graphql';
import { nullable } from './nullable';
import { ArtifactRole } from './registry-enums';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'Stored bytes, known by their SHA-256.' })
export class Artifact {
  @Field(() => String, { description: 'Their SHA-256, in hexadecimal.' })
  digest!: string;

  @Field(() => Float, { description: 'How many bytes.' })
  sizeBytes!: number;

  @Field(() => String, { description: 'Their format.' })
  mediaType!: string;
}

@InputType({ description: 'Bytes that are about to be uploaded.' })
export class CreateArtifactUploadInput {
  @Field(() => ArtifactRole, { description: 'What they are to be to a version, or FEATURE_FILE.' })
  kind!: 'MODEL' | 'PREPROCESSING' | 'REFERENCE_PROFILE' | 'EVALUATION_REPORT' | 'FEATURE_FILE';

  @Field(() => Float, {
    description: 'How many bytes; at most what the server’s MOORING_MAX_ARTIFACT_BYTES says, 10 GiB unless it is set.',
  })
  sizeBytes!: number;

  @Field(() => String, { description: 'Their SHA-256: 64 hexadecimal digits, in lower case.' })
  sha256!: string;

  @Field(() => String, {
    description: 'Their format. Models as application/onnx can be served; others are stored only.',
  })
  mediaType!: string;

  @Field(() => String, nullable('Makes the same request, sent again within 24 hours, answer as before.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'Where to send bytes that were announced.' })
export class ArtifactUpload {
  @Field(() => ID, {
    description:
      'What registerModelVersion takes once the bytes have been sent; ingestFeatureFile takes their SHA-256.',
  })
  id!: string;

  @Field(() => String, {
    description:
      'PUT the bytes there, once. It begins at the server’s root (`/artifacts/uploads/…`): put the address of this server before it. ' +
      'It is signed and asks for no token, so keep it to yourself.',
  })
  url!: string;

  @Field(() => DateTime, { description: 'Until when the sending can begin.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'Where to send the bytes, or the artifact when they are there already.' })
export class CreateArtifactUploadPayload extends MutationPayload {
  @Field(() => ArtifactUpload, nullable('Null when the bytes are there already, or when there are userErrors.'))
  upload?: ArtifactUpload | null;

  @Field(() => Artifact, nullable('The artifact, when nothing needs to be sent.'))
  artifact?: Artifact | null;
}
