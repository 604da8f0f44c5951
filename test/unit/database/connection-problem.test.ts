import { describeConnectionProblem } from '../../../src/services/database/connection-problem';

const URL_WITH_PASSWORD = 'postgres://ann:s3cret@db.example:6543/mooring';

describe('the line about a failed connection', () => {
  it.each([
    [{ code: 'ECONNREFUSED', message: '' }, 'Nothing answers at db.example:6543; start PostgreSQL there'],
    [{ code: 'ENOTFOUND' }, 'The host "db.example" is unknown'],
    [{ code: 'ETIMEDOUT' }, 'PostgreSQL at db.example:6543 cannot be reached (ETIMEDOUT)'],
    [{ code: '28P01' }, 'PostgreSQL at db.example:6543 refuses the password of user "ann"'],
    [{ code: '3D000' }, 'There is no database "mooring" at db.example:6543; create it'],
    [{ code: '53300' }, 'PostgreSQL at db.example:6543 has no connection left'],
    [{ code: '57P03' }, 'PostgreSQL at db.example:6543 is starting up or shutting down; try again in a moment'],
    [{ message: 'timeout exceeded when trying to connect' }, 'PostgreSQL at db.example:6543 does not answer in time'],
    [
      { message: 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string' },
      'PostgreSQL at db.example:6543 asks for a password; add it to DATABASE_URL',
    ],
    [{ message: 'The server does not support SSL connections' }, 'The server does not support SSL connections'],
  ])('of %j says what is wrong and what to do', (error, words) => {
    const line = describeConnectionProblem(error, URL_WITH_PASSWORD);
    expect(line).toContain(words);
    expect(line).not.toContain('\n');
    expect(line).not.toContain('s3cret');
  });

  it('never repeats the password, even when the driver does', () => {
    const line = describeConnectionProblem({ message: 'bad string: s3cret\nand more' }, URL_WITH_PASSWORD);
    expect(line).toBe(
      'Cannot connect to PostgreSQL at db.example:6543 as user "ann": bad string: ***; check DATABASE_URL.',
    );
  });

  it('names the standard port and the socket directory where the URL leaves them open', () => {
    const line = describeConnectionProblem({ code: 'ECONNREFUSED' }, 'postgres:///mooring?host=/run/postgresql');
    expect(line).toContain('/run/postgresql:5432');
  });
});
