/** What a polling loop sleeps on: it goes on after a while, or at once when somebody rings. A ring while it is awake is not lost. */
export class WakeUp {
  private rung = false;
  private wake: (() => void) | null = null;

  ring(): void {
    if (this.wake) this.wake();
    else this.rung = true;
  }

  /** For one loop only. Resolves when the time has passed or somebody rang since the last wait. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.wake = null;
    this.rung = false;
  }
}
