import { Gauge, type Registry } from 'prom-client';
import type { CachedReading } from './cached-reading';

/** One series of a gauge. */
export interface Sample<Label extends string = never> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/** A gauge whose series are made anew with every reading; without a reading it has none. */
export type AddGauge<Value> = <Label extends string = never>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  samplesOf: (value: Value) => readonly Sample<Label>[],
) => void;

/** @returns what adds gauges over one reading, which is shared by all of them */
export function gaugeAdder<Value>(registry: Registry, reading: CachedReading<Value>): AddGauge<Value> {
  return (name, help, labelNames, samplesOf) => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const value = await reading.get();
        // Without a pause in between: a scrape sees all series of a reading, or none.
        this.reset();
        for (const sample of value === null ? [] : samplesOf(value)) this.set(sample.labels, sample.value);
        // A gauge without labels is 0 after a reset.
        if (value === null && labelNames.length === 0) this.remove();
      },
    });
  };
}
