import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';
import vm from 'node:vm';

const LOOK_EVERY_MS = 5_000;
/** Of the time since the last look: while less of it was worked, nobody is likely to wait for the pause. */
const IDLE_UTILIZATION = 0.05;
const WORTH_COLLECTING_BYTES = 32 * 2 ** 20;

/**
 * Collects garbage once the process has come to rest. V8 itself puts a full collection off while little is allocated, by up to two minutes: after the
 * churn example the server kept 95 MB of garbage for so long. A collection stops the event loop for about 60 ms.
 */
export class IdleCollector {
  private readonly timer: NodeJS.Timeout;
  private liveBytes = 0;
  /** Since the last collection; one is enough for each rest. */
  private hasWorked = true;

  constructor(
    private readonly collect: () => void = exposedCollector(),
    lookEveryMs = LOOK_EVERY_MS,
    private readonly utilizationSinceLast: () => number = eventLoopUtilization(),
  ) {
    this.timer = setInterval(() => this.look(), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    if (this.utilizationSinceLast() > IDLE_UTILIZATION) {
      this.hasWorked = true;
      return;
    }
    if (!this.hasWorked || process.memoryUsage().heapTotal - this.liveBytes < WORTH_COLLECTING_BYTES) return;
    this.collect();
    this.liveBytes = process.memoryUsage().heapUsed;
    this.hasWorked = false;
  }
}

/** Share of the time since the last call in which the event loop worked, 0 to 1. */
function eventLoopUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const { utilization } = performance.eventLoopUtilization(last);
    last = performance.eventLoopUtilization();
    return utilization;
  };
}

/** V8's own, which `node --expose-gc` would give. */
function exposedCollector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as () => void;
}
