import { lastWords } from '../../../src/services/database/embedded-cluster';

describe('the last words of a PostgreSQL program', () => {
  it('are its grave lines on one line', () => {
    const log = 'LOG:  starting\nFATAL:  lock file "postmaster.pid" already exists\nHINT:  Is another one running?\n';
    expect(lastWords(log)).toBe('FATAL:  lock file "postmaster.pid" already exists');
  });

  it('are the last three lines when none is grave', () => {
    expect(lastWords('one\ntwo\n\nthree\nfour\n')).toBe('two | three | four');
  });

  it('are plain words when the disk is full', () => {
    expect(lastWords('FATAL:  could not write to file "x": No space left on device\n')).toBe(
      'the disk is full; free some space and start again.',
    );
  });

  it('are never empty', () => {
    expect(lastWords('\n')).toBe('it said nothing.');
  });
});
