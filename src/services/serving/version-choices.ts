import type { Stage } from '../../entities';
import type { VersionService } from '../registry';
import { type ServedBy, servedBy } from './prediction-observer';
import { SharedLookup } from './shared-lookup';

export interface VersionChoice {
  readonly model: string;
  readonly version?: number | null;
  /** PRODUCTION where none of the three is given. */
  readonly stage?: Stage | null;
  readonly alias?: string | null;
}

type Chosen = Awaited<ReturnType<VersionService['select']>>;

/** Finds the version that a request is for, by one lookup for all requests that came together. */
export class VersionChoices {
  private readonly lookups = new SharedLookup<Chosen>();
  /** By what requests choose: as many as there are versions, stages and aliases that were found. */
  private readonly found = new Map<string, ServedBy>();

  constructor(private readonly versions: VersionService) {}

  /** @throws what VersionService.select throws */
  async choose(input: VersionChoice): Promise<Chosen> {
    const choice = choiceOf(input);
    const key = JSON.stringify(choice);
    const chosen = await this.lookups.get(key, () => this.versions.select(choice));
    this.found.set(key, servedBy(chosen.model, chosen.modelVersion));
    return chosen;
  }

  /** The version that such requests had last, for one that failed before it had its own. */
  last(input: VersionChoice): ServedBy | undefined {
    return this.found.get(JSON.stringify(choiceOf(input)));
  }
}

function choiceOf({ model, version = null, stage = null, alias = null }: VersionChoice) {
  const isChosen = version !== null || stage !== null || alias !== null;
  return isChosen ? { model, version, stage, alias } : { model, stage: 'PRODUCTION' as const };
}
