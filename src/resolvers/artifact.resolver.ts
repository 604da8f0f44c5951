import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { Artifact, ArtifactUpload, CreateArtifactUploadInput, CreateArtifactUploadPayload } from '../schema/artifact';
import type { Context } from '../schema/context';
import { toGlobalId } from '../schema/global-id';
import { ArtifactRef } from '../schema/model-version';

const DOWNLOAD_URL = {
  description:
    'GET the bytes from there, within 15 minutes; a single Range can be asked for, with the digest as ETag for If-Range. It begins at the server’s root: put the address of this server before it. It is signed and asks for ' +
    'no token, so keep it to yourself.',
};

@Resolver(() => Artifact)
export class ArtifactResolver {
  @Mutation(() => CreateArtifactUploadPayload, {
    description:
      'Announces bytes and answers the address to send them to; bytes that are there already need not be sent.',
  })
  createArtifactUpload(
    @Arg('input', () => CreateArtifactUploadInput, { description: 'The bytes.' }) input: CreateArtifactUploadInput,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.artifacts.createUpload(input, ctx.actor);
  }

  @FieldResolver(() => String, DOWNLOAD_URL)
  downloadUrl(@Root() artifact: Artifact, @Ctx() ctx: Context): string {
    return ctx.services.artifacts.downloadUrl(artifact.digest, ctx.actor);
  }
}

@Resolver(() => ArtifactUpload)
export class ArtifactUploadResolver {
  @FieldResolver(() => ID, { description: 'What registerModelVersion takes once the bytes have been sent.' })
  id(@Root() upload: { id: string }): string {
    return toGlobalId('ArtifactUpload', upload.id);
  }
}

@Resolver(() => ArtifactRef)
export class ArtifactRefResolver {
  @FieldResolver(() => String, DOWNLOAD_URL)
  downloadUrl(@Root() artifact: ArtifactRef, @Ctx() ctx: Context): string {
    return ctx.services.artifacts.downloadUrl(artifact.digest, ctx.actor);
  }
}
