import type { ModelExperiment } from '../../src/entities';
import { CONTRACT, StubMlflow } from './mlflow/stub-server';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from './registry-fixture';
import { until } from './until';

/** A registry whose jobs run, and an MLflow that answers as recorded. */
export class ExperimentFixture {
  private constructor(
    readonly registry: RegistryFixture,
    readonly mlflow: StubMlflow,
  ) {}

  static async open(): Promise<ExperimentFixture> {
    const mlflow = await StubMlflow.start();
    const registry = await openRegistry({ hosts: ['127.0.0.1'] });
    await registry.jobs.start();
    return new ExperimentFixture(registry, mlflow);
  }

  async close(): Promise<void> {
    await this.registry.close();
    await this.mlflow.stop();
  }

  /** A model with one version. @returns the model's id */
  async registered(name: string): Promise<string> {
    const { id } = await this.registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
    await this.registry.versions.submit(id, aCandidate(), {}, engineer);
    return id;
  }

  /** The recorded run. */
  run(changes: object = {}) {
    const { experimentId, runId } = CONTRACT.ids;
    return { trackingUri: this.mlflow.url, experimentId, runId, ...changes };
  }

  link(model: string, changes: object = {}): Promise<ModelExperiment> {
    return this.registry.experiments.link({ model, version: 1, ...this.run(changes) }, engineer);
  }

  async read({ id }: { readonly id: string }): Promise<ModelExperiment> {
    return (await this.registry.reader.experiments([id]))[0];
  }

  async once(link: { readonly id: string }, isSo: (link: ModelExperiment) => boolean): Promise<ModelExperiment> {
    await until('such state of the import', async () => isSo(await this.read(link)));
    return this.read(link);
  }

  imported(link: { readonly id: string }): Promise<ModelExperiment> {
    return this.once(link, ({ status }) => status === 'IMPORTED');
  }

  failedAttempts(link: { readonly id: string }, count: number): Promise<ModelExperiment> {
    return this.once(link, ({ attempts, lastError }) => attempts >= count && lastError !== null);
  }

  /** As if so many attempts had failed and the pause after them were over, its job lost. */
  async makeDue({ id }: { readonly id: string }, failed: number): Promise<void> {
    await this.registry.dataSource.query(
      'UPDATE model_experiments SET next_attempt_at = now(), job_id = NULL, attempts = $2 WHERE id = $1',
      [id, failed],
    );
  }
}
