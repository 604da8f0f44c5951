'use strict';
const fs = require('node:fs');

/**
 * What the run came to: `N passed, N failed`, with `, N skipped` only when there are any.
 * A suite that did not run (it does not compile, a hook of its threw) counts as a failure: its tests are unknown, not passed.
 */
function closingLine({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests }) {
  const skipped = numPendingTests + numTodoTests;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return `${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Straight to the file: with --bail and --forceExit Jest has put process.stdout out of action by then. */
function print(text) {
  for (;;) {
    try {
      fs.writeSync(1, text);
      return;
    } catch (error) {
      // A slow reader of a pipe is waited for, one that went away is not.
      if (error.code !== 'EAGAIN') return;
    }
  }
}

/** Jest reporter that prints the closing line alone, as the very last line of the run. */
class ClosingLineReporter {
  constructor() {
    this.line = null;
    // Jest's own summary, the global teardown and warnings about open handles come after every reporter; nothing comes after this.
    process.once('exit', () => {
      if (this.line !== null) print(`${this.line}\n`);
    });
  }

  onRunComplete(_contexts, results) {
    this.line = closingLine(results);
  }
}

module.exports = ClosingLineReporter;
module.exports.closingLine = closingLine;
