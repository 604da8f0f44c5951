import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { DatasetDefinition } from '../../../entities';
import type { ServiceSchema } from '../definitions/service-definitions';

/**
 * SHA-256 over what a dataset was asked to be and what is in it. Names and versions stand for ids, and the content for the batches that it came from,
 * so the same dataset built again, here or elsewhere, has the same fingerprint.
 * @param columnDigests see BuiltDataset
 */
export function datasetFingerprint(
  definition: DatasetDefinition,
  service: ServiceSchema,
  columnDigests: readonly string[],
): string {
  const { labelView, labelField, from, to, split, leakageCutoff } = definition;
  const features = service.features.map(({ name, view, viewVersion, viewVersionId, field, dtype, joinKeyMap }) => {
    const ttlSeconds = service.views.get(viewVersionId)?.ttlSeconds ?? null;
    return { name, view, viewVersion, field, dtype, ttlSeconds, ...(joinKeyMap && { joinKeyMap }) };
  });
  const onDemandFeatures = service.onDemandFeatures.map(({ name, expression, dtype }) => ({ name, expression, dtype }));
  const { requestInputs } = service;
  const content = {
    features,
    ...(onDemandFeatures.length > 0 && { onDemandFeatures }),
    ...(requestInputs.length > 0 && { requestInputs }),
    labelView,
    labelField,
    from,
    to,
    split,
    leakageCutoff,
    columns: columnDigests,
  };
  return createHash('sha256')
    .update(canonicalize(content) ?? '')
    .digest('hex');
}
