import type { DataSource } from 'typeorm';
import type { AuditEntry, AuditHead } from '../../entities';
import { InvalidInput, NotFound } from '../../errors';
import {
  type AuditFilter,
  type AuditReader,
  type AuditTrail,
  type AuditVerification,
  type ChainEnd,
  chainOf,
} from '../audit';
import type { ListArgs, Page } from '../database';

/** Which entries; absent or null: whatever it is. */
export interface AuditSearch extends Omit<AuditFilter, 'chain'> {
  /** Name of a model. */
  readonly model?: string | null;
}

/** A head as an export spells it. */
export interface KeptHead {
  readonly sequence: number;
  /** 64 hexadecimal digits. */
  readonly hash: string;
}

/** A chain, and what people call it. */
export interface AuditChain {
  readonly chain: string;
  readonly label: string;
}

/** The audit trail by the names of models. A deleted model keeps its chain: its name finds it until another model takes the name. */
export class AuditHistory {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly reader: AuditReader;
    },
  ) {}

  /**
   * Recomputes a chain.
   * @param name of the model; null for the chain of everything that belongs to no model
   * @param kept a head of that chain which was exported earlier; null: none
   * @throws NotFound, InvalidInput for what cannot be a head
   */
  async verify(name: string | null, kept: KeptHead | null = null): Promise<AuditVerification> {
    return this.deps.audit.verify(name === null ? null : await this.modelId(name), kept && chainEnd(kept));
  }

  /** The same by the chain's name. @throws InvalidInput for what cannot be a head */
  verifyChain(chain: string, kept: KeptHead | null = null): Promise<AuditVerification> {
    return this.deps.audit.verifyChain(chain, kept && chainEnd(kept));
  }

  /** Newest first. @throws NotFound; InvalidInput for a time range that holds nothing */
  async entries({ model, ...filter }: AuditSearch, args: ListArgs): Promise<Page<AuditEntry>> {
    if (filter.from && filter.to && filter.from >= filter.to) throw new InvalidInput('to', 'must be later than from');
    return this.deps.reader.list({ chain: await this.chainOrAll(model ?? null), ...filter }, args);
  }

  /** Every entry in order, chain by chain. @param name of a model; null: all chains. @throws NotFound */
  async *stream(name: string | null): AsyncGenerator<AuditEntry, void, void> {
    yield* this.deps.reader.stream(await this.chainOrAll(name));
  }

  heads(): Promise<AuditHead[]> {
    return this.deps.reader.heads();
  }

  /** The chain of one model. @throws NotFound */
  async chainOfModel(name: string): Promise<AuditChain> {
    return { chain: chainOf(await this.modelId(name)), label: name };
  }

  /** The platform's first, then the models' by name; those of deleted models, and those that belong to nothing, come last. */
  chains(): Promise<AuditChain[]> {
    return this.deps.dataSource.query<AuditChain[]>(
      `SELECT chain, CASE WHEN chain = $1 THEN '(platform)' WHEN model.id IS NULL THEN chain
         WHEN model.deleted_at IS NULL THEN model.name ELSE model.name || ' (deleted)' END AS label
       FROM (
         SELECT $1 AS chain UNION SELECT chain FROM audit_heads UNION SELECT chain FROM audit_entries UNION SELECT 'model:' || id FROM models
       ) AS known
       LEFT JOIN models AS model ON chain = 'model:' || model.id
       ORDER BY chain <> $1, model.id IS NULL, model.deleted_at NULLS FIRST, model.name, chain`,
      [chainOf(null)],
    );
  }

  private async chainOrAll(name: string | null): Promise<string | null> {
    return name === null ? null : chainOf(await this.modelId(name));
  }

  private async modelId(name: string): Promise<string> {
    const [model] = await this.deps.dataSource.query<{ id: string }[]>(
      'SELECT id FROM models WHERE name = $1 ORDER BY deleted_at DESC NULLS FIRST LIMIT 1',
      [name],
    );
    if (!model) throw new NotFound('model', name, 'List what there is with the query models.', ['model']);
    return model.id;
  }
}

function chainEnd({ sequence, hash }: KeptHead): ChainEnd {
  if (!Number.isInteger(sequence) || sequence < 1)
    throw new InvalidInput('expectedHead.sequence', `${sequence} is not the number of an entry; they count from 1`);
  if (!/^[0-9a-f]{64}$/i.test(hash))
    throw new InvalidInput('expectedHead.hash', `${JSON.stringify(hash)} is not a hash of 64 hexadecimal digits`);
  return { sequence, hash: Buffer.from(hash, 'hex') };
}
