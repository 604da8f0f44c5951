import type { DatasetColumn, DatasetSplit, ServiceFeature } from '../../../entities';
import { InvalidInput } from '../../../errors';
import type { ServiceSchema } from '../definitions/service-definitions';
import type { ServiceSource } from '../definitions/service-features.policy';
import type { ViewSchema } from '../definitions/view-schema';
import { HELD_OUT, LABEL } from '../offline/dataset.sql';
import { EVENT_TIMESTAMP } from '../rows/row-slice';

export interface DatasetLabels {
  readonly view: string;
  readonly field: string;
  /** Inclusive; null is open. */
  readonly from?: Date | null;
  readonly to?: Date | null;
}

/**
 * Checks that the rows of the label view can be joined with the features of the service, and that none of them is the label.
 * @throws InvalidInput
 */
export function checkDataset(service: ServiceSchema, labelView: ViewSchema, labels: DatasetLabels): void {
  checkLabel(labelView, labels);
  checkLeakage(service.features, labels);
  checkRequestInputs(service, labelView, labels);
  for (const source of service.sources) checkJoin(source, labelView);
  const names = new Set([...service.features, ...service.onDemandFeatures].map(({ name }) => name));
  const clash = labelView.joinKeys.find(({ name }) => names.has(name));
  if (clash) {
    throw new InvalidInput(
      'input.featureService',
      `its feature ${clash.name} is named like a join key of ${labelView.view}; give it another name, or its view a prefix, in the service`,
    );
  }
}

function checkLabel(labelView: ViewSchema, { field, from, to }: DatasetLabels): void {
  const label = labelView.fields.find(({ name }) => name === field);
  if (!label) {
    const names = labelView.fields.map(({ name }) => name).join(', ');
    throw new InvalidInput(
      'input.labels.field',
      `${labelView.view} has no field ${JSON.stringify(field)}; it has ${names}`,
    );
  }
  if (label.dtype !== 'BOOL')
    throw new InvalidInput(
      'input.labels.field',
      `a label is BOOL; ${field} is ${label.dtype}. Ingest it as true or false`,
    );
  if (from && to && from > to) throw new InvalidInput('input.labels.to', 'lies before from');
}

/** The label itself as a feature would make any model perfect, and useless. */
function checkLeakage(features: readonly ServiceFeature[], { view, field }: DatasetLabels): void {
  const leak = features.find((feature) => feature.view === view && feature.field === field);
  if (leak) {
    throw new InvalidInput(
      'input.featureService',
      `its feature ${leak.name} is the label itself (${view}.${field}): the answer would be given away. Take it out of the service`,
    );
  }
}

/** What comes with a request must have come with the label's row: training would never have seen it otherwise. */
function checkRequestInputs(
  { service, requestInputs }: ServiceSchema,
  { view, fields }: ViewSchema,
  labels: DatasetLabels,
) {
  for (const { name, dtype } of requestInputs) {
    const field = fields.find((each) => each.name === name);
    if (name === labels.field) {
      throw new InvalidInput(
        'input.featureService',
        `its request input ${name} is the label itself (${view}.${name}): the answer would be given away. Give the input another name`,
      );
    }
    if (field?.dtype === dtype) continue;
    throw new InvalidInput(
      'input.labels.view',
      `${service} takes the request input ${name} (${dtype}) from the rows of the label, and ${view} has ${field ? `it as ${field.dtype}` : 'no such field'}. ` +
        'Give the view that field with applyFeatureView and ingest its values with the labels, or change requestInputs of the service',
    );
  }
}

function checkJoin({ view, joinKeys }: ServiceSource, labelView: ViewSchema): void {
  for (const { entityKey, dtype } of joinKeys) {
    const same = labelView.joinKeys.find(({ name }) => name === entityKey);
    if (!same) {
      throw new InvalidInput(
        'input.labels.view',
        `${labelView.view} has no join key ${entityKey}, which ${view.view} needs; its join keys are ${labelView.joinKeys.map(({ name }) => name).join(', ')}`,
      );
    }
    if (same.dtype !== dtype)
      throw new InvalidInput(
        'input.labels.view',
        `the join key ${entityKey} is ${same.dtype} there and ${dtype} in ${view.view}`,
      );
  }
}

/** @throws InvalidInput */
export function checkSplit({ heldOutFraction, seed }: DatasetSplit): void {
  if (!(heldOutFraction > 0 && heldOutFraction < 1))
    throw new InvalidInput('input.split.heldOutFraction', `${heldOutFraction} does not lie between 0 and 1`);
  if (!Number.isSafeInteger(seed)) throw new InvalidInput('input.split.seed', 'must be a whole number');
}

/** The columns of a dataset's file, in order. */
export function datasetColumns(service: ServiceSchema, labelView: ViewSchema): DatasetColumn[] {
  return [
    ...labelView.joinKeys.map(({ name, dtype }): DatasetColumn => ({ name, dtype, role: 'JOIN_KEY' })),
    { name: EVENT_TIMESTAMP, dtype: 'TIMESTAMP', role: 'EVENT_TIMESTAMP' },
    ...[...service.features, ...service.onDemandFeatures].map(({ name, dtype }): DatasetColumn => ({
      name,
      dtype,
      role: 'FEATURE',
    })),
    { name: LABEL, dtype: 'BOOL', role: 'LABEL' },
    { name: HELD_OUT, dtype: 'BOOL', role: 'HELD_OUT' },
  ];
}

/** What can be said before the rows are looked at. */
export function definitionWarnings(
  service: ServiceSchema,
  labels: Pick<DatasetLabels, 'view'>,
  leakageCutoff: boolean,
): string[] {
  const shared = service.features.filter(({ view }) => view === labels.view).map(({ name }) => name);
  return [
    ...(leakageCutoff
      ? []
      : ['The leakage cutoff was turned off: values that were recorded late count from their eventTimestamp on.']),
    ...(shared.length > 0
      ? [
          `${shared.join(', ')} come from the label's view, so they are known no earlier than the label: make sure that predictions will have them.`,
        ]
      : []),
    ...(service.requestInputs.length > 0
      ? [
          `Request inputs (${service.requestInputs.map(({ name }) => name).join(', ')}) are taken from the rows of the label: make sure that they are what a request would have carried.`,
        ]
      : []),
  ];
}
